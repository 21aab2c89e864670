//! `man`: the manual pages, made of the same definition as the help, so that they cannot say anything else.

use std::fs;
use std::io;
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};

use super::args::Cli;
use super::context::Context;
use super::failure::Failure;

const NAME: &str = "claude-hooks";

/// What people look for and no option says.
const FILES: [(&str, &str); 4] = [
    ("/etc/claude-hooks/claude-hooks.toml", "the config of the system; check-config says which one holds"),
    ("~/.config/claude-hooks/claude-hooks.toml", "that of one user, which then holds instead"),
    ("agents.json", "the types of agents, beside the config that names it"),
    ("/var/lib/claude-hooks, ~/.local/state/claude-hooks", "database, token and socket of the service"),
];

pub(super) fn run(context: &mut Context, dir: &Path) -> Result<(), Failure> {
    let failed = |what: &str, path: &Path, error: io::Error| {
        Failure::Said(format!("cannot {what} {}: {error}", path.display()))
    };
    fs::create_dir_all(dir).map_err(|error| failed("make", dir, error))?;
    for (name, text) in pages() {
        let path = dir.join(&name);
        fs::write(&path, text).map_err(|error| failed("write", &path, error))?;
        context.line(path.display())?;
    }
    Ok(())
}

/// Every page with its file's name.
fn pages() -> Vec<(String, Vec<u8>)> {
    let mut program = Cli::command();
    program.build();
    let mut pages = Vec::new();
    add(&program, None, &mut pages);
    pages
}

fn add(command: &Command, above: Option<&Command>, pages: &mut Vec<(String, Vec<u8>)>) {
    let mut text = Vec::new();
    page(command, above, &mut text).expect("memory takes every text");
    pages.push((format!("{}.1", page_name(command)), text));
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        add(verb, Some(command), pages);
    }
}

/// Such as `claude-hooks-agents-list`.
fn page_name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn page(command: &Command, above: Option<&Command>, text: &mut Vec<u8>) -> io::Result<()> {
    let version = format!("{NAME} {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(version).manual(NAME);
    man.render_title(text)?;
    man.render_name_section(text)?;
    man.render_synopsis_section(text)?;
    man.render_description_section(text)?;
    man.render_options_section(text)?;
    if command.get_subcommands().any(|verb| !verb.is_hide_set()) {
        man.render_subcommands_section(text)?;
    }
    let mut roff = Roff::new();
    if let Some(exit_codes) = command.get_after_help() {
        roff.control("SH", ["EXIT STATUS"]).text([roman(exit_codes.to_string())]);
    }
    if let Some(above) = above {
        roff.control("SH", ["SEE ALSO"]).text([bold(page_name(above)), roman("(1)")]);
    } else {
        roff.control("SH", ["FILES"]);
        for (path, what) in FILES {
            roff.control("TP", []).text([italic(path)]).text([roman(what)]);
        }
    }
    roff.to_writer(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli::tests::context;

    #[test]
    fn every_verb_that_is_shown_has_a_page_and_no_other() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let place = dir.path().join("man1");
        let (mut context, out, _) = context(false);
        run(&mut context, &place).expect("written");
        let entries = fs::read_dir(&place).expect("it was made");
        let found: BTreeSet<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        for page in
            ["claude-hooks.1", "claude-hooks-agents.1", "claude-hooks-agents-create.1", "claude-hooks-man.1"]
        {
            assert!(found.contains(page), "{page}: {found:?}");
        }
        assert!(
            !found.iter().any(|page| page.contains("tethered") || page.contains("hand-over")),
            "{found:?}"
        );
        assert_eq!(out.text().lines().count(), found.len());
    }

    #[test]
    fn a_page_says_what_the_help_says_and_where_it_belongs() {
        let pages = pages();
        let text = |name: &str| {
            let (_, text) = pages.iter().find(|(file, _)| file == name).expect("the page is there");
            String::from_utf8(text.clone()).expect("UTF-8")
        };
        let scale = text("claude-hooks-scale.1");
        assert!(scale.contains("claude\\-hooks\\-scale \\- Make a type have so many instances"), "{scale}");
        assert!(scale.contains(".SH \"SEE ALSO\"\n\\fBclaude\\-hooks\\fR(1)"), "{scale}");
        let whole = text("claude-hooks.1");
        assert!(whole.contains(".SH \"EXIT STATUS\"\nExit codes: 0 done"), "{whole}");
        assert!(whole.contains("/etc/claude\\-hooks/claude\\-hooks.toml"), "{whole}");
    }
}
