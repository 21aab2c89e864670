//! What a process is given, and how it can fail to begin.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use crate::harness::{Order, World, order, shell};

#[test]
fn a_program_that_is_not_there_is_127_in_the_words_of_the_system() {
    let world = World::new();
    for program in ["no-such-program", "/no/such/program"] {
        let record = world.run(&order(&[program]));
        assert_eq!(record.ended(), ("not_started", 127));
        assert_eq!(record.detail(), format!("{program}: No such file or directory (os error 2)"));
    }
}

#[test]
fn what_cannot_be_executed_is_126() {
    let world = World::new();
    let plain = world.path().join("plain");
    fs::write(&plain, "no program").expect("a file");
    let record = world.run(&order(&[plain.to_str().expect("a path")]));
    assert_eq!(record.ended(), ("not_started", 126));
    assert!(record.detail().ends_with("Permission denied (os error 13)"), "{}", record.detail());
    fs::set_permissions(&plain, fs::Permissions::from_mode(0o755)).expect("our own file");
    assert_eq!(world.run(&order(&["/"])).ended(), ("not_started", 126));
}

#[test]
fn a_missing_working_directory_is_told_from_a_missing_program() {
    let world = World::new();
    let record = world.run(&Order { workdir: Some("/no/such/dir".into()), ..order(&["true"]) });
    assert_eq!(record.ended(), ("not_started", 126));
    assert_eq!(record.detail(), "working directory /no/such/dir: No such file or directory (os error 2)");
    let there = Order { workdir: Some("/usr".into()), ..order(&["pwd"]) };
    assert_eq!(world.run(&there).ended(), ("exited", 0));
    assert_eq!(world.text(&there), "/usr\n");
}

#[test]
fn the_process_has_the_runners_environment_and_the_orders() {
    let world = World::new();
    let mut order = shell("echo \"$HOME-$ADDED-$CLAUDE_HOOKS_RUN\"");
    order.env = [("ADDED".into(), "a b\nc".into()), ("CLAUDE_HOOKS_RUN".into(), "no".into())].into();
    assert_eq!(world.run(&order).ended(), ("exited", 0));
    let home = std::env::var("HOME").unwrap_or_default();
    assert_eq!(world.text(&order), format!("{home}-a b\nc-{}\n", order.run));
}

#[test]
fn the_process_leads_a_group_of_its_own_and_dies_before_its_runner() {
    let world = World::new();
    let order = shell("cut -d ' ' -f 5 /proc/$$/stat; echo $$; cat /proc/$$/oom_score_adj");
    let running = world.begin(&order);
    let own = fs::read_to_string("/proc/self/oom_score_adj").expect("a /proc");
    let runners = fs::read_to_string(format!("/proc/{}/oom_score_adj", running.pid()));
    running.end();
    // Unless it had ended before it was looked at.
    assert_eq!(runners.unwrap_or(own.clone()), own);
    let text = world.text(&order);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], lines[1], "{text}");
    assert!(lines[2].parse::<i32>().expect("a number") >= 500, "{text}");
}

#[test]
fn a_mebibyte_of_input_arrives_byte_for_byte() {
    let world = World::new();
    let stdin: Vec<u8> = (0..1_u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let order = Order { stdin: stdin.clone(), ..order(&["cat"]) };
    let record = world.run(&order);
    assert_eq!((record.ended(), record.bytes()), (("exited", 0), (1 << 20, 1 << 20)));
    assert!(world.output(&order, 0) == stdin, "the input came back changed");
}

#[test]
fn a_process_that_does_not_read_its_input_holds_up_nothing() {
    let world = World::new();
    let began = Instant::now();
    let record = world.run(&Order { stdin: vec![b'x'; 1 << 20], ..shell("exec 0<&-; exit 4") });
    assert_eq!(record.ended(), ("exited", 4));
    let record = world.run(&Order { stdin: vec![b'x'; 1 << 20], ..order(&["sleep", "0.2"]) });
    assert_eq!(record.ended(), ("exited", 0));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn without_input_the_process_reads_its_end() {
    let world = World::new();
    assert_eq!(world.run(&order(&["cat"])).ended(), ("exited", 0));
}

#[test]
fn nothing_secret_is_written() {
    let world = World::new();
    let mut order = Order { stdin: b"s3cret-input".to_vec(), ..shell("cat > /dev/null; echo done") };
    order.env = [("TOKEN".into(), "s3cret-value".into())].into();
    world.run(&order);
    for file in fs::read_dir(world.files(&order)).expect("the run's directory").flatten() {
        let content = fs::read(file.path()).expect("our own file");
        assert!(!String::from_utf8_lossy(&content).contains("s3cret"), "{}", file.path().display());
        assert_eq!(file.metadata().expect("our own file").permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::metadata(world.files(&order)).expect("ours").permissions().mode() & 0o777, 0o700);
}
