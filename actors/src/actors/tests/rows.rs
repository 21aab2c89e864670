use super::world::{World, agent, new, pass, until, virtually};
use crate::handle::FleetError;
use crate::model::{ContainerState, EventKind, FleetId, OurLabels, Outcome, Phase};
use crate::ports::{AgentStore as _, Clock as _};
use crate::testing::{Foreign, StoreVerb, Verb, name, type_name};

#[test]
fn rows_that_another_process_writes_are_followed_at_the_next_round_or_reconcile() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        world.store.write_elsewhere(|rows| rows.add(&new("b", "dev"), jiff::Timestamp::UNIX_EPOCH));
        pass(70).await;
        until(&handle, "b", Phase::Running).await;
        world.store.write_elsewhere(|rows| rows.add(&new("c", "dev"), jiff::Timestamp::UNIX_EPOCH));
        let report = handle.reconcile_all(false).await.expect("docker answers");
        assert_eq!(report.created, [name("c")]);
        assert_eq!(report.unchanged, [name("a"), name("b")]);
        world.store.write_elsewhere(|rows| rows.agents.remove(&name("b")));
        pass(70).await;
        assert_eq!(world.state("b"), None);
        assert!(!handle.snapshot().agents.contains_key(&name("b")));
    });
}

#[test]
fn an_emptied_table_removes_not_one_container() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "lazy")]).await;
        let handle = world.boot().await;
        world.store.write_elsewhere(|rows| rows.agents.clear());
        pass(600).await;
        assert_eq!(world.docker.containers().len(), 2);
        assert!(handle.snapshot().suspended.is_some());
        assert_eq!(world.fleet_events(&handle, EventKind::DatabaseSuspect).await, 1);
        let refused = handle.create(new("x", "dev")).await;
        assert!(matches!(refused, Err(FleetError::Suspended(_))), "{refused:?}");
        handle.stop().await;

        // The next daemon finds the same: an empty table, and containers that nobody deleted.
        let handle = world.start().await;
        let refused = handle.boot().await;
        assert!(matches!(refused, Err(FleetError::Suspended(_))), "{refused:?}");
        pass(600).await;
        assert_eq!(world.docker.containers().len(), 2);
    });
}

#[test]
fn the_last_agent_may_be_deleted_also_when_the_daemon_dies_in_between() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        handle.stop().await;
        world.store.delete_agent(&name("a"), None).await.expect("it is there");
        let handle = world.start().await;
        let report = handle.boot().await.expect("a deletion is no emptied table");
        assert_eq!(report.removed, [name("a")]);
        assert_eq!(world.state("a"), None);
        assert!(world.docker.volume("claude-hooks-a-state").is_some());
    });
}

#[test]
fn another_fleets_containers_are_nobodys_business() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let labels = OurLabels {
            fleet: Some(FleetId::random().to_string()),
            instance: Some("old".into()),
            ..OurLabels::default()
        };
        world.docker.run_foreign_with(Foreign { labels, ..Foreign::named("claude-hooks-old") });
        world.docker.run_foreign("claude-hooks-handmade", OurLabels::default());
        world.docker.run_foreign("something-else", OurLabels::default());
        let handle = world.boot().await;
        pass(300).await;
        let report = handle.reconcile_all(false).await.expect("docker answers");
        assert_eq!((report.unchanged, report.removed, report.failed), (vec![name("a")], vec![], vec![]));
        assert_eq!(world.docker.containers().len(), 4);
        world.docker.assert_invariants();
    });
}

#[test]
fn adopting_all_gives_rows_to_hand_made_containers_of_a_declared_type() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        world.docker.create_volume_by_hand("v", OurLabels::default());
        for container in ["claude-hooks-dev-9", "claude-hooks-unknown"] {
            world.docker.run_foreign_with(Foreign { volume: Some("v".into()), ..Foreign::named(container) });
            world.docker.permit_adoption(container);
        }
        let handle = world.boot().await;
        let report = handle.reconcile_all(true).await.expect("docker answers");
        assert_eq!(report.recreated, [], "{report:?}");
        assert_eq!(
            report.failed,
            [name("dev-9"), name("unknown")],
            "two containers share one volume: {report:?}"
        );
        world.docker.remove_by_hand("claude-hooks-unknown");
        let report = handle.reconcile_all(true).await.expect("docker answers");
        assert_eq!(world.docker.containers().len(), 2);
        assert_eq!(report.recreated, [name("dev-9")], "{report:?}");
    });
}

#[test]
fn a_pool_grows_from_the_lowest_free_number_and_shrinks_from_the_highest() {
    virtually(async {
        let world = World::with(&[("dev-default", "dev"), ("dev-3", "dev"), ("mine", "dev")]).await;
        let handle = world.boot().await;
        let grown = handle.scale(&type_name("dev"), 5).await.expect("docker answers");
        let names: Vec<_> = grown.created.iter().map(|done| done.name.clone()).collect();
        assert_eq!(names, [name("dev-2"), name("dev-4")]);
        assert!(grown.created.iter().all(|done| done.outcome == Outcome::Created));
        let shrunk = handle.scale(&type_name("dev"), 2).await.expect("docker answers");
        let names: Vec<_> = shrunk.removed.iter().map(|done| done.name.clone()).collect();
        assert_eq!(names, [name("dev-4"), name("dev-3"), name("dev-2")]);
        let refused = handle.scale(&type_name("dev"), 0).await;
        assert!(matches!(refused, Err(FleetError::Denied { .. })), "{refused:?}");
        assert_eq!(world.docker.containers().len(), 2);
    });
}

