use super::*;

#[test]
fn failures_pause_one_second_doubling_to_sixty_give_or_take_a_quarter() {
    let start = now();
    for (jitter, factor) in [(-1.0, 0.75), (0.0, 1.0), (1.0, 1.25)] {
        let mut history = History::default();
        for expected in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            history.failed(start, jitter);
            let pause = history.retry_at(start).expect("a try is due later").duration_since(start);
            assert_eq!(pause, Duration::from_secs(expected).mul_f64(factor), "jitter {jitter}");
        }
    }
}

#[test]
fn a_success_keeps_the_count_and_ten_minutes_of_health_forget_it() {
    let start = now();
    let mut history = History::default();
    history.failed(start, 0.0);
    history.worked();
    assert_eq!(history.retry_at(start), None);
    history.failed(start, 0.0);
    assert_eq!(history.backoff.as_ref().map(|backoff| backoff.attempt), Some(2));
    history.up_since = Some(start);
    history.heal(start + Duration::from_mins(9));
    assert!(history.backoff.is_some());
    history.heal(start + Duration::from_mins(10));
    assert!(history.backoff.is_none());
}

#[test]
fn five_deaths_in_ten_minutes_are_a_crash_loop_and_it_is_said_once() {
    let start = now();
    let mut history = History::default();
    let minute = |n| start + Duration::from_mins(n);
    for n in 0..4 {
        assert!(!history.died(1, minute(n)));
    }
    assert!(history.died(1, minute(4)));
    assert_eq!(history.crash_loop, Some(CrashLoop { next_try: minute(9) }));
    assert!(!history.died(1, minute(9)), "it is known");
    assert_eq!(history.crash_loop, Some(CrashLoop { next_try: minute(14) }));
    history.forgive();
    assert_eq!((history.crash_loop, history.recent_deaths()), (None, 0));
}

#[test]
fn deaths_that_are_far_apart_are_no_crash_loop() {
    let start = now();
    let mut history = History::default();
    for n in 0..50 {
        assert!(!history.died(1, start + Duration::from_mins(3 * n)));
    }
}
