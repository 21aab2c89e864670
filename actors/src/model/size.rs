//! How people write limits, for requests and the config alike: `"4g"` of memory, `1.5` processors.

/// Why a text or a number is not a limit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SizeError {
    #[error("{given:?} is not an amount of memory such as 512m, 4g or 1073741824 (bytes)")]
    NotMemory { given: String },
    #[error("{given:?} is more memory than 64 bits can count")]
    TooMuchMemory { given: String },
    #[error("{given} is not a number of processors such as 2 or 0.5")]
    NotCpus { given: f64 },
}

/// Bytes in `"4g"`, `"512m"`, `"64k"`, `"1073741824"` or `"100b"`, as docker's `--memory` reads them: powers of 1024,
/// either case. `"4gb"` and `"4gib"` mean the same as `"4g"`; fractions are refused because nobody needs them.
pub fn parse_memory(text: &str) -> Result<u64, SizeError> {
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = lower.split_at(digits);
    let shift = match unit {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err(SizeError::NotMemory { given: text.to_owned() }),
    };
    if number.is_empty() {
        return Err(SizeError::NotMemory { given: text.to_owned() });
    }
    let number: u64 = number.parse().map_err(|_| SizeError::TooMuchMemory { given: text.to_owned() })?;
    number.checked_mul(1 << shift).ok_or_else(|| SizeError::TooMuchMemory { given: text.to_owned() })
}

/// Thousandths of a processor in `2` or `0.5`; what lies beyond the third decimal is rounded.
pub fn parse_cpus(cpus: f64) -> Result<u32, SizeError> {
    let milli = (cpus * 1000.0).round();
    if !milli.is_finite() || milli < 1.0 || milli > f64::from(u32::MAX) {
        return Err(SizeError::NotCpus { given: cpus });
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked above: whole, positive and within u32"
    )]
    Ok(milli as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_as_docker_reads_it() {
        for (text, bytes) in [
            ("4g", 4 << 30),
            ("4G", 4 << 30),
            ("512m", 512 << 20),
            ("64KiB", 64 << 10),
            ("1t", 1 << 40),
            ("100b", 100),
            ("1073741824", 1 << 30),
            (" 2g ", 2 << 30),
        ] {
            assert_eq!(parse_memory(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_of_memory_is_refused() {
        for text in ["", "g", "-1", "1.5g", "4 g", "4x", "lots", "0x10", "4gg"] {
            assert!(matches!(parse_memory(text), Err(SizeError::NotMemory { .. })), "{text}");
        }
        for text in ["18446744073709551616", "17179869184g"] {
            assert!(matches!(parse_memory(text), Err(SizeError::TooMuchMemory { .. })), "{text}");
        }
    }

    #[test]
    fn processors_are_counted_in_thousandths() {
        for (cpus, milli) in [(2.0, 2000), (0.5, 500), (0.001, 1), (1.2345, 1235)] {
            assert_eq!(parse_cpus(cpus), Ok(milli), "{cpus}");
        }
        for cpus in [0.0, -1.0, 0.0001, f64::NAN, f64::INFINITY, 1e12] {
            assert!(parse_cpus(cpus).is_err(), "{cpus}");
        }
    }
}
