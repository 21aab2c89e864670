//! The command line: what is asked for, who does it, how it ends.
//!
//! While the daemon runs every verb goes through its socket. Some work without it: `agents-sync`, which a service
//! manager runs before the daemon, `doctor`, `check-config`, `install`, `uninstall`, and `backup`; `restore` only works
//! without it.

mod agents;
mod args;
mod backup;
mod check_config;
mod completions;
mod context;
mod dashboard;
mod doctor;
mod events;
mod exec;
mod failure;
mod fleet;
mod install;
mod lease_args;
mod leases;
mod logs;
mod man;
mod override_args;
mod park_args;
mod restore;
mod rollout_args;
mod rollouts;
mod show;
mod sync;
mod table;
mod task_args;
mod tasks;
mod text;
mod version;
mod volumes;
mod wipe;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::config::{Settings, Sources};
use crate::logging::LoggingError;
use crate::{daemon, hand_over, logging, tether};

use args::{Cli, Verb};
use context::Context;
pub use failure::Exit;
use failure::Failure;
use lease_args::LeasesVerb;
pub(crate) use lease_args::seconds;
pub(crate) use park_args::kind as park_kind;
use rollout_args::RolloutsVerb;

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let mut stderr = std::io::stderr();
    match parse_args(&std::env::args_os().collect::<Vec<_>>()) {
        Ok(cli) => match actix_rt::System::new().block_on(run(cli)) {
            Ok(()) => Exit::Done.into(),
            Err(failure) => failure.tell(&mut stderr).into(),
        },
        Err(error) => {
            // Nobody may be reading, which is no reason to panic.
            let _ = error.print();
            if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
        }
    }
}

fn parse_args(args: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(args).map_err(|error| match error.kind() {
        // It lists the verbs, the hidden ones too.
        ErrorKind::MissingSubcommand => {
            completions::for_people().try_get_matches_from(args).err().unwrap_or(error)
        }
        _ => error,
    })
}

async fn run(cli: Cli) -> Result<(), Failure> {
    let sources = Sources::of_process(cli.globals.config.clone(), cli.flags());
    let mut context = Context::of_process(cli.globals.json);
    match cli.verb {
        Verb::Serve(serve) => {
            if let Some(level) = &serve.log_level {
                // A slip in a flag is a matter of usage, one in the config is not.
                logging::check(level).map_err(LoggingError::from)?;
            }
            let settings = Settings::load(&sources)?;
            logging::init(&settings.log.level, settings.log.format)?;
            Ok(daemon::serve(settings, sources).await?)
        }
        Verb::HandOverVolume { user } => hand_over::hand_over_state(&user)
            .map_err(|error| Failure::Said(format!("cannot hand over the volume to {user}: {error}"))),
        Verb::RunTethered { parent, command } => {
            let (program, args) = command.split_first().expect("the parser requires one");
            let error = tether::become_program(parent, program, args);
            Err(Failure::Said(format!("cannot run {}: {error}", program.display())))
        }
        Verb::Completions { shell } => completions::run(&mut context, shell),
        Verb::Man { dir } => man::run(&mut context, &dir),
        Verb::Version => version::run(&mut context),
        Verb::CheckConfig { quiet } => check_config::run(&mut context, &sources, quiet),
        Verb::Install(args) => install::install(&mut context, &sources, &args),
        Verb::Uninstall(args) => install::uninstall(&mut context, &sources, &args),
        Verb::Backup(args) => backup::run(&mut context, &sources, args),
        Verb::Restore(args) => restore::run(&mut context, &sources, &args).await,
        Verb::Doctor => doctor::run(&mut context, &sources).await,
        Verb::AgentsSync(args) => {
            logging::init_quiet()?;
            sync::run(&mut context, &sources, args).await
        }
        Verb::Agents { verb } => agents::run(&mut context.with_daemon(&sources)?, verb).await,
        Verb::Scale(args) => fleet::scale(&mut context.with_daemon(&sources)?, &args).await,
        Verb::Leases { verb } => {
            leases::run(&mut context.with_daemon(&sources)?, verb.unwrap_or(LeasesVerb::List)).await
        }
        Verb::Events(args) => events::run(&mut context.with_daemon(&sources)?, args).await,
        Verb::Logs(args) => logs::run(&mut context.with_daemon(&sources)?, args).await,
        Verb::Exec(args) => exec::run(&mut context.with_daemon(&sources)?, args).await,
        Verb::Tasks { verb } => tasks::run(&mut context.with_daemon(&sources)?, verb).await,
        Verb::Rollouts { verb } => {
            rollouts::run(&mut context.with_daemon(&sources)?, verb.unwrap_or(RolloutsVerb::List)).await
        }
        Verb::Plan => fleet::plan(&mut context.with_daemon(&sources)?).await,
        Verb::Dashboard(args) => dashboard::run(&mut context.with_daemon(&sources)?, args).await,
        Verb::Why { name } => fleet::why(&mut context.with_daemon(&sources)?, &name).await,
        Verb::Volumes(args) => volumes::run(&mut context.with_daemon(&sources)?, args).await,
        Verb::WipeAgent { name, yes } => wipe::run(&mut context.with_daemon(&sources)?, &name, yes).await,
        Verb::Adopt { names } => agents::adopt(&mut context.with_daemon(&sources)?, &names).await,
    }
}

/// What a shell would pass, for tests.
#[cfg(test)]
fn parse(arguments: &[&str]) -> Result<Cli, clap::Error> {
    let arguments = std::iter::once("claude-hooks").chain(arguments.iter().copied());
    parse_args(&arguments.map(OsString::from).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
