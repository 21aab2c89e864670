use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::*;
use crate::cli::args::Verb;
use crate::cli::parse;
use crate::cli::tests::context;

/// A root to install below, with a program that is short to copy.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("there is a temporary directory") }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path.trim_start_matches('/'))
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// What was printed, with the root as `<root>`.
    fn run(&self, arguments: &[&str]) -> String {
        let root = self.dir.path().to_string_lossy();
        let arguments = [arguments, &["--root", &*root]].concat();
        let env = BTreeMap::from([("HOME".to_owned(), "/home/ann".to_owned())]);
        let sources = Sources { env, ..Sources::default() };
        let (mut context, out, _) = context(false);
        let done = match parse(&arguments).expect("it can be meant").verb {
            Verb::Install(args) => install(&mut context, &sources, &args),
            Verb::Uninstall(args) => uninstall(&mut context, &sources, &args),
            other => panic!("{other:?}"),
        };
        done.unwrap_or_else(|failure| panic!("{failure}"));
        out.text().replace(&*root, "<root>")
    }

    fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut dirs = vec![self.dir.path().to_owned()];
        while let Some(dir) = dirs.pop() {
            for entry in fs::read_dir(dir).expect("it is ours").flatten() {
                if entry.path().is_dir() {
                    dirs.push(entry.path());
                } else {
                    let path = entry.path();
                    let path = path.strip_prefix(self.dir.path()).expect("it was found there");
                    found.push(format!("/{}", path.display()));
                }
            }
        }
        found.sort();
        found
    }
}

#[test]
fn the_whole_system_is_installed_once_and_a_second_time_changes_nothing() {
    let place = Place::new();
    let first = place.run(&["install"]);
    insta::assert_snapshot!(first);
    assert!(place.run(&["install"]).lines().take(8).all(|line| line.starts_with("unchanged ")));
    let unit = place.read("/usr/local/lib/systemd/system/claude-hooks.service");
    assert!(
        unit.contains("ExecStart=/usr/local/bin/claude-hooks serve") && !unit.contains("/usr/bin/"),
        "{unit}"
    );
    let program = fs::read(place.path("/usr/local/bin/claude-hooks")).expect("it was installed");
    assert!(program == fs::read(std::env::current_exe().expect("known")).expect("readable"));
}

#[test]
fn a_package_gets_the_units_as_they_are_in_the_repository() {
    let place = Place::new();
    place.run(&["install", "--prefix", "/usr"]);
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/systemd");
    for (installed, ours) in [
        ("/usr/lib/systemd/system/claude-hooks.service", "claude-hooks.service"),
        ("/usr/lib/systemd/system/claude-hooks.socket", "claude-hooks.socket"),
        ("/usr/lib/systemd/user/claude-hooks.service", "user/claude-hooks.service"),
        ("/usr/lib/sysusers.d/claude-hooks.conf", "sysusers.d/claude-hooks.conf"),
        ("/usr/lib/tmpfiles.d/claude-hooks.conf", "tmpfiles.d/claude-hooks.conf"),
    ] {
        let ours = fs::read_to_string(config.join(ours)).expect("it is in the repository");
        assert_eq!(place.read(installed), ours);
    }
}

#[test]
fn config_that_was_edited_is_kept_and_so_is_data() {
    let place = Place::new();
    place.run(&["install"]);
    fs::write(place.path("/etc/claude-hooks/agents.json"), "{}").expect("writable");
    fs::write(place.path("/usr/local/lib/systemd/system/claude-hooks.socket"), "old").expect("writable");
    let again = place.run(&["install"]);
    assert!(again.contains("kept      <root>/etc/claude-hooks/agents.json (it was edited)"), "{again}");
    assert!(again.contains("updated   <root>/usr/local/lib/systemd/system/claude-hooks.socket"), "{again}");
    assert_eq!(place.read("/etc/claude-hooks/agents.json"), "{}");

    fs::create_dir_all(place.path("/var/lib/claude-hooks")).expect("writable");
    fs::write(place.path("/var/lib/claude-hooks/agents.db"), "rows").expect("writable");
    insta::assert_snapshot!(place.run(&["uninstall"]));
    assert_eq!(place.files(), ["/etc/claude-hooks/agents.json", "/var/lib/claude-hooks/agents.db"]);
    let nothing_left = place.run(&["uninstall"]);
    assert!(!nothing_left.contains("removed"), "{nothing_left}");
}

