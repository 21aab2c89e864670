use proptest::prelude::*;

use super::*;
use crate::model::{FileRoom, StateSize};

const GIB: u64 = 1 << 30;
const MIB: u64 = 1 << 20;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).expect("a time")
}

/// Far from every wall: 1 of 4 GiB, half of 2 processors, 10 of 100 processes, an empty disk.
fn idle() -> Usage {
    Usage {
        at: at(0),
        milli_cpus: 1000,
        memory_bytes: GIB,
        memory_limit_bytes: 4 * GIB,
        pids: 10,
        pids_refused: Some(0),
        limits: Limits { memory_bytes: Some(4 * GIB), milli_cpus: Some(2000), pids: Some(100) },
        disk: Some(disk(900 * GIB, 1000 * GIB)),
        state: None,
    }
}

fn disk(free: u64, total: u64) -> DiskState {
    DiskState { free, total, files: None }
}

fn files(free: u64, total: u64) -> DiskState {
    DiskState { files: Some(FileRoom { free, total }), ..disk(GIB, GIB) }
}

fn pids(pids: u64) -> Usage {
    Usage { pids, ..idle() }
}

/// What a row of samples tells, in short: `+pids` and `-pids`.
fn told(samples: impl IntoIterator<Item = Usage>) -> Vec<String> {
    let (mut near, mut streaks) = (BTreeMap::new(), Streaks::new());
    let mut told = Vec::new();
    for (index, usage) in samples.into_iter().enumerate() {
        for change in judge(&mut near, &mut streaks, &usage) {
            told.push(match change {
                Change::Near(level) => format!("{index}+{}", level.wall()),
                Change::Cleared(wall, _) => format!("{index}-{wall}"),
            });
        }
    }
    told
}

#[test]
fn near_is_told_at_the_second_sample_in_a_row_and_cleared_well_below() {
    for (samples, expected) in [
        (&[10, 90, 10, 90, 10][..], &[][..]),
        (&[89, 89, 89, 89], &[]),
        (&[90, 90, 95, 100], &["1+pids"]),
        // Swaying between the two bounds is not told.
        (&[90, 90, 85, 91, 80, 90, 90], &["1+pids"]),
        (&[95, 95, 79, 95, 79], &["1+pids", "2-pids"]),
        (&[95, 95, 79, 95, 95], &["1+pids", "2-pids", "4+pids"]),
    ] {
        assert_eq!(told(samples.iter().map(|used| pids(*used))), expected, "{samples:?}");
    }
}

#[test]
fn a_processor_may_be_used_for_a_while() {
    let cpu = |milli_cpus| Usage { milli_cpus, ..idle() };
    assert_eq!(told([1990; 4].map(cpu)), Vec::<String>::new());
    assert_eq!(told([1990; 6].map(cpu)), ["4+cpu"]);
    assert_eq!(told([1899; 9].map(cpu)), Vec::<String>::new(), "less than 95 %");
    assert_eq!(told([1990, 1990, 1990, 1990, 100, 1990, 1990].map(cpu)), Vec::<String>::new());
    let unlimited = || Usage { limits: Limits::default(), milli_cpus: 64_000, ..idle() };
    assert_eq!(
        told([unlimited(), unlimited(), unlimited(), unlimited(), unlimited(), unlimited()]),
        Vec::<String>::new()
    );
}

#[test]
fn a_limit_that_is_lifted_clears_and_a_disk_that_cannot_be_asked_leaves_what_was_told() {
    let full = Usage { disk: Some(disk(MIB, GIB)), pids: 99, ..idle() };
    let unlimited = Usage { limits: Limits { pids: None, ..idle().limits }, ..full.clone() };
    assert_eq!(told([full.clone(), full.clone(), unlimited]), ["1+pids", "1+disk", "2-pids"]);
    let unknown = Usage { disk: None, ..full.clone() };
    let emptied = Usage { disk: Some(disk(GIB, GIB)), ..full.clone() };
    assert_eq!(told([full.clone(), full, unknown.clone(), unknown, emptied]), ["1+pids", "1+disk", "4-disk"]);
}

