use std::os::unix::fs::MetadataExt;

use super::*;

const PASSWD: &str =
    "root:x:0:0:root:/root:/bin/sh\n# odd\nclaude:x:1000:1001::/home/claude:/bin/sh\n7:x:70:71::/:\n";
const GROUP: &str = "root:x:0:\nstaff:x:50:claude\nempty:x:51:\n";

#[test]
fn a_user_is_read_as_docker_reads_it() {
    for (user, expected) in [
        ("1000:1000", (1000, 1000)),
        ("1000", (1000, 1001)),
        ("4242", (4242, 0)),
        ("claude", (1000, 1001)),
        ("claude:staff", (1000, 50)),
        ("claude:9", (1000, 9)),
        ("4242:empty", (4242, 51)),
        ("claude:", (1000, 1001)),
        ("root", (0, 0)),
        // A user whose name is a number: the name wins.
        ("7", (70, 71)),
    ] {
        assert_eq!(resolve(user, PASSWD, GROUP).expect(user), expected, "{user}");
    }
}

#[test]
fn an_image_without_files_knows_numbers_only() {
    assert_eq!(resolve("5:6", "", "").expect("numbers"), (5, 6));
    let error = resolve("claude", "", "").expect_err("no passwd").to_string();
    assert_eq!(
        error,
        "the image has no user \"claude\" in /etc/passwd: name one that it has, or use uid or uid:gid"
    );
    let error = resolve("5:staff", "", "").expect_err("no group").to_string();
    assert_eq!(error, "the image has no group \"staff\" in /etc/group: name one that it has, or use uid:gid");
}

#[test]
fn the_directory_itself_changes_its_owner() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let now = std::fs::metadata(dir.path()).expect("its metadata");
    // To whom it belongs anyway: that is allowed without being root.
    let user = format!("{}:{}", now.uid(), now.gid());
    hand_over_volume(dir.path(), &user, None, None).expect("its own owner");
    let error = hand_over_volume(&dir.path().join("missing"), &user, None, None).expect_err("no directory");
    assert!(error.to_string().starts_with("cannot give "), "{error}");
}
