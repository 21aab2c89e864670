//! Runs a program that dies with whoever started it, also when that is killed.
//!
//! A killed daemon cannot end what follows docker for it, and a follower would only notice at its next write, which may
//! be never. Only the child itself can ask the kernel for this, and code between fork and exec would be unsafe; so our own
//! program is started first, asks, and becomes the other one.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};

/// Our own program, also when its file was replaced since it was started.
pub const OWN_PROGRAM: &str = "/proc/self/exe";
/// The verb of the command line that calls [`become_program`].
pub const VERB: &str = "run-tethered";

/// Becomes `program`, which is killed when the thread of `parent` ends that started this process. Returns only an error.
pub fn become_program(parent: u32, program: &OsStr, args: &[OsString]) -> io::Error {
    if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
        return error.into();
    }
    // Asked too late: nobody is left who would read it or end it.
    if getppid().map(Pid::as_raw_pid) != i32::try_from(parent).ok() {
        return io::Error::other("whoever started this is gone");
    }
    Command::new(program).args(args).exec()
}
