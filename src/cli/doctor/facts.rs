//! What was found, unjudged.

use std::path::PathBuf;

use claude_hooks_actors::model::PullPolicy;
use jiff::Timestamp;

#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) now: Timestamp,
    /// The config file that holds, or what is wrong with it.
    pub(super) config: Result<Option<PathBuf>, String>,
    /// What could be told from the settings; `None` if not even they can be read.
    pub(super) data: Option<DataFacts>,
    /// `None` if the config is broken: whatever binary was meant is not known.
    pub(super) fleet: Option<FleetFacts>,
}

#[derive(Clone, Debug)]
pub(super) struct DataFacts {
    pub(super) dir: PathBuf,
    pub(super) dir_state: DirState,
    pub(super) database: Database,
    pub(super) lock: Lock,
    pub(super) socket: PathBuf,
    /// Permission bits of the socket, if it is there.
    pub(super) socket_mode: Option<u32>,
    pub(super) daemon: Daemon,
    pub(super) free_bytes: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) enum DirState {
    Missing,
    NotADirectory,
    Unreadable(String),
    Present { mode: u32, owner: u32, user: u32, writable: bool },
}

#[derive(Clone, Debug)]
pub(super) enum Database {
    Absent,
    Opened {
        schema: usize,
        known_schema: usize,
        agents: u64,
    },
    /// What the daemon would say of it.
    Refused(String),
}

#[derive(Clone, Debug)]
pub(super) enum Lock {
    Free,
    /// Pid as far as the kernel shows it.
    Held(Option<u32>),
    Unknown(String),
}

#[derive(Clone, Debug)]
pub(super) enum Daemon {
    Absent,
    /// With so many agents.
    Answers(usize),
    Fails(String),
}

#[derive(Clone, Debug)]
pub(super) struct FleetFacts {
    pub(super) types: Vec<String>,
    pub(super) built_in_types: bool,
    /// As the config names it.
    pub(super) binary: PathBuf,
    /// Where it was found.
    pub(super) binary_found: Option<PathBuf>,
    pub(super) engine: Engine,
    pub(super) images: Vec<Image>,
    pub(super) credentials: Vec<Secret>,
    pub(super) tokens: Vec<Secret>,
}

#[derive(Clone, Debug)]
pub(super) enum Engine {
    /// The binary is not there or could not be run.
    NotAsked,
    /// What the binary said instead.
    Refused { client: Option<String>, told: String },
    Reached {
        client: Option<String>,
        server: Option<String>,
        clock: Option<EngineClock>,
        root: Option<DiskRoot>,
    },
}

#[derive(Clone, Debug)]
pub(super) struct EngineClock {
    /// What the engine said the time is.
    pub(super) theirs: Timestamp,
    /// When we had its answer.
    pub(super) ours: Timestamp,
}

#[derive(Clone, Debug)]
pub(super) struct DiskRoot {
    pub(super) path: PathBuf,
    /// `None`: not visible from here, as with an engine on another host.
    pub(super) free_bytes: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) struct Image {
    pub(super) reference: String,
    pub(super) types: Vec<String>,
    pub(super) pull: PullPolicy,
    pub(super) state: ImageState,
}

#[derive(Clone, Debug)]
pub(super) enum ImageState {
    Present(String),
    Absent,
    Unknown(String),
}

/// A file that holds something secret; its content is never a fact.
#[derive(Clone, Debug)]
pub(super) struct Secret {
    pub(super) path: PathBuf,
    pub(super) types: Vec<String>,
    pub(super) state: SecretState,
}

#[derive(Clone, Debug)]
pub(super) enum SecretState {
    Missing,
    NotAFile,
    Unreadable(String),
    Present { mode: u32, single_line: bool },
}
