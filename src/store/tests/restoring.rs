use std::os::unix::fs::MetadataExt;
use std::thread;
use std::time::{Duration, Instant};

use claude_hooks_actors::model::EventKind;
use claude_hooks_actors::testing;
use jiff::Timestamp;

use super::*;

/// A fleet with a backup of when it had the agents `a`, `b` and `gone`, and all that came after it.
struct Scene {
    dir: DataDir,
    temp: TempDir,
    file: PathBuf,
}

async fn scene(after: &str) -> Scene {
    let fixture = Fixture::new();
    for name in ["a", "b", "gone"] {
        fixture.insert(name).await;
    }
    let file = fixture.temp.path().join("a.backup");
    SqliteStore::back_up(fixture.dir.paths(), &file, false).expect("copied");
    fixture.by_hand().execute_batch(after).expect("valid");
    let Fixture { store, dir, temp } = fixture;
    let scene = Scene { dir, temp, file };
    scene.close(store);
    scene
}

const LATER: &str = "
    DELETE FROM agents WHERE name = 'gone';
    INSERT INTO agents (name, type) VALUES ('new', 'dev');
    UPDATE agents SET image = 'x:1', env = '{\"K\":\"secret\"}' WHERE name = 'b';
    UPDATE agents SET image = 'x:2', volume = '{\"kind\":\"ours\",\"uuid\":\"u\"}' WHERE name = 'b';
    INSERT INTO instance_memory VALUES ('b', '{}');
    INSERT INTO tombstones (name) VALUES ('old'), ('gone');
    INSERT INTO events (seq, at, kind) VALUES (500, '2026-01-01T00:00:00.000000000Z', 'supervisor_started');
    INSERT INTO leases (fence, id, instance, holder, ttl_ms, acquired_at, expires_at, ended_at, ended_by)
        VALUES (70, '01980000-0000-7000-8000-000000000000', 'b', 'h', 1, '2026-01-01T00:00:00.000Z',
                '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 'released');";

impl Scene {
    fn database(&self) -> PathBuf {
        self.dir.paths().database()
    }

    fn prepared(&self) -> Restoration {
        Restoration::prepared(&self.dir, &self.file).expect("it can be used")
    }

    /// What the daemon would find.
    async fn names(&self) -> Vec<String> {
        let store = SqliteStore::open(&self.dir).expect("it opens");
        let agents = store.agents().await.expect("readable");
        self.close(store);
        agents.iter().map(|agent| agent.name.to_string()).collect()
    }

    /// A pool's own thread may be the last that has hold of the connections, and closes them a moment after the drop.
    fn close(&self, store: SqliteStore) {
        drop(store);
        let database = self.database().canonicalize().expect("it is there");
        let is_open = || {
            let open = fs::read_dir("/proc/self/fd").expect("this is Linux").flatten();
            open.filter_map(|fd| fs::read_link(fd.path()).ok()).any(|file| file == database)
        };
        let patience = Instant::now() + Duration::from_secs(30);
        while is_open() {
            assert!(Instant::now() < patience, "somebody keeps {} open", database.display());
            thread::sleep(Duration::from_millis(1));
        }
    }
}

#[tokio::test]
async fn what_will_become_of_the_rows_is_said_without_their_values() {
    let scene = scene(LATER).await;
    let changes = scene.prepared().changes.expect("both are readable");
    assert_eq!((changes.added, changes.removed), (vec!["gone".to_owned()], vec!["new".to_owned()]));
    let columns = ["env".to_owned(), "image".to_owned()].to_vec();
    let touched: Vec<_> = changes.changed.into_iter().map(|row| (row.name, row.columns)).collect();
    assert_eq!((touched, changes.unchanged), (vec![("b".to_owned(), columns)], 1));
}

#[tokio::test]
async fn a_backup_takes_the_place_and_what_was_there_is_kept() {
    let scene = scene(LATER).await;
    let before = fs::read_dir(scene.temp.path()).expect("readable").count();
    let kept = scene.prepared().place(&scene.dir).expect("placed").expect("there was one");
    assert_eq!(scene.names().await, ["a", "b", "gone"]);
    assert_eq!(fs::metadata(scene.database()).expect("it is there").mode() & 0o7777, 0o600);
    assert_eq!(fs::metadata(&kept).expect("it is there").mode() & 0o7777, 0o600);
    assert_eq!(kept.parent(), Some(scene.dir.paths().backups().as_path()));
    assert_eq!(backup::check(&kept).expect("sound").agents, 3);
    let count: i64 = by_hand(&kept)
        .query_row("SELECT count(*) FROM agents WHERE name = 'new'", [], |row| row.get(0))
        .expect("a number");
    assert_eq!(count, 1);
    assert!(listing(scene.temp.path()).iter().all(|name| !name.starts_with(".restore-")));
    // And the way back is the same one.
    let back = Restoration::prepared(&scene.dir, &kept).expect("it can be used");
    back.place(&scene.dir).expect("placed");
    assert_eq!(scene.names().await, ["a", "b", "new"]);
    assert!(before > 0);
}

#[tokio::test]
async fn numbers_that_were_given_out_are_not_given_again_and_what_docker_holds_stays_known() {
    let scene = scene(LATER).await;
    scene.prepared().place(&scene.dir).expect("placed");
    let store = SqliteStore::open(&scene.dir).expect("it opens");
    let event = claude_hooks_actors::model::NewEvent::new(EventKind::SupervisorStarted, Timestamp::now());
    let told = store.append_events(&[event]).await.expect("stored");
    assert!(told[0].seq > 500, "a reader that saw 500 must see it: {told:?}");
    let b = store.agent(&testing::name("b")).await.expect("readable").expect("it is there");
    assert!(b.generation > 3, "whoever read generation 3 must be told: {b:?}");
    assert!(b.volume.is_some(), "the volume was made after the backup");
    assert_eq!(store.memories().await.expect("readable").len(), 1);
    assert_eq!(store.tombstones().await.expect("readable"), [testing::name("old")], "gone is back");
    let hand = by_hand(&scene.database());
    hand.execute(
        "INSERT INTO leases (id, instance, holder, ttl_ms, acquired_at, expires_at)
         VALUES ('01980000-0000-7000-8000-000000000001', 'a', 'h', 1, '2026-01-01T00:00:00.000Z',
                 '2026-01-01T00:00:00.000Z')",
        [],
    )
    .expect("inserted");
    assert_eq!(hand.last_insert_rowid(), 71, "a fence is larger than all before it");
}

#[tokio::test]
async fn a_backup_of_another_fleet_takes_nothing_over_from_the_present_one() {
    let (scene, other) = (scene(LATER).await, scene("").await);
    let restoration = Restoration::prepared(&scene.dir, &other.file).expect("it can be used");
    assert_ne!(restoration.present.fleet(), Some(restoration.contents.fleet));
    let fleet = restoration.contents.fleet;
    restoration.place(&scene.dir).expect("placed");
    let store = SqliteStore::open(&scene.dir).expect("it opens");
    assert_eq!(store.identity().await.expect("readable").fleet, fleet);
    assert!(store.memories().await.expect("readable").is_empty());
}

#[tokio::test]
async fn a_backup_comes_back_where_nothing_is_any_more() {
    let scene = scene(LATER).await;
    for name in ["agents.db", "agents.db-wal", "agents.db-shm"] {
        let _ = fs::remove_file(scene.dir.paths().dir().join(name));
    }
    let restoration = scene.prepared();
    assert!(matches!(restoration.present, Present::None));
    assert_eq!(restoration.place(&scene.dir).expect("placed"), None);
    assert_eq!(scene.names().await, ["a", "b", "gone"]);
}

#[tokio::test]
async fn a_damaged_database_is_replaced_and_its_bytes_are_kept() {
    let scene = scene(LATER).await;
    let log = open::beside(&scene.database(), "-wal");
    fs::write(scene.database(), vec![0x5a; 8192]).expect("written");
    fs::write(&log, "a log that must not be played into the restored one").expect("written");
    let restoration = scene.prepared();
    assert!(matches!(restoration.present, Present::Unreadable { fleet: None, .. }));
    let kept = restoration.place(&scene.dir).expect("placed").expect("there was one");
    assert_eq!(fs::read(&kept).expect("readable"), vec![0x5a; 8192]);
    assert!(open::beside(&kept, "-wal").exists() && !log.exists());
    assert_eq!(open::newest_backup(scene.dir.paths()), None, "it is never taken for a backup");
    assert_eq!(scene.names().await, ["a", "b", "gone"]);
}

#[tokio::test]
async fn a_database_of_a_newer_program_gives_way_to_a_backup_from_before() {
    let scene = scene(LATER).await;
    by_hand(&scene.database()).pragma_update(None, "user_version", 99).expect("raised");
    let restoration = scene.prepared();
    assert_eq!(restoration.present.fleet(), Some(restoration.contents.fleet), "its fleet is legible");
    restoration.place(&scene.dir).expect("placed");
    assert_eq!(scene.names().await, ["a", "b", "gone"]);
}

/// A kill is a step after which no other comes.
#[tokio::test]
async fn after_each_step_of_a_restore_a_whole_database_is_there() {
    let scene = scene(LATER).await;
    let now = ["a", "b", "new"];
    let restoration = scene.prepared();
    assert_eq!(scene.names().await, now, "made ready");
    let kept = restore::keep(&restoration.present, scene.dir.paths()).expect("kept");
    assert_eq!(scene.names().await, now, "kept");
    restore::detach(&restoration.present, scene.dir.paths(), kept.as_deref()).expect("detached");
    for suffix in ["-wal", "-shm", "-journal"] {
        assert!(
            !open::beside(&scene.database(), suffix).exists(),
            "{suffix} would be played into another file"
        );
    }
    assert_eq!(scene.names().await, now, "detached");
    // Nobody cleans up after a kill; the next restore does.
    std::mem::forget(restoration);
    assert!(listing(scene.temp.path()).iter().any(|name| name.starts_with(".restore-")));
    scene.prepared().place(&scene.dir).expect("placed");
    assert_eq!(scene.names().await, ["a", "b", "gone"]);
    assert!(listing(scene.temp.path()).iter().all(|name| !name.starts_with(".restore-")));
}

#[tokio::test]
async fn while_somebody_has_the_database_open_it_is_not_replaced() {
    let scene = scene(LATER).await;
    let hand = by_hand(&scene.database());
    hand.execute_batch("PRAGMA journal_mode = WAL; BEGIN; SELECT count(*) FROM agents").expect("begun");
    let error = scene.prepared().place(&scene.dir).expect_err("it would be written past him");
    assert!(error.to_string().contains("sqlite3"), "{error}");
    drop(hand);
    assert_eq!(scene.names().await, ["a", "b", "new"]);
}

#[tokio::test]
async fn trying_out_changes_nothing() {
    let scene = scene(LATER).await;
    let before = listing(scene.temp.path());
    let bytes = fs::read(scene.database()).expect("readable");
    Restoration::tried_out(scene.dir.paths(), &scene.file)
        .expect("it can be used")
        .store()
        .expect("it opens");
    assert_eq!(listing(scene.temp.path()), before);
    assert_eq!(fs::read(scene.database()).expect("readable"), bytes);
}
