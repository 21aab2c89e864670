//! One container from its volume to its end.

use std::time::Duration;

use claude_hooks_actors::model::{
    CREDENTIALS_PATH, ContainerState, Lifecycle, Limits, Mount, OurLabels, RestartPolicy,
};
use claude_hooks_actors::ports::{ContainerRuntime, NewVolume, RuntimeError};
use claude_hooks_actors::testing::name;
use serde_json::Value;

use super::engine::{engines, run, script};
use crate::docker::CliRuntime;

#[tokio::test]
async fn a_container_lives_from_create_to_remove() {
    for engine in engines() {
        let runtime = engine.runtime();
        let id = runtime.create(&engine.request("dev-1")).await.expect("create");
        let seen = engine.one(&runtime, "dev-1").await.expect("it is there");
        assert_eq!((&seen.id, seen.state), (&id, ContainerState::Created));
        assert!(!seen.ever_started());
        assert_eq!(seen.labels, engine.labels(&name("dev-1")));
        assert_eq!(seen.restart_policy, RestartPolicy::UnlessStopped);
        assert_eq!(seen.state_volume, Some(engine.prefix.volume(&name("dev-1"))));
        assert_eq!(seen.image, engine.image);
        let image = runtime.image(&engine.image).await.expect("a look").expect("it is there");
        assert_eq!(seen.image_id, image.id);

        runtime.start(&id).await.expect("start");
        runtime.start(&id).await.expect("start of a running one");
        let seen = engine.one(&runtime, "dev-1").await.expect("it is there");
        assert!(seen.state == ContainerState::Running && seen.ever_started(), "{seen:?}");
        let refused = runtime.remove(&id, false).await.expect_err("it runs");
        assert_eq!(refused.word(), "conflict", "{refused}");

        engine.docker(&["pause", id.as_ref()]);
        let seen = engine.one(&runtime, "dev-1").await.expect("it is there");
        assert_eq!(seen.state, ContainerState::Paused);
        runtime.unpause(&id).await.expect("unpause");
        assert_eq!(runtime.unpause(&id).await.expect_err("it is not paused").word(), "conflict");

        runtime.set_restart_policy(&id, RestartPolicy::No).await.expect("update");
        runtime.stop(&id, Duration::from_secs(10)).await.expect("stop");
        runtime.stop(&id, Duration::from_secs(10)).await.expect("stop of a stopped one");
        let seen = engine.one(&runtime, "dev-1").await.expect("it is there");
        // 143, not 137: the init passes SIGTERM on, so the grace is not used up.
        assert_eq!((seen.state, seen.exit_code), (ContainerState::Exited, 143));
        assert_eq!(seen.restart_policy, RestartPolicy::No);

        runtime.remove(&id, false).await.expect("remove");
        runtime.remove(&id, false).await.expect("remove of a missing one");
        runtime.remove(&id, true).await.expect("forced remove of a missing one");
        assert_eq!(engine.known(&runtime, "dev-1", std::slice::from_ref(&id)).await, None);
        let missing = RuntimeError::NotFound { what: format!("container {id}") };
        assert_eq!(runtime.start(&id).await, Err(missing.clone()));
        assert_eq!(runtime.stop(&id, Duration::ZERO).await, Err(missing.clone()));
        assert_eq!(runtime.rename(&id, "x").await, Err(missing.clone()));
        assert_eq!(runtime.set_restart_policy(&id, RestartPolicy::No).await, Err(missing.clone()));
        assert_eq!(runtime.unpause(&id).await, Err(missing));
    }
}

#[tokio::test]
async fn a_taken_name_is_a_conflict_and_a_renamed_container_is_found_by_its_id() {
    for engine in engines() {
        let runtime = engine.runtime();
        let old = runtime.create(&engine.request("dev-1")).await.expect("create");
        let taken = runtime.create(&engine.request("dev-1")).await.expect_err("the name is taken");
        assert_eq!(taken.word(), "conflict", "{taken}");

        let previous = engine.prefix.previous_container(&name("dev-1"));
        runtime.rename(&old, &previous).await.expect("rename");
        assert_eq!(engine.one(&runtime, "dev-1").await, None);
        let seen = engine.known(&runtime, "dev-1", std::slice::from_ref(&old)).await.expect("by its id");
        assert_eq!(seen.name, previous);

        let new = runtime.create(&engine.request("dev-1")).await.expect("the name is free");
        let back = runtime.rename(&old, &engine.prefix.container(&name("dev-1"))).await;
        assert_eq!(back.expect_err("the name is taken again").word(), "conflict");
        let mut users = runtime.volume_users(&engine.prefix.volume(&name("dev-1"))).await.expect("users");
        users.sort();
        let mut both = vec![old, new.clone()];
        both.sort();
        assert_eq!(users, both);
        for _ in 0..2 {
            let (one, two) = tokio::join!(runtime.remove(&new, true), runtime.remove(&new, true));
            one.and(two).expect("two removals at once");
        }
        assert_eq!(engine.one(&runtime, "dev-1").await, None);
    }
}