#[test]
fn a_pool_that_shrinks_says_what_went_and_what_could_not_go() {
    virtually(async {
        let world = World::with(&[("dev-default", "dev"), ("dev-2", "dev"), ("dev-3", "dev")]).await;
        let handle = world.boot().await;
        world.store.fail_next(StoreVerb::DeleteAgent);
        let shrunk = handle.scale(&type_name("dev"), 1).await.expect("one of two went");
        let of = |outcome: Outcome| -> Vec<_> {
            shrunk.removed.iter().filter(|done| done.outcome == outcome).collect()
        };
        let (failed, removed) = (of(Outcome::Failed), of(Outcome::Removed));
        assert_eq!((failed.len(), removed.len()), (1, 1), "{shrunk:?}");
        assert!(failed[0].reason.is_some() && failed[0].agent.is_some(), "{failed:?}");
        assert_eq!(shrunk.unchanged, 1);
        assert!(handle.row(&failed[0].name).await.is_ok(), "what could not go is still there");
        assert!(handle.row(&removed[0].name).await.is_err());
    });
}

#[test]
fn a_pool_that_grows_says_what_came_also_when_an_actor_dies_meanwhile() {
    virtually(async {
        let world = World::with(&[("dev-default", "dev")]).await;
        let handle = world.boot().await;
        world.docker.hang(Verb::Create);
        let growing = tokio::spawn({
            let handle = handle.clone();
            async move { handle.scale(&type_name("dev"), 3).await }
        });
        pass(1).await;
        assert!(handle.inject_panic(&name("dev-2")).await);
        world.docker.release(Verb::Create);
        world.docker.clear(Verb::Create);
        let grown = growing.await.expect("it does not panic").expect("one of two came");
        let outcomes: Vec<_> = grown.created.iter().map(|done| (done.name.clone(), done.outcome)).collect();
        assert_eq!(outcomes, [(name("dev-2"), Outcome::Failed), (name("dev-3"), Outcome::Created)]);
        assert!(grown.created[0].reason.is_some(), "{grown:?}");
    });
}

#[test]
fn a_row_that_cannot_be_followed_any_more_is_told_at_the_time_it_became_so() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        pass(3600).await;
        let edited = world.clock.wall();
        world.store.write_elsewhere(|rows| {
            let row = rows.agents.get_mut(&name("a")).expect("it is there");
            row.broken = Some("env.A: not a text".into());
        });
        handle.reconcile_all(false).await.expect("docker answers");
        let events = world.full_events(&handle, "a").await;
        let told = events.iter().find(|event| event.kind == EventKind::AgentUnresolvable);
        let told = told.expect("it is told");
        assert!(told.at >= edited, "told at {}, edited at {edited}", told.at);
    });
}

#[test]
fn a_plan_says_what_a_reconcile_does_and_changes_nothing() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "lazy"), ("c", "host")]).await;
        let handle = world.start().await;
        let mark = world.docker.mark();
        let plan = handle.plan().await.expect("docker answers");
        let of = |instance: &str| {
            let item = plan.items.iter().find(|item| item.instance == name(instance)).expect("it is planned");
            (item.action.clone(), item.outcome)
        };
        assert_eq!(of("a"), ("create".into(), Outcome::Created));
        assert_eq!(of("b"), ("create".into(), Outcome::Created));
        assert_eq!(of("c"), ("none".into(), Outcome::Unchanged));
        assert_eq!(world.docker.count_changing_calls(mark), 0);
    });
}

#[test]
fn an_unknown_name_costs_no_docker_call() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        pass(1).await;
        let mark = world.docker.mark();
        let done = handle.reconcile_one(&name("nobody")).await.expect("that is no error");
        assert_eq!(done.outcome, Outcome::Unchanged);
        assert_eq!(world.docker.calls_since(mark), []);
    });
}

#[test]
fn an_actor_that_panics_comes_back_and_its_neighbours_do_not_notice() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "dev")]).await;
        let handle = world.boot().await;
        let before = agent(&handle, "b");
        assert!(handle.inject_panic(&name("a")).await);
        pass(5).await;
        assert_eq!(world.fleet_events(&handle, EventKind::ActorRestarted).await, 1);
        world.docker.remove_by_hand("claude-hooks-a");
        pass(5).await;
        assert_eq!(world.state("a"), Some(ContainerState::Running), "the new actor does its work");
        let after = agent(&handle, "b");
        assert_eq!(before.observed.incarnation, after.observed.incarnation);
        assert_eq!(world.docker.container("claude-hooks-b").map(|c| c.restart_count), Some(0));
    });
}
