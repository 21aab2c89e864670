//! What every [`TaskStore`](crate::ports::TaskStore) must do.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use strum::IntoEnumIterator;

use super::store::{Point, StoreWorld, check, incarnation};
use crate::model::{ClaimTarget, LeaseId, STDIN_MOST, Task, TaskId, TaskInput, TaskSpec, TaskState};
use crate::ports::{Inserted, Known, StoreError, TaskFilter};
use crate::testing::{name, type_name};

points![
    a_task_comes_back_as_it_was_stored,
    an_input_comes_back_byte_for_byte,
    a_second_task_of_a_key_is_the_first_one,
    of_parallel_tasks_of_one_key_exactly_one_is_new,
    an_id_is_stored_once,
    a_task_is_changed_by_whoever_knows_its_state_and_attempt,
    a_cancel_stays_noted_whoever_writes_next,
    an_empty_input_is_not_kept,
    of_parallel_changes_exactly_one_wins,
    what_is_not_there_is_not_changed,
    tasks_are_listed_newest_first_in_pages,
    filters_narrow_the_list,
    open_tasks_come_oldest_first,
    an_input_is_forgotten_and_its_task_is_not,
    pruning_forgets_what_ended_long_ago,
    pruning_keeps_those_that_ended_last,
    pruning_forgets_the_inputs_of_what_is_done,
    tasks_are_not_what_another_process_wrote,
];

/// Checks every point, each in a new world.
pub async fn all<W: StoreWorld>(world: impl FnMut() -> W) {
    check("tasks", POINTS, world).await;
}

/// A queued task with as little as possible.
fn queued(world: &dyn StoreWorld) -> Task {
    Task {
        id: TaskId::random(),
        state: TaskState::Queued,
        target: ClaimTarget::Type(type_name("dev")),
        agent_type: type_name("dev"),
        spec: TaskSpec { argv: vec!["true".into()], workdir: None, timeout: None, retry: false },
        idempotency_key: None,
        lease: None,
        instance: None,
        incarnation: None,
        volume: None,
        has_input: true,
        attempt: 1,
        cancelling: false,
        cause: None,
        detail: None,
        exit_code: None,
        queued_at: world.now(),
        started_at: None,
        ended_at: None,
        output_bytes: 0,
        truncated: false,
    }
}

/// The same task with every field used.
fn full(task: &Task) -> Task {
    let at = task.queued_at;
    Task {
        state: TaskState::Failed,
        target: ClaimTarget::Instance(name("dev-2")),
        spec: TaskSpec {
            argv: vec!["sh".into(), "-c".into(), "echo \"ä\" 'b'\n".into(), String::new()],
            workdir: Some("/work tree".into()),
            timeout: Some(Duration::from_millis(1_234_567)),
            retry: true,
        },
        idempotency_key: Some("a key 'with' \"quotes\"".into()),
        lease: Some(LeaseId::random()),
        instance: Some(name("dev-2")),
        incarnation: Some(incarnation('a')),
        volume: Some("01980000-0000-4000-8000-00000000000a".into()),
        attempt: 2,
        cancelling: true,
        cause: Some("exited".into()),
        detail: Some("it said\nno".into()),
        exit_code: Some(-1),
        started_at: Some(at + SignedDuration::from_nanos(1)),
        ended_at: Some(at + SignedDuration::from_nanos(1_000_000_001)),
        output_bytes: 1 << 40,
        truncated: true,
        ..task.clone()
    }
}

fn done(world: &dyn StoreWorld, ended_at: Timestamp) -> Task {
    Task { state: TaskState::Succeeded, ended_at: Some(ended_at), ..queued(world) }
}

fn input() -> TaskInput {
    TaskInput {
        env: BTreeMap::from([
            ("TOKEN".into(), "a \"secret\"\nof two lines".into()),
            ("E".into(), String::new()),
        ]),
        stdin: Bytes::from_static(b"\n\x00\xff line\n"),
    }
}

async fn insert(world: &dyn StoreWorld, task: &Task) {
    let inserted = world.tasks().insert_task(task, &input()).await;
    assert_eq!(inserted.expect("the store answers"), Inserted::New);
}

async fn read(world: &dyn StoreWorld, id: TaskId) -> Option<Task> {
    world.tasks().task(id).await.expect("the store answers")
}

async fn input_of(world: &dyn StoreWorld, id: TaskId) -> Option<TaskInput> {
    world.tasks().task_input(id).await.expect("the store answers")
}

async fn list(
    world: &dyn StoreWorld,
    filter: &TaskFilter,
    before: Option<TaskId>,
    limit: u32,
) -> Vec<TaskId> {
    let tasks = world.tasks().tasks(filter, before, limit).await.expect("the store answers");
    tasks.into_iter().map(|task| task.id).collect()
}

