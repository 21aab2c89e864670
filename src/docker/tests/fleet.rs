//! The look at the whole fleet, on the real engine.

use claude_hooks_actors::model::FleetId;
use claude_hooks_actors::ports::{ContainerRuntime, Target};
use claude_hooks_actors::testing::name;

use super::engine::{engines, run};

fn targets(names: &[&str]) -> Vec<Target> {
    names.iter().map(|text| Target { name: name(text), known: Vec::new() }).collect()
}

#[tokio::test]
async fn the_whole_fleet_is_seen_with_two_processes() {
    for engine in engines() {
        let runtime = engine.runtime();
        let before = runtime.calls();
        let seen = runtime.observe_fleet(&[]).await.expect("an empty fleet");
        assert_eq!((seen.containers.len(), runtime.calls() - before), (0, 1));

        for instance in ["dev-1", "dev-2", "dev-3"] {
            runtime.create(&engine.request(instance)).await.expect("create");
        }
        let before = runtime.calls();
        let expected = targets(&["dev-1", "dev-2", "dev-3", "gone-1", "gone-2"]);
        let seen = runtime.observe_fleet(&expected).await.expect("a look");
        assert_eq!(runtime.calls() - before, 2);
        let mut names: Vec<String> = seen.containers.into_iter().map(|container| container.name).collect();
        names.sort();
        assert_eq!(names, ["dev-1", "dev-2", "dev-3"].map(|text| engine.prefix.container(&name(text))));
    }
}

#[tokio::test]
async fn ours_under_any_name_and_others_under_a_name_of_our_form_are_seen_and_nobody_else() {
    for engine in engines() {
        let runtime = engine.runtime();
        let other_fleet = format!("claude-hooks.fleet={}", FleetId::random());
        let our_fleet = format!("claude-hooks.fleet={}", engine.fleet);
        let of = |suffix: &str| format!("{}{suffix}", engine.prefix);
        let create = |name: &str, label: &str| {
            engine.docker(&[
                "create",
                "--name",
                name,
                "--label",
                label,
                "--network",
                "none",
                &engine.image,
                "true",
            ])
        };
        let foreign = create(&of("-foreign"), "a=b");
        let others = create(&of("-others"), &other_fleet);
        let renamed = create(&of(".elsewhere"), &our_fleet);
        // A name that only begins like ours, and a label that tries to look like a line of the list.
        create(&of("x-1"), &format!("claude-hooks.fleet=x\n{foreign}\t{}-y\t\"\"", engine.prefix));
        let seen = runtime.observe_fleet(&targets(&["foreign", "none"])).await.expect("a look");
        let mut ids: Vec<String> = seen.containers.iter().map(|container| container.id.to_string()).collect();
        ids.sort();
        let mut expected = [foreign.clone(), others, renamed];
        expected.sort();
        assert_eq!(ids, expected);

        // Removed behind our back, with its id still known: confirmed absent, and one of each answer.
        let id = seen.containers.iter().find(|c| c.id.as_ref() == foreign).expect("it was seen").id.clone();
        let target = Target { name: name("foreign"), known: vec![id.clone(), id] };
        let seen = runtime.observe(std::slice::from_ref(&target)).await.expect("a look");
        assert_eq!(seen.containers.len(), 1, "one container by name and by id");
        assert!(run(&engine.cli, &["rm", "-f", &foreign]).0);
        assert_eq!(runtime.observe(&[target]).await.expect("a look").containers, []);
    }
}
