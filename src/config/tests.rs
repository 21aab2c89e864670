use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use claude_hooks_actors::model::{HealthAction, HealthPolicy, Lifecycle, Limits, PullPolicy};
use serde_json::Value;

use super::{
    ClientSettings, ConfigError, DEFAULT_SETTINGS, Flags, Origin, Settings, Sources, TypesSource,
    agents_schema, settings_schema,
};

/// A home directory of its own, an empty /etc, and a place to put files.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary directory can be made") }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("the path has a parent")).expect("writable");
        std::fs::write(&path, text).expect("writable");
        path
    }

    fn sources(&self) -> Sources {
        let home = self.dir.path().join("home");
        Sources {
            config: None,
            flags: Flags::default(),
            env: BTreeMap::from([("HOME".to_owned(), home.display().to_string())]),
            working_dir: self.dir.path().join("cwd"),
            etc_dir: self.dir.path().join("etc"),
        }
    }

    /// With `toml` as the named config file and the built-in types beside it.
    fn with_config(&self, toml: &str) -> Sources {
        self.write("conf/agents.json", super::DEFAULT_TYPES);
        Sources { config: Some(self.write("conf/c.toml", toml)), ..self.sources() }
    }

    fn with_types(&self, json: &str) -> Sources {
        let sources = self.with_config("");
        self.write("conf/agents.json", json);
        sources
    }

    /// The error's text, with the temporary directory as `<dir>`.
    fn told(&self, error: &ConfigError) -> String {
        error.to_string().replace(&self.dir.path().display().to_string(), "<dir>")
    }
}

fn env(sources: Sources, variable: &str, value: &str) -> Sources {
    let mut sources = sources;
    sources.env.insert(variable.to_owned(), value.to_owned());
    sources
}

fn origin(settings: &Settings, key: &str) -> Origin {
    let rows = settings.rows();
    rows.into_iter().find(|row| row.key == key).expect("every key has a row").origin
}

#[test]
fn without_any_file_the_defaults_and_the_built_in_types_hold() {
    let place = Place::new();
    let settings = Settings::load(&place.sources()).expect("the defaults are valid");
    let home = place.dir.path().join("home");
    assert_eq!(settings.data.dir(), home.join(".local/state/claude-hooks"));
    assert_eq!(settings.server.socket, home.join(".local/state/claude-hooks/claude-hooks.sock"));
    assert_eq!(settings.server.listen.map(|a| a.to_string()).as_deref(), Some("127.0.0.1:7117"));
    assert_eq!(settings.fleet.types_source, TypesSource::BuiltIn);
    assert_eq!(settings.fleet.tokens_dir, home.join(".config/claude-hooks/tokens"));
    assert_eq!(settings.fleet.catalog.types.len(), 3);
    assert_eq!(settings.watchdog_interval.as_secs(), 60);
    assert_eq!(settings.events.max_count, 100_000);
    assert_eq!(settings.events.max_age.as_secs(), 30 * 24 * 3600);
    let cores = std::thread::available_parallelism().expect("known").get();
    assert_eq!(settings.docker.parallel.get(), cores + 2);
    assert!(settings.docker.events);
    assert!(settings.rows().iter().all(|row| row.origin == Origin::Default));
}

#[test]
fn each_layer_wins_over_the_one_below() {
    let place = Place::new();
    let file =
        place.with_config("[data]\ndir = \"/file\"\n[watchdog]\ninterval_s = 5\n[fleet]\nprefix = \"f\"\n");
    let mut sources = env(file, "CLAUDE_HOOKS_DATA_DIR", "/env");
    sources = env(sources, "CLAUDE_HOOKS_WATCHDOG_INTERVAL_S", "7");
    sources.flags.data_dir = Some("/flag".into());
    let settings = Settings::load(&sources).expect("valid");
    assert_eq!(settings.data.dir(), Path::new("/flag"));
    assert_eq!(settings.server.socket, Path::new("/flag/claude-hooks.sock"));
    assert_eq!(settings.watchdog_interval.as_secs(), 7);
    assert_eq!(settings.fleet.catalog.prefix.as_ref(), "f");
    assert_eq!(origin(&settings, "data.dir"), Origin::Flag("--data-dir"));
    assert_eq!(
        origin(&settings, "watchdog.interval_s"),
        Origin::Env("CLAUDE_HOOKS_WATCHDOG_INTERVAL_S".to_owned())
    );
    let path = place.dir.path().join("conf/c.toml");
    assert_eq!(origin(&settings, "fleet.prefix"), Origin::File { path, line: 6, column: None });
    assert_eq!(origin(&settings, "docker.binary"), Origin::Default);
}