async fn everything(world: &dyn StoreWorld) -> Vec<TaskId> {
    list(world, &TaskFilter::default(), None, u32::MAX).await
}

pub async fn a_task_comes_back_as_it_was_stored(world: &mut dyn StoreWorld) {
    let plain = queued(world);
    let full = full(&queued(world));
    for task in [&plain, &full] {
        insert(world, task).await;
    }
    world.reopen().await;
    assert_eq!(read(world, TaskId::random()).await, None);
    let all = world.tasks().tasks(&TaskFilter::default(), None, 10).await.expect("the store answers");
    assert_eq!(all, [full.clone(), plain.clone()]);
    for task in [plain, full] {
        assert_eq!(read(world, task.id).await.as_ref(), Some(&task));
    }
}

pub async fn an_input_comes_back_byte_for_byte(world: &mut dyn StoreWorld) {
    let large = TaskInput { stdin: Bytes::from(vec![0x0a; STDIN_MOST]), ..TaskInput::default() };
    let inputs = [input(), large];
    let mut stored = Vec::new();
    for input in inputs {
        let task = queued(world);
        let inserted = world.tasks().insert_task(&task, &input).await.expect("the store answers");
        assert_eq!(inserted, Inserted::New);
        stored.push((task.id, input));
    }
    world.reopen().await;
    for (id, input) in stored {
        // Not assert_eq: eight million bytes are no message.
        assert!(input_of(world, id).await == Some(input), "another input than was stored");
    }
    assert_eq!(input_of(world, TaskId::random()).await, None);
}

pub async fn a_second_task_of_a_key_is_the_first_one(world: &mut dyn StoreWorld) {
    let first = full(&queued(world));
    insert(world, &first).await;
    let second = Task { idempotency_key: first.idempotency_key.clone(), ..queued(world) };
    // The same call again is answered the same way.
    for again in [&second, &first] {
        let other = TaskInput { stdin: Bytes::from_static(b"other"), ..TaskInput::default() };
        for (input, same_input) in [(&other, false), (&input(), true)] {
            let inserted = world.tasks().insert_task(again, input).await.expect("the store answers");
            let known = Known { task: Box::new(first.clone()), same_input };
            assert_eq!(inserted, Inserted::Known(known.clone()));
            let key = first.idempotency_key.as_deref().expect("it has one");
            let asked = world.tasks().task_of_key(key, input).await.expect("the store answers");
            assert_eq!(asked, Some(known));
        }
    }
    assert_eq!(world.tasks().task_of_key("another", &input()).await.expect("the store answers"), None);
    assert_eq!(everything(world).await, [first.id]);
    assert_eq!(input_of(world, second.id).await, None);
    assert_eq!(input_of(world, first.id).await, Some(input()), "its input is the first one's");
    let keyless = queued(world);
    insert(world, &keyless).await;
    insert(world, &queued(world)).await;
}

pub async fn of_parallel_tasks_of_one_key_exactly_one_is_new(world: &mut dyn StoreWorld) {
    let world = &*world;
    let tasks: Vec<Task> =
        (0..16).map(|_| Task { idempotency_key: Some("k".into()), ..queued(world) }).collect();
    let (store, input) = (world.tasks(), input());
    let inserts = join_all(tasks.iter().map(|task| store.insert_task(task, &input))).await;
    let inserts: Vec<Inserted> = inserts.into_iter().map(|inserted| inserted.expect("stored")).collect();
    let new = inserts.iter().filter(|inserted| **inserted == Inserted::New).count();
    assert_eq!(new, 1, "{inserts:?}");
    let mut inputs = 0;
    for task in &tasks {
        inputs += usize::from(input_of(world, task.id).await.is_some());
    }
    assert_eq!((inputs, everything(world).await.len()), (1, 1));
}

pub async fn an_id_is_stored_once(world: &mut dyn StoreWorld) {
    let task = queued(world);
    insert(world, &task).await;
    let again = world.tasks().insert_task(&Task { attempt: 7, ..task.clone() }, &TaskInput::default()).await;
    assert!(matches!(again, Err(StoreError::Failed { .. })), "{again:?}");
    assert_eq!(read(world, task.id).await, Some(task.clone()));
    assert_eq!(input_of(world, task.id).await, Some(input()), "what was stored stays");
}

