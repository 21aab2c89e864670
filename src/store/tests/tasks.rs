use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use bytes::Bytes;
use claude_hooks_actors::model::{ClaimTarget, Task, TaskId, TaskInput, TaskSpec, TaskState};
use claude_hooks_actors::ports::{Inserted, TaskFilter, TaskStore};
use jiff::{SignedDuration, Timestamp};

use super::*;

const SECRET: &str = "hunter2-is-nowhere-to-be-found";

fn task() -> Task {
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
        queued_at: Timestamp::now(),
        started_at: None,
        ended_at: None,
        output_bytes: 0,
        truncated: false,
    }
}

fn input() -> TaskInput {
    TaskInput {
        env: BTreeMap::from([("TOKEN".into(), SECRET.into())]),
        stdin: Bytes::from(format!("and {SECRET} too")),
    }
}

async fn insert(fixture: &Fixture, task: &Task) {
    let inserted = fixture.store.insert_task(task, &input()).await.expect("stored");
    assert_eq!(inserted, Inserted::New);
}

async fn prune(fixture: &Fixture) -> u64 {
    let never = Timestamp::now() - SignedDuration::from_hours(1);
    fixture.store.prune_tasks(never, 1000).await.expect("pruned")
}

fn inputs(fixture: &Fixture) -> Vec<String> {
    let files = listing(&fixture.dir.paths().inputs());
    files.into_iter().filter(|file| file != ".key").collect()
}

