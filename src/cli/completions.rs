//! `completions`: a script for a shell.

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use super::args::Cli;
use super::context::Context;
use super::failure::Failure;

pub(super) fn run(context: &mut Context, shell: Shell) -> Result<(), Failure> {
    // Into memory first: the generator panics when its writer fails, and a closed pipe is no reason for that.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut for_people(), "claude-hooks", &mut script);
    if shell == Shell::Bash {
        script = with_the_labels_it_jumps_to(&String::from_utf8_lossy(&script)).into_bytes();
    }
    Ok(context.out.write_all(&script)?)
}

/// The generator spells a program's name with a hyphen in one way where it says which verb was typed, and in another where
/// it looks for that (<https://github.com/clap-rs/clap/issues/6421>): behind a verb nothing would be completed.
fn with_the_labels_it_jumps_to(script: &str) -> String {
    script.replace("claude__subcmd__hooks", "claude__hooks")
}

/// The command line without its hidden verbs: the generators of scripts and some errors offer those too.
pub(super) fn for_people() -> Command {
    let all = Cli::command();
    Command::new("claude-hooks")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .args(all.get_arguments().cloned())
        .subcommands(all.get_subcommands().filter(|verb| !verb.is_hide_set()).cloned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::context;

    #[test]
    fn bash_finds_what_to_offer_behind_every_verb() {
        let (mut context, out, _) = context(false);
        run(&mut context, Shell::Bash).expect("printable");
        let script = out.text();
        let jumps = script.lines().filter_map(|line| line.trim().strip_prefix("cmd=\"")?.strip_suffix('"'));
        let jumps: Vec<&str> = jumps.filter(|label| !label.is_empty()).collect();
        assert!(jumps.contains(&"claude__hooks__subcmd__agents__subcmd__create"), "{jumps:?}");
        for label in jumps {
            assert!(script.lines().any(|line| line.trim() == format!("{label})")), "{label}");
        }
    }
}