pub async fn a_task_is_changed_by_whoever_knows_its_state_and_attempt(world: &mut dyn StoreWorld) {
    let task = queued(world);
    let other = queued(world);
    insert(world, &task).await;
    insert(world, &other).await;
    let changed = full(&task);
    for (was, attempt) in [(TaskState::Running, 1), (TaskState::Queued, 2), (TaskState::Failed, 2)] {
        let done = world.tasks().change_task(was, attempt, &changed).await.expect("the store answers");
        assert!(!done, "{was} {attempt}");
        assert_eq!(read(world, task.id).await.as_ref(), Some(&task));
    }
    assert!(world.tasks().change_task(TaskState::Queued, 1, &changed).await.expect("the store answers"));
    world.reopen().await;
    assert_eq!(read(world, task.id).await, Some(changed.clone()));
    assert_eq!(read(world, other.id).await, Some(other));
    // And back to nothing in every field that may hold nothing, but for a cancel, which nobody takes back.
    let cancelled = Task { cancelling: true, ..task.clone() };
    assert!(world.tasks().change_task(TaskState::Failed, 2, &task).await.expect("the store answers"));
    assert_eq!(read(world, task.id).await, Some(cancelled));
}

pub async fn a_cancel_stays_noted_whoever_writes_next(world: &mut dyn StoreWorld) {
    let task = queued(world);
    insert(world, &task).await;
    let cancelled = Task { cancelling: true, ..task.clone() };
    for _ in 0..2 {
        let noted = world.tasks().cancel_task(task.id).await.expect("the store answers");
        assert_eq!(noted.as_ref(), Some(&cancelled));
    }
    let running = Task { state: TaskState::Running, ..task.clone() };
    assert!(world.tasks().change_task(TaskState::Queued, 1, &running).await.expect("the store answers"));
    world.reopen().await;
    assert_eq!(read(world, task.id).await, Some(Task { cancelling: true, ..running }));
    let ended = done(world, world.now());
    insert(world, &ended).await;
    let noted = world.tasks().cancel_task(ended.id).await.expect("the store answers");
    assert_eq!(noted, Some(ended), "what has ended is not cancelled");
    assert_eq!(world.tasks().cancel_task(TaskId::random()).await.expect("the store answers"), None);
}

pub async fn an_empty_input_is_not_kept(world: &mut dyn StoreWorld) {
    let task = Task { has_input: false, idempotency_key: Some("k".into()), ..queued(world) };
    let inserted = world.tasks().insert_task(&task, &TaskInput::default()).await.expect("the store answers");
    assert_eq!(inserted, Inserted::New);
    world.reopen().await;
    assert_eq!(read(world, task.id).await.as_ref(), Some(&task));
    assert_eq!(input_of(world, task.id).await, None);
    for (input, same) in [(TaskInput::default(), true), (input(), false)] {
        let known = world.tasks().task_of_key("k", &input).await.expect("the store answers");
        assert_eq!(known.map(|known| known.same_input), Some(same));
    }
}

pub async fn of_parallel_changes_exactly_one_wins(world: &mut dyn StoreWorld) {
    let task = queued(world);
    insert(world, &task).await;
    let waking = Task { state: TaskState::Waking, ..task };
    let store = world.tasks();
    let changes = join_all((0..8).map(|_| store.change_task(TaskState::Queued, 1, &waking))).await;
    let won = changes.into_iter().filter(|done| *done.as_ref().expect("the store answers")).count();
    assert_eq!(won, 1);
}

pub async fn what_is_not_there_is_not_changed(world: &mut dyn StoreWorld) {
    let task = queued(world);
    assert!(!world.tasks().change_task(TaskState::Queued, 1, &task).await.expect("the store answers"));
    assert_eq!(everything(world).await, []);
}

pub async fn tasks_are_listed_newest_first_in_pages(world: &mut dyn StoreWorld) {
    let mut ids = Vec::new();
    for _ in 0..5 {
        let task = queued(world);
        insert(world, &task).await;
        ids.insert(0, task.id);
    }
    assert_eq!(everything(world).await, ids);
    let all = TaskFilter::default();
    assert_eq!(list(world, &all, None, 2).await, ids[..2]);
    assert_eq!(list(world, &all, Some(ids[1]), 2).await, ids[2..4]);
    assert_eq!(list(world, &all, Some(ids[3]), 2).await, ids[4..]);
    assert_eq!(list(world, &all, Some(ids[4]), 2).await, []);
    assert_eq!(list(world, &all, None, 0).await, []);
}

