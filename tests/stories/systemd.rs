//! What a service manager sees of the daemon: told here by a socket of the test, and by a real systemd in
//! `scripts/test-systemd`.

use std::fs;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::process::Command;
use std::time::{Duration, Instant};

use claude_hooks_actors::model::Phase;
use rustix::process::Signal;
use serde_json::Value;

use crate::harness::daemon::{Daemon, PROGRAM};
use crate::harness::{Fault, Fleet, On, SOON, host, hot, lazy, stderr};

/// The other end of `NOTIFY_SOCKET`.
#[derive(Debug)]
struct Manager {
    socket: UnixDatagram,
    told: Vec<String>,
}

impl Manager {
    fn of(fleet: &mut Fleet) -> Self {
        let path = fleet.path("notify");
        let socket = UnixDatagram::bind(&path).expect("the temporary directory is writable");
        socket.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout can be set");
        fleet.env("NOTIFY_SOCKET", &path.to_string_lossy());
        Self { socket, told: Vec::new() }
    }

    /// Waits until something is told that `fits`; returns it. What was told before is passed over.
    #[track_caller]
    fn until(&mut self, fleet: &Fleet, what: &str, fits: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + SOON * 2;
        let mut buffer = [0; 8192];
        loop {
            if let Ok(length) = self.socket.recv(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..length]).trim_end().to_owned();
                self.told.push(text.clone());
                if fits(&text) {
                    return text;
                }
            }
            assert!(Instant::now() < deadline, "never told: {what}\n{:?}\n{}", self.told, fleet.log());
        }
    }

    fn was_told(&self, text: &str) -> bool {
        self.told.iter().any(|told| told == text)
    }
}

#[test]
fn the_service_manager_hears_of_readiness_only_after_the_first_pass_and_then_how_the_fleet_is() {
    let Some(mut fleet) = Fleet::new([hot("dev"), lazy("reviewer"), host("boss")]) else { return };
    fleet.with_faults();
    fleet.faults().set(&[(On::Verb("create"), Fault::Hang)]);
    let mut manager = Manager::of(&mut fleet);
    fleet.start_unready();
    manager.until(&fleet, "that it takes its time", |told| told.starts_with("EXTEND_TIMEOUT_USEC="));
    manager.until(&fleet, "the first pass", |told| told.starts_with("STATUS=the first pass"));
    fleet.eventually("docker is asked for a container", SOON, || {
        fleet.faults().changes().iter().any(|call| call.verb == "create").then_some(())
    });
    assert!(!manager.was_told("READY=1"));
    fleet.faults().clear();
    manager.until(&fleet, "READY", |told| told == "READY=1");
    assert!(!manager.was_told("RELOADING=1"), "{:?}", manager.told);
    let last =
        manager.told.iter().rev().find(|told| told.starts_with("STATUS=")).expect("it was told before");
    let counted = "STATUS=3 agents: 1 running, 1 asleep, 1 without container";
    if last != counted {
        manager.until(&fleet, "the agents are counted", |told| told == counted);
    }
    assert!(fleet.sigterm().success());
    manager.until(&fleet, "STOPPING", |told| told.starts_with("STOPPING=1"));
}

#[test]
fn the_watchdog_of_the_service_manager_is_fed_while_everything_moves() {
    let Some(mut fleet) = Fleet::new([host("boss")]) else { return };
    let mut manager = Manager::of(&mut fleet);
    fleet.env("WATCHDOG_USEC", "600000");
    fleet.start();
    for _ in 0..3 {
        manager.until(&fleet, "that it lives", |told| told == "WATCHDOG=1");
    }
}

#[test]
fn sighup_takes_over_types_and_log_level_and_the_containers_follow() {
    let Some(mut fleet) = Fleet::new([hot("dev"), hot("boss")]) else { return };
    let mut manager = Manager::of(&mut fleet);
    fleet.start();
    manager.until(&fleet, "READY", |told| told == "READY=1");
    let before = (fleet.id("dev-default"), fleet.id("boss-default"));
    assert!(!fleet.log().contains("DEBUG"), "{}", fleet.log());

    fleet.declare(hot("dev").container("env", serde_json::json!({ "COLOUR": "green" })));
    fleet.set("log", "level", "debug");
    fleet.set("watchdog", "interval_s", 5);
    drop(fleet.cli_ok(&["check-config"]));
    fleet.signal(Signal::HUP);
    manager.until(&fleet, "RELOADING", |told| {
        told.starts_with("RELOADING=1") && told.contains("MONOTONIC_USEC=")
    });
    manager.until(&fleet, "READY again", |told| told == "READY=1");
    fleet.eventually("the container is replaced", SOON, || {
        (fleet.id("dev-default").is_some_and(|id| Some(id) != before.0)).then_some(())
    });
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    assert_eq!(fleet.id("boss-default"), before.1, "its type is as before");
    let env = fleet.inspect("dev-default").expect("it is there")["Config"]["Env"].clone();
    assert!(env.as_array().is_some_and(|env| env.contains(&"COLOUR=green".into())), "{env}");
    for said in ["changed types: dev", "watchdog.interval_s is now 5, which holds from the next start on"] {
        assert!(fleet.log().contains(said), "{said:?} is not in\n{}", fleet.log());
    }
    fleet.eventually("the new level holds", SOON, || fleet.log().contains("DEBUG").then_some(()));
}

