//! Times to lines of text.

use std::time::Duration;

/// The value below which that share of the times lies.
pub(crate) fn quantile(times: &[Duration], share: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few hundred times at most, and a share between 0 and 1"
    )]
    let place = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted[place]
}

pub(crate) fn median(times: &[Duration]) -> Duration {
    quantile(times, 0.5)
}

pub(crate) fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

pub(crate) fn ratio(what: &str, ours: Duration, theirs: Duration, aim: &str) {
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!("  {what}: {} / {} = {ratio:.2}{aim}", milliseconds(ours), milliseconds(theirs));
}
