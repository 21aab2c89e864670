use clap::Parser as _;
use claude_hooks_actors::model::FleetId;

use super::*;
use crate::cli::args::{Cli, Verb};
use crate::cli::failure::Exit;
use crate::cli::tests::context;
use crate::store::RowChange;

fn contents(fleet: FleetId, agents: u64) -> Contents {
    Contents {
        fleet,
        schema: 3,
        agents,
        events: 120,
        last_event_at: Some("2026-01-01T11:00:00.000000000Z".into()),
        tasks: 4,
        open_tasks: 1,
        leases: 0,
        bytes: 1_500_000,
    }
}

fn fleet(digit: char) -> FleetId {
    let text = "01234567-0000-4000-8000-000000000000".replace('1', &digit.to_string());
    FleetId::parse(&text).expect("a uuid")
}

fn args(flags: &[&str]) -> RestoreArgs {
    let words = [&["claude-hooks", "restore", "a.db"], flags].concat();
    match Cli::try_parse_from(words).expect("valid").verb {
        Verb::Restore(args) => args,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_will_change_is_said_before_anything_does() {
    let rows = RowChanges {
        added: vec!["gone".into()],
        removed: vec!["new".into()],
        changed: vec![RowChange { name: "b".into(), columns: vec!["env".into(), "image".into()] }],
        unchanged: 7,
    };
    let mut report = Report {
        backup: contents(fleet('1'), 9),
        present: Some(contents(fleet('1'), 9)),
        unreadable: None,
        fleet: Kin::Same,
        rows: Some(rows),
        containers: Outlook::Plan(Vec::new()),
        restored: false,
        kept: None,
    };
    let same = words(&report, false);
    report.fleet = Kin::Other(fleet('7'));
    report.present = None;
    report.unreadable = Some("page 3 is bad".into());
    report.rows = None;
    report.containers = Outlook::Unknown("docker does not answer".into());
    insta::assert_snapshot!(format!("{same}\n\n────\n\n{}", words(&report, false)));
}

#[actix_rt::test]
async fn another_fleet_takes_more_than_a_yes() {
    let other = Kin::Other(fleet('7'));
    let refused = [
        (Kin::Same, &[][..], (|| Ok(String::new())) as fn() -> std::io::Result<String>),
        (Kin::Same, &[], || Ok("yes\n".into())),
        (other, &[], || Ok("restore\n".into())),
        (other, &["--yes"], || Ok("restore\n".into())),
        (other, &["--force"], || Ok(String::new())),
    ];
    for (kin, flags, input) in refused {
        let (mut context, _, _) = context(false);
        context.input = input;
        let failure = confirm(&mut context, kin, &args(flags)).await.expect_err("not confirmed");
        assert_eq!(failure.exit(), Exit::Failed);
        assert!(failure.to_string().contains("nothing was changed"), "{failure}");
    }
    let agreed = [
        (Kin::Same, &[][..], (|| Ok("restore\n".into())) as fn() -> std::io::Result<String>),
        (Kin::None, &["--yes"], || Ok(String::new())),
        (Kin::Unknown, &["--yes"], || Ok(String::new())),
        (other, &[], || Ok("07234567\n".into())),
        (other, &["--force"], || Ok("restore\n".into())),
        (other, &["--force", "--yes"], || Ok(String::new())),
    ];
    for (kin, flags, input) in agreed {
        let (mut context, _, err) = context(false);
        context.input = input;
        let agreed = confirm(&mut context, kin, &args(flags)).await;
        assert!(agreed.is_ok(), "{kin:?} {flags:?}: {}", err.text());
    }
}
