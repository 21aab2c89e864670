//! What the CLI is told, verb by verb. Pure. No secret is ever an argument.

mod create;

use std::time::Duration;

use claude_hooks_actors::model::{
    ContainerId, FleetId, OurLabels, RUNNER_DIR, RUNNER_PATH, RestartPolicy, RunId, labels,
};
use claude_hooks_actors::ports::{LogOptions, NewVolume};

use crate::runner;

pub(super) use create::{Create, create, env_file};

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(Into::into).into()
}

/// Which CLI it is, where they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Docker,
    Podman,
}

/// All containers of the host. The label comes as JSON, so that no value of it can look like another line.
pub(super) fn list(dialect: Dialect) -> Vec<String> {
    let label = match dialect {
        Dialect::Docker => format!(".Label \"{}\"", labels::FLEET),
        Dialect::Podman => format!("index .Labels \"{}\"", labels::FLEET),
    };
    let format = format!("{{{{.ID}}}}\t{{{{.Names}}}}\t{{{{json ({label})}}}}");
    words(["ps", "--all", "--no-trunc", "--format", &format])
}

pub(super) fn inspect(names: &[String]) -> Vec<String> {
    let mut args = words(["inspect", "--type", "container"]);
    args.extend_from_slice(names);
    args
}

pub(super) fn start(id: &ContainerId) -> Vec<String> {
    words(["start", id.as_ref()])
}

/// Rounds up: docker takes whole seconds, and a shorter grace than asked for could cut a clean end.
pub(super) fn stop(id: &ContainerId, grace: Duration) -> Vec<String> {
    let seconds = grace.as_secs() + u64::from(grace.subsec_nanos() > 0);
    words(["stop", "-t", &seconds.to_string(), id.as_ref()])
}

pub(super) fn remove(id: &ContainerId, force: bool) -> Vec<String> {
    let mut args = words(["rm"]);
    args.extend(force.then(|| "--force".into()));
    args.push(id.as_ref().into());
    args
}

pub(super) fn rename(id: &ContainerId, name: &str) -> Vec<String> {
    words(["rename", id.as_ref(), name])
}

pub(super) fn set_restart_policy(id: &ContainerId, policy: RestartPolicy) -> Vec<String> {
    words(["update", "--restart", &policy.to_string(), id.as_ref()])
}

pub(super) fn unpause(id: &ContainerId) -> Vec<String> {
    words(["unpause", id.as_ref()])
}

pub(super) fn image(reference: &str) -> Vec<String> {
    words(["image", "inspect", "--format", "{{.Id}}", reference])
}

pub(super) fn tag_image(image: &str, name: &str) -> Vec<String> {
    words(["image", "tag", image, name])
}

/// Without force: an image that a container uses must not lose its last name.
pub(super) fn untag_image(name: &str) -> Vec<String> {
    words(["image", "rm", name])
}

pub(super) fn image_tags(repository: &str) -> Vec<String> {
    let filter = format!("reference={repository}");
    words(["image", "ls", "--filter", &filter, "--format", "{{.Tag}}"])
}

pub(super) fn inspect_image(id: &str) -> Vec<String> {
    words(["image", "inspect", id])
}

pub(super) fn pull(reference: &str) -> Vec<String> {
    words(["pull", reference])
}

pub(super) fn inspect_volumes(names: &[String]) -> Vec<String> {
    let mut args = words(["volume", "inspect"]);
    args.extend_from_slice(names);
    args
}

pub(super) fn create_volume(volume: &NewVolume) -> Vec<String> {
    let mut args = words(["volume", "create"]);
    args.extend(label_args(&volume.labels));
    args.push(volume.name.clone());
    args
}

pub(super) fn remove_volume(name: &str) -> Vec<String> {
    words(["volume", "rm", name])
}

pub(super) fn our_volumes(fleet: FleetId) -> Vec<String> {
    let filter = format!("label={}={fleet}", labels::FLEET);
    words(["volume", "ls", "--filter", &filter, "--format", "{{.Name}}"])
}

pub(super) fn volume_sizes() -> Vec<String> {
    words(["system", "df", "--verbose", "--format", "{{json .Volumes}}"])
}

pub(super) fn volume_users(name: &str) -> Vec<String> {
    words(["ps", "--all", "--no-trunc", "--filter", &format!("volume={name}"), "--format", "{{.ID}}"])
}

/// Label of the one-off container that hands over a volume; not the fleet's, so that it is nobody's instance.
const HAND_OVER_LABEL: &str = "claude-hooks.hand-over";

fn hand_over_label(volume: &str, fleet: FleetId) -> String {
    format!("{HAND_OVER_LABEL}={fleet}/{volume}")
}

