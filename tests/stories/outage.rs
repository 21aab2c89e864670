//! Docker is away, hangs, or talks nonsense: nothing is touched, nothing old is shown as present.

use std::fs;
use std::time::{Duration, Instant};

use claude_hooks_actors::model::{Event, EventKind, Outcome, Phase};
use reqwest::Method;

use crate::harness::{Fault, Fleet, On, SOON, engine, hot, lazy};

/// Longer than the deadline of a list, and a round.
const OUTAGE_SEEN: Duration = Duration::from_mins(1);

fn fleet() -> Option<Fleet> {
    let mut fleet = Fleet::new([hot("dev"), lazy("reviewer")])?;
    fleet.with_faults();
    fleet.set("watchdog", "interval_s", 1);
    fleet.start();
    Some(fleet)
}

/// The middle and the slowest of many reads. Other stories have the same two cores, so only the middle one says how fast
/// a read is; but not even the slowest may have waited for docker.
fn reads(fleet: &Fleet) -> (Duration, Duration) {
    let paths = ["agents", "agents/dev-default", "agents/dev-default/why", "types", "events?limit=5"];
    let mut took: Vec<Duration> = (0..25)
        .map(|nth| {
            let begin = Instant::now();
            let request = fleet.unix(Method::GET, &format!("/api/v1/{}", paths[nth % paths.len()]));
            fleet.send(request.header("Accept", "application/json")).expect(200);
            begin.elapsed()
        })
        .collect();
    took.sort();
    (took[12], took[24])
}