pub async fn filters_narrow_the_list(world: &mut dyn StoreWorld) {
    let mut ids = BTreeMap::new();
    for state in TaskState::iter() {
        for instance in ["a", "b"] {
            let task = Task { state, instance: Some(name(instance)), ..queued(world) };
            insert(world, &task).await;
            ids.insert((state.to_string(), instance), task.id);
        }
    }
    let filter = TaskFilter { instance: Some(name("a")), states: Vec::new() };
    assert_eq!(list(world, &filter, None, 100).await.len(), TaskState::iter().count());
    let states = vec![TaskState::Lost, TaskState::Running];
    let filter = TaskFilter { instance: Some(name("b")), states };
    let wanted = [ids[&("lost".to_owned(), "b")], ids[&("running".to_owned(), "b")]];
    assert_eq!(list(world, &filter, None, 100).await, wanted);
    assert_eq!(list(world, &filter, Some(wanted[0]), 100).await, wanted[1..]);
    let filter = TaskFilter { instance: Some(name("c")), ..filter };
    assert_eq!(list(world, &filter, None, 100).await, []);
}

pub async fn open_tasks_come_oldest_first(world: &mut dyn StoreWorld) {
    assert_eq!(world.tasks().open_tasks().await.expect("the store answers"), []);
    let mut open = Vec::new();
    for state in TaskState::iter().chain(TaskState::iter()) {
        let task = Task { state, ..queued(world) };
        insert(world, &task).await;
        open.extend((!state.is_final()).then_some(task));
    }
    world.reopen().await;
    assert_eq!(world.tasks().open_tasks().await.expect("the store answers"), open);
}

pub async fn an_input_is_forgotten_and_its_task_is_not(world: &mut dyn StoreWorld) {
    let (task, other) = (queued(world), queued(world));
    insert(world, &task).await;
    insert(world, &other).await;
    for _ in 0..2 {
        world.tasks().forget_input(task.id).await.expect("a second time is no error");
    }
    world.tasks().forget_input(TaskId::random()).await.expect("nor is nothing");
    world.reopen().await;
    assert_eq!(input_of(world, task.id).await, None);
    assert_eq!(read(world, task.id).await, Some(task));
    assert_eq!(input_of(world, other.id).await, Some(input()));
}

pub async fn pruning_forgets_what_ended_long_ago(world: &mut dyn StoreWorld) {
    let (long_ago, before) = (world.now(), world.now() + SignedDuration::from_hours(1));
    let old = Task { idempotency_key: Some("k".into()), ..done(world, long_ago) };
    let young = done(world, before);
    let open = queued(world);
    for task in [&old, &young, &open] {
        insert(world, task).await;
    }
    assert_eq!(world.tasks().prune_tasks(before, 100).await.expect("the store answers"), 1);
    assert_eq!(world.tasks().prune_tasks(before, 100).await.expect("the store answers"), 0);
    assert_eq!(everything(world).await, [open.id, young.id]);
    insert(world, &Task { idempotency_key: old.idempotency_key, ..queued(world) }).await;
}

pub async fn pruning_keeps_those_that_ended_last(world: &mut dyn StoreWorld) {
    let now = world.now();
    let mut ids = Vec::new();
    // The one that was stored first ended last.
    for minutes in [5, 1, 2, 3, 4] {
        let task = done(world, now + SignedDuration::from_mins(minutes));
        insert(world, &task).await;
        ids.push(task.id);
    }
    let open = queued(world);
    insert(world, &open).await;
    assert_eq!(world.tasks().prune_tasks(now, 2).await.expect("the store answers"), 3);
    assert_eq!(everything(world).await, [open.id, ids[4], ids[0]]);
    assert_eq!(world.tasks().prune_tasks(now, 0).await.expect("the store answers"), 2);
    assert_eq!(everything(world).await, [open.id], "an open task is not counted and never goes");
}

pub async fn pruning_forgets_the_inputs_of_what_is_done(world: &mut dyn StoreWorld) {
    let now = world.now();
    let mut stored = Vec::new();
    for state in TaskState::iter() {
        let task = Task { state, ..queued(world) };
        insert(world, &task).await;
        stored.push(task);
    }
    world.tasks().prune_tasks(now - SignedDuration::from_hours(1), 100).await.expect("the store answers");
    for task in stored {
        let left = input_of(world, task.id).await.is_some();
        assert_eq!(left, !task.state.is_final(), "{}", task.state);
        assert!(read(world, task.id).await.is_some(), "{}", task.state);
    }
}

pub async fn tasks_are_not_what_another_process_wrote(world: &mut dyn StoreWorld) {
    world.store().changed_elsewhere().await.expect("the store answers");
    let task = queued(world);
    insert(world, &task).await;
    let waking = Task { state: TaskState::Waking, ..task };
    assert!(world.tasks().change_task(TaskState::Queued, 1, &waking).await.expect("the store answers"));
    world.tasks().prune_tasks(world.now(), 0).await.expect("the store answers");
    assert!(!world.store().changed_elsewhere().await.expect("the store answers"));
}
