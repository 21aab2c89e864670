//! Embeds the dashboard: every file of `dist`, with its compressed form and its tags, becomes a row of a table.
//!
//! Here and not when the server starts, so that a start costs nothing and the program holds no compressor. Not
//! rust-embed: in debug builds it reads the files when they are asked for, so tests would see another page than users.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};

fn main() -> io::Result<()> {
    let dist = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("dist");
    let out = PathBuf::from(variable("OUT_DIR"));
    // A directory stands for all that is in it, also for what is added.
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    collect(&dist, &mut files)?;
    files.sort();
    let mut table = String::from("[\n");
    for (number, file) in files.iter().enumerate() {
        row(&mut table, &dist, file, &out.join(format!("{number}.gz")))?;
    }
    table.push_str("]\n");
    fs::write(out.join("assets.rs"), table)
}

fn variable(name: &str) -> String {
    env::var(name).expect("cargo sets it for build scripts")
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// One `Asset` as an expression.
fn row(table: &mut String, dist: &Path, file: &Path, gzip: &Path) -> io::Result<()> {
    let below = file.strip_prefix(dist).expect("it was found in there").to_string_lossy();
    let media_type = media_type(file)?;
    let plain = fs::read(file)?;
    let tag = &hex::encode(Sha256::digest(&plain))[..32];
    // Without a name and a time, which would make every build another one.
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(&plain)?;
    let compressed = encoder.finish()?;
    let gzip_bytes = if compressed.len() < plain.len() {
        fs::write(gzip, compressed)?;
        format!("Some({})", included(gzip))
    } else {
        "None".to_owned()
    };
    writeln!(
        table,
        "Asset {{ path: {:?}, media_type: {media_type:?}, plain: {}, plain_tag: {:?}, \
         gzip: {gzip_bytes}, gzip_tag: {:?} }},",
        format!("/{below}"),
        included(file),
        format!("\"{tag}\""),
        format!("\"{tag}-gzip\""),
    )
    .map_err(io::Error::other)
}

fn included(file: &Path) -> String {
    format!("include_bytes!({:?})", file.to_string_lossy())
}

/// Browsers are told not to guess, so a file of an unknown kind would not work.
fn media_type(file: &Path) -> io::Result<&'static str> {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => Ok("text/html; charset=utf-8"),
        Some("js") => Ok("text/javascript; charset=utf-8"),
        Some("css") => Ok("text/css; charset=utf-8"),
        Some("svg") => Ok("image/svg+xml"),
        Some("png") => Ok("image/png"),
        Some("ico") => Ok("image/x-icon"),
        Some("woff2") => Ok("font/woff2"),
        Some("json") => Ok("application/json"),
        Some("webmanifest") => Ok("application/manifest+json"),
        Some("txt") => Ok("text/plain; charset=utf-8"),
        _ => Err(io::Error::other(format!("{} has a kind that build.rs does not know", file.display()))),
    }
}
