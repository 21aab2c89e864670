use super::*;

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

/// What becomes of so many that are parked one after the other until the same time.
fn all_until(until: Timestamp, count: usize) -> Vec<Timestamp> {
    let mut taken = Vec::new();
    for _ in 0..count {
        taken.push(reopening(until, &taken));
    }
    taken
}

#[test]
fn one_alone_is_reopened_when_it_was_said() {
    assert_eq!(reopening(second(100), &[]), second(100));
    assert_eq!(reopening(second(100), &[second(90), second(110)]), second(100));
}

#[test]
fn those_of_one_account_are_reopened_one_after_the_other() {
    assert_eq!(all_until(second(100), 4), [100, 110, 120, 130].map(second));
    assert_eq!(reopening(second(105), &[second(100), second(110)]), second(120), "nearly the same time");
    assert_eq!(reopening(second(95), &[second(100)]), second(110));
}

#[test]
fn nobody_waits_longer_than_the_bound_and_never_two_begin_at_once() {
    for count in [31, 32, 100, 1000] {
        let mut times = all_until(second(0), count);
        let latest = *times.iter().max().expect("there are some");
        assert!(latest.duration_since(second(0)) <= STAGGER_MOST, "{count}: {latest}");
        times.sort();
        times.dedup();
        assert_eq!(times.len(), count);
    }
}

#[test]
fn nothing_is_reopened_before_its_time() {
    let taken: Vec<Timestamp> = (0..40).map(|at| second(at * 7)).collect();
    for until in 0..300 {
        let at = reopening(second(until), &taken);
        assert!(at >= second(until) && at.duration_since(second(until)) <= STAGGER_MOST);
    }
}

#[test]
fn what_is_said_becomes_one_inert_line() {
    for (said, line) in [
        ("", ""),
        ("  plain  words ", "plain words"),
        ("two\nlines\r\nand\ta tab", "two lines and a tab"),
        ("\u{1b}[31mred\u{7}\0", "[31mred"),
        ("\u{202e}drawkcab\u{2066}", "drawkcab"),
        ("ünïcode 日本", "ünïcode 日本"),
    ] {
        assert_eq!(one_line_of(said), line, "{said:?}");
    }
    let long = one_line_of(&"ä".repeat(100_000));
    assert_eq!(long.chars().count(), SAID_MOST);
    assert!(long.ends_with('…'));
}

#[test]
fn the_later_ones_may_not_undo_what_the_earlier_ones_said() {
    assert!(SaidBy::Operator < SaidBy::Dispatcher && SaidBy::Dispatcher < SaidBy::Agent);
}