#[test]
fn the_operators_own_file_hides_the_one_in_etc() {
    let place = Place::new();
    place.write("etc/claude-hooks/claude-hooks.toml", "[fleet]\nprefix = \"etc\"\ntypes = \"a.json\"\n");
    place.write("etc/claude-hooks/a.json", super::DEFAULT_TYPES);
    let prefix = |sources: &Sources| {
        Settings::load(sources).map(|settings| settings.fleet.catalog.prefix.to_string()).expect("valid")
    };
    assert_eq!(prefix(&place.sources()), "etc");
    place.write("home/.config/claude-hooks/claude-hooks.toml", "[fleet]\nprefix = \"home\"\n");
    place.write("home/.config/claude-hooks/agents.json", super::DEFAULT_TYPES);
    assert_eq!(prefix(&place.sources()), "home");
    place.write("xdg/claude-hooks/claude-hooks.toml", "[fleet]\nprefix = \"xdg\"\n");
    place.write("xdg/claude-hooks/agents.json", super::DEFAULT_TYPES);
    let xdg = place.dir.path().join("xdg").display().to_string();
    assert_eq!(prefix(&env(place.sources(), "XDG_CONFIG_HOME", &xdg)), "xdg");
}

/// A package starts the daemon before anybody declared one.
#[test]
fn no_type_at_all_is_valid() {
    let place = Place::new();
    let settings = Settings::load(&place.with_types("{\"types\": {}}")).expect("valid");
    assert!(settings.fleet.catalog.types.is_empty());
}

#[test]
fn types_beside_the_usual_config_file_are_found_without_one() {
    let place = Place::new();
    let path = place.write("home/.config/claude-hooks/agents.json", super::DEFAULT_TYPES);
    let settings = Settings::load(&place.sources()).expect("valid");
    assert_eq!(settings.fleet.types_source, TypesSource::File(path));
}

#[test]
fn a_relative_path_lies_beside_the_file_that_says_it_or_below_the_working_directory() {
    let place = Place::new();
    let sources = place.with_config("[data]\ndir = \"data\"\n");
    let settings = Settings::load(&sources).expect("valid");
    assert_eq!(settings.data.dir(), place.dir.path().join("conf/data"));
    let settings = Settings::load(&env(sources, "CLAUDE_HOOKS_DATA_DIR", "data")).expect("valid");
    assert_eq!(settings.data.dir(), place.dir.path().join("cwd/data"));
}

#[test]
fn a_variable_that_looks_like_nothing_of_ours_is_passed_over() {
    let place = Place::new();
    let mut sources = env(place.sources(), "CLAUDE_HOOKS_LOG", "debug");
    sources = env(sources, "CLAUDE_HOOKS_CONFIG", "/x");
    sources = env(sources, "CLAUDE_HOOKS_TEST_ENGINE", "1");
    assert!(Settings::load(&sources).is_ok());
}

#[test]
fn an_empty_listen_means_the_unix_socket_only() {
    let place = Place::new();
    let settings = Settings::load(&place.with_config("[server]\nlisten = \"\"\n")).expect("valid");
    assert_eq!(settings.server.listen, None);
}

#[test]
fn a_client_does_not_mind_broken_types() {
    let place = Place::new();
    let sources = place.with_types("{ broken");
    assert!(Settings::load(&sources).is_err());
    assert!(ClientSettings::load(&sources).is_ok());
}

