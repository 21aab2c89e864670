//! Memory: what the kernel killed for it, and whom it kills first.

use std::fs;

/// The counters of this container: cgroup v2, and v1 (since Linux 4.13).
const COUNTERS: [&str; 2] = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"];
const SCORE: &str = "/proc/self/oom_score_adj";
/// As if a task held half of the memory that there is: it dies before its runner and before the agent itself.
const TASK_SCORE: i32 = 500;

/// How many processes of this container the kernel has killed; `None`: nobody counts.
pub(super) fn kills() -> Option<u64> {
    COUNTERS.iter().find_map(|path| parse(&fs::read_to_string(path).ok()?))
}

fn parse(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

/// Raises our own score while `spawn` runs, so that the child has it from its first moment. Whoever raised it may take it
/// back; where that is not so, the runner would only die as early as its task.
pub(super) fn with_task_score<T>(spawn: impl FnOnce() -> T) -> T {
    let own = fs::read_to_string(SCORE).ok().and_then(|text| text.trim().parse::<i32>().ok());
    if let Some(own) = own {
        drop(fs::write(SCORE, own.max(TASK_SCORE).to_string()));
    }
    let spawned = spawn();
    if let Some(own) = own {
        drop(fs::write(SCORE, own.to_string()));
    }
    spawned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_of_cgroups_count() {
        assert_eq!(parse("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n"), Some(2));
        assert_eq!(parse("oom_kill_disable 0\nunder_oom 0\noom_kill 7\n"), Some(7));
        assert_eq!(parse("oom_kill_disable 0\nunder_oom 0\n"), None);
    }
}
