//! What `build.rs` made of the files.

use std::io::Read as _;

use flate2::read::GzDecoder;

use super::ASSETS;

#[test]
fn the_compressed_form_is_the_file_and_smaller() {
    assert!(ASSETS.iter().any(|asset| asset.path == "/index.html"), "there is a page");
    for asset in ASSETS {
        let Some(gzip) = asset.gzip else { continue };
        assert!(gzip.len() < asset.plain.len(), "{}", asset.path);
        let mut unpacked = Vec::new();
        GzDecoder::new(gzip).read_to_end(&mut unpacked).expect("it was compressed whole");
        assert_eq!(unpacked, asset.plain, "{}", asset.path);
    }
}

#[test]
fn the_page_needs_nothing_that_its_policy_forbids() {
    for asset in ASSETS.iter().filter(|asset| asset.media_type.starts_with("text/html")) {
        let html = std::str::from_utf8(asset.plain).expect("a page is text");
        for tag in html.split('<').skip(1) {
            let tag = tag.split('>').next().unwrap_or_default();
            let script = tag.strip_prefix("script").is_some_and(|rest| !rest.contains(" src="));
            let foreign = [" style=", " onclick=", " onload=", "://"].iter().any(|odd| tag.contains(odd));
            assert!(!script && !foreign && !tag.starts_with("style"), "{}: <{tag}>", asset.path);
        }
    }
}
