//! What the facts mean, and what to do about them. Pure.

use std::path::Path;

use claude_hooks_actors::model::PullPolicy;
use jiff::Timestamp;

use super::facts::{
    Daemon, DataFacts, Database, DirState, DiskRoot, Engine, EngineClock, Facts, FleetFacts, Image,
    ImageState, Lock, Secret, SecretState,
};
use super::{Check, Status};
use crate::cli::text::{moment, one_line, short_id};

/// Below this the next write may fail.
const DISK_FAIL_BYTES: u64 = 256 << 20;
/// Below this somebody should know.
const DISK_WARN_BYTES: u64 = 2 << 30;
/// More than a slow answer explains.
const CLOCK_SKEW_S: i64 = 5;
/// A clock before this program was written is wrong.
const FIRST_YEAR: i16 = 2025;

fn ok(name: impl Into<String>, found: impl Into<String>) -> Check {
    Check { name: name.into(), status: Status::Ok, found: found.into(), mend: None }
}

fn bad(status: Status, name: impl Into<String>, found: impl Into<String>, mend: impl Into<String>) -> Check {
    Check { name: name.into(), status, found: found.into(), mend: Some(mend.into()) }
}

pub(super) fn judge(facts: &Facts) -> Vec<Check> {
    let mut checks = vec![config(facts)];
    if let Some(data) = &facts.data {
        checks.extend([data_dir(data), database(data), lock(data), socket(data)]);
        checks.push(disk("disk (data)", &data.dir, data.free_bytes));
    }
    checks.push(clock(facts.now));
    if let Some(fleet) = &facts.fleet {
        checks.extend([types(fleet), binary(fleet)]);
        checks.extend(engine(&fleet.engine));
        let reached = matches!(fleet.engine, Engine::Reached { .. });
        checks.extend(fleet.images.iter().filter(|_| reached).map(image));
        checks.extend(fleet.credentials.iter().map(credentials));
        checks.extend(fleet.tokens.iter().map(token));
    }
    checks
}

fn config(facts: &Facts) -> Check {
    match &facts.config {
        Ok(Some(path)) => ok("config", path.display().to_string()),
        Ok(None) => ok("config", "no file, the defaults hold"),
        Err(error) => bad(
            Status::Fail,
            "config",
            error,
            "correct it; `claude-hooks check-config` tries again. Docker, types and secrets are checked after that",
        ),
    }
}

fn types(fleet: &FleetFacts) -> Check {
    let names = fleet.types.join(", ");
    if fleet.built_in_types {
        let found = format!("{names} (the built-in example)");
        let mend = "declare your own in ~/.config/claude-hooks/agents.json";
        return bad(Status::Warn, "types", found, mend);
    }
    if fleet.types.is_empty() {
        let mend = "declare them in agents.json, beside the config (`claude-hooks check-config` says where), then restart";
        return bad(Status::Warn, "types", "there are none, so no agent can be made", mend);
    }
    ok("types", names)
}

fn data_dir(data: &DataFacts) -> Check {
    let name = "data dir";
    let dir = data.dir.display();
    match &data.dir_state {
        DirState::Missing => ok(name, format!("{dir} is not there yet; the daemon makes it")),
        DirState::NotADirectory => {
            let mend = "move the file away, or name another directory in [data] dir";
            bad(Status::Fail, name, format!("{dir} is not a directory"), mend)
        }
        DirState::Unreadable(error) => {
            let mend = format!("as root: chown $(id -u) {dir}, or run this as its owner");
            bad(Status::Fail, name, format!("{dir}: {error}"), mend)
        }
        // Root as the operator of a service that has a user of its own: to chown its data would lock it out.
        DirState::Present { owner, user: 0, .. } if *owner != 0 => {
            let mend = format!("to see all as its daemon does: sudo -u '#{owner}' claude-hooks doctor");
            bad(Status::Warn, name, format!("{dir} belongs to user {owner}, this is root"), mend)
        }
        DirState::Present { owner, user, .. } if owner != user => {
            let found = format!("{dir} belongs to user {owner}, this is user {user}");
            bad(Status::Fail, name, found, format!("run this as user {owner}, or chown -R {user} {dir}"))
        }
        DirState::Present { writable: false, .. } => {
            let mend = format!("chmod u+rwx {dir}, or mount its file system writable");
            bad(Status::Fail, name, format!("{dir} cannot be written"), mend)
        }
        DirState::Present { mode, .. } if mode & 0o022 != 0 => {
            let found = format!("{dir} has mode {mode:04o}: others may replace what is in it");
            bad(Status::Fail, name, found, format!("chmod 700 {dir}"))
        }
        DirState::Present { mode, .. } => ok(name, format!("{dir}, mode {mode:04o}")),
    }
}

