//! `kill -9` before and after every docker call, whether it changes something or only looks: the next start converges.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use claude_hooks_actors::model::{AgentView, Condition, ConditionType, Lifecycle, Outcome, Phase, Power};
use reqwest::Method;
use serde_json::json;

use crate::harness::{Done, Fault, Fleet, On, Reply, SOON, engine, hot, http};

/// More calls than any operation makes; reaching it means that the daemon never survives.
const MOST_CALLS: usize = 60;

/// A fleet of one hot agent whose docker is only called by what the story does, so that its calls have steady numbers.
///
/// Not as root: then a fresh volume has to be handed over, which is a step of its own.
fn fleet() -> Option<Fleet> {
    let mut fleet = Fleet::new([hot("dev").container("user", "1000:1000")])?;
    fleet.with_faults();
    fleet.without_docker_events(3600);
    fleet.start();
    fleet.exec("dev-default", &["write", "/state/note", "kept"]);
    Some(fleet)
}

fn try_post(fleet: &Fleet, path: &str) -> Option<Reply> {
    http::send(fleet.unix(Method::POST, path).json(&json!({}))).ok()
}

fn rows(fleet: &Fleet) -> BTreeSet<String> {
    fleet.agents().iter().map(|agent| agent.name.to_string()).collect()
}

/// Where the row asks for it to be.
fn due(agent: &AgentView) -> Phase {
    match (agent.lifecycle, agent.desired.power) {
        (Lifecycle::Hot, Power::On) => Phase::Running,
        (Lifecycle::Hot, Power::Off) | (Lifecycle::Lazy, _) => Phase::Stopped,
    }
}

/// The fleet's volumes, each with the uuid that tells it from another one of its name.
fn volumes(fleet: &Fleet) -> BTreeMap<String, String> {
    let format = "{{.Name}} {{.Label \"claude-hooks.volume\"}}";
    let listed = engine::docker_ok(&["volume", "ls", "--format", format]);
    let begin = format!("{}-", fleet.prefix);
    let pairs = listed.lines().filter_map(|line| line.trim().split_once(' '));
    let ours = pairs.filter(|(name, _)| name.starts_with(&begin));
    ours.map(|(name, uuid)| (name.to_owned(), uuid.to_owned())).collect()
}

/// Every container that carries the fleet's label and its state, by whatever name, sorted.
fn labelled(fleet: &Fleet) -> Vec<(String, String)> {
    let id: String = fleet
        .db()
        .query_row("SELECT uuid FROM fleet", [], |row| row.get(0))
        .expect("a database knows its fleet");
    let label = format!("label=claude-hooks.fleet={id}");
    let listed = engine::docker_ok(&["ps", "-a", "--filter", &label, "--format", "{{.Names}} {{.State}}"]);
    let pairs = listed.lines().filter_map(|line| line.split_once(' '));
    let mut seen: Vec<_> = pairs.map(|(name, state)| (name.to_owned(), state.to_owned())).collect();
    seen.sort();
    seen
}

/// Every row has the one container that it asks for, no container is without a row, and nothing is left half done.
#[track_caller]
fn assert_settles(fleet: &Fleet) {
    fleet.eventually("every row is where it should be", SOON * 2, || {
        fleet.agents().iter().all(|agent| agent.observed.phase == due(agent)).then_some(())
    });
    // In docker's words, not in ours.
    let agents = fleet.agents();
    let mut expected: Vec<String> = agents.iter().map(|agent| fleet.container(agent.name.as_ref())).collect();
    expected.sort();
    fleet.eventually("one container for each row, and no other", SOON, || {
        let names: Vec<String> = labelled(fleet).into_iter().map(|(name, _)| name).collect();
        (names == expected && fleet.containers() == expected).then_some(())
    });
    let states: BTreeMap<String, String> = labelled(fleet).into_iter().collect();
    for agent in &agents {
        let runs = states[&fleet.container(agent.name.as_ref())] == "running";
        assert_eq!(runs, due(agent) == Phase::Running, "{}: {states:?}", agent.name);
        let wrong = |condition: &&Condition| {
            let well = matches!(condition.kind, ConditionType::Ready | ConditionType::HeldDown);
            condition.status && !well
        };
        assert_eq!(agent.conditions.iter().find(wrong), None, "{}", agent.name);
    }
    let journals: u32 = fleet
        .db()
        .query_row("SELECT count(*) FROM recreate_journal", [], |row| row.get(0))
        .expect("the table is there");
    assert_eq!(journals, 0, "a recreate is still open");
}

