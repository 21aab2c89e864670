//! `metrics`: what is measured, for Prometheus.

use std::collections::BTreeSet;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::FleetHandle;

use crate::extract::{Params, accepts_first};
use crate::problem::{Problem, ProblemKind};

const OPENMETRICS: &str = "application/openmetrics-text";
const PLAIN: &str = "text/plain";

/// What is measured, for Prometheus: OpenMetrics, or the older format if `Accept` prefers `text/plain`.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "metrics",
    tag = "health",
    responses(
        (status = OK,
            description = "The metrics",
            content((String = "application/openmetrics-text; version=1.0.0; charset=utf-8"), (String = "text/plain; version=0.0.4; charset=utf-8"))),
    ),
    extensions(("x-problems" = json!([]))),
)]
pub(crate) async fn show(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let text = fleet.metrics().openmetrics().map_err(|_| {
        log::error!("the metrics could not be written");
        Problem::new(ProblemKind::Internal, "the metrics could not be written")
    })?;
    let (kind, text) = match accepts_first(&request, OPENMETRICS, PLAIN) {
        Some(PLAIN) => ("text/plain; version=0.0.4; charset=utf-8", plain(&text)),
        _ => ("application/openmetrics-text; version=1.0.0; charset=utf-8", text),
    };
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, kind)).body(text))
}

/// The same in Prometheus' own format, in which a counter's family is named like its sample.
fn plain(openmetrics: &str) -> String {
    let of_type = |line: &str| {
        line.strip_prefix("# TYPE ").and_then(|rest| rest.strip_suffix(" counter")).map(str::to_owned)
    };
    let counters: BTreeSet<String> = openmetrics.lines().filter_map(of_type).collect();
    let mut text = String::with_capacity(openmetrics.len());
    for line in openmetrics.lines() {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("EOF" | "UNIT"), ..) => continue,
            (Some("#"), Some(what), Some(name), Some(rest)) if counters.contains(name) => {
                text.extend(["# ", what, " ", name, "_total ", rest]);
            }
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_the_older_format_a_counter_is_named_like_its_sample_and_nothing_marks_the_end() {
        let openmetrics = "# HELP a_calls What is called.\n# TYPE a_calls counter\na_calls_total{verb=\"x y\"} 1\n\
                           # HELP b_s How long.\n# TYPE b_s gauge\n# UNIT b_s s\nb_s 2\n# EOF\n";
        let expected = "# HELP a_calls_total What is called.\n# TYPE a_calls_total counter\na_calls_total{verb=\"x y\"} 1\n\
                        # HELP b_s How long.\n# TYPE b_s gauge\nb_s 2\n";
        assert_eq!(plain(openmetrics), expected);
    }
}
