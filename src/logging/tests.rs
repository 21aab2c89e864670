use log::{Level, Record};

use super::*;

#[test]
fn levels_are_understood_also_per_module() {
    for level in ["info", "WARN", "off", "info,claude_hooks=debug", "claude_hooks::daemon=trace"] {
        assert!(check(level).is_ok(), "{level}");
    }
    for level in ["", "loud", "info,", "claude_hooks=loud", "a b=info"] {
        assert!(check(level).is_err(), "{level}");
    }
}

#[test]
fn a_line_of_json_carries_its_fields_and_text_from_outside_stays_in_its_place() {
    let at = "2026-01-02T03:04:05.678Z".parse().expect("a timestamp");
    let fields = [
        ("instance", log::kv::Value::from("dev-default")),
        ("rows", log::kv::Value::from(3)),
        ("below", log::kv::Value::from(-3)),
        ("forced", log::kv::Value::from(true)),
        ("level", log::kv::Value::from("a field, not the level")),
    ];
    let line = json::line(
        &Record::builder()
            .args(format_args!("said \"no\"\n{}", "\u{1b}[31m"))
            .level(Level::Warn)
            .target("claude_hooks::daemon")
            .key_values(&fields)
            .build(),
        at,
    );
    assert_eq!(
        line,
        r#"{"time":"2026-01-02T03:04:05.678Z","level":"WARN","target":"claude_hooks::daemon","message":"said \"no\"\n\u001b[31m","fields":{"below":-3,"forced":true,"instance":"dev-default","level":"a field, not the level","rows":3}}"#
    );
}

#[test]
fn a_level_that_is_changed_holds_at_once_for_every_format() {
    for format in [LogFormat::Text, LogFormat::Json] {
        let logger = Logger::new("warn,noisy=off", format).expect("stderr is there");
        let told = |level, target| logger.enabled(&Metadata::builder().level(level).target(target).build());
        assert_eq!(
            [told(Level::Warn, "a"), told(Level::Info, "a"), told(Level::Error, "noisy")],
            [true, false, false]
        );
        logger.set_level("debug");
        assert_eq!(
            [told(Level::Debug, "a"), told(Level::Trace, "a"), told(Level::Error, "noisy")],
            [true, false, true]
        );
        assert_eq!(logger.max_level(), LevelFilter::Debug);
    }
}

#[test]
fn without_a_journal_behind_stderr_the_format_is_text() {
    assert!(matches!(Logger::new("info", LogFormat::Auto).expect("stderr is there").sink, Sink::Text));
}