/// What one round did.
struct Round {
    /// No other round of the story has it.
    number: usize,
    /// The answer, if one came before the end.
    reply: Option<Reply>,
}

/// Kills the daemon at every docker call of `act` in turn, before it and after it; `prepare` comes before each.
///
/// Which calls there are is found out by going on until nobody is killed. `must` are verbs that have to be among them;
/// `check` looks at what is particular, after what holds for every operation was looked at. A round may take the row
/// away that `victim` names.
fn kill_everywhere(
    fleet: &mut Fleet,
    must: &[&str],
    prepare: impl Fn(&Fleet, usize),
    act: impl Fn(&Fleet, usize) -> Option<Reply>,
    victim: impl Fn(usize) -> Option<String>,
    check: impl Fn(&Fleet, &Round),
) {
    let mut number = 0;
    for fault in [Fault::KillBefore, Fault::KillAfter] {
        let mut struck = Vec::new();
        loop {
            prepare(fleet, number);
            let (rows_before, volumes_before) = (rows(fleet), volumes(fleet));
            fleet.faults().reset();
            fleet.faults().set(&[(On::Call(struck.len() + 1), fault)]);
            let round = Round { number, reply: act(fleet, number) };
            // With an answer all calls may have been made; the last of them could still be the fatal one.
            let patience = if round.reply.is_some() { Duration::from_secs(2) } else { SOON };
            let killed = fleet.has_ended(patience);
            fleet.faults().clear();
            if killed {
                fleet.start();
            }
            assert_settles(fleet);
            let mut lost: BTreeSet<String> = rows_before.difference(&rows(fleet)).cloned().collect();
            if let Some(victim) = victim(number) {
                lost.remove(&victim);
            }
            assert!(lost.is_empty(), "{fault:?} at {struck:?}: rows were lost: {lost:?}");
            let after = volumes(fleet);
            for (name, uuid) in &volumes_before {
                assert_eq!(after.get(name), Some(uuid), "{fault:?} at {struck:?}: {name} is another volume");
            }
            if let Some(reply) = &round.reply {
                assert!((200..300).contains(&reply.status), "{reply:?}");
                assert_ne!(reply.json::<Done>().outcome, Outcome::Failed, "{reply:?}");
            }
            check(fleet, &round);
            number += 1;
            if !killed {
                assert!(round.reply.is_some(), "no answer, and nobody was killed:\n{}", fleet.log());
                break;
            }
            struck.push(fleet.faults().struck().expect("who was killed was killed by the script"));
            assert!(struck.len() < MOST_CALLS, "{fault:?}: killed at every one of {struck:?}");
        }
        for verb in must {
            assert!(struck.iter().any(|seen| seen == verb), "{fault:?}: never at {verb}, only at {struck:?}");
        }
    }
}

fn nobody(_: usize) -> Option<String> {
    None
}

#[test]
fn killed_anywhere_in_a_create() {
    let Some(mut fleet) = fleet() else { return };
    let name = |round: usize| format!("made-{round}");
    kill_everywhere(
        &mut fleet,
        &["volume create", "run", "create", "start"],
        |_, _| {},
        |fleet, round| {
            let body = json!({ "name": name(round), "type": "dev" });
            http::send(fleet.unix(Method::POST, "/api/v1/agents").json(&body)).ok()
        },
        nobody,
        |fleet, round| {
            let name = name(round.number);
            // The row is committed before docker is called for the first time.
            assert!(rows(fleet).contains(&name), "the row was lost");
            let owner = fleet.exec(&name, &["write", "/state/mine", "written"]);
            assert_eq!(owner, "", "the volume was handed over");
            fleet.delete(&name).expect(200);
        },
    );
}