#[test]
fn of_a_large_disk_only_the_last_gibibytes_are_near_the_wall() {
    let near = |disk: DiskState| scarcer(&disk).is_some_and(Level::is_near);
    for (room, expected) in [
        (disk(0, GIB), true),
        (disk(100 * MIB, GIB), true),
        (disk(200 * MIB, GIB), false),
        (disk(9 * GIB, 4000 * GIB), true),
        (disk(11 * GIB, 4000 * GIB), false),
        (disk(0, 0), false),
        (files(0, 1000), true),
        (files(200, 1000), false),
        (files(150_000, 100_000_000), false),
        (files(90_000, 100_000_000), true),
    ] {
        assert_eq!(near(room), expected, "{room:?}");
    }
    let scarce = DiskState { free: 10 * MIB, ..files(500, 1000) };
    assert_eq!(scarcer(&scarce).map(|level| level.to_string()).as_deref(), Some("disk 0.0 of 1.0 GiB free"));
}

#[test]
fn a_state_larger_than_its_type_allows_is_near_whatever_the_disk_has() {
    let state = |bytes| Some(StateSize { bytes, limit_bytes: 10 * GIB });
    let grown = |gibibytes: u64| Usage { state: state(Some(gibibytes * GIB)), ..idle() };
    assert_eq!(told([8, 9, 9, 12, 8, 7].map(grown)), ["2+state", "5-state"]);
    let words = levels(&grown(12)).find(|level| level.wall() == Wall::State).map(|level| level.to_string());
    assert_eq!(words.as_deref(), Some("state 12.0 of 10.0 GiB (120 %)"));
    let unmeasured = Usage { state: state(None), ..idle() };
    assert_eq!(told([grown(9), grown(9), unmeasured.clone(), unmeasured]), ["1+state"]);
    assert_eq!(told([grown(9), grown(9), idle()]), ["1+state", "2-state"], "no limit any more");
}

#[test]
fn levels_read_as_people_say_them() {
    let full = Usage {
        milli_cpus: 1960,
        memory_bytes: 3_972_844_749,
        pids: 99,
        disk: Some(files(12, 65_536)),
        ..idle()
    };
    let words: Vec<String> = levels(&full).map(|level| level.to_string()).collect();
    assert_eq!(
        words,
        [
            "memory 3.7 of 4.0 GiB (93 %)",
            "cpu 1.96 of 2 processors (98 %)",
            "pids 99 of 100 (99 %)",
            "disk with room for 12 of 65536 files"
        ]
    );
    let unlimited = Usage { limits: Limits::default(), disk: Some(disk(GIB / 2, 10 * GIB)), ..idle() };
    let words: Vec<String> = levels(&unlimited).map(|level| level.to_string()).collect();
    assert_eq!(words, ["memory 1.0 of 4.0 GiB of the host (25 %)", "disk 0.5 of 10.0 GiB free"]);
}

fn end<'a>(cause: StopCause, limits: &'a Limits, last: Option<&'a Usage>) -> End<'a> {
    End { cause, at: at(12), error: "", limits, disk: None, last }
}

