//! What may be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use claude_hooks_actors::model::{EventKind, InstanceName, TypeName};
use strum::IntoEnumIterator as _;

use super::install::InstallArgs;
use super::lease_args::{LeasesVerb, seconds};
use super::override_args::{CreateArgs, UpdateArgs};
use super::park_args::{NeedHumanArgs, ParkArgs};
use super::rollout_args::RolloutsVerb;
use super::task_args::{ExecArgs, TasksVerb};
use crate::config::Flags;
use crate::logging::LogFormat;

/// Supervises a fleet of long-lived AI coding agents, each in its own Docker container.
#[derive(Debug, Parser)]
#[command(name = "claude-hooks", version, disable_help_subcommand = true, arg_required_else_help = true)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) globals: Globals,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 usage, 69 docker or the daemon cannot be reached, \
                          75 another daemon holds the data directory.";

const EVERYWHERE: &str = "Options of every command";

#[derive(Args, Debug)]
pub(super) struct Globals {
    /// Read this config file instead of the usual ones
    #[arg(long, value_name = "FILE", global = true, help_heading = EVERYWHERE, env = "CLAUDE_HOOKS_CONFIG", hide_env_values = true)]
    pub(super) config: Option<PathBuf>,
    /// Keep and find everything in this directory
    #[arg(long, value_name = "DIR", global = true, help_heading = EVERYWHERE)]
    pub(super) data_dir: Option<PathBuf>,
    /// Reach the daemon through this Unix socket
    #[arg(long, value_name = "PATH", global = true, help_heading = EVERYWHERE)]
    pub(super) socket: Option<PathBuf>,
    /// Print JSON for programs instead of text for people
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(super) json: bool,
}