#[test]
fn killed_anywhere_in_a_recreate() {
    let Some(mut fleet) = fleet() else { return };
    kill_everywhere(
        &mut fleet,
        &["rename", "create", "stop", "start", "rm"],
        |_, _| {},
        |fleet, round| {
            let generation = fleet.agent("dev-default").desired.generation;
            let request = fleet.unix(Method::PATCH, "/api/v1/agents/dev-default");
            let request = request.header("If-Match", format!("\"{generation}\""));
            http::send(request.json(&json!({ "env": { "ROUND": round.to_string() } }))).ok()
        },
        nobody,
        |fleet, round| {
            assert_eq!(fleet.exec("dev-default", &["cat", "/state/note"]), "kept");
            // Also what was not acknowledged: the row was changed before docker was called.
            let env = fleet.exec("dev-default", &["print-env", "ROUND"]);
            assert_eq!(
                env,
                format!("ROUND={}", round.number),
                "the container is the one that the row asks for"
            );
        },
    );
}

#[test]
fn killed_anywhere_in_a_start() {
    let Some(mut fleet) = fleet() else { return };
    let id = fleet.id("dev-default");
    kill_everywhere(
        &mut fleet,
        &["start"],
        |fleet, _| drop(fleet.act("dev-default", "stop")),
        |fleet, _| try_post(fleet, "/api/v1/agents/dev-default/start"),
        nobody,
        |fleet, _| {
            assert_eq!(
                (fleet.id("dev-default"), fleet.status("dev-default")),
                (id.clone(), "running".into())
            );
            assert_eq!(fleet.exec("dev-default", &["cat", "/state/note"]), "kept");
        },
    );
}

#[test]
fn killed_anywhere_in_a_stop() {
    let Some(mut fleet) = fleet() else { return };
    let id = fleet.id("dev-default");
    kill_everywhere(
        &mut fleet,
        &["stop"],
        |fleet, _| {
            fleet.act("dev-default", "start");
            fleet.wait_phase("dev-default", Phase::Running, SOON);
        },
        |fleet, _| try_post(fleet, "/api/v1/agents/dev-default/stop"),
        nobody,
        |fleet, _| {
            assert_eq!((fleet.id("dev-default"), fleet.status("dev-default")), (id.clone(), "exited".into()));
        },
    );
}

#[test]
fn killed_anywhere_in_a_removal() {
    let Some(mut fleet) = fleet() else { return };
    let name = |round: usize| format!("gone-{round}");
    kill_everywhere(
        &mut fleet,
        &["stop", "rm"],
        |fleet, round| drop(fleet.create(&name(round), "dev")),
        |fleet, round| {
            let request = fleet.unix(Method::DELETE, &format!("/api/v1/agents/{}", name(round)));
            http::send(request.header("Content-Type", "application/json")).ok()
        },
        |round| Some(name(round)),
        |fleet, round| {
            // The row is gone before docker is called for the first time.
            fleet.get(&format!("/api/v1/agents/{}", name(round.number))).expect(404);
            assert!(fleet.inspect_volume(&name(round.number)).is_some(), "no volume is ever removed");
        },
    );
}

#[test]
fn killed_anywhere_while_a_missing_one_is_brought_back() {
    let Some(mut fleet) = fleet() else { return };
    kill_everywhere(
        &mut fleet,
        &["create", "start"],
        |_, _| {},
        |fleet, _| {
            engine::docker_ok(&["rm", "-f", &fleet.container("dev-default")]);
            let one =
                fleet.unix(Method::POST, "/api/v1/reconcile").json(&json!({ "instance": "dev-default" }));
            http::send(one).ok()
        },
        nobody,
        |fleet, _| assert_eq!(fleet.exec("dev-default", &["cat", "/state/note"]), "kept"),
    );
}
