use std::ffi::OsString;

use claude_hooks_actors::model::{FleetId, FleetPrefix};

use super::*;

fn settings(host: Option<&str>) -> DockerSettings {
    DockerSettings {
        binary: "docker".into(),
        host: host.map(Into::into),
        config_dir: "/own".into(),
        token_dir: "/tokens".into(),
        tethered: false,
        runner: "/data/runner/v1/runner".into(),
        agent_dirs: "/data/agents".into(),
        fleet: FleetId::parse("00000000-0000-4000-8000-000000000000").expect("a uuid"),
        prefix: FleetPrefix::parse("claude-hooks").expect("a prefix"),
    }
}

fn environment(host: Option<&str>, given: &[(&str, &str)]) -> Environment {
    Environment::new(&settings(host), |key| {
        given.iter().find(|(known, _)| *known == key).map(|(_, value)| OsString::from(value))
    })
}

fn value(environment: &Environment, key: &str) -> Option<String> {
    let found: Vec<_> = environment.vars.iter().filter(|(known, _)| *known == key).collect();
    assert!(found.len() <= 1, "{key} is there twice: {found:?}");
    found.first().map(|(_, value)| value.to_string_lossy().into_owned())
}

#[test]
fn only_the_listed_variables_reach_the_cli() {
    let env = environment(
        None,
        &[("PATH", "/bin"), ("HOME", "/h"), ("ANTHROPIC_API_KEY", "s"), ("HTTP_PROXY", "http://u:p@x")],
    );
    let keys: Vec<_> = env.vars.iter().map(|(key, _)| *key).collect();
    assert_eq!(keys, ["PATH", "HOME", "DOCKER_CONFIG", "DOCKER_CLI_HINTS"]);
    assert_eq!(value(&env, "DOCKER_CONFIG").as_deref(), Some("/own"));
}

#[test]
fn a_configured_host_wins_over_host_and_context_of_the_environment() {
    let given = [("DOCKER_HOST", "unix:///a"), ("DOCKER_CONTEXT", "far")];
    let env = environment(Some("unix:///b"), &given);
    assert_eq!(value(&env, "DOCKER_HOST").as_deref(), Some("unix:///b"));
    assert_eq!(value(&env, "DOCKER_CONTEXT"), None);
    assert_eq!(env.contexts(), None);
    let env = environment(None, &given);
    assert_eq!(value(&env, "DOCKER_HOST").as_deref(), Some("unix:///a"));
}

#[test]
fn a_context_of_the_environment_finds_the_operators_contexts() {
    let env = environment(None, &[("HOME", "/h"), ("DOCKER_CONTEXT", "far")]);
    assert_eq!(env.contexts(), Some("/h/.docker/contexts".into()));
    let env = environment(None, &[("HOME", "/h"), ("DOCKER_CONFIG", "/c"), ("DOCKER_CONTEXT", "far")]);
    assert_eq!(env.contexts(), Some("/c/contexts".into()));
}

#[test]
fn certificates_are_still_found_with_a_config_directory_of_our_own() {
    let env = environment(None, &[("HOME", "/h"), ("DOCKER_TLS_VERIFY", "1")]);
    assert_eq!(value(&env, "DOCKER_CERT_PATH").as_deref(), Some("/h/.docker"));
    let env = environment(None, &[("HOME", "/h"), ("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", "/c")]);
    assert_eq!(value(&env, "DOCKER_CERT_PATH").as_deref(), Some("/c"));
}

#[test]
fn a_pull_has_the_operators_logins_but_never_another_engine() {
    let env = environment(None, &[("HOME", "/h")]).with_logins();
    assert_eq!(value(&env, "DOCKER_CONFIG").as_deref(), Some("/h/.docker"));
    assert_eq!(value(&env, "DOCKER_CONTEXT").as_deref(), Some("default"));
    let env = environment(Some("unix:///b"), &[("HOME", "/h")]).with_logins();
    assert_eq!(value(&env, "DOCKER_HOST").as_deref(), Some("unix:///b"));
    assert_eq!(value(&env, "DOCKER_CONTEXT"), None);
}

#[test]
fn only_calls_that_end_soon_collect_their_garbage_late() {
    let env = environment(None, &[("HOME", "/h"), ("GOGC", "1")]);
    assert_eq!(value(&env, "GOGC"), None);
    assert_eq!(value(&env.for_short_calls(), "GOGC").as_deref(), Some("400"));
    assert_eq!(value(&env.with_logins(), "GOGC"), None);
}

#[test]
fn an_engine_is_here_only_if_it_listens_on_a_socket_of_this_machine() {
    for (host, given, here) in [
        (None, &[][..], true),
        (Some("unix:///run/docker.sock"), &[], true),
        (Some("tcp://127.0.0.1:2375"), &[], false),
        (None, &[("DOCKER_HOST", "ssh://me@there")], false),
        (None, &[("DOCKER_HOST", "unix:///run/docker.sock"), ("DOCKER_CONTEXT", "there")], true),
        (None, &[("DOCKER_CONTEXT", "there")], false),
        (None, &[("DOCKER_CONTEXT", "default")], true),
    ] {
        assert_eq!(environment(host, given).engine_is_here(), here, "{host:?} {given:?}");
    }
}