#[test]
fn every_mistake_in_the_settings_is_told_with_its_place_and_what_is_allowed() {
    let mut told = String::new();
    for toml in [
        "[server]\nlisten = \"127.0.0.1:0\"\nlisen = \"x\"\n",
        "[sever]\nlisten = \"x\"\n",
        "listen = \"127.0.0.1:1\"\n",
        "[server]\ninterval_s = 5\n",
        "[server]\ncolour = 5\n",
        "[server]\nlisten = \"localhost\"\n",
        "[server]\nlisten = 7117\n",
        "server = 1\n",
        "[watchdog]\ninterval_s = \"60\"\n",
        "[watchdog]\ninterval_s = 0\n",
        "[watchdog]\ninterval_s = 99999999999999999999\n",
        "[health]\nrestarts = 0\n",
        "[health]\nwindow = 60\n",
        "[docker]\nevents = \"on\"\n",
        "[docker]\nparallel = -1\n",
        "[docker]\nbinary = \"\"\n",
        "[fleet]\nprefix = \"No\"\n",
        "[fleet]\nmount_roots = \"/srv\"\n",
        "[fleet]\nmount_roots = [\"srv\"]\n",
        "[fleet]\nmount_roots = [\"/\"]\n",
        "[fleet]\ntypes = \"none.json\"\n",
        "[data]\ndir = \"~root/x\"\n",
        "[data]\ndir = \"\"\n",
        "[events]\nkeep_days = 1.5\n",
        "[log]\nlevel = \"loud\"\n",
        "[log]\nformat = \"xml\"\n",
        "[data\n",
        "[data]\ndir = \"a\"\ndir = \"b\"\n",
    ] {
        let place = Place::new();
        let error = Settings::load(&place.with_config(toml)).expect_err(toml);
        writeln!(told, "{}\n    {}", toml.trim_end().replace('\n', " ⏎ "), place.told(&error))
            .expect("a String");
    }
    for (variable, value) in [
        ("CLAUDE_HOOKS_SERVER_LISEN", "x"),
        ("CLAUDE_HOOKS_DOCKER_COLOUR", "x"),
        ("CLAUDE_HOOKS_WATCHDOG_INTERVAL_S", "soon"),
        ("CLAUDE_HOOKS_DOCKER_EVENTS", "off"),
        ("CLAUDE_HOOKS_FLEET_TYPES", "none.json"),
    ] {
        let place = Place::new();
        let error = Settings::load(&env(place.sources(), variable, value)).expect_err(variable);
        writeln!(told, "{variable}={value}\n    {}", place.told(&error)).expect("a String");
    }
    let place = Place::new();
    let mut sources = place.sources();
    sources.env.remove("HOME");
    let error = Settings::load(&sources).expect_err("there is no home");
    writeln!(told, "HOME unset\n    {}", place.told(&error)).expect("a String");
    sources = Sources { config: Some("missing.toml".into()), ..place.sources() };
    let error = Settings::load(&sources).expect_err("the named file is missing");
    writeln!(told, "--config missing.toml\n    {}", place.told(&error)).expect("a String");
    insta::assert_snapshot!(told);
}

/// A types file whose only type `dev` has this text as its body.
fn dev(body: &str) -> String {
    format!("{{\n  \"types\": {{\n    \"dev\": {{ {body} }}\n  }}\n}}\n")
}

