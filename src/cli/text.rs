//! Text for people: inert, short, relative.

use jiff::Timestamp;

/// Text from docker or from a container must not steer the terminal: control characters but newlines are shown as '·'.
pub(super) fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() && c != '\n' { '·' } else { c };
    text.trim_end().chars().map(shown).collect()
}

/// The same on one line.
pub(super) fn one_line(text: &str) -> String {
    plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// "3 s", "12 min", "5 h", "9 d": how long ago `then` was.
pub(super) fn age(now: Timestamp, then: Timestamp) -> String {
    span(now.as_second() - then.as_second())
}

/// "3 s", "12 min", "5 h", "9 d"; a time to come counts as now.
pub(super) fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// An absolute time, to the second.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// A time as docker writes it; its year 1 means "never".
pub(super) fn docker_time(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>().ok().filter(|at| at.as_second() > 0)
}

/// An image or container id by its first twelve digits, as docker shows it.
pub(super) fn short_id(id: &str) -> &str {
    let digits = id.strip_prefix("sha256:").unwrap_or(id);
    digits.get(..12).unwrap_or(digits)
}

/// "512 B", "1.5 MiB": powers of 1024.
pub(super) fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    // Whole numbers, so that nothing is rounded up to a unit that it does not reach.
    let Some(unit) = (0..UNITS.len()).rev().find(|unit| count >> (10 * (unit + 1)) > 0) else {
        return format!("{count} B");
    };
    let tenths = (u128::from(count) * 10) >> (10 * (unit + 1));
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}