fn database(data: &DataFacts) -> Check {
    let name = "database";
    match &data.database {
        Database::Absent => ok(name, "not there yet; the daemon makes it"),
        Database::Refused(error) => {
            let copies = data.dir.join("backups");
            bad(
                Status::Fail,
                name,
                error.clone(),
                format!("copies from before each upgrade are in {}", copies.display()),
            )
        }
        Database::Opened { schema, known_schema, agents } if schema < known_schema => ok(
            name,
            format!("intact, {agents} agents, schema {schema}: the daemon raises it to {known_schema}"),
        ),
        Database::Opened { schema, agents, .. } => {
            ok(name, format!("intact, schema {schema}, {agents} agents"))
        }
    }
}

fn lock(data: &DataFacts) -> Check {
    match (&data.lock, &data.daemon) {
        (Lock::Free, Daemon::Absent) => {
            ok("daemon", "none runs; start it with `claude-hooks serve` when the rest is well")
        }
        (_, Daemon::Answers(agents)) => ok("daemon", format!("runs with {agents} agents")),
        (Lock::Held(pid), Daemon::Absent | Daemon::Fails(_)) => {
            let pid = pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default();
            let found = format!("a process{pid} holds the data directory, but its socket does not answer");
            bad(
                Status::Fail,
                "daemon",
                found,
                "look at its log; stop it if it hangs: the containers keep running",
            )
        }
        (Lock::Unknown(error), Daemon::Absent) => bad(
            Status::Warn,
            "daemon",
            format!("cannot tell whether one runs: {error}"),
            "run this as the daemon's user",
        ),
        (Lock::Free | Lock::Unknown(_), Daemon::Fails(error)) => {
            bad(Status::Fail, "daemon", error, "run this as the daemon's user, or look at the daemon's log")
        }
    }
}

fn socket(data: &DataFacts) -> Check {
    let path = data.socket.display();
    match (data.socket_mode, &data.daemon) {
        (Some(mode), _) if mode & 0o077 != 0 => bad(
            Status::Fail,
            "socket",
            format!("{path} has mode {mode:04o}: whoever reaches it owns the host"),
            format!("chmod 600 {path}"),
        ),
        (Some(mode), Daemon::Answers(_)) => ok("socket", format!("{path} answers, mode {mode:04o}")),
        (Some(_), Daemon::Absent) => {
            ok("socket", format!("{path} is left over; the next daemon replaces it"))
        }
        (Some(_), Daemon::Fails(error)) => {
            bad(Status::Fail, "socket", format!("{path}: {error}"), "see above")
        }
        (None, _) => ok("socket", format!("{path} is not there while no daemon runs")),
    }
}

fn disk(name: &str, path: &Path, free: Option<u64>) -> Check {
    let path = path.display();
    let Some(free) = free else { return ok(name, format!("{path} cannot be looked at from here")) };
    let found = format!("{} MiB free for {path}", free >> 20);
    let mend = "make room: old images, old logs";
    match free {
        ..DISK_FAIL_BYTES => bad(Status::Fail, name, found, mend),
        DISK_FAIL_BYTES..DISK_WARN_BYTES => bad(Status::Warn, name, found, mend),
        DISK_WARN_BYTES.. => ok(name, found),
    }
}

fn clock(now: Timestamp) -> Check {
    let year = now.to_zoned(jiff::tz::TimeZone::UTC).year();
    if year < FIRST_YEAR {
        let mend = "set it: timedatectl set-ntp true";
        return bad(Status::Fail, "clock", format!("it says {}", moment(now)), mend);
    }
    ok("clock", moment(now))
}

fn binary(fleet: &FleetFacts) -> Check {
    let name = "docker binary";
    match &fleet.binary_found {
        Some(path) => ok(name, path.display().to_string()),
        None => bad(
            Status::Fail,
            name,
            format!("{} is not there or may not be executed", fleet.binary.display()),
            "install docker (Debian: apt install docker.io), or name the program in [docker] binary",
        ),
    }
}

