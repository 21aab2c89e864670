//! A program that is stopped at each of its system calls, to be killed right before the n-th that changes a file.

use std::collections::BTreeSet;
use std::fs;

use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// Those by which files are changed, and what makes that last. An open that may make a file is among them only with what it
/// writes then.
const CHANGES: [libc::c_long; 14] = [
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_pwrite64,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_copy_file_range,
    libc::SYS_sendfile,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_unlinkat,
    libc::SYS_mkdirat,
];

/// The same, as older processors still have them.
#[cfg(target_arch = "x86_64")]
const OLDER_CHANGES: [libc::c_long; 5] =
    [libc::SYS_rename, libc::SYS_link, libc::SYS_unlink, libc::SYS_mkdir, libc::SYS_rmdir];
#[cfg(not(target_arch = "x86_64"))]
const OLDER_CHANGES: [libc::c_long; 0] = [];

fn pid(number: u32) -> Pid {
    Pid::from_raw(i32::try_from(number).expect("a pid fits"))
}

/// Whether the call at which this thread is stopped is one of those.
fn changes_a_file(thread: Pid) -> bool {
    let call = fs::read_to_string(format!("/proc/{thread}/syscall")).unwrap_or_default();
    let number = call.split(' ').next().and_then(|number| number.parse().ok());
    number.is_some_and(|number| CHANGES.contains(&number) || OLDER_CHANGES.contains(&number))
}

/// Children and traced threads of the calling thread alone: other stories wait for theirs.
fn next(of: Option<Pid>) -> WaitStatus {
    waitpid(of, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD))
        .expect("it is a child, or traced, by us")
}

/// Takes hold of all threads of a child of the calling thread, one that does not make any meanwhile.
pub(crate) fn seize(child: u32) {
    let options = Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_TRACECLONE | Options::PTRACE_O_EXITKILL;
    let threads = fs::read_dir(format!("/proc/{child}/task")).expect("it lives");
    for thread in threads.flatten() {
        let thread = pid(thread.file_name().to_string_lossy().parse().expect("a thread has a number"));
        // One that ended just now needs nobody.
        if ptrace::seize(thread, options).is_ok() && ptrace::interrupt(thread).is_ok() {
            next(Some(thread));
            let _ = ptrace::syscall(thread, None);
        }
    }
}

/// Lets what was seized go on, and kills it before so many changes; false if it has ended before that. It is reaped then.
pub(crate) fn killed_before(child: u32, change: usize) -> bool {
    let (child, mut inside, mut left) = (pid(child), BTreeSet::new(), change);
    // Who dies meanwhile says so by itself.
    let go_on = |thread: Pid, signal: Option<Signal>| {
        let _ = ptrace::syscall(thread, signal);
    };
    loop {
        match next(None) {
            WaitStatus::PtraceSyscall(thread) => {
                if inside.remove(&thread) {
                    go_on(thread, None);
                    continue;
                }
                inside.insert(thread);
                left -= usize::from(left > 0 && changes_a_file(thread));
                if left == 0 {
                    let _ = kill(child, Signal::SIGKILL);
                } else {
                    go_on(thread, None);
                }
            }
            WaitStatus::PtraceEvent(thread, _, _) => go_on(thread, None),
            WaitStatus::Stopped(thread, signal) => go_on(thread, Some(signal)),
            WaitStatus::Exited(ended, _) | WaitStatus::Signaled(ended, _, _) if ended == child => {
                return left == 0;
            }
            // A thread of it.
            WaitStatus::Exited(..)
            | WaitStatus::Signaled(..)
            | WaitStatus::Continued(_)
            | WaitStatus::StillAlive => {}
        }
    }
}
