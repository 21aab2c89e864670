//! What an agent may type, as requests, and their answers in words. Pure.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use claude_hooks_actors::model::ParkKind;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::{park_kind, seconds};

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) body: Option<Value>,
    pub(super) socket: Option<PathBuf>,
    /// The whole answer is wanted.
    json: bool,
}

/// Tells the supervisor of this agent, from inside its container.
#[derive(Debug, Parser)]
#[command(name = "agent", disable_help_subcommand = true, arg_required_else_help = true)]
struct Words {
    /// Print what the supervisor answers, as JSON
    #[arg(long, global = true)]
    json: bool,
    /// Another socket than the one in the container
    #[arg(long, value_name = "PATH", global = true, hide = true)]
    socket: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what the supervisor knows of this agent
    Status,
    /// Stay awake for a time although there is no work, at most 2h at once
    Hold {
        /// Such as 20m
        #[arg(value_name = "TIME", value_parser = seconds)]
        ttl_s: u64,
    },
    /// Fall asleep again after the idle time
    Unhold,
    /// Say how far the work is
    Progress {
        /// One line
        #[arg(required = true)]
        text: Vec<String>,
    },
    /// Say that a person is needed, or that one came
    NeedHuman {
        /// What the person is to do
        #[arg(required_unless_present = "done", conflicts_with = "done")]
        reason: Vec<String>,
        /// The person was there
        #[arg(long)]
        done: bool,
    },
    /// Get no work until a time, at most 8 days; what runs goes on
    Park {
        /// auth: cannot sign in; quota: used up; other: see the reason
        #[arg(value_name = "KIND", value_parser = park_kind)]
        kind: ParkKind,
        /// Such as 2026-01-31T12:00:00Z
        #[arg(long, value_name = "TIME", conflicts_with = "length", required_unless_present = "length")]
        until: Option<Timestamp>,
        /// Such as 30m
        #[arg(long = "for", value_name = "TIME", value_parser = seconds, id = "length")]
        length: Option<u64>,
        /// Why
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
    /// Get work again before that time
    Reopen,
}

pub(super) fn parse(words: impl Iterator<Item = OsString>) -> Result<Asked, clap::Error> {
    let Words { json, socket, verb } = Words::try_parse_from(words)?;
    let (method, path, body) = match verb {
        Verb::Status => ("GET", "/self", None),
        Verb::Hold { ttl_s } => ("POST", "/hold", Some(json!({ "ttl_s": ttl_s }))),
        Verb::Unhold => ("DELETE", "/hold", None),
        Verb::Progress { text } => ("POST", "/progress", Some(json!({ "text": text.join(" ") }))),
        Verb::NeedHuman { done: true, .. } => ("DELETE", "/need-human", None),
        Verb::NeedHuman { reason, done: false } => {
            ("POST", "/need-human", Some(json!({ "reason": reason.join(" ") })))
        }
        Verb::Park { kind, until, length, reason } => {
            let mut body = json!({ "kind": kind, "reason": reason });
            if let Some(until) = until {
                body["until"] = json!(until);
            }
            if let Some(length) = length {
                body["for_s"] = json!(length);
            }
            ("POST", "/park", Some(body))
        }
        Verb::Reopen => ("DELETE", "/park", None),
    };
    Ok(Asked { method, path, body, socket, json })
}

/// The answer for whoever typed it.
pub(super) fn told(asked: &Asked, answer: &Value) -> String {
    if asked.json {
        return answer.to_string();
    }
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let mut lines = vec![format!("{} ({})", text(&answer["name"]), text(&answer["type"]))];
    let parked = &answer["parked"];
    if parked.is_object() {
        let until = parked["reopens_at"].as_str().unwrap_or("somebody reopens it");
        let reason = text(&parked["reason"]);
        lines
            .push(format!("parked ({}) until {until} {reason}", text(&parked["kind"])).trim_end().to_owned());
    }
    let conditions = answer["conditions"].as_array().into_iter().flatten();
    let others = conditions.filter(|one| !["ready", "parked"].contains(&one["type"].as_str().unwrap_or("")));
    lines.extend(others.map(|one| format!("{}: {}", text(&one["type"]), text(&one["reason"]))));
    if answer["progress"].is_object() {
        lines.push(format!("progress: {}", text(&answer["progress"]["text"])));
    }
    lines.join("\n")
}
