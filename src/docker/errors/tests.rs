//! The texts were printed by CLI 28.2, CLI 20.10 (both against engine 20.10) and podman 4.3.

use claude_hooks_actors::ports::RuntimeError as E;

use super::*;

const NAME: Subject<'_> = Subject::Container("c");
const IMAGE: Subject<'_> = Subject::Image("i:1");

fn word(stderr: &str, subject: Subject<'_>) -> &'static str {
    classify("verb", Exit::Code(1), stderr, subject).word()
}

#[test]
fn an_engine_that_cannot_be_reached_is_told_from_everything_else() {
    for text in [
        "Cannot connect to the Docker daemon at unix:///nonexistent. Is the docker daemon running?",
        "failed to connect to the docker API at unix:///nonexistent; check if the path is correct and if the daemon is running: dial unix /nonexistent: connect: no such file or directory",
        "docker: Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?.\nSee 'docker run --help'.",
        "error during connect: Get \"http://nohost.invalid:2375/v1.50/containers/json?all=1\": dial tcp: lookup nohost.invalid on 10.0.0.1:53: no such host",
        "Failed to initialize: unable to resolve docker endpoint: context \"nosuch\": context not found: open /x/meta.json: no such file or directory",
        "unable to resolve docker endpoint: context \"nosuch\" does not exist",
        "Cannot connect to Podman. Please verify your connection to the Linux system using `podman system connection list`",
    ] {
        assert_eq!(word(text, Subject::Engine), "unreachable", "{text}");
        assert_eq!(word(text, NAME), "unreachable", "{text}");
    }
}

#[test]
fn a_socket_that_is_not_ours_to_open_is_a_matter_of_permission() {
    for text in [
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get \"http://%2Fvar%2Frun%2Fdocker.sock/v1.24/containers/json?all=1\": dial unix /var/run/docker.sock: connect: permission denied",
        "Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix",
        "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
    ] {
        assert_eq!(word(text, NAME), "permission", "{text}");
    }
}

#[test]
fn a_registry_that_the_engine_cannot_reach_is_no_outage_of_docker() {
    for text in [
        "Error response from daemon: Get \"http://localhost:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused",
        "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host",
        "Error response from daemon: Get \"https://r/v2/\": unexpected EOF",
    ] {
        assert_eq!(word(text, IMAGE), "other", "{text}");
    }
}

#[test]
fn what_does_not_exist_is_said_by_name() {
    for text in [
        "Error response from daemon: No such container: c",
        "Error: No such container: c",
        "Error response from daemon: No such container: c\nError: failed to start containers: c",
        "Error: no container with name or ID \"c\" found: no such container",
    ] {
        let error = classify("start", Exit::Code(1), text, NAME);
        assert_eq!(error, E::NotFound { what: "container c".into() }, "{text}");
    }
    for text in [
        "Error response from daemon: get v: no such volume",
        "Error: No such volume: v",
        "Error: no volume with name \"v\" found: no such volume",
    ] {
        let error = classify("volume rm", Exit::Code(1), text, Subject::Volume("v"));
        assert_eq!(error, E::NotFound { what: "volume v".into() }, "{text}");
    }
    for text in [
        "Error response from daemon: No such image: i:1",
        "Error response from daemon: no such image: i:1: No such image: i:1",
        "docker: Error response from daemon: No such image: i:1.\nSee 'docker run --help'.",
        "Error: i:1: image not known",
        "Error response from daemon: pull access denied for i, repository does not exist or may require 'docker login'",
        "Error response from daemon: manifest for i:1 not found: manifest unknown: manifest unknown",
    ] {
        assert_eq!(word(text, IMAGE), "no_such_image", "{text}");
    }
}

#[test]
fn what_is_in_the_way_is_a_conflict() {
    for text in [
        "Error response from daemon: You cannot remove a restarting container 9896. Stop the container before attempting removal or force remove",
        "Error response from daemon: You cannot remove a paused container 9896. Unpause and then stop the container before attempting removal or force remove",
        "Error response from daemon: cannot remove container \"/c\": container is restarting: stop the container before removing or force remove",
        "Error response from daemon: Conflict. The container name \"/c\" is already in use by container \"865f\". You have to remove (or rename) that container to be able to reuse that name.",
        "Error response from daemon: Error when allocating new name: Conflict. The container name \"/c\" is already in use by container \"997\". You have to remove (or rename) that container to be able to reuse that name.\nError: failed to rename container named b",
        "Error: creating container storage: the container name \"c\" is already in use by b178. You have to remove that container to be able to reuse that name: that name is already in use",
        "Error: renaming container 7600: name c already in use, cannot rename container 7600: container already exists",
        "Error response from daemon: You cannot remove a running container 865f. Stop the container before attempting removal or force remove",
        "Error response from daemon: cannot remove container \"c\": container is running: stop the container before removing or force remove",
        "Error response from daemon: removal of container c is already in progress",
        "Error response from daemon: Container 865f is not paused",
        "Error response from daemon: remove v: volume is in use - [1301]",
        "Error response from daemon: Container d2f88c16 is not running",
        "Error response from daemon: Container c is paused, unpause the container before exec",
        "Error response from daemon: Container 9e7a5e55 is restarting, wait until the container is running",
        "Error: volume v is being used by the following container(s): 7d8b: volume is being used",
    ] {
        assert_eq!(word(text, NAME), "conflict", "{text}");
        assert_eq!(word(text, Subject::Volume("v")), "conflict", "{text}");
        assert_eq!(word(text, IMAGE), "conflict", "{text}");
    }
}

#[test]
fn a_full_disk_is_told() {
    let text = "Error response from daemon: mkdir /var/lib/docker/overlay2/x: no space left on device";
    assert_eq!(word(text, IMAGE), "no_space");
}

#[test]
fn a_network_or_a_command_that_is_missing_does_not_make_the_container_missing() {
    for text in [
        "Error response from daemon: network nonet not found\nError: failed to start containers: c",
        "Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"x\": executable file not found in $PATH: unknown",
        "Error response from daemon: unable to find user nosuch: no matching entries in passwd file",
    ] {
        assert_eq!(word(text, NAME), "other", "{text}");
    }
}

#[test]
fn the_words_of_docker_are_kept_without_its_advice() {
    let text = "WARNING: Error loading config file: x\ndocker: Error response from daemon: bad.\n\nRun 'docker run --help' for more information\n";
    let error = classify("run", Exit::Code(125), text, NAME);
    assert_eq!(
        error,
        E::Other {
            verb: "run",
            code: "exit code 125".into(),
            stderr: "docker: Error response from daemon: bad.".into()
        }
    );
    let long = classify("run", Exit::Signal(9), &"é".repeat(5000), NAME).to_string();
    assert!(long.len() < DETAIL_MAX + 100, "{}", long.len());
    assert!(long.contains("killed by signal 9"), "{long}");
}
