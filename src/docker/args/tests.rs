use std::collections::BTreeMap;

use claude_hooks_actors::model::{ContainerSpec, Lifecycle, Limits, RUNNER_VERSION};
use claude_hooks_actors::ports::CreateRequest;
use claude_hooks_actors::testing::{name, type_name};

use super::*;

fn fleet() -> FleetId {
    FleetId::parse("00000000-0000-4000-8000-000000000000").expect("a uuid")
}

fn container() -> ContainerId {
    ContainerId::parse(&"ab".repeat(32)).expect("64 digits")
}

fn request(lifecycle: Lifecycle) -> CreateRequest {
    let some = |text: &str| Some(text.to_owned());
    CreateRequest {
        instance: name("dev-1"),
        agent_type: type_name("dev"),
        container_name: "claude-hooks-dev-1".into(),
        volume_name: "claude-hooks-dev-1-state".into(),
        spec: ContainerSpec {
            lifecycle,
            image: "agent:1".into(),
            command: vec!["sh".into(), "-c".into(), "a; $(b)".into()],
            user: None,
            env: BTreeMap::from([("A".into(), "1".into()), ("TOKEN".into(), "plain".into())]),
            mounts: Vec::new(),
            network: "none".into(),
            limits: Limits::default(),
            credentials: None,
            token_env: Some("TOKEN".into()),
            runner: RUNNER_VERSION,
            agent_socket: false,
        },
        labels: OurLabels {
            fleet: Some(fleet().to_string()),
            instance: some("dev-1"),
            agent_type: some("dev"),
            spec: some("abc"),
            lifecycle: some("hot"),
            volume: None,
        },
    }
}

fn lines(args: &[String]) -> String {
    args.join("\n")
}

#[test]
fn a_hot_container_with_everything() {
    let mut request = request(Lifecycle::Hot);
    request.spec.user = Some("1000:1000".into());
    request.spec.limits = Limits { memory_bytes: Some(4 << 30), milli_cpus: Some(1250), pids: Some(512) };
    let mounts = [("/srv/a,b".into(), "/work".into(), false), ("/srv/c".into(), "/c".into(), true)];
    let create_with = Create {
        request: &request,
        mounts: &mounts,
        credentials: Some("/h/c.json"),
        runner: Some("/d/runner/v1/runner"),
        agent_dir: None,
        env_file: true,
    };
    insta::assert_snapshot!(lines(&create(&create_with)));
}

#[test]
fn a_lazy_container_with_nothing_but_the_rules() {
    let request = request(Lifecycle::Lazy);
    let create_with = Create {
        request: &request,
        mounts: &[],
        credentials: None,
        runner: None,
        agent_dir: None,
        env_file: false,
    };
    insta::assert_snapshot!(lines(&create(&create_with)));
}

#[test]
fn a_token_is_in_the_env_file_and_wins_over_a_setting_of_its_name() {
    let request = request(Lifecycle::Hot);
    let file = env_file(&request.spec.env, Some(("TOKEN", "s3cret"))).expect("not empty");
    assert_eq!(String::from_utf8(file).expect("text"), "A=1\nTOKEN=s3cret\n");
    assert_eq!(env_file(&BTreeMap::new(), None), None);
}

#[test]
fn every_other_verb() {
    let id = container();
    let volume = NewVolume {
        name: "v".into(),
        labels: OurLabels { volume: Some("uuid".into()), fleet: Some("f".into()), ..OurLabels::default() },
    };
    let run = RunId::parse("00000000-0000-4000-8000-000000000000.2").expect("a run");
    let logs_of = |follow, timestamps| logs(&id, LogOptions { tail: 7, follow, timestamps });
    let all = [
        list(Dialect::Docker),
        list(Dialect::Podman),
        inspect(&["a".into(), "b".into()]),
        start(&id),
        stop(&id, Duration::from_millis(1500)),
        stop(&id, Duration::ZERO),
        remove(&id, false),
        remove(&id, true),
        rename(&id, "n-prev"),
        set_restart_policy(&id, RestartPolicy::UnlessStopped),
        set_restart_policy(&id, RestartPolicy::No),
        unpause(&id),
        image("agent:1"),
        pull("agent:1"),
        tag_image("sha256:12", "x-retained:12"),
        untag_image("x-retained:12"),
        image_tags("x-retained"),
        inspect_volumes(&["v".into(), "w".into()]),
        create_volume(&volume),
        put_runner("/d/runner/v1", &id),
        exec_runner(&id, true, &["run"]),
        exec_runner(&id, false, &["record", run.as_ref()]),
        copy_record(&id, &run, ""),
        copy_record(&id, &run, "output"),
        remove_volume("v"),
        volume_users("v"),
        our_volumes(fleet()),
        volume_sizes(),
        hand_over("v", "agent:1", "1000:1000", "/d/runner/v1/runner", fleet()),
        hand_over_left("v", fleet()),
        events(fleet(), "1.000000002", Dialect::Docker),
        events(fleet(), "1.000000002", Dialect::Podman),
        logs_of(false, false),
        logs_of(true, true),
    ];
    let id = id.to_string();
    let text: Vec<String> = all.iter().map(|args| args.join(" ").replace(&id, "ID")).collect();
    insta::assert_snapshot!(text.join("\n"));
}
