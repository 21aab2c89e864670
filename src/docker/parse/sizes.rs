//! What `docker system df` says of volumes: sizes as docker writes them for people.

use std::collections::BTreeMap;

use claude_hooks_actors::ports::RuntimeError;
use serde::Deserialize;

use super::garbled;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw {
    name: String,
    size: String,
}

/// One JSON list. A volume whose size docker does not know (one of a plugin) is left out.
pub(in super::super) fn sizes(stdout: &[u8]) -> Result<BTreeMap<String, u64>, RuntimeError> {
    let odd = |detail: String| garbled("system df", detail);
    let raw: Option<Vec<Raw>> =
        serde_json::from_slice(stdout).map_err(|error| odd(format!("its JSON: {error}")))?;
    let mut sizes = BTreeMap::new();
    for Raw { name, size } in raw.unwrap_or_default() {
        if size != "N/A" {
            let bytes = bytes(&size).ok_or_else(|| odd(format!("the size {size:?}")))?;
            sizes.insert(name, bytes);
        }
    }
    Ok(sizes)
}

/// `5MB`, `1.234kB`, `0B`: here docker counts in powers of 1000, with four digits.
fn bytes(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(digits);
    let factor: f64 = match unit {
        "B" => 1.0,
        "kB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "TB" => 1e12,
        "PB" => 1e15,
        _ => return None,
    };
    let bytes = (number.parse::<f64>().ok()? * factor).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked: whole, not negative and within u64"
    )]
    (bytes.is_finite() && (0.0..9e18).contains(&bytes)).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(size: &str) -> Vec<u8> {
        format!("[{{\"Driver\":\"local\",\"Links\":\"0\",\"Name\":\"v\",\"Size\":\"{size}\"}}]\n")
            .into_bytes()
    }

    #[test]
    fn what_docker_prints_for_people_is_read_as_bytes() {
        for (text, bytes) in
            [("0B", 0), ("999B", 999), ("1.234kB", 1234), ("5MB", 5_000_000), ("2.5TB", 2_500_000_000_000)]
        {
            assert_eq!(sizes(&listed(text)), Ok(BTreeMap::from([("v".to_owned(), bytes)])), "{text}");
        }
        for none in [&listed("N/A")[..], b"[]\n", b"null\n"] {
            assert_eq!(sizes(none), Ok(BTreeMap::new()));
        }
    }

    #[test]
    fn what_is_not_understood_is_no_size() {
        for odd in ["", "5", "-1B", "NaNB", "5XB", "1e99GB"] {
            assert!(matches!(sizes(&listed(odd)), Err(RuntimeError::Garbled { .. })), "{odd}");
        }
        assert!(matches!(sizes(b"[{"), Err(RuntimeError::Garbled { .. })));
    }
}
