//! The names of the decision table's rows, and what they say to people.

/// The row of the decision table that held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::Display, strum::EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum Rule {
    DockerUnknown,
    Suspended,
    Unresolvable,
    HostMode,
    NoRow,
    Stranger,
    Orphan,
    NameConflict,
    AdoptRequested,
    InterruptedRecreate,
    LeftoverBeside,
    Renamed,
    Halted,
    Absent,
    BeingRemoved,
    Dead,
    FirstLook,
    Drift,
    OtherImage,
    RecreateRequested,
    VolumeUnrecorded,
    RestartRequested,
    StopRequested,
    HeldDown,
    LazyAsleep,
    LazyAwake,
    Idle,
    Draining,
    Parked,
    Down,
    RestartGrace,
    Paused,
    Restarting,
    CrashLoop,
    PolicyDiffers,
    AsDesired,
    BackingOff,
    Unhealthy,
    UnhealthyTold,
    UnhealthyInUse,
    UnhealthyPause,
    UnhealthyPrints,
    UnhealthyUnconfirmed,
    UnhealthyBudget,
}

impl Rule {
    /// Whether it says what is done about one that is not well.
    pub fn is_about_health(self) -> bool {
        matches!(
            self,
            Self::Unhealthy
                | Self::UnhealthyTold
                | Self::UnhealthyInUse
                | Self::UnhealthyPause
                | Self::UnhealthyPrints
                | Self::UnhealthyUnconfirmed
                | Self::UnhealthyBudget
        )
    }

    /// The rule in words, for people.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::DockerUnknown => "docker cannot be asked, so nothing is known and nothing is done",
            Self::Suspended => "the database is suspect, so nothing is done until it is cleared up",
            Self::Unresolvable => "the row cannot be resolved, so its container is left as it is",
            Self::HostMode => "the type has no containers",
            Self::NoRow => "there is neither a row nor a container",
            Self::Stranger => {
                "a container under our prefix is not ours and no row names it: it is left alone; agents-sync --adopt takes it over"
            }
            Self::Orphan => {
                "the container is ours but no row wants it: it is stopped and removed, its volume stays"
            }
            Self::NameConflict => {
                "a container that is not ours has the name: it is never touched; adopt it or rename it"
            }
            Self::AdoptRequested => {
                "an operator handed the container over: it is replaced on the same volume"
            }
            Self::InterruptedRecreate => "a recreate was interrupted: it is finished or undone first",
            Self::LeftoverBeside => {
                "a second container of this instance is left from a recreate: it is removed"
            }
            Self::Renamed => "the container was renamed: it gets its name back",
            Self::Halted => "the instance is halted until an operator decides",
            Self::Absent => "there is no container: it is created",
            Self::BeingRemoved => "docker is removing the container: wait, then remove by force",
            Self::Dead => "docker could not remove the container: it is removed by force",
            Self::FirstLook => {
                "after a start nothing that runs is stopped or replaced because of a single look"
            }
            Self::Drift => "the container was made from another spec than the row asks for: it is recreated",
            Self::OtherImage => {
                "the container is not of the image that a rollout wants it to have: it is recreated"
            }
            Self::RecreateRequested => "an operator asked for a new container",
            Self::VolumeUnrecorded => {
                "the row is newer than its container: it learns which volume holds its state"
            }
            Self::RestartRequested => "an operator asked for a restart",
            Self::StopRequested => "an operator asked for a stop",
            Self::HeldDown => "an operator stopped it: it stays down until it is started",
            Self::LazyAsleep => "a lazy instance sleeps until it is needed",
            Self::LazyAwake => "a lazy instance is awake until it was idle for its time",
            Self::Idle => "a lazy instance had no work for its idle time: it goes to sleep",
            Self::Draining => "somebody works with it: this waits until they are done, or is forced",
            Self::Parked => {
                "it is parked: it gets no work, what runs is left alone, and what does not is not started until it is reopened"
            }
            Self::Down => "it is to be up but is down: it is started",
            Self::RestartGrace => "it just went down: docker's own restart policy has the first go",
            Self::Paused => "it is to be up but is paused: it is unpaused",
            Self::Restarting => "docker is restarting it",
            Self::CrashLoop => {
                "it died too often: one try every five minutes, until the row changes or it is started by hand"
            }
            Self::PolicyDiffers => "docker's restart policy on it is not the one of its lifecycle: it is set",
            Self::AsDesired => "it is as the row asks",
            Self::BackingOff => "the last try failed: it is tried again later",
            Self::Unhealthy => {
                "its health checks fail, nobody works with it, and it prints nothing: it is restarted"
            }
            Self::UnhealthyTold => {
                "its health checks fail, and its type only wants that told: nothing is done about it"
            }
            Self::UnhealthyInUse => {
                "its health checks fail, but somebody works with it: it is left alone until they are done"
            }
            Self::UnhealthyPause => {
                "its health checks fail although it was restarted for that: it is left alone for a while"
            }
            Self::UnhealthyPrints => {
                "its health checks fail, but it still prints: it is restarted once it has been quiet for its time"
            }
            Self::UnhealthyUnconfirmed => {
                "its health checks fail: the next one and what it prints meanwhile decide whether it is restarted"
            }
            Self::UnhealthyBudget => {
                "its health checks fail, as do others': the fleet's budget of such restarts is spent, and it waits its turn"
            }
        }
    }
}