#[test]
fn every_mistake_in_the_types_is_told_with_its_place_and_path() {
    let image = "\"container\": {\"image\": \"a:1\"}";
    let container = |rest: &str| dev(&format!("\"container\": {{\"image\": \"a:1\",\n      {rest}}}"));
    let files = [
        "{".to_owned(),
        "{} x".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "{\"typs\": {}}".to_owned(),
        dev(""),
        dev(&format!("{image}, \"lifecycle\": \"warm\"")),
        dev(&format!("{image}, \"livecycle\": \"hot\"")),
        dev(&format!("{image}, \"idle_timeout_s\": 0")),
        dev(&format!("{image}, \"idle_timeout_s\": \"1\"")),
        dev(&format!("{image}, \"health\": {{\"prob\": [\"x\"]}}")),
        dev(&format!("{image}, \"health\": {{\"probe\": \"x\"}}")),
        dev(&format!("{image}, \"health\": {{\"probe\": [\"\", \"x\"]}}")),
        dev(&format!("{image}, \"health\": {{\"interval_s\": 0}}")),
        dev(&format!("{image}, \"health\": {{\"threshold\": 0}}")),
        dev(&format!("{image}, \"health\": {{\"action\": \"reboot\"}}")),
        dev(&format!("{image}, \"state_limit\": \"lots\"")),
        dev(&format!("{image}, \"state_limit\": 0")),
        dev(&format!("{image}, \"token_env\": \"A B\"")),
        dev(&format!("{image}, \"credentials\": \"creds\"")),
        dev("\"container\": {}"),
        container("\"env\": {\"A\": \"1\", \"A\": \"2\"}"),
        "{\"types\": {\"a\": {\"container\": {\"enabled\": false}},\n\"a\": {\"container\": {\"enabled\": false}}}}"
            .to_owned(),
        dev("\"container\": {\"enabled\": \"no\"}"),
        container("\"limits\": {\"memry\": \"4g\"}"),
        container("\"limits\": {\"memory\": \"4x\"}"),
        container("\"limits\": {\"memory\": \"1m\"}"),
        container("\"limits\": {\"cpus\": -1}"),
        container("\"limits\": {\"cpus\": 0.0001}"),
        container("\"limits\": {\"pids\": 0}"),
        container("\"env\": {\"OK\": \"1\",\n        \"A-B\": \"1\"}"),
        container("\"env\": {\"A\": 1}"),
        container("\"command\": \"sleep\""),
        container("\"command\": [\"a\",\n        \"\\u0000\"]"),
        container("\"user\": \"-x\""),
        container("\"network\": \"host\""),
        container("\"pull\": \"sometimes\""),
        container(
            "\"mounts\": [{\"source\": \"/srv\", \"target\": \"/a\"},\n        {\"source\": \"/var/run/docker.sock\", \"target\": \"/s\"}]",
        ),
        container("\"mounts\": [{\"source\": \"/srv\", \"target\": \"/a\", \"readonly\": true}]"),
        dev("\"container\": {\"image\": \"-x\"}"),
        "{\"types\": {\n  \"Dev\": {\"container\": {\"enabled\": false}}}}".to_owned(),
        format!("{{\"types\": {{\n  \"{}\": {{\"container\": {{\"enabled\": false}}}}}}}}", "a".repeat(60)),
        dev("\"token_env\": \"T\", \"container\": {\"image\": \"a:1\", \"env\": {\"T\": \"1\"}}"),
    ];
    let mut told = String::new();
    for file in files {
        let place = Place::new();
        let error = Settings::load(&place.with_types(&file)).expect_err(&file);
        let shown = file.split_whitespace().collect::<Vec<_>>().join(" ");
        writeln!(told, "{shown}\n    {}", place.told(&error)).expect("a String");
    }
    insta::assert_snapshot!(told);
}

#[test]
fn health_is_told_only_until_a_type_says_what_is_to_be_done() {
    let place = Place::new();
    let container = r#""container": { "image": "i:1" }"#;
    let json = format!(
        r#"{{ "types": {{
        "all": {{ "health": {{ "probe": ["/agent", "ok"], "interval_s": 1, "timeout_s": 2, "threshold": 4, "startup_s": 0,
                             "quiet_s": 7, "action": "monitor", "under_lease": true }}, {container} }},
        "none": {{ {container} }},
        "some": {{ "health": {{}}, {container} }} }} }}"#
    );
    let settings = Settings::load(&place.with_types(&json)).expect("valid");
    let types: Vec<_> = settings.fleet.catalog.types.values().map(|t| t.health.clone()).collect();
    let seconds = Duration::from_secs;
    let all = HealthPolicy {
        probe: vec!["/agent".into(), "ok".into()],
        interval: seconds(1),
        timeout: seconds(2),
        threshold: 4,
        startup: seconds(0),
        quiet: seconds(7),
        action: HealthAction::Monitor,
        under_lease: true,
    };
    let some = HealthPolicy { action: HealthAction::Restart, ..HealthPolicy::default() };
    assert_eq!(types, [all, HealthPolicy::default(), some]);
}

