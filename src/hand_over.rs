//! What runs as root in a one-off container to give a fresh volume to the type's user.
//!
//! A fresh volume belongs to root. The owner is named as in `docker create --user`, and only the image knows what a name
//! means, so this runs inside of it; and because an image need hold no shell, it is this very program that runs.

use std::os::unix::fs::chown;
use std::path::Path;

/// Why a volume could not be handed over; printed by the one-off container, and so read in the daemon's error.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    #[error("the image has no user {0:?} in /etc/passwd: name one that it has, or use uid or uid:gid")]
    NoUser(String),
    #[error("the image has no group {0:?} in /etc/group: name one that it has, or use uid:gid")]
    NoGroup(String),
    #[error("cannot give {path} to {uid}:{gid}: {source}")]
    Chown {
        path: String,
        uid: u32,
        gid: u32,
        #[source]
        source: std::io::Error,
    },
}

/// Gives `dir` itself (not what is in it) to `user`, in the words of `docker create --user`.
///
/// `passwd` and `group` are the texts of the image's files, if it has them.
pub fn hand_over_volume(
    dir: &Path,
    user: &str,
    passwd: Option<&str>,
    group: Option<&str>,
) -> Result<(), HandOverError> {
    let (uid, gid) = resolve(user, passwd.unwrap_or_default(), group.unwrap_or_default())?;
    let failed = |source| HandOverError::Chown { path: dir.display().to_string(), uid, gid, source };
    chown(dir, Some(uid), Some(gid)).map_err(failed)
}

/// The command line's form of it: `/state`, by the files of the image it runs in.
pub fn hand_over_state(user: &str) -> Result<(), HandOverError> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let dir = Path::new(claude_hooks_actors::model::STATE_DIR);
    hand_over_volume(dir, user, read("/etc/passwd").as_deref(), read("/etc/group").as_deref())
}

/// Reads `name`, `uid`, `name:group`, `uid:gid` and every mixture as docker does: a name first, then a number; without a
/// group it is the user's own, or 0 for a number that no user has.
fn resolve(user: &str, passwd: &str, group: &str) -> Result<(u32, u32), HandOverError> {
    let (user, asked_group) = match user.split_once(':') {
        Some((user, group)) => (user, Some(group).filter(|group| !group.is_empty())),
        None => (user, None),
    };
    let number = user.parse::<u32>().ok();
    // name:password:uid:gid:…
    let entries = || passwd.lines().filter_map(|line| entry(line).and_then(|e| Some((e.0, e.1, e.2?))));
    let by_name = entries().find(|(name, ..)| *name == user);
    let found = by_name.or_else(|| entries().find(|(_, uid, _)| Some(*uid) == number));
    let (uid, own_gid) = match (found, number) {
        (Some((_, uid, gid)), _) => (uid, gid),
        (None, Some(uid)) => (uid, 0),
        (None, None) => return Err(HandOverError::NoUser(user.to_owned())),
    };
    let Some(asked) = asked_group else { return Ok((uid, own_gid)) };
    // name:password:gid:members
    let named = group.lines().filter_map(entry).find(|(name, ..)| *name == asked).map(|(_, gid, _)| gid);
    let gid = named.or_else(|| asked.parse().ok()).ok_or_else(|| HandOverError::NoGroup(asked.to_owned()))?;
    Ok((uid, gid))
}

/// Name, first number and, if there is one, second number of a line of passwd or group.
fn entry(line: &str) -> Option<(&str, u32, Option<u32>)> {
    let mut fields = line.split(':');
    let name = fields.next()?;
    let first = fields.nth(1)?.parse().ok()?;
    Some((name, first, fields.next().and_then(|text| text.parse().ok())))
}

#[cfg(test)]
mod tests;