#[tokio::test]
async fn inputs_are_for_their_owner_alone() {
    let fixture = Fixture::new();
    let dir = fixture.dir.paths().inputs();
    assert!(!dir.exists(), "it is made with the first task");
    let (first, second) = (task(), task());
    insert(&fixture, &first).await;
    let mode = |path: &Path| fs::metadata(path).expect("it is there").mode() & 0o7777;
    assert_eq!(mode(&dir), 0o700);
    assert_eq!(mode(&dir.join(first.id.to_string())), 0o600);
    // As it would be after a careless restore.
    fs::set_permissions(&dir, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("ours");
    insert(&fixture, &second).await;
    assert_eq!(mode(&dir), 0o700);
}

#[tokio::test]
async fn no_secret_is_in_a_file_of_the_database() {
    let fixture = Fixture::new();
    let keyed = || Task { idempotency_key: Some("k".into()), ..task() };
    let first = keyed();
    insert(&fixture, &first).await;
    let known = fixture.store.insert_task(&keyed(), &input()).await.expect("stored");
    assert!(matches!(known, Inserted::Known(_)), "{known:?}");
    let running = Task { state: TaskState::Running, ..first.clone() };
    assert!(fixture.store.change_task(TaskState::Queued, 1, &running).await.expect("changed"));
    fixture.store.verify().await.expect("the same file");
    let contains = |path: &Path| {
        let content = fs::read(path).expect("readable");
        content.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
    };
    let mut looked_at = Vec::new();
    for file in listing(fixture.dir.paths().dir()) {
        let path = fixture.dir.paths().dir().join(&file);
        if path.is_file() {
            assert!(!contains(&path), "{file}");
            looked_at.push(file);
        }
    }
    assert_eq!(looked_at, ["agents.db", "agents.db-shm", "agents.db-wal", "lock"]);
    assert!(contains(&fixture.dir.paths().inputs().join(first.id.to_string())), "the search finds it here");
    fixture.store.forget_input(first.id).await.expect("forgotten");
    assert!(inputs(&fixture).is_empty());
}

#[tokio::test]
async fn what_is_kept_of_an_input_for_its_key_cannot_be_tried_out_by_a_reader_of_the_database() {
    let (one, other) = (Fixture::new(), Fixture::new());
    let keyed = Task { idempotency_key: Some("k".into()), ..task() };
    let keyless = task();
    let mut digests = Vec::new();
    for fixture in [&one, &other] {
        insert(fixture, &keyed).await;
        insert(fixture, &keyless).await;
        let sql = "SELECT input FROM tasks WHERE id = ?1";
        let column = |id: TaskId| -> Option<String> {
            fixture.by_hand().query_row(sql, [id.to_string()], |row| row.get(0)).expect("it is there")
        };
        assert_eq!(column(keyless.id), None, "nothing is kept without need");
        digests.push(column(keyed.id).expect("a digest"));
    }
    assert_ne!(digests[0], digests[1], "each data directory has a key of its own");
    let key = one.dir.paths().inputs().join(".key");
    assert_eq!(fs::metadata(&key).expect("it is there").mode() & 0o7777, 0o600);
    let one = one.restart();
    prune(&one).await;
    let known = one.store.task_of_key("k", &input()).await.expect("readable").expect("its key is known");
    assert!(known.same_input, "the key outlives the daemon and every prune");
    fs::write(&key, "short").expect("ours");
    let error = one.store.task_of_key("k", &input()).await.expect_err("it is damaged").to_string();
    assert!(error.contains(".key is damaged"), "{error}");
}

#[tokio::test]
async fn a_task_without_input_makes_no_file() {
    let fixture = Fixture::new();
    let plain = Task { has_input: false, ..task() };
    let inserted = fixture.store.insert_task(&plain, &TaskInput::default()).await.expect("stored");
    assert_eq!(inserted, Inserted::New);
    assert!(!fixture.dir.paths().inputs().exists());
}

#[tokio::test]
async fn an_input_without_its_task_is_gone_after_a_kill_and_a_prune() {
    let fixture = Fixture::new();
    let whole = task();
    insert(&fixture, &whole).await;
    // The daemon dies between input and row, and another time before the input has its name.
    let lost = task();
    fixture.store.shared.inputs.begin(lost.id).expect("nobody else").write(&input()).expect("written");
    let dir = fixture.dir.paths().inputs();
    for name in [format!("{}.Ab12cD", TaskId::random()), format!("{}.Ab12cD", whole.id)] {
        fs::write(dir.join(name), "{").expect("written");
    }
    fs::write(dir.join("notes"), "not ours").expect("written");
    let fixture = fixture.restart();
    assert_eq!(inputs(&fixture).len(), 5);
    assert_eq!(prune(&fixture).await, 0);
    assert_eq!(inputs(&fixture), [whole.id.to_string(), "notes".to_owned()]);
    assert_eq!(fixture.store.task_input(whole.id).await.expect("readable"), Some(input()));
}

#[tokio::test]
async fn an_input_that_is_being_stored_is_no_leftover() {
    let fixture = Fixture::new();
    let task = task();
    let under_way = fixture.store.shared.inputs.begin(task.id).expect("nobody else");
    under_way.write(&input()).expect("written");
    fs::write(fixture.dir.paths().inputs().join(format!("{}.Ab12cD", task.id)), "{").expect("written");
    prune(&fixture).await;
    assert_eq!(inputs(&fixture).len(), 2);
    let error = fixture.store.insert_task(&task, &input()).await.expect_err("one at a time").to_string();
    assert!(error.contains("is being stored already"), "{error}");
    drop(under_way);
    prune(&fixture).await;
    assert_eq!(inputs(&fixture), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_input_is_lost_to_a_prune_beside_its_insert() {
    let fixture = Fixture::new();
    let inserts: Vec<_> = (0..40)
        .map(|_| {
            let (store, task) = (fixture.store.clone(), task());
            tokio::spawn(async move {
                store.insert_task(&task, &input()).await.expect("stored");
                task.id
            })
        })
        .collect();
    while !inserts.iter().all(tokio::task::JoinHandle::is_finished) {
        prune(&fixture).await;
    }
    for insert in inserts {
        let id = insert.await.expect("no panic");
        assert_eq!(fixture.store.task_input(id).await.expect("readable"), Some(input()));
    }
}

#[tokio::test]
async fn a_task_that_is_not_stored_leaves_no_input() {
    let fixture = Fixture::new();
    let kept = task();
    insert(&fixture, &kept).await;
    let path = fixture.dir.paths().database();
    let away = path.with_extension("away");
    fs::rename(&path, &away).expect("moved");
    let now = Timestamp::now();
    let refused = [
        fixture.store.insert_task(&task(), &input()).await.map(|_| ()),
        fixture.store.change_task(TaskState::Queued, 1, &kept).await.map(|_| ()),
        fixture.store.prune_tasks(now, 0).await.map(|_| ()),
    ];
    for result in refused {
        assert!(matches!(result, Err(StoreError::Replaced { .. })), "{result:?}");
    }
    assert_eq!(inputs(&fixture), [kept.id.to_string()]);
    fs::rename(&away, &path).expect("moved back");
    let hand = fixture.by_hand();
    hand.execute_batch("BEGIN IMMEDIATE").expect("begun");
    let error = fixture.store.insert_task(&task(), &input()).await.expect_err("it is held").to_string();
    assert!(error.contains("another program holds a transaction open"), "{error}");
    assert_eq!(inputs(&fixture), [kept.id.to_string()]);
}

#[tokio::test]
async fn what_stands_in_the_way_of_an_input_is_named() {
    let fixture = Fixture::new();
    let dir = fixture.dir.paths().inputs();
    fs::write(&dir, "in the way").expect("written");
    let error = fixture.store.insert_task(&task(), &input()).await.expect_err("no place").to_string();
    assert!(error.contains(&dir.display().to_string()) && !error.contains(SECRET), "{error}");
    assert!(fixture.store.open_tasks().await.expect("readable").is_empty());
}

#[tokio::test]
async fn a_damaged_input_is_an_error_that_does_not_quote_it() {
    let fixture = Fixture::new();
    let task = task();
    insert(&fixture, &task).await;
    let path = fixture.dir.paths().inputs().join(task.id.to_string());
    for content in ["", SECRET, &format!("\"{SECRET}\"\n"), &format!("{{\"A\": [\"{SECRET}\"]}}\n")] {
        fs::write(&path, content).expect("ours");
        let error = fixture.store.task_input(task.id).await.expect_err("it is damaged").to_string();
        assert!(error.contains("is damaged") && !error.contains(SECRET), "{error}");
    }
}

#[tokio::test]
async fn a_timeout_is_stored_in_whole_milliseconds_and_never_as_none_at_all() {
    let fixture = Fixture::new();
    let hand = fixture.by_hand();
    let times = [(1, 1), (1_000_000, 1), (1_000_001, 2), (90_000_000_000, 90_000)];
    for (nanos, millis) in times {
        let timeout = Some(Duration::from_nanos(nanos));
        let task = Task { spec: TaskSpec { timeout, ..task().spec }, ..task() };
        insert(&fixture, &task).await;
        let stored = fixture.store.task(task.id).await.expect("readable").expect("it is there");
        assert_eq!(stored.spec.timeout, Some(Duration::from_millis(millis)));
        let sql = "SELECT spec ->> 'timeout_ms' FROM tasks WHERE id = ?1";
        let column: i64 = hand.query_row(sql, [task.id.to_string()], |row| row.get(0)).expect("a number");
        assert_eq!(u64::try_from(column), Ok(millis));
    }
}

#[tokio::test]
async fn an_odd_task_hides_no_other_and_is_never_run() {
    let fixture = Fixture::new();
    let (odd, good) = (Task { idempotency_key: Some("k".into()), ..task() }, task());
    insert(&fixture, &odd).await;
    insert(&fixture, &good).await;
    let wrong = [
        "spec = '{}'",
        "spec = '{\"argv\": [1], \"retry\": false}'",
        "target_name = 'No Name'",
        "agent_type = ''",
        "lease = 'x'",
        "instance = 'No Name'",
        "incarnation = 'x'",
        "queued_at = '2026-02-31T00:00:00Z'",
        "detail = CAST(x'ff' AS TEXT)",
    ];
    let hand = fixture.by_hand();
    for wrong in wrong {
        let column = wrong.split(' ').next().expect("it has a column");
        let keep =
            format!("CREATE TEMP TABLE kept AS SELECT {column} AS was FROM tasks WHERE id = '{}'", odd.id);
        hand.execute_batch(&keep).expect("kept");
        hand.execute(&format!("UPDATE tasks SET {wrong} WHERE id = ?1"), [odd.id.to_string()]).expect(wrong);
        assert_eq!(
            fixture.store.open_tasks().await.expect("one odd row fails nothing"),
            std::slice::from_ref(&good)
        );
        let page = fixture.store.tasks(&TaskFilter::default(), None, 1).await.expect("readable");
        assert_eq!(page, std::slice::from_ref(&good));
        let error = fixture.store.task(odd.id).await.expect_err("it is not true that there is none");
        assert!(error.to_string().contains(column), "{error}");
        let same_key = Task { idempotency_key: Some("k".into()), ..task() };
        fixture.store.insert_task(&same_key, &input()).await.expect_err("nor that the key is free");
        prune(&fixture).await;
        assert!(fixture.store.task_input(odd.id).await.expect("readable").is_some(), "it may be mended");
        let mend = format!(
            "UPDATE tasks SET {column} = (SELECT was FROM kept) WHERE id = '{}'; DROP TABLE kept",
            odd.id
        );
        hand.execute_batch(&mend).expect("mended");
    }
    assert_eq!(fixture.store.open_tasks().await.expect("readable"), [odd, good]);
}

#[test]
fn open_tasks_are_found_by_their_index() {
    let fixture = Fixture::new();
    let condition = crate::store::tasks::OPEN;
    let sql = format!("EXPLAIN QUERY PLAN SELECT * FROM tasks WHERE {condition} ORDER BY id");
    let plan: String = fixture.by_hand().query_row(&sql, [], |row| row.get(3)).expect("a plan");
    assert_eq!(plan, "SCAN tasks USING INDEX tasks_open");
}
