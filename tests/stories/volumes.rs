//! The state that outlives its agents: seen, and destroyed only by name.

use serde_json::Value;

use crate::harness::{Fleet, SOON, hot, lazy, stderr, stdout};

fn listed(fleet: &Fleet, args: &[&str]) -> Vec<Value> {
    let said = fleet.cli_ok(&[&["volumes", "--json"], args].concat());
    let list: Value = serde_json::from_str(&said).expect("--json prints JSON");
    list["items"].as_array().expect("a list of items").clone()
}

#[test]
fn a_kept_volume_is_listed_with_its_size_until_it_is_wiped() {
    let Some(fleet) = Fleet::started([hot("dev"), lazy("reviewer")]) else { return };
    fleet.create("gone", "dev");
    fleet.exec("gone", &["write", "/state/notes", &"x".repeat(5000)]);
    assert_eq!(listed(&fleet, &[]), Vec::<Value>::new(), "every one has its agent");
    fleet.delete("gone").expect(200);
    fleet.eventually("the container is gone", SOON, || fleet.inspect("gone").is_none().then_some(()));

    let kept = listed(&fleet, &["--sizes"]);
    let [kept] = &kept[..] else { panic!("one is kept: {kept:?}") };
    assert_eq!((&kept["name"], &kept["instance"]), (&fleet.volume("gone").into(), &"gone".into()), "{kept}");
    assert_eq!((&kept["has_row"], &kept["container"]), (&false.into(), &Value::Null), "{kept}");
    assert!(kept["size_bytes"].as_u64().is_some_and(|bytes| bytes >= 5000), "{kept}");
    let all = listed(&fleet, &["--all"]);
    assert_eq!(all.len(), 3, "{all:?}");
    let dev = all.iter().find(|volume| volume["instance"] == "dev-default").expect("it is listed");
    assert_eq!((&dev["has_row"], &dev["container"]), (&true.into(), &fleet.container("dev-default").into()));

    let table = fleet.cli(&["volumes"]);
    assert!(stdout(&table).contains(&fleet.volume("gone")) && stderr(&table).contains("wipe-agent"));
    fleet.cli_ok(&["wipe-agent", "gone", "--yes"]);
    assert_eq!((listed(&fleet, &[]), fleet.inspect_volume("gone")), (Vec::new(), None));
}
