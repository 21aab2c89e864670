//! Lines of `docker stats`, as JSON: numbers as docker writes them for people.

use claude_hooks_actors::model::{ContainerId, ContainerStats};
use claude_hooks_actors::ports::RuntimeError;
use serde::Deserialize;

use super::{odd_line, whole_lines};

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "CPUPerc")]
    cpu: String,
    #[serde(rename = "MemUsage")]
    memory: String,
    #[serde(rename = "PIDs")]
    pids: String,
}

/// What was measured, and of whom nothing was told.
#[derive(Debug, Default, PartialEq)]
pub(in super::super) struct Measured {
    pub(in super::super) stats: Vec<ContainerStats>,
    pub(in super::super) silent: Vec<ContainerId>,
}

/// One line for each container.
pub(in super::super) fn stats(stdout: &[u8]) -> Result<Measured, RuntimeError> {
    let mut all = Measured::default();
    for line in whole_lines("stats", stdout)? {
        let odd = || odd_line("stats", line);
        let raw: Raw = serde_json::from_str(line).map_err(|_| odd())?;
        let id = ContainerId::parse(&raw.id).ok_or_else(odd)?;
        if raw.cpu == "--" || raw.memory.starts_with("--") {
            all.silent.push(id);
            continue;
        }
        let stats = measured(id, &raw).ok_or_else(odd)?;
        // What does not run has no limit.
        if stats.memory_limit_bytes > 0 {
            all.stats.push(stats);
        } else {
            all.silent.push(stats.container);
        }
    }
    Ok(all)
}

fn measured(container: ContainerId, raw: &Raw) -> Option<ContainerStats> {
    let (used, limit) = raw.memory.split_once(" / ")?;
    let cpu: f64 = raw.cpu.strip_suffix('%')?.parse().ok()?;
    Some(ContainerStats {
        container,
        cpu_percent: Some(cpu).filter(|cpu| cpu.is_finite() && *cpu >= 0.0)?,
        memory_bytes: bytes(used)?,
        memory_limit_bytes: bytes(limit)?,
        pids: raw.pids.parse().ok()?,
        pids_refused: None,
    })
}

/// `1.5GiB`, `464KiB`, `0B`: docker counts in powers of 1024 and says so.
fn bytes(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(digits);
    let factor: f64 = match unit {
        "B" => 1.0,
        "KiB" => 1024.0,
        "MiB" => 1_048_576.0,
        "GiB" => 1_073_741_824.0,
        "TiB" => 1_099_511_627_776.0,
        "PiB" => 1_125_899_906_842_624.0,
        _ => return None,
    };
    let bytes = (number.parse::<f64>().ok()? * factor).round();
    let countable = bytes.is_finite() && (0.0..9e18).contains(&bytes);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked: whole, not negative and within u64"
    )]
    countable.then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cpu: &str, memory: &str, pids: &str) -> String {
        let id = "a".repeat(64);
        format!(
            "{{\"BlockIO\":\"0B / 0B\",\"CPUPerc\":\"{cpu}\",\"Container\":\"x\",\"ID\":\"{id}\",\
             \"MemPerc\":\"0.71%\",\"MemUsage\":\"{memory}\",\"Name\":\"n\",\"PIDs\":\"{pids}\"}}\n"
        )
    }

    #[test]
    fn what_docker_prints_for_people_is_read_as_numbers() {
        for (cpu, memory, percent, used, limit) in [
            ("0.71%", "464KiB / 64MiB", 0.71, 464 << 10, 64 << 20),
            ("187.50%", "1.5GiB / 7.75GiB", 187.5, 3 << 29, 8_321_499_136),
            ("0.00%", "0B / 2TiB", 0.0, 0, 2 << 40),
            ("3%", "999B / 1PiB", 3.0, 999, 1 << 50),
        ] {
            let Measured { stats, .. } = stats(line(cpu, memory, "12").as_bytes()).expect("a whole line");
            let [stats] = &stats[..] else { panic!("one line, one container: {stats:?}") };
            assert!((stats.cpu_percent - percent).abs() < f64::EPSILON, "{stats:?}");
            assert_eq!((stats.memory_bytes, stats.memory_limit_bytes, stats.pids), (used, limit, 12));
        }
    }

    #[test]
    fn one_of_whom_nothing_is_told_is_named() {
        let lines =
            [line("0.00%", "0B / 0B", "0"), line("--", "-- / --", "--"), line("1.00%", "1MiB / 2MiB", "3")];
        let told = stats(lines.concat().as_bytes()).expect("whole lines");
        assert_eq!((told.stats.len(), told.silent.len()), (1, 2));
        assert_eq!(stats(b""), Ok(Measured::default()));
    }

    #[test]
    fn what_is_not_understood_voids_the_sample() {
        let whole = line("1.00%", "1MiB / 2MiB", "3");
        for odd in [
            line("1.00", "1MiB / 2MiB", "3"),
            line("-1%", "1MiB / 2MiB", "3"),
            line("NaN%", "1MiB / 2MiB", "3"),
            line("1%", "1MiB", "3"),
            line("1%", "1 / 2", "3"),
            line("1%", "1XB / 2MiB", "3"),
            line("1%", "1e40PiB / 2MiB", "3"),
            line("1%", "1MiB / 2MiB", "many"),
            "\u{1b}[H{}\n".into(),
            whole.trim_end().to_owned(),
        ] {
            let both = format!("{whole}{odd}");
            assert!(matches!(stats(both.as_bytes()), Err(RuntimeError::Garbled { .. })), "{odd}");
        }
    }
}