/// Processes of the script that stands for docker.
fn docker_processes(fleet: &Fleet) -> usize {
    let program = fleet.faults().program();
    let program = program.as_os_str().as_encoded_bytes();
    let runs = |pid: &fs::DirEntry| {
        let line = fs::read(pid.path().join("cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|word| word == program)
    };
    fs::read_dir("/proc").expect("there is /proc").flatten().filter(runs).count()
}

fn outlives(fault: Fault) {
    let Some(fleet) = fleet() else { return };
    fleet.create("steady", "dev");
    let stream = fleet.stream("");
    let (id, steady) = (fleet.id("dev-default"), fleet.inspect("steady").expect("it runs"));
    fleet.faults().reset();
    fleet.faults().set(&[(On::Everything, fault)]);
    fleet.faults().cut_events();

    let lost = stream.wait_for(EventKind::DockerUnreachable, "", OUTAGE_SEEN);
    for name in ["dev-default", "steady", "reviewer-default"] {
        fleet.wait_phase(name, Phase::Unknown, SOON);
    }
    let (middle, slowest) = reads(&fleet);
    assert!(middle < Duration::from_millis(50), "reads wait for docker: {middle:?}");
    assert!(slowest < Duration::from_secs(5), "a read waits for docker: {slowest:?}");
    fleet.get("/healthz").expect(200);
    fleet.get("/readyz").expect(503);
    // A row is accepted all the same; an event about a container that nobody saw is not made up.
    let made = fleet.create("meanwhile", "dev");
    assert_eq!(made.outcome, Outcome::Failed, "{made:?}");
    assert!(made.reason.is_some() && made.agent.is_some(), "{made:?}");
    // What happens meanwhile is seen afterwards.
    engine::docker_ok(&["rm", "-f", &fleet.container("dev-default")]);
    // However long it takes: more looks do not change anything.
    let asked = fleet.faults().calls().len();
    fleet.eventually("docker is asked again and again", Duration::from_mins(3), || {
        (fleet.faults().calls().len() >= asked + 5).then_some(())
    });
    assert!(docker_processes(&fleet) <= 3, "calls past their deadline are ended, not collected");
    assert_eq!(fleet.agent("steady").observed.phase, Phase::Unknown);
    assert_eq!(stream.count(EventKind::DockerUnreachable, ""), 1, "one event, not one a round");
    let told: Vec<Event> = stream.events().into_iter().filter(|event| event.seq > lost.seq).collect();
    assert!(told.iter().all(|event| event.kind == EventKind::AgentCreated), "nothing is known: {told:#?}");
    assert_eq!(fleet.faults().changes().len(), 0, "{:?}", fleet.faults().changes());

    fleet.faults().clear();
    let back = stream.wait_for(EventKind::DockerRecovered, "", OUTAGE_SEEN);
    stream.wait_after(back.seq, EventKind::ContainerMissing, "dev-default", SOON);
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    fleet.wait_phase("meanwhile", Phase::Running, SOON);
    fleet.wait_phase("reviewer-default", Phase::Stopped, SOON);
    assert_ne!(fleet.id("dev-default"), id);
    let after = fleet.inspect("steady").expect("it runs");
    assert_eq!((&after["Id"], &after["State"]), (&steady["Id"], &steady["State"]), "it was not touched");
    fleet.get("/readyz").expect(200);
}

#[test]
fn an_unreachable_docker_is_said_once_and_survived() {
    outlives(Fault::Unreachable);
}

#[test]
fn a_docker_that_hangs_is_said_once_and_survived() {
    outlives(Fault::Hang);
}

#[test]
fn a_daemon_that_starts_without_docker_waits_for_it_and_touches_nothing() {
    let Some(mut fleet) = fleet() else { return };
    let id = fleet.id("dev-default");
    assert!(fleet.sigterm().success());
    fleet.faults().reset();
    fleet.faults().set(&[(On::Everything, Fault::Unreachable)]);
    fleet.start_unready();
    fleet.eventually("the API answers", SOON, || fleet.try_get("/healthz").ok().filter(|r| r.status == 200));
    fleet.get("/readyz").expect(503);
    assert_eq!(fleet.agent("dev-default").observed.phase, Phase::Unknown);
    fleet.faults().clear();
    fleet
        .eventually("it is ready", OUTAGE_SEEN, || fleet.try_get("/readyz").ok().filter(|r| r.status == 200));
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    assert_eq!(fleet.id("dev-default"), id);
    assert_eq!(fleet.faults().changes().len(), 0, "{:?}", fleet.faults().changes());
}

#[test]
fn an_empty_cut_off_or_garbled_answer_creates_and_removes_nothing() {
    let Some(fleet) = fleet() else { return };
    let ids = (fleet.id("dev-default"), fleet.id("reviewer-default"));
    let lies = [
        (On::Class("list"), Fault::Answer("")),
        (On::Class("list"), Fault::Answer("[]")),
        (On::Class("list"), Fault::Answer("}{ \u{1}garbage\nand more")),
        (On::Class("list"), Fault::Truncate),
        (On::Class("list"), Fault::FirstLine),
        (On::Class("inspect"), Fault::Answer("")),
        (On::Class("inspect"), Fault::Answer("[]")),
        (On::Class("inspect"), Fault::Answer("[{\"Id\": \"")),
        (On::Class("inspect"), Fault::Truncate),
        (On::Class("inspect"), Fault::Answer("[{}]")),
        (On::Everything, Fault::Answer("")),
        (On::Everything, Fault::Answer("[]")),
    ];
    fleet.faults().reset();
    for lie in lies {
        let asked = fleet.faults().calls().len();
        fleet.faults().set(&[lie]);
        fleet.eventually("two rounds have asked docker", SOON, || {
            (fleet.faults().calls().len() >= asked + 3).then_some(())
        });
        assert_eq!(fleet.faults().changes().len(), 0, "{lie:?}: {:?}", fleet.faults().changes());
    }
    fleet.faults().clear();
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    fleet.wait_phase("reviewer-default", Phase::Stopped, SOON);
    assert_eq!((fleet.id("dev-default"), fleet.id("reviewer-default")), ids);
    let missing = fleet.stored().into_iter().filter(|event| event.kind == EventKind::ContainerMissing);
    assert_eq!(missing.count(), 0);
}

#[test]
fn a_create_that_worked_although_docker_says_otherwise_is_not_done_twice() {
    let Some(fleet) = fleet() else { return };
    // The container is made, and the answer never comes: past the deadline we look before we try again.
    fleet.faults().set(&[(On::Verb("start"), Fault::Hang)]);
    let made = fleet.create("slow", "dev");
    fleet.faults().clear();
    assert!(made.agent.is_some(), "the row stands: {made:?}");
    fleet.wait_phase("slow", Phase::Running, OUTAGE_SEEN);
    let names = fleet.containers();
    let mine = names.iter().filter(|name| name.contains("-slow")).count();
    assert_eq!(mine, 1, "{names:?}");
}