impl Cli {
    /// What the flags say about settings.
    pub(super) fn flags(&self) -> Flags {
        let serve = match &self.verb {
            Verb::Serve(serve) => Some(serve),
            Verb::AgentsSync(_)
            | Verb::Agents { .. }
            | Verb::Scale(_)
            | Verb::Leases { .. }
            | Verb::Events(_)
            | Verb::Logs(_)
            | Verb::Exec(_)
            | Verb::Tasks { .. }
            | Verb::Rollouts { .. }
            | Verb::Plan
            | Verb::Dashboard(_)
            | Verb::Why { .. }
            | Verb::Volumes(_)
            | Verb::WipeAgent { .. }
            | Verb::Adopt { .. }
            | Verb::Backup(_)
            | Verb::Restore(_)
            | Verb::Doctor
            | Verb::CheckConfig { .. }
            | Verb::Install(_)
            | Verb::Uninstall(_)
            | Verb::Version
            | Verb::Completions { .. }
            | Verb::Man { .. }
            | Verb::HandOverVolume { .. }
            | Verb::RunTethered { .. } => None,
        };
        Flags {
            data_dir: self.globals.data_dir.clone(),
            socket: self.globals.socket.clone(),
            listen: serve.and_then(|serve| serve.listen.clone()),
            log_level: serve.and_then(|serve| serve.log_level.clone()),
            log_format: serve.and_then(|serve| serve.log_format),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Run the daemon in the foreground
    Serve(ServeArgs),
    /// Make the containers follow the rows once, through the daemon or, if none runs, alone
    AgentsSync(SyncArgs),
    /// Look at and change the agents
    Agents {
        #[command(subcommand)]
        verb: AgentsVerb,
    },
    /// Make a type have so many instances
    Scale(ScaleArgs),
    /// Show who works with which agent; claim one, keep it, give it back
    Leases {
        #[command(subcommand)]
        verb: Option<LeasesVerb>,
    },
    /// Show what happened, or follow what happens
    Events(EventsArgs),
    /// Show the output of an agent's container
    Logs(LogsArgs),
    /// Run a command inside an agent and end as it ends
    Exec(ExecArgs),
    /// Look at and cancel what agents were given to do
    Tasks {
        #[command(subcommand)]
        verb: TasksVerb,
    },
    /// Give many agents a new image, one after the other; pause, resume, abort that
    Rollouts {
        #[command(subcommand)]
        verb: Option<RolloutsVerb>,
    },
    /// Show what a sync would do, and why
    Plan,
    /// Say why an agent is in its phase, and what comes next
    Why {
        /// The agent
        name: InstanceName,
    },
    /// Show the state volumes that are kept without an agent
    Volumes(VolumesArgs),
    /// Destroy an agent for ever: its row, its container and its state volume
    WipeAgent {
        /// The agent, or the name of one that is deleted already
        name: InstanceName,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Take over containers that carry an agent's name but are not ours
    Adopt {
        /// The agents whose names they carry
        #[arg(value_name = "NAME", required = true)]
        names: Vec<InstanceName>,
    },
    /// Open the dashboard in a browser, signed in
    Dashboard(DashboardArgs),
    /// Copy the database into one file, also while the daemon runs
    Backup(BackupArgs),
    /// Put a backup in the place of the database of a stopped daemon
    Restore(RestoreArgs),
    /// Check everything that the daemon needs, and say how to mend it
    Doctor,
    /// Check the configuration and show the values that hold, with where each comes from
    CheckConfig {
        /// Only say what is wrong
        #[arg(long)]
        quiet: bool,
    },
    /// Put this program, its units and its config in their places, for the system or for one user
    Install(InstallArgs),
    /// Take away what was installed; data and edited config stay, and containers run on
    Uninstall(InstallArgs),
    /// Say which program this is: version, commit, compiler, schema, runner
    Version,
    /// Print a completion script
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Write the manual, a page for this program and one for each command
    Man {
        /// Where to; made if it is missing
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
    },
    /// Hand a fresh state volume to a user; runs inside a one-off container
    #[command(hide = true)]
    HandOverVolume {
        /// `user`, `uid` or `uid:gid`
        user: String,
    },
    /// Become a program that is killed when whoever started it ends
    #[command(hide = true)]
    RunTethered {
        /// Process id of whoever starts this
        parent: u32,
        /// The program and its arguments
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
}

#[derive(Args, Debug)]
pub(super) struct ServeArgs {
    /// Address and port of the REST API; "" for the Unix socket only
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<String>,
    /// error, warn, info, debug or trace, also per module, such as `info,claude_hooks=debug`
    #[arg(long, value_name = "LEVEL", env = "CLAUDE_HOOKS_LOG", hide_env_values = true)]
    pub(super) log_level: Option<String>,
    /// How log lines look
    #[arg(long, value_name = "FORMAT")]
    pub(super) log_format: Option<LogFormat>,
}

#[derive(Args, Debug)]
pub(super) struct ScaleArgs {
    /// Such as dev=3
    #[arg(value_name = "TYPE=COUNT", required = true, value_parser = scale_target)]
    pub(super) targets: Vec<ScaleTarget>,
    #[command(flatten)]
    pub(super) force: Force,
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct SyncArgs {
    /// Only say what would be done
    #[arg(long, conflicts_with = "adopt")]
    pub(super) dry_run: bool,
    /// Also take over containers that carry our names but are not ours
    #[arg(long)]
    pub(super) adopt: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum AgentsVerb {
    /// All agents
    #[command(visible_alias = "ls")]
    List,
    /// Everything about one agent
    Show {
        /// The agent
        name: InstanceName,
    },
    /// Add an agent
    Create(CreateArgs),
    /// Change an agent
    Update(UpdateArgs),
    /// Remove agents and their containers; their state volumes stay
    Delete(ForceArgs),
    /// Start agents, also ones that were stopped by hand or are in a crash loop
    Start(ForceArgs),
    /// Stop agents; a hot one stays down until it is started
    Stop(ForceArgs),
    /// Stop and start the same container, with the image that it has
    Restart(ForceArgs),
    /// Replace the container, with what the image's tag means now
    Recreate(ForceArgs),
    /// Give no new work to agents; who works with one may go on
    Cordon(NamesArgs),
    /// Give work to agents again
    Uncordon(NamesArgs),
    /// Wake lazy agents, and keep them awake for a time
    Hold {
        #[command(flatten)]
        names: NamesArgs,
        /// For how long from now, such as 30m
        #[arg(long = "for", value_name = "TIME", value_parser = seconds)]
        ttl_s: u64,
    },
    /// Let agents that are kept awake fall asleep after their idle time again
    Unhold(NamesArgs),
    /// Give no work to an agent for a time, and do not start it; who works with it may go on
    Park(ParkArgs),
    /// Let parked agents work again
    Reopen(NamesArgs),
    /// Say that an agent cannot go on without a person, or that the person was there
    NeedHuman(NeedHumanArgs),
    /// Go on with an empty volume after the old one was lost
    Recover {
        /// The agent
        name: InstanceName,
        /// Say that the lost state is not coming back
        #[arg(long, required = true)]
        accept_state_loss: bool,
    },
}

#[derive(Args, Debug)]
pub(super) struct NamesArgs {
    /// The agents
    #[arg(value_name = "NAME", required = true)]
    pub(super) names: Vec<InstanceName>,
}

#[derive(Args, Debug)]
pub(super) struct ForceArgs {
    /// The agents
    #[arg(value_name = "NAME", required = true)]
    pub(super) names: Vec<InstanceName>,
    #[command(flatten)]
    pub(super) force: Force,
}

#[derive(Args, Clone, Copy, Debug, Default)]
pub(super) struct Force {
    /// Take an agent from whoever works with it, instead of waiting until they are done
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Args, Debug)]
pub(super) struct EventsArgs {
    /// Go on with what happens from now on
    #[arg(short, long)]
    pub(super) follow: bool,
    /// Begin behind this sequence number
    #[arg(long, value_name = "SEQ")]
    pub(super) after: Option<u64>,
    /// At most so many, without --follow
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) limit: u32,
    /// Only events of this kind; may be repeated
    #[arg(long = "kind", value_name = "KIND", value_parser = event_kinds(), hide_possible_values = true)]
    pub(super) kinds: Vec<EventKind>,
    /// Only events of this agent; may be repeated
    #[arg(long = "instance", value_name = "NAME")]
    pub(super) instances: Vec<InstanceName>,
    /// Only events of agents of this type; may be repeated
    #[arg(long = "type", value_name = "TYPE")]
    pub(super) types: Vec<TypeName>,
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct DashboardArgs {
    /// Only say where it is
    #[arg(long)]
    pub(super) no_open: bool,
    /// Print nothing but the link, for scripts; opens nothing
    #[arg(long)]
    pub(super) print: bool,
}

#[derive(Args, Debug)]
pub(super) struct BackupArgs {
    /// Where to; without it, into <data dir>/backups
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Replace the file if there is one
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Args, Debug)]
pub(super) struct RestoreArgs {
    /// The backup
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Do not ask
    #[arg(long)]
    pub(super) yes: bool,
    /// Only say what would change; works beside a running daemon
    #[arg(long, conflicts_with_all = ["yes", "force"])]
    pub(super) dry_run: bool,
    /// Also restore the database of another fleet, to which the present containers are foreign
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct VolumesArgs {
    /// Also those that an agent has
    #[arg(long)]
    pub(super) all: bool,
    /// Say how large they are; docker walks through all files on the host's volumes for that
    #[arg(long)]
    pub(super) sizes: bool,
}

#[derive(Args, Debug)]
pub(super) struct LogsArgs {
    /// The agent
    pub(super) name: InstanceName,
    /// Go on with what is printed from now on
    #[arg(short, long)]
    pub(super) follow: bool,
    /// Begin with so many of the last lines
    #[arg(short = 'n', long, value_name = "LINES", default_value_t = 100)]
    pub(super) tail: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ScaleTarget {
    pub(super) agent_type: TypeName,
    pub(super) count: u32,
}

fn scale_target(text: &str) -> Result<ScaleTarget, String> {
    let (name, count) = text.split_once('=').ok_or("write TYPE=COUNT, such as dev=3")?;
    let agent_type = TypeName::parse(name).map_err(|error| error.to_string())?;
    let count = count.parse().map_err(|_| format!("{count:?} is not a whole number of 0 or more"))?;
    Ok(ScaleTarget { agent_type, count })
}

/// Listed in the error about a wrong one and in completions, not in the help: there are too many.
fn event_kinds() -> impl TypedValueParser<Value = EventKind> {
    let all: Vec<&'static str> = EventKind::iter().map(Into::into).collect();
    PossibleValuesParser::new(all).try_map(|kind| kind.parse::<EventKind>())
}