fn engine(engine: &Engine) -> Vec<Check> {
    let name = "docker";
    let version =
        |version: &Option<String>| version.clone().unwrap_or_else(|| "of unknown version".to_owned());
    match engine {
        Engine::NotAsked => Vec::new(),
        Engine::Refused { client, told } => {
            let words = told.to_lowercase();
            let mend = if words.contains("permission denied") {
                "let this user in: sudo usermod -aG docker $USER, then log in anew"
            } else {
                "start it: sudo systemctl start docker; or say where it listens in [docker] host"
            };
            let told = one_line(told);
            vec![bad(Status::Fail, name, format!("client {} cannot reach it: {told}", version(client)), mend)]
        }
        Engine::Reached { client, server, clock, root } => {
            let found = format!("client {}, engine {}", version(client), version(server));
            let mut checks = vec![ok(name, found)];
            checks.extend(clock.as_ref().map(engine_clock));
            checks.extend(
                root.as_ref().map(|DiskRoot { path, free_bytes }| disk("disk (docker)", path, *free_bytes)),
            );
            checks
        }
    }
}

fn engine_clock(EngineClock { theirs, ours }: &EngineClock) -> Check {
    let skew = theirs.as_second() - ours.as_second();
    if skew.abs() <= CLOCK_SKEW_S {
        return ok("docker clock", "goes like ours");
    }
    let found = format!("is {} s {} ours", skew.abs(), if skew > 0 { "ahead of" } else { "behind" });
    bad(Status::Warn, "docker clock", found, "let both hosts keep time: timedatectl set-ntp true")
}

fn image(image: &Image) -> Check {
    let name = format!("image {}", image.reference);
    let types = image.types.join(", ");
    match (&image.state, image.pull) {
        (ImageState::Present(id), _) => ok(name, format!("{} (for {types})", short_id(id))),
        (ImageState::Absent, PullPolicy::Never) => {
            let mend = format!("build it, or docker pull {}, or set \"pull\": \"missing\"", image.reference);
            bad(Status::Fail, name, format!("is not here (for {types})"), mend)
        }
        (ImageState::Absent, PullPolicy::Missing | PullPolicy::Always) => {
            let mend = format!("docker pull {} now, if the first start should not wait", image.reference);
            bad(Status::Warn, name, format!("is not here yet (for {types})"), mend)
        }
        (ImageState::Unknown(error), _) => bad(Status::Fail, name, one_line(error), "mend docker first"),
    }
}

fn credentials(secret: &Secret) -> Check {
    let types = secret.types.join(", ");
    let path = secret.path.display();
    let name = format!("credentials {types}");
    let elsewhere = "or correct \"credentials\" of the type";
    match &secret.state {
        SecretState::Present { mode, .. } if mode & 0o022 != 0 => {
            let found = format!("{path} has mode {mode:04o}: others may change it");
            bad(Status::Warn, name, found, format!("chmod 600 {path}"))
        }
        SecretState::Present { .. } => ok(name, path.to_string()),
        SecretState::Missing => bad(
            Status::Fail,
            name,
            format!("{path} is not there"),
            format!("log in once on this host, {elsewhere}"),
        ),
        SecretState::NotAFile => {
            bad(Status::Fail, name, format!("{path} is not a file"), format!("remove it, {elsewhere}"))
        }
        SecretState::Unreadable(error) => {
            let mend = format!("run this as the daemon's user, {elsewhere}");
            bad(Status::Fail, name, format!("{path}: {error}"), mend)
        }
    }
}

fn token(secret: &Secret) -> Check {
    let name = format!("token {}", secret.types.join(", "));
    let path = secret.path.display();
    match &secret.state {
        SecretState::Present { mode, .. } if mode & 0o077 != 0 => {
            let found = format!("{path} has mode {mode:04o}: others may read it");
            bad(Status::Fail, name, found, format!("chmod 600 {path}"))
        }
        SecretState::Present { single_line: false, .. } => {
            let found = format!("{path} does not hold exactly one line");
            bad(Status::Fail, name, found, "write the token alone into it, on one line")
        }
        SecretState::Present { mode, .. } => ok(name, format!("{path}, mode {mode:04o}")),
        SecretState::Missing => {
            let dir = secret.path.parent().unwrap_or(Path::new("/")).display();
            let mend = format!("mkdir -p {dir}; (umask 077; cat > {path}), then type the token");
            bad(Status::Fail, name, format!("{path} is not there"), mend)
        }
        SecretState::NotAFile => {
            bad(Status::Fail, name, format!("{path} is not a file"), format!("remove {path}"))
        }
        SecretState::Unreadable(error) => {
            bad(Status::Fail, name, format!("{path}: {error}"), "run this as the daemon's user")
        }
    }
}
