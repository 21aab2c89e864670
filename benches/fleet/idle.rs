//! What a daemon with nothing to do takes of the machine, on default settings.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::{AWAKE, FLEET};

/// Five rounds of the watchdog, of which one looks at the images too.
const WINDOW: Duration = Duration::from_mins(5);
/// What the making of the fleet set off is over by then.
const CALM: Duration = Duration::from_secs(10);

pub(crate) fn run() {
    let mut fleet = crate::large();
    let pid = fleet.pid();
    thread::sleep(CALM);
    println!(
        "  {FLEET} agents, {AWAKE} of them running, after they were all made in one go: {}",
        memory(pid)
    );
    let (before, begin) = (Processor::of(pid), Instant::now());
    thread::sleep(WINDOW);
    let (after, passed) = (Processor::of(pid), begin.elapsed());
    println!("  {} later: {} (aim: under 40 MB)", minutes(passed), memory(pid));
    let share = |used: Duration| 100.0 * used.as_secs_f64() / passed.as_secs_f64();
    let own = share(after.own.saturating_sub(before.own));
    let all = share((after.own + after.children).saturating_sub(before.own + before.children));
    println!("  the daemon itself: {own:.2} % of a core (aim: under 0.2)");
    println!("  with its docker processes: {all:.2} % of a core");
    fleet.restart();
    thread::sleep(CALM);
    println!("  started anew with these agents: {}", memory(fleet.pid()));
}

fn minutes(time: Duration) -> String {
    format!("{:.0} minutes", time.as_secs_f64() / 60.0)
}

/// In MB: what is resident, and the part of it that is not the program's file; then the most there ever was.
fn memory(pid: u32) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the daemon lives");
    let fields: BTreeMap<&str, &str> = status.lines().filter_map(|line| line.split_once(':')).collect();
    let megabytes = |key: &str| {
        let kilobytes = fields.get(key).and_then(|value| value.trim().strip_suffix(" kB"));
        let kilobytes: f64 = kilobytes.and_then(|value| value.parse().ok()).expect("the kernel says it");
        format!("{:.1} MB", kilobytes / 1024.0)
    };
    let threads = fields.get("Threads").map_or("", |count| count.trim());
    format!(
        "{} resident, {} of it anonymous; peak {}; {threads} threads",
        megabytes("VmRSS"),
        megabytes("RssAnon"),
        megabytes("VmHWM"),
    )
}

/// Processor time of a process, and of the children that it has reaped.
struct Processor {
    own: Duration,
    children: Duration,
}

impl Processor {
    fn of(pid: u32) -> Self {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the daemon lives");
        let (_, fields) = stat.rsplit_once(')').expect("the name stands in parentheses");
        let ticks: Vec<u64> =
            fields.split_whitespace().skip(11).take(4).filter_map(|text| text.parse().ok()).collect();
        let &[user, system, children_user, children_system] = ticks.as_slice() else {
            panic!("no processor times in {stat}");
        };
        let per_second = ticks_per_second();
        let time = |ticks: u64| Duration::from_millis(ticks * 1000 / per_second);
        Self { own: time(user + system), children: time(children_user + children_system) }
    }
}

fn ticks_per_second() -> u64 {
    let output = Command::new("getconf").arg("CLK_TCK").output().expect("getconf is there");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("it is a number")
}
