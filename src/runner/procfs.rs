//! Which processes there are, read from `/proc`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use claude_hooks_actors::model::RunId;
use rustix::process::Pid;
use serde::{Deserialize, Serialize};

use super::TAG;

/// One process for ever: a number is given again, but not with the same start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Process {
    pub(super) pid: i32,
    /// Clock ticks since the machine began.
    start: u64,
}

/// A line of `/proc/<pid>/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: i32,
    start: u64,
    /// A zombie, or less.
    ended: bool,
}

impl Process {
    pub(super) fn this() -> Option<Self> {
        Self::of(i32::try_from(std::process::id()).ok()?)
    }

    fn of(pid: i32) -> Option<Self> {
        stat(pid).map(|stat| Self { pid, start: stat.start })
    }

    pub(super) fn lives(self) -> bool {
        stat(self.pid).is_some_and(|stat| stat.start == self.start && !stat.ended)
    }
}

/// When the first process of this container began: another one is another life of it.
pub(super) fn life() -> Option<u64> {
    stat(1).map(|stat| stat.start)
}

fn stat(pid: i32) -> Option<Stat> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name of the program, in brackets, may itself hold spaces and brackets.
fn parse(line: &str) -> Option<Stat> {
    let mut fields = line.rsplit_once(") ")?.1.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    // The 22nd of the line; the state is the third.
    let start = fields.nth(17)?.parse().ok()?;
    Some(Stat { parent, start, ended: matches!(state, "Z" | "X" | "x") })
}

/// All living processes of a run, but never this one: the descendants of `runner`, which adopts its orphans, and whatever
/// carries the run's name in its environment.
pub(super) fn processes_of(run: &RunId, runner: Option<i32>) -> Vec<Pid> {
    let this = i32::try_from(std::process::id()).unwrap_or_default();
    let all = all();
    let mut family: BTreeSet<i32> = runner.into_iter().collect();
    // Parents may have larger numbers than their children, so until nothing is added.
    loop {
        let before = family.len();
        family.extend(
            all.iter()
                .filter(|(_, stat)| family.contains(&stat.parent))
                .map(|(pid, _)| *pid)
                .collect::<Vec<_>>(),
        );
        if family.len() == before {
            break;
        }
    }
    let tag = format!("{TAG}={run}");
    let ours = |pid: i32| family.contains(&pid) || has_tag(pid, &tag);
    let living = all.iter().filter(|(_, stat)| !stat.ended).map(|(pid, _)| *pid);
    living
        .filter(|pid| *pid != this && Some(*pid) != runner && *pid != 1 && ours(*pid))
        .filter_map(Pid::from_raw)
        .collect()
}

fn all() -> BTreeMap<i32, Stat> {
    let Ok(entries) = fs::read_dir("/proc") else { return BTreeMap::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| Some((pid, stat(pid)?))).collect()
}

/// Of other users' processes nothing is known here, and nothing could be done to them either.
fn has_tag(pid: i32, tag: &str) -> bool {
    let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environ.split(|byte| *byte == 0).any(|entry| entry == tag.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_hides_nothing() {
        let line = "4242 (a) R (b) S 17 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2\n";
        assert_eq!(parse(line), Some(Stat { parent: 17, start: 987_654, ended: false }));
        assert_eq!(parse(&line.replace(") S", ") Z")).map(|stat| stat.ended), Some(true));
        assert_eq!(parse("4242 (cut"), None);
    }

    #[test]
    fn this_process_lives_and_another_with_its_number_does_not() {
        let this = Process::this().expect("it runs");
        assert!(this.lives());
        assert!(!Process { start: this.start + 1, ..this }.lives());
    }
}