#[test]
fn a_wall_is_named_only_where_it_is_certain() {
    let limits = Limits { memory_bytes: Some(64 * MIB), milli_cpus: None, pids: Some(64) };
    let (none, calm) = (Limits::default(), idle());
    let refused = Usage { pids: 63, pids_refused: Some(3), ..idle() };
    let crowded = Usage { pids: 63, limits: limits.clone(), ..idle() };
    let at_limit =
        "pids: at its limit of 64 the kernel refused it a process (3 times by 12 s before its end)";
    let measured = "when last measured, 12 s before its end: pids 63 of 64 (98 %)";
    let full = Some(disk(0, GIB));
    for (end, wall, words) in [
        (
            end(StopCause::Oom, &limits, None),
            Some(Wall::Memory),
            Some("memory: the limit of 64.0 MiB was reached"),
        ),
        (
            end(StopCause::Oom, &none, None),
            Some(Wall::Memory),
            Some("memory: it has no limit of its own, and the host ran out"),
        ),
        (end(StopCause::Crashed, &limits, Some(&refused)), Some(Wall::Pids), Some(at_limit)),
        (end(StopCause::Crashed, &limits, Some(&crowded)), None, Some(measured)),
        (end(StopCause::Killed, &limits, Some(&crowded)), None, Some(measured)),
        (end(StopCause::Crashed, &limits, Some(&calm)), None, None),
        (end(StopCause::Crashed, &limits, None), None, None),
        (
            End { disk: full, ..end(StopCause::Crashed, &limits, None) },
            Some(Wall::Disk),
            Some("disk: nothing is free where its state is"),
        ),
        (
            End { disk: Some(files(0, 10)), ..end(StopCause::Crashed, &limits, None) },
            Some(Wall::Disk),
            Some("disk: it takes no more files where its state is"),
        ),
        (
            End { error: "mkdir /x: no space left on device", ..end(StopCause::StartFailed, &limits, None) },
            Some(Wall::Disk),
            Some("disk: docker's is full"),
        ),
        // Who was killed by hand, or ended well, ran against nothing.
        (End { disk: full, ..end(StopCause::Killed, &limits, None) }, None, None),
        (End { disk: full, ..end(StopCause::Exited, &limits, None) }, None, None),
        (end(StopCause::Killed, &limits, Some(&Usage { pids_refused: Some(3), ..idle() })), None, None),
    ] {
        assert_eq!(wall_of(end), (wall, words.map(ToOwned::to_owned)), "{end:?}");
    }
}

fn usages() -> impl Strategy<Value = Usage> {
    let limit = prop_oneof![Just(None), Just(Some(100_u32))];
    let disk = prop_oneof![Just(None), (0..=110_u64).prop_map(|free| Some(disk(free, 100)))];
    (0..=220_u64, 0..=110_u64, 0..=110_u64, limit.clone(), limit, disk).prop_map(
        |(milli_cpus, memory, pids, cpu_limit, pids_limit, disk)| Usage {
            milli_cpus,
            memory_bytes: memory,
            memory_limit_bytes: 100,
            pids,
            limits: Limits { memory_bytes: Some(100), milli_cpus: cpu_limit, pids: pids_limit },
            disk,
            ..idle()
        },
    )
}

proptest! {
    /// Whatever is measured: near and cleared take turns, only what is near is told to be, only what is far is cleared.
    #[test]
    fn every_near_has_at_most_one_cleared_and_both_are_true(samples in proptest::collection::vec(usages(), 0..40)) {
        let (mut near, mut streaks) = (BTreeMap::new(), Streaks::new());
        for usage in &samples {
            let before = near.clone();
            let now: BTreeMap<Wall, Level> = levels(usage).map(|level| (level.wall(), level)).collect();
            for change in judge(&mut near, &mut streaks, usage) {
                match change {
                    Change::Near(level) => {
                        prop_assert!(!before.contains_key(&level.wall()) && near.contains_key(&level.wall()));
                        prop_assert!(level.ratio() >= NEAR);
                    }
                    Change::Cleared(wall, level) => {
                        prop_assert!(before.contains_key(&wall) && !near.contains_key(&wall));
                        prop_assert!(level.is_none_or(|level| level.ratio() < CLEAR));
                    }
                }
            }
            for wall in near.keys() {
                let level = now.get(wall);
                prop_assert!(level.is_none_or(|level| level.ratio() >= CLEAR));
            }
            for wall in streaks.keys() {
                prop_assert!(!near.contains_key(wall));
            }
        }
    }

    #[test]
    fn a_level_is_a_ratio_and_never_more_near_with_less_used(total in 1_u64.., free in 0_u64.., less in 0_u64..) {
        let ratio = |free: u64| scarcer(&disk(free, total)).map(Level::ratio).expect("it has a size");
        let more = free.saturating_add(less);
        prop_assert!(ratio(free) >= ratio(more));
        prop_assert!((0.0..=1.0).contains(&ratio(free)));
    }
}
