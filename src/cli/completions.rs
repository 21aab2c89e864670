//! `completions`: a script for a shell.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::Cli;
use super::context::Context;
use super::failure::Failure;

pub(super) fn run(context: &mut Context, shell: Shell) -> Result<(), Failure> {
    // Into memory first: the generator panics when its writer fails, and a closed pipe is no reason for that.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "claude-hooks", &mut script);
    Ok(context.out.write_all(&script)?)
}
