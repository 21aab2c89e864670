//! Links between the pages.

use std::collections::BTreeSet;
use std::fs;

use super::page::{all, root};

/// Where GitHub and its like let a heading be linked: lower case, a hyphen for a space, and no other sign.
fn anchor(heading: &str) -> String {
    let sign = |c: char| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        _ => c.is_alphanumeric().then(|| c.to_ascii_lowercase()),
    };
    heading.trim().chars().filter_map(sign).collect()
}

/// What a page links to, but for other sites.
fn targets(text: &str) -> BTreeSet<String> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    links.map(|(target, _)| target.to_owned()).filter(|target| !target.contains("://")).collect()
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("the page is there");
    for page in all() {
        for target in targets(&read(&page)) {
            let (file, part) = target.split_once('#').unwrap_or((&target, ""));
            let path = if file.is_empty() {
                root().join(&page)
            } else {
                root().join(&page).parent().map(|dir| dir.join(file)).unwrap_or_default()
            };
            assert!(path.exists(), "{page}: there is nothing at {target}");
            if !part.is_empty() {
                let there = fs::read_to_string(&path).expect("an anchor is in a page");
                let headings = there.lines().filter_map(|line| line.strip_prefix('#'));
                let found = headings.map(|line| anchor(line.trim_start_matches('#'))).any(|a| a == part);
                assert!(found, "{page}: {target} names no heading");
            }
        }
    }
}
