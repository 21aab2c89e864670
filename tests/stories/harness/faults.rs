//! A docker that fails on demand: a script around the real one, whose rules can be changed while the daemon runs.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::engine;

/// Which calls a fault strikes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum On {
    Everything,
    /// `list`, `inspect`, `events`, `change` (whatever alters something) or `other`.
    Class(&'static str),
    /// For example `create` or `volume create`.
    Verb(&'static str),
    /// The n-th changing call since the last [`Faults::reset`], counted from 1.
    Change(usize),
    /// The n-th call of any kind, streams aside, since the last [`Faults::reset`], counted from 1.
    Call(usize),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// `kill -9` of the daemon instead of the call.
    KillBefore,
    /// The call, then `kill -9` of the daemon before it can hear of it.
    KillAfter,
    Hang,
    /// Prints the text on stderr and exits 1.
    Fail(&'static str),
    /// Prints the text on stdout and exits 0.
    Answer(&'static str),
    /// The real answer, cut off after 40 bytes, with exit 0.
    Truncate,
    /// The first line of the real answer, with exit 0.
    FirstLine,
    Unreachable,
}

/// One call as it was made.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) class: String,
    pub(crate) verb: String,
    pub(crate) args: Vec<String>,
}

/// Directories in which the script takes its numbers.
const NUMBERS: [&str; 2] = ["changes", "all"];

/// The script and its files.
#[derive(Debug)]
pub(crate) struct Faults {
    dir: PathBuf,
}

impl Faults {
    pub(crate) fn install(dir: &Path) -> Self {
        let faults = Self { dir: dir.to_owned() };
        let script = include_str!("wrapper.sh")
            .replace("@DIR@", &dir.to_string_lossy())
            .replace("@REAL@", &engine::binary().to_string_lossy());
        for numbers in NUMBERS {
            fs::create_dir_all(dir.join(numbers)).expect("the fleet's directory is writable");
        }
        fs::write(faults.program(), script).expect("the fleet's directory is writable");
        fs::set_permissions(faults.program(), fs::Permissions::from_mode(0o755)).expect("the script is ours");
        faults
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.dir.join("docker")
    }

    /// Replaces all rules; the first that fits a call decides.
    pub(crate) fn set(&self, rules: &[(On, Fault)]) {
        let mut text = String::new();
        for (on, fault) in rules {
            let condition = match on {
                On::Everything => "true".to_owned(),
                On::Class(class) => format!("[ \"$CLASS\" = {class} ]"),
                On::Verb(verb) => format!("[ \"$VERB\" = '{verb}' ]"),
                On::Change(number) => format!("[ \"$N\" = {number} ]"),
                On::Call(number) => format!("[ \"$ALL\" = {number} ]"),
            };
            let act = match fault {
                Fault::KillBefore => "kill_before".to_owned(),
                Fault::KillAfter => "kill_after \"$@\"".to_owned(),
                Fault::Hang => "hang".to_owned(),
                Fault::Fail(message) => format!("fail {}", quoted(message)),
                Fault::Answer(answer) => format!("answer {}", quoted(answer)),
                Fault::Truncate => "truncated \"$@\"".to_owned(),
                Fault::FirstLine => "first_line \"$@\"".to_owned(),
                Fault::Unreachable => "unreachable".to_owned(),
            };
            writeln!(text, "if {condition}; then {act}; fi").expect("a String takes everything");
        }
        self.replace_rules(&text);
    }

    /// No fault: what the daemon calls by the first word of a pair has the second one in the engine.
    pub(crate) fn translate(&self, words: &[(String, String)]) {
        let script = |from: &str, to: &str| format!("s|{from}|{to}|g;");
        let there: String = words.iter().map(|(ours, theirs)| script(ours, theirs)).collect();
        let back: String = words.iter().map(|(ours, theirs)| script(theirs, ours)).collect();
        let (there, back) = (quoted(&there), quoted(&back));
        self.replace_rules(&format!(
            "case $CLASS in change | list | inspect) translated {there} {back} \"$@\" ;; esac\n"
        ));
    }

    /// A rename is atomic: no call reads half of the rules.
    fn replace_rules(&self, text: &str) {
        let next = self.dir.join("rules.next");
        fs::write(&next, text).expect("the fleet's directory is writable");
        fs::rename(&next, self.dir.join("rules")).expect("the fleet's directory is writable");
    }

    pub(crate) fn clear(&self) {
        self.set(&[]);
    }

    /// Forgets the calls so far and counts from 1 again.
    pub(crate) fn reset(&self) {
        for numbers in NUMBERS {
            let taken = fs::read_dir(self.dir.join(numbers)).expect("the directory of the numbers is there");
            for entry in taken.flatten() {
                let _ = fs::remove_file(entry.path());
            }
        }
        for log in ["calls", "struck"] {
            fs::write(self.dir.join(log), "").expect("the fleet's directory is writable");
        }
    }

    /// Every call since the last [`Faults::reset`].
    pub(crate) fn calls(&self) -> Vec<Call> {
        let text = fs::read_to_string(self.dir.join("calls")).unwrap_or_default();
        let call = |line: &str| {
            let mut words = line.split('\u{1f}').map(str::to_owned);
            Some(Call { class: words.next()?, verb: words.next()?, args: words.collect() })
        };
        text.lines().filter_map(call).collect()
    }

    /// Verb of the call at which the caller was killed since the last [`Faults::reset`].
    pub(crate) fn struck(&self) -> Option<String> {
        let text = fs::read_to_string(self.dir.join("struck")).unwrap_or_default();
        text.lines().next().map(str::to_owned)
    }

    /// The calls that alter something.
    pub(crate) fn changes(&self) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.class == "change").collect()
    }

    /// Ends the running `docker events`, as an engine that goes away does.
    pub(crate) fn cut_events(&self) {
        let pid = fs::read_to_string(self.dir.join("events.pid")).unwrap_or_default();
        if let Ok(pid) = pid.trim().parse() {
            super::daemon::kill(pid, rustix::process::Signal::KILL);
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
