//! What is left of a private engine, and how it goes: processes, mounts, cgroups, sockets and files, in this order.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use rustix::process::Signal;

use super::super::daemon;

const BEGIN: &str = "cht-engine-";
/// How the names of an engine's programs begin.
const PROGRAMS: [&str; 3] = ["docker", "containerd", "runc"];
/// Longest that killed processes may take to go.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn dir(name: &str) -> PathBuf {
    env::temp_dir().join(format!("{BEGIN}{name}"))
}

/// Name of the cgroup above those of its containers.
pub(super) fn cgroup(dir: &Path) -> String {
    dir.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Clears what a test process left that was killed.
pub(super) fn sweep() {
    for entry in entries(&env::temp_dir()) {
        let name = cgroup(&entry);
        let pid = name.strip_prefix(BEGIN).and_then(|rest| rest.split('-').next());
        if pid.is_some_and(|pid| pid.parse::<u32>().is_ok() && !Path::new("/proc").join(pid).exists()) {
            clear(&entry);
        }
    }
}

/// Needs neither dockerd nor containerd to live, and fails at nothing: it may run during a panic.
pub(super) fn clear(dir: &Path) {
    let sockets = shim_sockets(dir);
    end_processes(dir);
    for mount in mounts(dir) {
        let _ = Command::new("umount").arg("-l").arg(mount).output();
    }
    for group in cgroups(dir) {
        remove_groups(&group);
    }
    for socket in sockets {
        let _ = fs::remove_file(socket);
    }
    if let Err(error) = fs::remove_dir_all(dir) {
        eprintln!("{} cannot be removed: {error}", dir.display());
    }
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).map(|found| found.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
}

/// First what would start others anew, last the shims: they reap what they are the parents of.
fn end_processes(dir: &Path) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut processes = of_containers(dir);
        processes.extend(of_engine(dir));
        if processes.is_empty() || Instant::now() >= deadline {
            return;
        }
        for pid in processes {
            daemon::kill(pid, Signal::KILL);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// dockerd, containerd, shims and what they call, if started with a path of this engine.
fn of_engine(dir: &Path) -> Vec<u32> {
    let below = format!("{}/", dir.display());
    let names = |pid: &u32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        let program = line.split('\0').next().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default();
        PROGRAMS.iter().any(|begin| program.starts_with(begin)) && line.contains(&below)
    };
    let pids = entries(Path::new("/proc")).into_iter().filter_map(|path| cgroup(&path).parse().ok());
    pids.filter(|pid| *pid != std::process::id()).filter(names).collect()
}

fn of_containers(dir: &Path) -> Vec<u32> {
    let groups = cgroups(dir).into_iter().flat_map(|group| entries(&group));
    let listed = groups.filter_map(|group| fs::read_to_string(group.join("cgroup.procs")).ok());
    listed.flat_map(|text| text.lines().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()).collect()
}

/// In each hierarchy of version 1, or in the one of version 2.
fn cgroups(dir: &Path) -> Vec<PathBuf> {
    let root = Path::new("/sys/fs/cgroup");
    let mut hierarchies = entries(root);
    hierarchies.push(root.to_owned());
    hierarchies.into_iter().map(|at| at.join(cgroup(dir))).filter(|group| group.is_dir()).collect()
}

fn remove_groups(group: &Path) {
    for below in entries(group).iter().filter(|below| below.is_dir()) {
        remove_groups(below);
    }
    let _ = fs::remove_dir(group);
}

/// Mount points below it, the innermost first.
fn mounts(dir: &Path) -> Vec<String> {
    let listed = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let points = listed.lines().filter_map(|line| line.split(' ').nth(4));
    let mut ours: Vec<String> =
        points.filter(|point| Path::new(point).starts_with(dir)).map(str::to_owned).collect();
    ours.reverse();
    ours
}

/// The shims' own sockets are in a place that all engines share; each shim's directory says which is its.
fn shim_sockets(dir: &Path) -> Vec<PathBuf> {
    let shims = dir.join("containerd-run/io.containerd.runtime.v2.task/moby");
    let addresses =
        entries(&shims).into_iter().filter_map(|shim| fs::read_to_string(shim.join("address")).ok());
    addresses.filter_map(|address| address.trim().strip_prefix("unix://").map(PathBuf::from)).collect()
}
