//! What the kernel counts of a container and docker does not tell.

use std::path::{Path, PathBuf};

use claude_hooks_actors::model::ContainerId;

/// Where a host with either version of cgroups has them.
pub(super) const ROOT: &str = "/sys/fs/cgroup";

/// How often the kernel refused the container a process at its limit. `None` where that cannot be read: an engine
/// elsewhere, one that puts its cgroups in another place, a daemon that does not see the host's.
pub(super) fn pids_refused(root: &Path, id: &ContainerId) -> Option<u64> {
    places(root, id)
        .iter()
        .find_map(|dir| std::fs::read_to_string(dir.join("pids.events")).ok())
        .and_then(|text| times(&text))
}

/// Version 1 has a tree per controller, version 2 one for all. In either, engines put containers below a directory of
/// their own, or have systemd make a scope.
fn places(root: &Path, id: &ContainerId) -> Vec<PathBuf> {
    let below = [
        format!("docker/{id}"),
        format!("system.slice/docker-{id}.scope"),
        format!("machine.slice/libpod-{id}.scope"),
        format!("libpod_parent/libpod-{id}"),
    ];
    let trees = [root.join("pids"), root.to_owned()];
    trees.iter().flat_map(|tree| below.iter().map(|place| tree.join(place))).collect()
}

/// `max 3`, one counter per line.
fn times(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("max ")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn both_versions_of_cgroups_and_both_drivers_are_read() {
        let id = ContainerId::parse(&"a".repeat(64)).expect("64 hexadecimal digits");
        for place in [
            format!("pids/docker/{id}"),
            format!("pids/system.slice/docker-{id}.scope"),
            format!("docker/{id}"),
            format!("system.slice/docker-{id}.scope"),
            format!("machine.slice/libpod-{id}.scope"),
        ] {
            let root = tempfile::tempdir().expect("there is a temporary directory");
            assert_eq!(pids_refused(root.path(), &id), None, "nothing is there yet");
            let dir = root.path().join(&place);
            fs::create_dir_all(&dir).expect("it is writable");
            for (text, told) in [("max 3\n", Some(3)), ("max 0\n", Some(0)), ("max\n", None), ("", None)] {
                fs::write(dir.join("pids.events"), text).expect("it is writable");
                assert_eq!(pids_refused(root.path(), &id), told, "{place}: {text:?}");
            }
        }
    }
}