/// One run of our own program as root with only the capabilities to change an owner.
pub(super) fn hand_over(volume: &str, image: &str, user: &str, program: &str, fleet: FleetId) -> Vec<String> {
    // The dot cannot be in an instance's name, so no container of an instance can have this one.
    let name = format!("{volume}.hand-over");
    let mut args = words(["run", "--rm", "--name", &name, "--label", &hand_over_label(volume, fleet)]);
    args.extend(words(["--pull", "never", "--network", "none", "--user", "0:0", "--cap-drop", "ALL"]));
    args.extend(words(["--cap-add", "CHOWN", "--cap-add", "DAC_OVERRIDE", "--cap-add", "FOWNER"]));
    args.extend(words(["--security-opt", "no-new-privileges"]));
    args.extend(words([
        "--mount",
        &create::mount("volume", volume, claude_hooks_actors::model::STATE_DIR, false),
    ]));
    args.extend(words(["--mount", &create::mount("bind", program, "/claude-hooks", true)]));
    args.extend(words(["--entrypoint", "/claude-hooks", image, "hand-over-volume", user]));
    args
}

/// Our runner in a container. Nothing secret is among its words: the engine tells everybody what is executed.
pub(super) fn exec_runner(id: &ContainerId, stdin: bool, verb: &[&str]) -> Vec<String> {
    let mut args = words(["exec"]);
    args.extend(stdin.then(|| "--interactive".into()));
    args.extend(words([id.as_ref(), RUNNER_PATH, runner::VERB]));
    args.extend(verb.iter().map(|&word| word.into()));
    args
}

/// A file or directory of a run, as a tar archive on stdout; of a container that does not run too.
pub(super) fn copy_record(id: &ContainerId, run: &RunId, file: &str) -> Vec<String> {
    words(["cp", &format!("{id}:{}/{run}/{file}", runner::TASKS_DIR), "-"])
}

/// Copies what is in `dir`, and makes the directory for it; again, it changes nothing.
pub(super) fn put_runner(dir: &str, id: &ContainerId) -> Vec<String> {
    words(["cp", &format!("{dir}/."), &format!("{id}:{RUNNER_DIR}")])
}

/// What an interrupted hand-over of ours left.
pub(super) fn hand_over_left(volume: &str, fleet: FleetId) -> Vec<String> {
    let filter = format!("label={}", hand_over_label(volume, fleet));
    words(["ps", "--all", "--no-trunc", "--filter", &filter, "--format", "{{.ID}}"])
}

/// `since`, in seconds, closes the gap until the CLI listens: the engine sends what it kept from then on.
pub(super) fn events(fleet: FleetId, since: &str, dialect: Dialect) -> Vec<String> {
    let fleet = format!("label={}={fleet}", labels::FLEET);
    let mut args = words(["events", "--format", "{{json .}}", "--since", since]);
    args.extend(words(["--filter", "type=container", "--filter", &fleet]));
    if dialect == Dialect::Docker {
        // Left out in the engine already: an exec is a start and an end of no interest, with its command line.
        args.extend(EVENTS.iter().flat_map(|event| words(["--filter", &format!("event={event}")])));
    }
    args
}

const EVENTS: [&str; 13] = [
    "create",
    "start",
    "restart",
    "die",
    "stop",
    "kill",
    "oom",
    "pause",
    "unpause",
    "rename",
    "update",
    "destroy",
    "health_status",
];

/// Not as a stream: that repaints a terminal, and costs the engine twice as much as a sample every five seconds.
pub(super) fn stats(ids: &[ContainerId]) -> Vec<String> {
    let mut args = words(["stats", "--no-stream", "--no-trunc", "--format", "{{json .}}"]);
    args.extend(ids.iter().map(ToString::to_string));
    args
}

pub(super) fn logs(id: &ContainerId, options: LogOptions) -> Vec<String> {
    let mut args = words(["logs", "--tail", &options.tail.to_string()]);
    args.extend(options.follow.then(|| "--follow".into()));
    args.extend(options.timestamps.then(|| "--timestamps".into()));
    args.push(id.as_ref().into());
    args
}

/// The last lines, up to `until` (docker's own text) if given.
pub(super) fn last_lines(id: &ContainerId, until: Option<&str>) -> Vec<String> {
    let mut args = words(["logs", "--tail", "20"]);
    args.extend(until.into_iter().flat_map(|until| words(["--until", until])));
    args.push(id.as_ref().into());
    args
}

/// The last line alone, on whichever output it was printed.
pub(super) fn last_line_with_time(id: &ContainerId) -> Vec<String> {
    words(["logs", "--tail", "1", "--timestamps", id.as_ref()])
}

pub(super) fn mountpoints(volumes: &[String]) -> Vec<String> {
    let mut args = words(["volume", "inspect", "--format", "[{{json .Name}},{{json .Mountpoint}}]"]);
    args.extend_from_slice(volumes);
    args
}

fn label_args(ours: &OurLabels) -> impl Iterator<Item = String> {
    let pairs = [
        (labels::FLEET, &ours.fleet),
        (labels::INSTANCE, &ours.instance),
        (labels::TYPE, &ours.agent_type),
        (labels::SPEC, &ours.spec),
        (labels::LIFECYCLE, &ours.lifecycle),
        (labels::VOLUME, &ours.volume),
    ];
    let present =
        pairs.into_iter().filter_map(|(key, value)| value.as_ref().map(|value| format!("{key}={value}")));
    present.flat_map(|pair| ["--label".to_owned(), pair]).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests;