#[test]
fn a_type_becomes_what_the_catalog_wants() {
    let place = Place::new();
    let json = r#"{ "types": {
        "a": { "lifecycle": "lazy", "idle_timeout_s": 5, "state_limit": "10g", "credentials": "~/c.json", "token_env": "T",
               "container": { "image": "i:1", "pull": "missing", "command": ["x"], "user": "1:2", "env": {"K": "v"},
                              "mounts": [{"source": "~/code", "target": "/code", "read_only": true}],
                              "network": "none", "limits": {"memory": "4g", "cpus": 0.5, "pids": 9} } },
        "h": { "container": { "enabled": false } } } }"#;
    let settings = Settings::load(&place.with_types(json)).expect("valid");
    let home = place.dir.path().join("home");
    let types: Vec<_> = settings.fleet.catalog.types.values().collect();
    let [a, h] = types.as_slice() else { panic!("two types, not {types:?}") };
    assert_eq!((a.lifecycle, a.idle_timeout.as_secs()), (Lifecycle::Lazy, 5));
    assert_eq!((a.state_limit, h.state_limit), (Some(10 << 30), None));
    assert_eq!(a.credentials.as_deref(), Some(home.join("c.json").as_path()));
    let container = a.container.as_ref().expect("a has containers");
    assert_eq!(container.pull, PullPolicy::Missing);
    assert_eq!(container.mounts[0].source, home.join("code"));
    assert!(container.mounts[0].read_only);
    let limits = Limits { memory_bytes: Some(4 << 30), milli_cpus: Some(500), pids: Some(9) };
    assert_eq!(container.limits, limits);
    assert_eq!((h.lifecycle, h.idle_timeout.as_secs()), (Lifecycle::Hot, 1800));
    assert!(h.container.is_none());
}

/// Paths of the leaves below `properties`, two levels deep.
fn keys_of(schema: &Value) -> BTreeSet<String> {
    let properties = |value: &Value| value["properties"].as_object().cloned().unwrap_or_default();
    let sections = properties(schema);
    let keys = sections.iter().flat_map(|(section, inner)| {
        properties(inner).keys().map(|key| format!("{section}.{key}")).collect::<Vec<_>>()
    });
    keys.collect()
}

#[test]
fn the_default_file_says_every_key_and_check_config_shows_it() {
    let written: toml::Table = DEFAULT_SETTINGS.parse().expect("the default file is TOML");
    let written: BTreeSet<String> = written
        .iter()
        .flat_map(|(section, table)| {
            let table = table.as_table().expect("only sections at the top");
            table.keys().map(|key| format!("{section}.{key}")).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(written, keys_of(&settings_schema()));
    let place = Place::new();
    let settings = Settings::load(&place.sources()).expect("valid");
    assert_eq!(written, settings.rows().iter().map(|row| row.key.to_owned()).collect());
}

#[test]
fn the_default_files_work_when_copied_as_they_are() {
    let place = Place::new();
    let settings = Settings::load(&place.with_config(DEFAULT_SETTINGS)).expect("valid");
    assert_eq!(settings.fleet.types_source, TypesSource::File(place.dir.path().join("conf/agents.json")));
}

/// With `UPDATE_SCHEMAS=1` in the environment the files are written anew.
#[test]
fn the_published_schemas_are_current() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    for (name, schema) in
        [("claude-hooks.schema.json", settings_schema()), ("agents.schema.json", agents_schema())]
    {
        let path = dir.join(name);
        let current = format!("{}\n", serde_json::to_string_pretty(&schema).expect("a schema is JSON"));
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(&path, &current).expect("config/ is writable");
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == current,
            "config/{name} is old: run UPDATE_SCHEMAS=1 cargo test published_schemas"
        );
    }
}
