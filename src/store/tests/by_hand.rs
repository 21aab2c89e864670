use claude_hooks_actors::model::{AgentChange, Power, VolumeRecord};

use super::*;

#[tokio::test]
async fn two_words_are_a_row() {
    let fixture = Fixture::new();
    fixture.by_hand().execute_batch("INSERT INTO agents(name,type) VALUES('dev-2','dev')").expect("inserted");
    let agent = fixture.store.agent(&name("dev-2")).await.expect("readable").expect("it is there");
    assert_eq!((agent.agent_type, agent.overrides), (type_name("dev"), Overrides::default()));
    assert_eq!((agent.power, agent.generation, agent.volume, agent.broken), (Power::On, 1, None, None));
    let age = jiff::Timestamp::now().duration_since(agent.created_at);
    assert!(age.abs() < jiff::SignedDuration::from_mins(1), "{age}");
}

#[test]
fn what_no_agent_may_be_is_refused_in_words() {
    let fixture = Fixture::new();
    let hand = fixture.by_hand();
    let long = "a".repeat(64);
    let bad = [
        ("name", "''"),
        ("name", "'-x'"),
        ("name", "'../a'"),
        ("name", "'a;b'"),
        ("name", "'é'"),
        ("name", "'A'"),
        ("name", "'a-prev'"),
        ("name", "'a' || char(0) || 'b'"),
        ("name", &format!("'{long}'")),
        ("name", "NULL"),
        ("type", "'a b'"),
        ("lifecycle", "'warm'"),
        ("image", "''"),
        ("command", "'sleep'"),
        ("command", "'{}'"),
        ("env", "'[]'"),
        ("env", "'{'"),
        ("env", "'{a:1}'"),
        ("env", "NULL"),
        ("mounts", "'{}'"),
        ("network", "''"),
        ("memory_bytes", "0"),
        ("memory_bytes", "'much'"),
        ("milli_cpus", "4294967296"),
        ("pids", "-1"),
        ("power", "'ON'"),
        ("generation", "0"),
        ("created_at", "'yesterday'"),
        ("updated_at", "datetime('now')"),
        ("volume", "'[]'"),
        ("volume", "'x'"),
    ];
    for (column, value) in bad {
        let row =
            |wanted: &str, usual: &str| if wanted == column { value.to_owned() } else { usual.to_owned() };
        let (name, agent_type) = (row("name", "'a'"), row("type", "'dev'"));
        let (more, value) = match column {
            "name" | "type" => (String::new(), String::new()),
            _ => (format!(", {column}"), format!(", {value}")),
        };
        let sql = format!("INSERT INTO agents (name, type{more}) VALUES ({name}, {agent_type}{value})");
        let error = hand.execute(&sql, []).expect_err(&sql).to_string();
        assert!(error.contains(column), "{sql}: {error}");
    }
    let longest = &long[1..];
    hand.execute("INSERT INTO agents (name, type) VALUES (?1, ?1)", [longest]).expect("63 are a name");
}

#[tokio::test]
async fn a_change_by_hand_raises_the_generation_and_anything_else_does_not() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    let hand = fixture.by_hand();
    hand.execute_batch("UPDATE agents SET updated_at = '2000-01-01T00:00:00.000Z'").expect("updated");
    let changes = [
        "type = 'lazy'",
        "lifecycle = 'lazy'",
        "image = 'x:1'",
        "command = '[]'",
        "env = '{\"A\":\"1\"}'",
        "mounts = '[{\"source\":\"/a\",\"target\":\"/b\"}]'",
        "network = 'none'",
        "memory_bytes = 9000000",
        "milli_cpus = 10",
        "pids = 10",
        "power = 'off'",
    ];
    for (generation, change) in (2..).zip(changes) {
        hand.execute_batch(&format!("UPDATE agents SET {change}")).expect("updated");
        let agent = fixture.store.agent(&name("a")).await.expect("readable").expect("it is there");
        assert_eq!(agent.generation, generation, "{change}");
        assert_eq!(agent.broken, None, "{change}");
        assert!(agent.updated_at.as_second() > 1_000_000_000, "{change}");
        // The same again is no change.
        hand.execute_batch(&format!("UPDATE agents SET {change}")).expect("updated");
        let again = fixture.store.agent(&name("a")).await.expect("readable").expect("it is there");
        assert_eq!(again, agent, "{change}");
    }
    let stale = fixture.store.update_agent(&name("a"), Some(1), &AgentChange::default()).await;
    assert!(
        matches!(stale, Err(StoreError::GenerationMismatch { expected: 1, current: 12, .. })),
        "{stale:?}"
    );
}

#[tokio::test]
async fn a_change_of_ours_raises_the_generation_by_one() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    let overrides = Overrides { image: Some("x:1".into()), ..Overrides::default() };
    let change = AgentChange { overrides: Some(overrides.clone()), power: Some(Power::Off) };
    let agent = fixture.store.update_agent(&name("a"), Some(1), &change).await.expect("changed");
    assert_eq!((agent.generation, agent.power, agent.overrides), (2, Power::Off, overrides));
    let volume = VolumeRecord::Ours { uuid: "u".into() };
    fixture.store.set_volume(&name("a"), Some(&volume)).await.expect("recorded");
    let agent = fixture.store.agent(&name("a")).await.expect("readable").expect("it is there");
    assert_eq!((agent.generation, agent.volume), (2, Some(volume)), "a volume is no change of the row");
}