#[tokio::test]
async fn docker_is_told_everything_that_the_spec_says() {
    for engine in engines() {
        let home = engine.dir.path().canonicalize().expect("it is there");
        let (shared, credentials) = (home.join("sha,red"), home.join("credentials.json"));
        std::fs::create_dir(&shared).expect("a directory");
        std::fs::write(&credentials, "{}").expect("a file");
        std::fs::write(home.join("dev"), "s3cret-t0ken\n").expect("a token file");
        // In front of the CLI, to see what it is told.
        let (spy, told) = (home.join("spy"), home.join("told"));
        script(
            &spy,
            &format!("printf '%s\\n' \"$@\" >> {}\nexec {} \"$@\"", told.display(), engine.cli.display()),
        );
        let mut settings = engine.settings();
        settings.binary = spy;
        let runtime = CliRuntime::open(settings).expect("the adapter");

        let mut request = engine.request("dev-1");
        let spec = &mut request.spec;
        spec.lifecycle = Lifecycle::Lazy;
        spec.user = Some("1000:1000".into());
        spec.env = [("PLAIN".into(), "a b #\"c\" $HOME".into()), ("EMPTY".into(), String::new())].into();
        spec.limits = Limits { memory_bytes: Some(64 << 20), milli_cpus: Some(250), pids: Some(64) };
        spec.mounts = vec![Mount { source: shared.clone(), target: "/shared".into(), read_only: true }];
        spec.credentials = Some(credentials.clone());
        spec.token_env = Some("AGENT_TOKEN".into());
        let id = runtime.create(&request).await.expect("create");

        let inspected = engine.docker(&["inspect", "--type", "container", id.as_ref()]);
        let inspected: Value = serde_json::from_str(&inspected).expect("JSON");
        let (config, host) = (&inspected[0]["Config"], &inspected[0]["HostConfig"]);
        let env = config["Env"].as_array().expect("an array");
        for line in ["PLAIN=a b #\"c\" $HOME", "EMPTY=", "AGENT_TOKEN=s3cret-t0ken"] {
            assert!(env.contains(&line.into()), "{line}: {env:?}");
        }
        assert_eq!(config["User"], "1000:1000");
        assert_eq!(host["RestartPolicy"]["Name"], "no");
        assert_eq!(host["Init"], true);
        assert_eq!(host["CapDrop"], serde_json::json!(["ALL"]));
        assert_eq!(host["SecurityOpt"], serde_json::json!(["no-new-privileges"]));
        assert_eq!(host["LogConfig"]["Type"], "json-file");
        assert_eq!(host["LogConfig"]["Config"], serde_json::json!({"max-file": "3", "max-size": "10m"}));
        assert_eq!(host["Memory"], 64 << 20);
        assert_eq!(host["NanoCpus"], 250_000_000);
        assert_eq!(host["PidsLimit"], 64);
        assert_eq!(host["NetworkMode"], "none");
        let mounts = inspected[0]["Mounts"].as_array().expect("an array");
        let mount = |target: &str| mounts.iter().find(|m| m["Destination"] == target).expect(target);
        assert_eq!(mount("/state")["Name"], engine.prefix.volume(&name("dev-1")).as_str());
        assert_eq!(
            (&mount("/shared")["RW"], mount("/shared")["Source"].as_str()),
            (&false.into(), shared.to_str())
        );
        let mounted = mount(CREDENTIALS_PATH);
        assert_eq!((&mounted["RW"], mounted["Source"].as_str()), (&false.into(), credentials.to_str()));

        runtime.start(&id).await.expect("start");
        let told = std::fs::read_to_string(told).expect("what the CLI was told");
        assert!(told.contains("--env-file") && !told.contains("s3cret") && !told.contains("PLAIN"), "{told}");
        let secret_in_labels = inspected[0]["Config"]["Labels"].to_string().contains("s3cret");
        assert!(!secret_in_labels);
    }
}

#[tokio::test]
async fn a_missing_image_is_told_and_never_fetched() {
    for engine in engines() {
        let runtime = engine.runtime();
        let mut request = engine.request("dev-1");
        request.spec.image = format!("{}-none:1", engine.prefix);
        let error = runtime.create(&request).await.expect_err("no image");
        let is_named =
            matches!(&error, RuntimeError::NoSuchImage { image, .. } if *image == request.spec.image);
        assert!(is_named, "{error:?}");
        assert_eq!(runtime.image(&request.spec.image).await.expect("a look"), None);
        let error = runtime.hand_over_volume("v", &request.spec.image, "1").await.expect_err("no image");
        assert_eq!(error.word(), "no_such_image", "{error}");
        for odd in ["-x", "", "a b"] {
            request.spec.image = odd.into();
            let before = runtime.calls();
            assert_eq!(runtime.create(&request).await.expect_err(odd).word(), "refused");
            assert_eq!(runtime.calls(), before, "docker was called for {odd:?}");
        }
    }
}

