//! What only the program itself can measure: which one it is, since when it runs, and its database.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::PathBuf;

use claude_hooks_actors::Metrics;
use claude_hooks_actors::model::RUNNER_VERSION;
use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};

pub(super) fn register(metrics: &Metrics, database: PathBuf) {
    let build = Family::<[(&'static str, String); 2], Gauge>::default();
    let labels = [("version", env!("CARGO_PKG_VERSION").to_owned()), ("runner", RUNNER_VERSION.to_string())];
    build.get_or_create(&labels).set(1);
    let started = ConstGauge::new(Timestamp::now().as_duration().as_secs_f64());
    metrics.register(|registry| {
        registry.register("claude_hooks_build_info", "The program that runs; always 1", build);
        registry.register(
            "process_start_time_seconds",
            "When the program began, in seconds since the epoch",
            started,
        );
        registry.register_collector(Box::new(Database(database)));
    });
}

/// The sizes of the files of a database; one that is not there has none.
#[derive(Debug)]
struct Database(PathBuf);

impl Collector for Database {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut wal = OsString::from(&self.0);
        wal.push("-wal");
        let files = [("main", self.0.clone()), ("wal", PathBuf::from(wal))];
        let help = "Size of the database's files";
        let mut metric =
            encoder.encode_descriptor("claude_hooks_database_size_bytes", help, None, MetricType::Gauge)?;
        for (file, path) in files {
            let size = fs::metadata(path).map_or(0, |there| there.len());
            ConstGauge::new(size).encode(metric.encode_family(&[("file", file)])?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use claude_hooks_actors::FleetHandle;

    use super::*;

    #[actix_rt::test]
    async fn sizes_follow_the_files_and_a_file_that_is_not_there_has_none() {
        let dir = tempfile::tempdir().expect("there is a temporary directory");
        let database = dir.path().join("agents.db");
        let fleet = FleetHandle::detached();
        register(fleet.metrics(), database.clone());
        let told = |line: String| {
            let text = fleet.metrics().openmetrics().expect("a string takes everything");
            assert!(text.lines().any(|told| told == line), "{line} is not in:\n{text}");
        };
        let size = |file: &str, bytes| format!("claude_hooks_database_size_bytes{{file=\"{file}\"}} {bytes}");
        told(size("main", 0));
        fs::write(&database, [0; 4096]).expect("the directory is ours");
        fs::write(dir.path().join("agents.db-wal"), [0; 10]).expect("the directory is ours");
        told(size("main", 4096));
        told(size("wal", 10));
        let version = env!("CARGO_PKG_VERSION");
        told(format!("claude_hooks_build_info{{version=\"{version}\",runner=\"{RUNNER_VERSION}\"}} 1"));
    }
}
