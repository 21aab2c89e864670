//! What goes on: work that is handed out and done, operators, and accidents.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use claude_hooks_actors::handle::Command;
use claude_hooks_actors::model::{
    ClaimRequest, ClaimTarget, ContainerState, InstanceName, NewTask, RunCause, TaskInput, TaskSpec,
};
use claude_hooks_actors::testing::{RunScript, type_name};
use tokio::sync::broadcast::error::TryRecvError;

use crate::world::{World, container};

/// How often it is looked whether enough goes on.
const BEAT: Duration = Duration::from_millis(20);
/// The same agent has its next accident after so long: fewer than it takes for a crash loop.
const SPARED: Duration = Duration::from_mins(3);

/// Commands that tasks run, how long each takes in seconds, and how it ends.
const WORK: [(&[&str], u64, i64); 4] = [
    (&["cargo", "test"], 12, 0),
    (&["review", "--branch", "main"], 6, 0),
    (&["npm", "run", "build"], 4, 1),
    (&["plan", "the next step"], 2, 0),
];

/// Keeps the log of events growing by so many a second, until the program ends.
pub(crate) async fn play(world: World, events_per_second: f64) {
    for (argv, seconds, exit_code) in WORK {
        let lines: Vec<String> =
            (1..=200).map(|line| format!("{} {line}: <i>ok</i>", argv.join(" "))).collect();
        let takes = Some(Duration::from_secs(seconds));
        let cause = RunCause::Exited;
        let script =
            RunScript { prints: Bytes::from(lines.join("\n")), takes, cause, exit_code, ignores_term: false };
        world.docker.script_run(argv, script);
    }
    let mut events = world.fleet.subscribe();
    let (began, mut told) = (Instant::now(), 0_u64);
    let mut spared = HashMap::new();
    loop {
        tokio::time::sleep(BEAT).await;
        loop {
            match events.try_recv() {
                Ok(_) => told += 1,
                Err(TryRecvError::Lagged(missed)) => told += missed,
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Closed) => return,
            }
        }
        let due =
            Duration::from_secs_f64(f64::from(u32::try_from(told).unwrap_or(u32::MAX)) / events_per_second);
        if due <= began.elapsed() {
            something(&world, &mut spared);
        }
    }
}

/// Begins one thing; most have an end of their own later.
fn something(world: &World, spared: &mut HashMap<InstanceName, Instant>) {
    let picture = world.fleet.snapshot();
    let occupied = picture.agents.values().filter(|agent| agent.lease.is_some()).count();
    if occupied * 2 > picture.agents.len() {
        // Else the queue would grow without anything happening.
        return accident(world, spared);
    }
    match rand::random_range(0..10) {
        0 => accident(world, spared),
        1 => drop(actix_rt::spawn(stopped_by_hand(world.clone()))),
        2 | 3 => drop(actix_rt::spawn(leased(world.clone()))),
        _ => drop(actix_rt::spawn(task(world.clone()))),
    }
}

/// Something kills, stops or removes a container from outside.
fn accident(world: &World, spared: &mut HashMap<InstanceName, Instant>) {
    let victim = world.hot[rand::random_range(0..world.hot.len())].clone();
    if spared.get(&victim).is_some_and(|since| since.elapsed() < SPARED) {
        return;
    }
    let name = container(victim.as_ref());
    let running =
        |seen: &claude_hooks_actors::model::ObservedContainer| seen.state == ContainerState::Running;
    if !world.docker.container(&name).as_ref().is_some_and(running) {
        return;
    }
    spared.insert(victim, Instant::now());
    match rand::random_range(0..5) {
        0 => world.docker.kill(&name),
        1 => world.docker.stop_by_hand(&name),
        2 => world.docker.crash(&name, 1),
        3 => world.docker.oom(&name),
        _ => world.docker.remove_by_hand(&name),
    }
}

async fn stopped_by_hand(world: World) {
    let instance = world.hot[rand::random_range(0..world.hot.len())].clone();
    // Refusals (somebody works with it, an accident came first) are part of the play.
    let _ = world.fleet.command(&instance, Command::Stop, false).await;
    tokio::time::sleep(Duration::from_secs(rand::random_range(3..20))).await;
    let _ = world.fleet.command(&instance, Command::Start, false).await;
}

async fn leased(world: World) {
    let mut claim = ClaimRequest::new(ClaimTarget::Type(type_name("reviewer")), "nightly review");
    claim.ttl = Duration::from_mins(1);
    let Ok(lease) = world.fleet.acquire(claim).await else { return };
    tokio::time::sleep(Duration::from_secs(rand::random_range(2..20))).await;
    // It may have expired, which is part of the play.
    let _ = world.fleet.release(lease.id, lease.fence).await;
}

async fn task(world: World) {
    let (argv, ..) = WORK[rand::random_range(0..WORK.len())];
    let target = if rand::random_bool(0.5) { "dev" } else { "reviewer" };
    let timeout = rand::random_bool(0.1).then(|| Duration::from_secs(1));
    let argv = argv.iter().map(|word| (*word).to_owned()).collect();
    let new = NewTask {
        target: ClaimTarget::Type(type_name(target)),
        lease: None,
        spec: TaskSpec { argv, workdir: Some("/state".into()), timeout, retry: rand::random_bool(0.5) },
        input: TaskInput::default(),
        idempotency_key: None,
    };
    // With everybody occupied it waits in the queue.
    let _ = world.fleet.submit(new).await;
}