#[tokio::test]
async fn what_docker_says_about_a_failed_start_is_kept() {
    for engine in engines() {
        let runtime = engine.runtime();
        let mut request = engine.request("dev-1");
        request.spec.user = Some("nobody-here".into());
        let id = runtime.create(&request).await.expect("create");
        let error = runtime.start(&id).await.expect_err("no such user");
        assert!(
            matches!(&error, RuntimeError::Other { stderr, .. } if stderr.contains("nobody-here")),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_command_that_the_image_lacks_starts_and_ends_with_127() {
    for engine in engines() {
        let runtime = engine.runtime();
        let mut request = engine.request("dev-1");
        request.spec.lifecycle = Lifecycle::Lazy;
        request.spec.command = vec!["no-such-program".into()];
        let id = runtime.create(&request).await.expect("create");
        // What is started is the init; it is the init that finds no program.
        runtime.start(&id).await.expect("start");
        for attempt in 0.. {
            assert!(attempt < 100, "it did not end within 5 s");
            let seen = engine.one(&runtime, "dev-1").await.expect("it is there");
            if seen.state == ContainerState::Exited {
                assert_eq!(seen.exit_code, 127);
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test]
async fn a_volume_lives_from_create_to_remove() {
    for engine in engines() {
        let runtime = engine.runtime();
        let (volume, none) = (engine.prefix.volume(&name("dev-1")), format!("{}-none", engine.prefix));
        let labels = OurLabels { volume: Some("a-uuid".into()), ..engine.labels(&name("dev-1")) };
        let new = NewVolume { name: volume.clone(), labels: labels.clone() };
        runtime.create_volume(&new).await.expect("create");
        runtime.create_volume(&new).await.expect("create of one that is there");
        let seen = runtime.volumes(&[none.clone(), volume.clone()]).await.expect("a look");
        assert_eq!(seen.len(), 1);
        assert_eq!((&seen[0].name, &seen[0].labels), (&volume, &labels));
        assert!(seen[0].created_at.starts_with("20"), "{}", seen[0].created_at);
        assert_eq!(runtime.volumes(&[]).await.expect("nothing to ask"), []);
        assert_eq!(runtime.volume_users(&volume).await.expect("users"), []);

        let id = runtime.create(&engine.request("dev-1")).await.expect("create");
        assert_eq!(runtime.volume_users(&volume).await.expect("users"), std::slice::from_ref(&id));
        assert_eq!(runtime.remove_volume(&volume).await.expect_err("in use").word(), "conflict");
        runtime.remove(&id, true).await.expect("remove");
        assert_eq!(runtime.volumes(std::slice::from_ref(&volume)).await.expect("it stays").len(), 1);
        runtime.remove_volume(&volume).await.expect("remove");
        let missing = RuntimeError::NotFound { what: format!("volume {volume}") };
        assert_eq!(runtime.remove_volume(&volume).await, Err(missing));
        assert_eq!(runtime.volumes(&[volume, none]).await.expect("a look"), []);
    }
}

#[tokio::test]
async fn a_volume_is_handed_to_its_user_even_after_an_interrupted_attempt() {
    for engine in engines() {
        let runtime = engine.runtime();
        // The real program needs no shell; this one is in its place, with the same capabilities and mounts.
        let program = engine.settings().runner;
        script(&program, "[ \"$1\" = hand-over-volume ] && exec chown \"$2\" /state");
        let volume = engine.prefix.volume(&name("dev-1"));
        let labels = OurLabels { volume: Some("a-uuid".into()), ..engine.labels(&name("dev-1")) };
        runtime.create_volume(&NewVolume { name: volume.clone(), labels }).await.expect("create");
        // What a kill between create and start leaves.
        let (left, label) =
            (format!("{volume}.hand-over"), format!("claude-hooks.hand-over={}/{volume}", engine.fleet));
        engine.docker(&["create", "--name", &left, "--label", &label, &engine.image, "true"]);
        runtime.hand_over_volume(&volume, &engine.image, "1234:567").await.expect("hand over");

        let mount = format!("type=volume,src={volume},dst=/state");
        let owner = [
            "run",
            "--rm",
            "--network",
            "none",
            "--mount",
            &mount,
            &engine.image,
            "stat",
            "-c",
            "%u:%g",
            "/state",
        ];
        assert_eq!(engine.docker(&owner), "1234:567");
        assert!(!run(&engine.cli, &["inspect", &left]).0, "the one-off container was left behind");

        // The same name in other hands is not ours to remove.
        engine.docker(&["create", "--name", &left, &engine.image, "true"]);
        let error =
            runtime.hand_over_volume(&volume, &engine.image, "1").await.expect_err("the name is taken");
        assert_eq!(error.word(), "conflict", "{error}");
        engine.docker(&["rm", &left]);

        script(&program, "echo \"the image has no user $2\" >&2; exit 1");
        let error = runtime.hand_over_volume(&volume, &engine.image, "x").await.expect_err("it fails");
        assert_eq!(error.to_string(), "docker run failed (exit code 1): the image has no user x");
    }
}
