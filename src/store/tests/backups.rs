use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

fn backed_up(fixture: &Fixture, to: &Path) -> Result<Contents, BackupError> {
    SqliteStore::back_up(fixture.dir.paths(), to, false)
}

#[tokio::test]
async fn a_backup_is_one_private_file_that_says_what_is_in_it() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    fixture.insert("b").await;
    let to = fixture.temp.path().join("copy.db");
    let contents = backed_up(&fixture, &to).expect("copied while the store is open");
    let identity = fixture.store.identity().await.expect("readable");
    assert_eq!((contents.fleet, contents.schema, contents.agents), (identity.fleet, STEPS.len(), 2));
    let found = fs::metadata(&to).expect("it is there");
    assert_eq!((found.mode() & 0o7777, found.len()), (0o600, contents.bytes));
    assert_eq!(backup::check(&to).expect("sound"), contents);
    let beside = listing(fixture.temp.path());
    assert!(
        !beside.iter().any(|name| name.contains("unfinished") || name.starts_with("copy.db-")),
        "{beside:?}"
    );
}

#[tokio::test]
async fn a_backup_that_is_there_stays_unless_it_is_to_be_replaced() {
    let fixture = Fixture::new();
    let to = fixture.temp.path().join("copy.db");
    fs::write(&to, "mine").expect("written");
    let error = backed_up(&fixture, &to).expect_err("it is there");
    assert!(matches!(&error, BackupError::Exists { path } if *path == to), "{error}");
    assert_eq!(fs::read(&to).expect("readable"), b"mine");
    SqliteStore::back_up(fixture.dir.paths(), &to, true).expect("replaced");
    backup::check(&to).expect("sound");
}

#[test]
fn the_database_is_not_replaced_by_its_own_backup() {
    let fixture = Fixture::new();
    let database = fixture.dir.paths().database();
    let link = fixture.temp.path().join("link.db");
    std::os::unix::fs::symlink(&database, &link).expect("linked");
    for to in [database, link] {
        let error = SqliteStore::back_up(fixture.dir.paths(), &to, true).expect_err("it is the database");
        assert!(matches!(error, BackupError::Itself { .. }), "{error}");
    }
}

#[test]
fn no_backup_is_put_into_a_data_directory_of_somebody_else() {
    let fixture = Fixture::new();
    let (dir, user) = (fixture.dir.paths().dir(), rustix::process::geteuid().as_raw());
    assert!(backup::owned_by(user, dir).is_ok());
    let error = backup::owned_by(user + 1, dir).expect_err("it is another user's");
    assert!(error.to_string().contains(&format!("sudo -u '#{user}'")), "{error}");
}

#[test]
fn without_a_database_there_is_no_backup_and_nothing_is_made() {
    let temp = TempDir::new().expect("a temporary directory");
    let error = SqliteStore::back_up(&DataPaths::new(temp.path()), &temp.path().join("copy.db"), false);
    assert!(matches!(error, Err(BackupError::NoDatabase { .. })), "{error:?}");
    for dir in [temp.path().to_owned(), temp.path().join("missing")] {
        let error = SqliteStore::backups(&DataPaths::new(dir));
        assert!(matches!(error, Err(BackupError::NoDatabase { .. })), "{error:?}");
    }
    assert!(listing(temp.path()).is_empty());
}

/// Every transaction writes one event of each of two kinds: a copy with more of one is not of one moment.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_of_one_moment_while_the_database_is_written() {
    let fixture = Fixture::new();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut hand = fixture.by_hand();
            let sql =
                "INSERT INTO events (at, kind, detail) VALUES ('2026-01-01T00:00:00.000000000Z', ?1, ?2)";
            let filler = "x".repeat(4000);
            let mut rounds = 0_u64;
            while !stop.load(Ordering::Relaxed) {
                let both = hand.transaction().expect("begun");
                for kind in ["tick", "tock"] {
                    both.execute(sql, [kind, &filler]).expect("inserted");
                }
                both.commit().expect("committed");
                rounds += 1;
            }
            rounds
        });
        let mut seen = 0;
        for n in 0..20 {
            let to = fixture.temp.path().join(format!("copy-{n}.db"));
            let contents = backed_up(&fixture, &to).expect("a writer does not keep it from its end");
            let copy = by_hand(&to);
            let count = |kind: &str| -> u64 {
                let sql = "SELECT count(*) FROM events WHERE kind = ?1";
                copy.query_row(sql, [kind], |row| row.get::<_, i64>(0)).expect("a number").unsigned_abs()
            };
            assert_eq!((count("tick"), count("tock")), (contents.events / 2, contents.events / 2));
            seen = contents.events;
        }
        stop.store(true, Ordering::Relaxed);
        assert!(writer.join().expect("it wrote") > 0 && seen > 0);
    });
}

#[test]
fn what_is_no_backup_is_said() {
    let fixture = Fixture::new();
    let path = |name: &str| fixture.temp.path().join(name);
    let mut said = Vec::new();
    let mut refused = |name: &str| {
        let error = backup::check(&path(name)).expect_err("it cannot be used").to_string();
        said.push(error.replace(&*fixture.temp.path().to_string_lossy(), "/d"));
    };
    refused("missing.db");
    fs::write(path("empty.db"), "").expect("written");
    refused("empty.db");
    fs::write(path("text.db"), "not a database at all, whatever its name says".repeat(40)).expect("written");
    refused("text.db");
    let other = Connection::open(path("other.db")).expect("made");
    other.execute_batch("CREATE TABLE t (x)").expect("made");
    refused("other.db");
    backed_up(&fixture, &path("newer.db")).expect("copied");
    by_hand(&path("newer.db")).pragma_update(None, "user_version", 99).expect("raised");
    refused("newer.db");
    backed_up(&fixture, &path("nobodys.db")).expect("copied");
    by_hand(&path("nobodys.db")).execute("DELETE FROM fleet", []).expect("deleted");
    refused("nobodys.db");
    backed_up(&fixture, &path("damaged.db")).expect("copied");
    let mut bytes = fs::read(path("damaged.db")).expect("readable");
    bytes.truncate(bytes.len() / 2);
    fs::write(path("damaged.db"), bytes).expect("written");
    refused("damaged.db");
    insta::assert_snapshot!(said.join("\n"));
}
