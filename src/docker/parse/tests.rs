use claude_hooks_actors::model::{ContainerState, Health, ObservedContainer, RestartPolicy};

use super::*;

const DOCKER: &str = include_str!("fixtures/docker-20.10.json");
const PODMAN: &str = include_str!("fixtures/podman-4.3.json");
const ID: &str = "865fbd2ca95eb25472fe510e9afd3b45b8756ab6a7c400302e5b006a04840ece";

fn only(text: &str) -> ObservedContainer {
    let mut all = containers(text.as_bytes()).expect("a fixture");
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn an_inspected_container_of_docker() {
    insta::assert_json_snapshot!(only(DOCKER));
}

#[test]
fn an_inspected_container_of_podman() {
    insta::assert_json_snapshot!(only(PODMAN));
}

#[test]
fn the_labels_are_those_of_the_model() {
    let text = format!(
        r#"{{"{}":"a","{}":"b","{}":"c","{}":"d","{}":"e","{}":"","x":"y"}}"#,
        labels::FLEET,
        labels::INSTANCE,
        labels::TYPE,
        labels::SPEC,
        labels::LIFECYCLE,
        labels::VOLUME
    );
    let ours = serde_json::from_str::<RawLabels>(&text).expect("labels").ours();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        (ours.fleet, ours.instance, ours.agent_type, ours.spec, ours.lifecycle, ours.volume),
        (some("a"), some("b"), some("c"), some("d"), some("e"), None)
    );
}

#[test]
fn states_policies_and_health_that_nobody_knows_void_the_answer() {
    for (from, to, known) in [
        (r#""Status": "running""#, r#""Status": "dancing""#, false),
        (r#""Status": "running""#, r#""Status": "removing""#, true),
        (r#""Name": "unless-stopped""#, r#""Name": "sometimes""#, false),
        (r#""Name": "unless-stopped""#, r#""Name": """#, true),
        (r#""Status": "healthy""#, r#""Status": "fine""#, false),
        (r#""Status": "healthy""#, r#""Status": "none""#, true),
        (r#""Id": ""#, r#""Id": "0"#, false),
        (r#""Image": "sha256:"#, r#""Image": "sha512:"#, false),
    ] {
        let changed = DOCKER.replacen(from, to, 1);
        assert_ne!(changed, DOCKER, "the fixture has no {from}");
        assert_eq!(containers(changed.as_bytes()).is_ok(), known, "{to}");
    }
    let gone = only(&DOCKER.replacen(r#""Name": "unless-stopped""#, r#""Name": """#, 1));
    assert_eq!(gone.restart_policy, RestartPolicy::No);
    let running = only(DOCKER);
    assert_eq!((running.state, running.health), (ContainerState::Running, Some(Health::Healthy)));
}

#[test]
fn every_truncation_of_an_inspect_is_garbled() {
    let whole = DOCKER.trim_end();
    for end in (0..whole.len()).step_by(97) {
        let error = containers(&whole.as_bytes()[..end]).expect_err("cut off");
        assert_eq!(error.word(), "garbled", "{end}");
    }
}

#[test]
fn a_list_is_read_strictly() {
    let line = format!("{ID}\tclaude-hooks-a,other/link\t\"f\"\n");
    let listed = list(line.as_bytes()).expect("a line");
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].names.as_slice(), listed[0].fleet.as_str()),
        (["claude-hooks-a".to_owned()].as_slice(), "f")
    );
    assert_eq!(list(b"").expect("an empty host"), []);
    let tricky = format!("{ID}\ta\t\"a\\n{ID}\\tb\"\n");
    assert_eq!(list(tricky.as_bytes()).expect("a label with a newline").len(), 1);
    for odd in [
        line.trim_end().to_owned(),
        "\n".into(),
        format!("{line}garbage\n"),
        format!("{}\ta\t\"\"\n", &ID[..12]),
        format!("{ID}\ta\n"),
        format!("{ID}\t\t\"\"\n"),
        format!("{ID}\ta\tf\n"),
        format!("{ID}\ta\t\"f\"\tmore\n"),
        format!("{ID}\ta\t\"f"),
        "<html>proxy error</html>\n".into(),
    ] {
        let error = list(odd.as_bytes()).expect_err(&odd);
        assert_eq!(error.word(), "garbled", "{odd}");
    }
    assert!(list(b"\xff\n").is_err());
}

#[test]
fn ids_are_full_and_alone() {
    assert_eq!(id("create", format!("{ID}\n").as_bytes()).expect("an id").as_ref(), ID);
    for odd in [String::new(), ID.to_owned(), format!("{ID}\n{ID}\n"), "Usage: docker create\n".into()] {
        assert_eq!(id("create", odd.as_bytes()).expect_err(&odd).word(), "garbled", "{odd}");
    }
    let full = format!("sha256:{ID}");
    assert_eq!(image_id("x", format!("{full}\n").as_bytes()).expect("docker's form"), full);
    assert_eq!(image_id("x", format!("{ID}\n").as_bytes()).expect("podman's form"), full);
    assert!(image_id("x", b"\n").is_err());
}

#[test]
fn volumes_are_read_with_and_without_labels() {
    let text = r#"[{"CreatedAt":"2026-11-21T01:26:04Z","Driver":"local","Labels":{"claude-hooks.volume":"u"},"Name":"v","Options":null},
        {"Name":"w","Labels":null,"CreatedAt":"x","MountCount":0}]"#;
    let seen = volumes(text.as_bytes()).expect("two");
    assert_eq!((seen[0].name.as_str(), seen[0].labels.volume.as_deref()), ("v", Some("u")));
    assert_eq!((seen[1].created_at.as_str(), seen[1].labels.volume.as_deref()), ("x", None));
    assert_eq!(volumes(&text.as_bytes()[..60]).expect_err("cut off").word(), "garbled");
}

#[test]
fn an_event_is_read_from_either_cli() {
    let docker = format!(
        r#"{{"status":"die","id":"{ID}","from":"i","Type":"container","Action":"die","Actor":{{"ID":"{ID}","Attributes":{{"claude-hooks.instance":"x","exitCode":"137"}}}},"time":1,"timeNano":2}}"#
    );
    let podman = format!(
        r#"{{"ID":"{ID}","Image":"i","Name":"n","Status":"died","Time":"t","Type":"container","Attributes":{{"claude-hooks.instance":"x"}}}}"#
    );
    for line in [&docker, &podman] {
        let event = event(line.as_bytes()).expect("understood").expect("of interest");
        assert_eq!((event.instance.as_ref(), event.action.as_str()), ("x", "die"));
        assert_eq!(event.container.expect("an id").as_ref(), ID);
    }
    let exec = docker.replace(r#""die""#, r#""exec_create: sh -c secret""#);
    assert_eq!(event(exec.as_bytes()), Ok(None));
    let nobody = docker.replace(r#""claude-hooks.instance":"x","#, "");
    for odd in [&nobody, "", "{}", "not json", &docker[..50]] {
        assert!(event(odd.as_bytes()).is_err(), "{odd}");
    }
}