#[test]
fn a_name_stays_and_a_generation_does_not_go_back() {
    let fixture = Fixture::new();
    let hand = fixture.by_hand();
    hand.execute_batch("INSERT INTO agents (name, type, generation) VALUES ('a', 'dev', 5)")
        .expect("inserted");
    for sql in ["UPDATE agents SET name = 'b'", "UPDATE agents SET generation = 4"] {
        hand.execute_batch(sql).expect_err(sql);
    }
    hand.execute_batch("UPDATE agents SET name = 'a', generation = 6").expect("nothing of it goes back");
}

#[tokio::test]
async fn a_row_of_the_wrong_shape_is_told_once_and_hides_no_other() {
    let fixture = Fixture::new();
    fixture.insert("good").await;
    fixture.insert("odd").await;
    let wrong = [
        ("env", "'{\"A\": 1}'"),
        ("command", "'[1]'"),
        ("mounts", "'[\"/a\"]'"),
        ("mounts", "'[{\"source\":\"/a\",\"target\":\"/b\",\"rw\":true}]'"),
        ("env", "'{\"A\": \"\\ud800\"}'"),
        ("volume", "'{}'"),
        ("image", "CAST(x'ff' AS TEXT)"),
        ("created_at", "'2026-02-31T25:00:00Z'"),
    ];
    for (column, value) in wrong {
        let hand = fixture.by_hand();
        let sql = format!("UPDATE agents SET {column} = {value} WHERE name = 'odd'");
        if column == "created_at" {
            hand.execute_batch(&sql).expect_err("julianday knows no such hour");
            continue;
        }
        hand.execute_batch(&sql).expect(&sql);
        let agents = fixture.store.agents().await.expect("one odd row is no reason to fail");
        let [good, odd] = &agents[..] else { panic!("{agents:?}") };
        assert_eq!(good.broken, None);
        let reason = odd.broken.clone().expect("it is marked");
        assert!(reason.contains(column), "{reason}");
        let place = "the row of agent odd";
        assert!(!fixture.store.shared.odd.tell(place, &reason), "agents() has told it");
        hand.execute_batch(
            "UPDATE agents SET env = '{}', command = NULL, mounts = '[]', volume = NULL, image = NULL",
        )
        .expect("mended");
        assert_eq!(fixture.store.agents().await.expect("readable")[1].broken, None);
        assert!(fixture.store.shared.odd.tell(place, &reason), "once mended, it would be told again");
    }
}

#[tokio::test]
async fn holding_a_row_down_leaves_what_cannot_be_understood_in_it_alone() {
    let fixture = Fixture::new();
    let sql = "INSERT INTO agents (name, type, env) VALUES ('a', 'dev', '{\"A\": 1}')";
    fixture.by_hand().execute_batch(sql).expect("inserted");
    let off = AgentChange { overrides: None, power: Some(Power::Off) };
    let agent = fixture.store.update_agent(&name("a"), None, &off).await.expect("changed");
    assert!(agent.broken.is_some());
    let env: String =
        fixture.by_hand().query_row("SELECT env FROM agents", [], |row| row.get(0)).expect("a row");
    assert_eq!(env, "{\"A\": 1}");
    let overrides = AgentChange { overrides: Some(Overrides::default()), power: None };
    let agent = fixture.store.update_agent(&name("a"), None, &overrides).await.expect("changed");
    assert_eq!((agent.broken, agent.power), (None, Power::Off), "new overrides mend it");
}

#[tokio::test]
async fn a_row_that_comes_back_by_hand_loses_its_tombstone() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    fixture.store.delete_agent(&name("a"), None).await.expect("deleted");
    assert_eq!(fixture.store.tombstones().await.expect("readable"), [name("a")]);
    fixture.by_hand().execute_batch("INSERT INTO agents(name,type) VALUES('a','dev')").expect("inserted");
    assert!(fixture.store.tombstones().await.expect("readable").is_empty());
}

#[tokio::test]
async fn a_row_deleted_by_hand_leaves_no_tombstone() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    fixture.by_hand().execute_batch("DELETE FROM agents").expect("deleted");
    assert!(fixture.store.tombstones().await.expect("readable").is_empty());
}

#[tokio::test]
async fn changes_are_noticed_when_another_wrote_them_and_only_then() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    assert!(!store.changed_elsewhere().await.expect("an answer"));
    fixture.insert("a").await;
    store.agents().await.expect("readable");
    store.verify().await.expect("the same file");
    assert!(!store.changed_elsewhere().await.expect("an answer"), "our own writes are none");
    let hand = fixture.by_hand();
    hand.execute_batch("INSERT INTO agents(name,type) VALUES('b','dev')").expect("inserted");
    // A write of ours in between must not swallow the other's.
    fixture.insert("c").await;
    assert!(store.changed_elsewhere().await.expect("an answer"));
    assert!(!store.changed_elsewhere().await.expect("an answer"), "told once");
    hand.query_row("SELECT count(*) FROM agents", [], |_| Ok(())).expect("readable");
    drop(hand);
    assert!(!store.changed_elsewhere().await.expect("an answer"), "reading is no change");
}
