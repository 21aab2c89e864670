//! The program; everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    if claude_hooks::runner::is_asked_for() {
        claude_hooks::runner::main()
    } else if claude_hooks::agent_client::is_asked_for() {
        claude_hooks::agent_client::main()
    } else {
        claude_hooks::cli::main()
    }
}
