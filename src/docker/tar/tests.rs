use std::process::{Command, Stdio};

use super::*;

/// What the system's own tar makes of a directory `run` with three files.
fn archive() -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let run = dir.path().join("run");
    std::fs::create_dir(&run).expect("a directory");
    let files = [("a", vec![b'a'; 1000]), ("empty", Vec::new()), ("z", vec![b'z'; 1024])];
    for (name, content) in files {
        std::fs::write(run.join(name), content).expect("a file");
    }
    let tar = Command::new("tar")
        .args(["--sort=name", "--format=pax", "-C"])
        .arg(dir.path())
        .args(["-c", "run"])
        .stderr(Stdio::inherit())
        .output()
        .expect("tar");
    assert!(tar.status.success());
    tar.stdout
}

async fn entries(bytes: &[u8]) -> io::Result<Vec<(String, u64)>> {
    let mut tar = Tar::new(bytes);
    let mut seen = Vec::new();
    while let Some(entry) = tar.next().await? {
        if entry.is_file {
            seen.push((entry.name, entry.bytes));
        }
    }
    Ok(seen)
}

#[tokio::test]
async fn files_are_found_with_their_sizes_and_other_entries_passed_over() {
    let seen = entries(&archive()).await.expect("an archive");
    assert_eq!(seen, [("a".into(), 1000), ("empty".into(), 0), ("z".into(), 1024)]);
}

#[tokio::test]
async fn contents_are_read_from_anywhere_to_their_end() {
    let bytes = archive();
    let mut tar = Tar::new(bytes.as_slice());
    while !tar.next().await.expect("an archive").expect("a is in it").is_file {}
    tar.pass(990).await.expect("it is longer");
    let mut piece = [0; 64];
    assert_eq!(tar.read(&mut piece).await.expect("the rest"), 10);
    assert_eq!(&piece[..10], [b'a'; 10]);
    assert_eq!(tar.read(&mut piece).await.expect("the end"), 0);
    tar.pass(5).await.expect("nothing is left to pass");
    assert!(tar.next().await.expect("an archive").is_some(), "there are two more");
}

#[tokio::test]
async fn an_archive_that_was_cut_off_is_an_error() {
    let bytes = archive();
    let last = bytes.windows(4).rposition(|window| window == b"zzzz").expect("z's content");
    for end in [100, 700, last] {
        assert!(entries(&bytes[..end]).await.is_err(), "{end}");
    }
}