#[test]
fn a_dry_run_touches_nothing() {
    let place = Place::new();
    let told = place.run(&["install", "--dry-run"]);
    assert!(told.contains("(dry run) installed <root>/usr/local/bin/claude-hooks"), "{told}");
    assert_eq!(place.files(), Vec::<String>::new());
    place.run(&["install"]);
    let before = place.files();
    let told = place.run(&["uninstall", "--dry-run"]);
    assert!(told.contains("(dry run) removed   <root>/usr/local/bin/claude-hooks"), "{told}");
    assert_eq!(place.files(), before);
}

#[test]
fn one_user_gets_everything_below_the_home() {
    let place = Place::new();
    place.run(&["install", "--user"]);
    assert_eq!(
        place.files(),
        [
            "/home/ann/.config/claude-hooks/agents.json",
            "/home/ann/.config/claude-hooks/claude-hooks.toml",
            "/home/ann/.local/bin/claude-hooks",
            "/home/ann/.local/share/systemd/user/claude-hooks.service",
        ]
    );
    let unit = place.read("/home/ann/.local/share/systemd/user/claude-hooks.service");
    assert!(unit.contains("ExecStart=%h/.local/bin/claude-hooks serve"), "{unit}");
    place.run(&["uninstall", "--user"]);
    assert_eq!(place.files(), Vec::<String>::new());
    assert!(!place.path("/home/ann/.config/claude-hooks").exists());
}

#[test]
fn the_config_that_is_installed_is_valid_and_keeps_users_and_system_apart() {
    let place = Place::new();
    place.run(&["install"]);
    place.run(&["install", "--user"]);
    let etc_dir = place.path("/etc");
    let data_of = |home: &str| {
        let env = BTreeMap::from([("HOME".to_owned(), home.to_owned())]);
        let sources = Sources { env, etc_dir: etc_dir.clone(), ..Sources::default() };
        let settings = crate::config::Settings::load(&sources).expect("it is valid");
        settings.data.dir().to_owned()
    };
    assert_eq!(data_of("/nobody"), Path::new("/var/lib/claude-hooks"));
    let ann = place.path("/home/ann");
    assert_eq!(data_of(&ann.to_string_lossy()), ann.join(".local/state/claude-hooks"));
}

#[test]
fn a_prefix_that_a_unit_could_not_name_is_refused() {
    for prefix in ["relative", "/opt/with space", "/opt/../etc", "/opt/%h"] {
        assert!(layout::of_system(Path::new(prefix)).is_err(), "{prefix}");
    }
}

/// What the units promise, so that an edit cannot quietly take it back. A real systemd reads them in
/// `scripts/test-systemd`.
#[test]
fn the_units_leave_the_containers_alone_and_wait_for_readiness() {
    let Layout { items, .. } = layout::of_system(Path::new("/usr")).expect("a usual prefix");
    let services: Vec<&String> = items
        .iter()
        .filter_map(|item| match item {
            Item::Ours { to, text } if to.ends_with("claude-hooks.service") => Some(text),
            Item::Ours { .. } | Item::Config { .. } | Item::Program { .. } => None,
        })
        .collect();
    assert_eq!(services.len(), 2);
    for unit in services {
        let has = |line: &str| unit.lines().any(|there| there == line);
        for line in [
            "Type=notify",
            "KillMode=mixed",
            "ExecStartPre=-/usr/bin/claude-hooks agents-sync",
            "WatchdogSec=1min",
        ] {
            assert!(has(line), "{line}");
        }
        assert!(!unit.lines().any(|line| line.starts_with("ExecStopPost") || line.starts_with("ExecStop=")));
    }
}

#[test]
fn for_programs_the_steps_are_data() {
    let place = Place::new();
    let (mut context, out, _) = context(true);
    let args = InstallArgs {
        user: false,
        dry_run: true,
        root: Some(place.dir.path().to_owned()),
        prefix: "/usr".into(),
    };
    install(&mut context, &Sources::default(), &args).expect("a dry run");
    let told: Value = serde_json::from_str(&out.text()).expect("it is JSON");
    assert_eq!(
        (told["dry_run"].as_bool(), told["steps"][0]["did"].as_str()),
        (Some(true), Some("installed"))
    );
}