#[test]
fn a_config_that_is_wrong_leaves_the_old_one_in_force_and_says_so() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    let mut manager = Manager::of(&mut fleet);
    fleet.start();
    let before = fleet.id("dev-default");
    let types = fs::read_to_string(fleet.path("agents.json")).expect("it was written");
    fs::write(fleet.path("agents.json"), types.replace("\"hot\"", "\"warm\"")).expect("writable");
    fleet.signal(Signal::HUP);
    let told = manager.until(&fleet, "what is wrong", |told| told.contains("config not reloaded"));
    assert!(told.contains("agents.json:1") && told.contains("lifecycle"), "{told}");
    manager.until(&fleet, "READY again", |told| told == "READY=1");
    assert!(fleet.log().contains("the config is not reloaded, the old one holds"), "{}", fleet.log());
    assert_eq!(fleet.id("dev-default"), before);

    fs::write(fleet.path("agents.json"), types).expect("writable");
    fleet.signal(Signal::HUP);
    manager.until(&fleet, "all is well again", |told| told == "STATUS=1 agent: 1 running");
    assert_eq!(fleet.id("dev-default"), before, "nothing has changed");
}

/// A daemon that is given its sockets: stdin and stdout of the shell become the descriptors 3 and 4.
fn activated(fleet: &Fleet, tcp: &TcpListener, unix: &UnixListener, names: &str) -> Daemon {
    let ours = fleet.command(&["serve"]);
    let script = "exec 3<&0 4<&1 0</dev/null 1>>\"$0\" 2>>\"$0\"; exec \"$@\"";
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(script).arg(fleet.path("daemon.log"));
    command.args([PROGRAM, "run-tethered", &std::process::id().to_string(), PROGRAM]).args(ours.get_args());
    command.env_clear().envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("LISTEN_FDS", "2").env("LISTEN_FDNAMES", names);
    let fd = |fd: std::io::Result<OwnedFd>| fd.expect("a listener can be shared");
    Daemon::spawn_with(
        command,
        fd(tcp.try_clone().map(OwnedFd::from)),
        fd(unix.try_clone().map(OwnedFd::from)),
    )
}

fn version_over(mut stream: impl std::io::Read + std::io::Write) -> String {
    stream
        .write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .expect("it listens");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn sockets_that_were_handed_over_are_served_and_outlive_the_daemon() {
    let Some(fleet) = Fleet::new([host("boss")]) else { return };
    fs::create_dir(fleet.data()).expect("the temporary directory is writable");
    let path = fleet.data().join("claude-hooks.sock");
    let (tcp, unix) = (
        TcpListener::bind("127.0.0.1:0").expect("there is a loopback"),
        UnixListener::bind(&path).expect("the temporary directory is writable"),
    );
    let address = tcp.local_addr().expect("it is bound");
    for names in ["tcp:unix", "claude-hooks.socket:claude-hooks.socket"] {
        let mut daemon = activated(&fleet, &tcp, &unix, names);
        // Who comes early waits in the socket's queue.
        let over_unix = version_over(UnixStream::connect(&path).expect("it is open all the time"));
        assert!(over_unix.starts_with("HTTP/1.1 "), "{over_unix}\n{}", fleet.log());
        let over_tcp = version_over(std::net::TcpStream::connect(address).expect("it is open all the time"));
        assert!(over_tcp.starts_with("HTTP/1.1 "), "{over_tcp}");
        let agents: Value = serde_json::from_str(&fleet.cli_ok(&["agents", "list", "--json"])).expect("JSON");
        assert_eq!(agents.as_array().or(agents["items"].as_array()).map(Vec::len), Some(1), "{agents}");
        daemon.signal(Signal::TERM);
        assert!(daemon.wait(SOON).is_some_and(|status| status.success()), "{}", fleet.log());
        assert!(path.exists(), "a socket that was handed over is not ours to remove");
    }
    let mut daemon = activated(&fleet, &tcp, &unix, "unix:tcp");
    assert!(daemon.wait(SOON).is_some_and(|status| status.code() == Some(1)), "{}", fleet.log());
    assert!(fleet.log().contains("the socket \"unix\" that the service manager hands over is of no use"));
}

#[test]
fn a_sync_before_the_daemon_does_not_wait_for_a_socket_that_only_the_service_manager_holds() {
    let Some(fleet) = Fleet::new([lazy("reviewer")]) else { return };
    assert!(fleet.cli(&["agents-sync"]).status.success());
    let _open = UnixListener::bind(fleet.data().join("claude-hooks.sock")).expect("nobody listens there");
    let output = fleet.cli(&["agents-sync"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn log_lines_are_json_where_that_was_asked_for() {
    let Some(mut fleet) = Fleet::new([host("boss")]) else { return };
    fleet.set("log", "format", "json");
    fleet.start();
    let lines: Vec<Value> = fleet
        .log()
        .lines()
        .filter(|line| !line.starts_with("listening on"))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect();
    let serves =
        lines.iter().find(|line| line["message"].as_str().is_some_and(|text| text.contains("serves")));
    let serves = serves.unwrap_or_else(|| panic!("{lines:?}"));
    assert_eq!((serves["level"].as_str(), serves["fields"]["listen"].is_string()), (Some("INFO"), true));
}
