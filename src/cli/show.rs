//! Agents in words. Pure.

use std::fmt::Write as _;

use claude_hooks_actors::model::{
    AgentView, Condition, ConditionType, DiskState, LastStop, LeaseView, Phase, PlanItem, Power, Progress,
    Why,
};
use jiff::Timestamp;
use serde_json::Value;

use super::table::table;
use super::text::{age, docker_time, moment, one_line, plain, short_id, span};

pub(super) fn list(agents: &[AgentView], now: Timestamp, terminal: bool) -> String {
    let headers = ["NAME", "TYPE", "LIFECYCLE", "PHASE", "HOLDER", "SINCE", "RESTARTS", "IMAGE", "NEXT"];
    let row = |agent: &AgentView| {
        vec![
            agent.name.to_string(),
            agent.agent_type.to_string(),
            agent.lifecycle.to_string(),
            phase(agent),
            agent.lease.as_ref().map(|lease| lease.holder.clone()).unwrap_or_default(),
            since(agent).map(|at| age(now, at)).unwrap_or_default(),
            agent.observed.restart_count.map(|count| count.to_string()).unwrap_or_default(),
            agent.desired.image.clone().unwrap_or_default(),
            agent.next_action.clone().unwrap_or_default(),
        ]
    };
    table(&headers, agents.iter().map(row).collect(), terminal)
}

/// What is standing beside the phase: `running`, `stopped (state_lost)`.
fn phase(agent: &AgentView) -> String {
    let trouble: Vec<String> = standing(&agent.conditions).map(|c| c.kind.to_string()).collect();
    if trouble.is_empty() {
        agent.observed.phase.to_string()
    } else {
        format!("{} ({})", agent.observed.phase, trouble.join(", "))
    }
}

/// Conditions that say something: `ready` only repeats the phase, and `healthy` is as it should be.
fn standing(conditions: &[Condition]) -> impl Iterator<Item = &Condition> {
    let tells = |kind: ConditionType| !matches!(kind, ConditionType::Ready | ConditionType::Healthy);
    conditions.iter().filter(move |condition| condition.status && tells(condition.kind))
}

/// Since when the agent runs or does not run, as far as docker or we know.
fn since(agent: &AgentView) -> Option<Timestamp> {
    match agent.observed.phase {
        Phase::Running | Phase::Stopping => agent.observed.started_at.as_deref().and_then(docker_time),
        Phase::Stopped | Phase::Backoff | Phase::Absent => agent.last_stop.as_ref().map(|stop| stop.at),
        Phase::Creating
        | Phase::Starting
        | Phase::Recreating
        | Phase::Removing
        | Phase::Unknown
        | Phase::Host => None,
    }
}

/// `key: value` lines, the values in one column.
#[derive(Debug, Default)]
pub(super) struct Facts {
    text: String,
}

impl Facts {
    pub(super) fn add(&mut self, key: &str, value: impl AsRef<str>) {
        let value = value.as_ref();
        if !value.is_empty() {
            let value = plain(value).replace('\n', "\n              ");
            writeln!(self.text, "{:<14}{value}", format!("{key}:")).expect("a String takes every text");
        }
    }

    pub(super) fn maybe(&mut self, key: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value {
            self.add(key, value);
        }
    }

    pub(super) fn done(self) -> String {
        self.text.trim_end().to_owned()
    }
}

pub(super) fn agent(agent: &AgentView, now: Timestamp) -> String {
    let mut facts = Facts::default();
    let (desired, observed) = (&agent.desired, &agent.observed);
    facts.add("name", &agent.name);
    facts.add("type", &agent.agent_type);
    facts.add("lifecycle", agent.lifecycle.to_string());
    facts.add("generation", desired.generation.to_string());
    if agent.host_mode {
        facts.add("container", "none: the type runs in host mode");
        return facts.done();
    }
    if desired.power == Power::Off {
        facts.add("held down", "stopped by hand; `claude-hooks agents start` lets it run again");
    }
    facts.maybe("image", desired.image.as_ref());
    let since = since(agent).map(|at| format!(" for {}, since {}", age(now, at), moment(at)));
    facts.add("phase", format!("{}{}", observed.phase, since.unwrap_or_default()));
    facts.maybe("container", observed.container_id.as_deref().map(short_id));
    facts.maybe("image id", observed.image_id.as_deref().map(short_id));
    facts.maybe("restarts", observed.restart_count.filter(|count| *count > 0).map(|count| count.to_string()));
    facts.maybe("held by", agent.lease.as_ref().map(|lease| held(lease, now)));
    facts.maybe("parked", agent.parked.as_ref().map(|parked| one_line(&parked.to_string())));
    facts.maybe("needs human", agent.needs_human.as_ref().map(|need| one_line(&need.reason)));
    facts.maybe("progress", agent.progress.as_ref().map(|said| progress(said, now)));
    facts.maybe("last stop", agent.last_stop.as_ref().map(|stop| last_stop(stop, now)));
    last_words(&mut facts, agent.last_stop.as_ref());
    facts.maybe("seen", observed.observed_at.map(|at| format!("{} ago", age(now, at))));
    for condition in standing(&agent.conditions) {
        facts.add("condition", condition_line(condition, now));
    }
    facts.add("next", agent.next_action.as_deref().unwrap_or("nothing is due"));
    facts.done()
}

fn progress(said: &Progress, now: Timestamp) -> String {
    format!("{} ({} ago)", one_line(&said.text), age(now, said.at))
}

fn held(lease: &LeaseView, now: Timestamp) -> String {
    let LeaseView { holder, fence, expires_at, .. } = lease;
    format!("{}, fence {fence}, ends {}", one_line(holder), coming(now, *expires_at))
}

/// A lease that was just granted: all that its holder needs.
pub(super) fn lease(lease: &LeaseView, now: Timestamp) -> String {
    let mut facts = Facts::default();
    facts.add("instance", &lease.instance);
    facts.add("container", &lease.container);
    facts.add("lease", lease.id.to_string());
    facts.add("fence", lease.fence.to_string());
    facts.add("holder", one_line(&lease.holder));
    facts.add("ends", format!("{}, unless it is renewed", coming(now, lease.expires_at)));
    facts.done()
}

pub(super) fn leases(leases: &[LeaseView], now: Timestamp, terminal: bool) -> String {
    let row = |lease: &LeaseView| {
        let LeaseView { id, instance, container: _, fence, holder, expires_at } = lease;
        let ends = coming(now, *expires_at);
        vec![instance.to_string(), holder.clone(), fence.to_string(), ends, id.to_string()]
    };
    table(&["INSTANCE", "HOLDER", "FENCE", "ENDS", "LEASE"], leases.iter().map(row).collect(), terminal)
}

fn last_stop(stop: &LastStop, now: Timestamp) -> String {
    let code = stop.exit_code.map(|code| format!(", exit code {code}")).unwrap_or_default();
    let detail = stop.detail.as_deref().map(|detail| format!(": {}", one_line(detail))).unwrap_or_default();
    format!("{}{code}, {} ago{detail}", stop.cause, age(now, stop.at))
}

/// What was saved of a life that ended unasked.
fn last_words(facts: &mut Facts, stop: Option<&LastStop>) {
    let Some(capsule) = stop.and_then(|stop| stop.capsule.as_ref()) else { return };
    if !capsule.log_tail.is_empty() {
        facts.add("last words", &capsule.log_tail);
    }
    facts.maybe("its task", capsule.task.map(|task| task.to_string()));
    let percent =
        |disk: &DiskState| format!("{} % of its disk was free", disk.free * 100 / disk.total.max(1));
    facts.maybe("disk", capsule.disk.as_ref().map(percent));
}

fn condition_line(condition: &Condition, now: Timestamp) -> String {
    let retry = condition.next_retry_at.map(|at| format!("; tried again {}", coming(now, at)));
    let (kind, since) = (condition.kind, age(now, condition.since));
    format!("{kind} for {since}: {}{}", one_line(&condition.reason), retry.unwrap_or_default())
}

/// When something to come comes: "now", "in 15 s".
pub(super) fn coming(now: Timestamp, at: Timestamp) -> String {
    if at <= now { "now".to_owned() } else { format!("in {}", span(at.as_second() - now.as_second())) }
}

pub(super) fn why(why: &Why, now: Timestamp) -> String {
    let mut text = format!("{} is {}: {}\n", why.instance, why.phase, one_line(&why.explanation));
    let mut facts = Facts::default();
    facts.add("rule", format!("{}, for {} (since {})", why.rule, age(now, why.since), moment(why.since)));
    let next = why.next_action.as_deref().unwrap_or("nothing is due");
    let when = why.next_at.map(|at| format!(", {}", coming(now, at))).unwrap_or_default();
    facts.add("next", format!("{next}{when}"));
    facts.maybe("last stop", why.last_stop.as_ref().map(|stop| last_stop(stop, now)));
    last_words(&mut facts, why.last_stop.as_ref());
    for condition in standing(&why.conditions) {
        facts.add("condition", condition_line(condition, now));
    }
    text.push('\n');
    text.push_str(&facts.done());
    if !why.evidence.is_empty() {
        text.push_str("\n\nevidence:\n");
        let facts: Vec<(String, &Value)> =
            why.evidence.iter().flat_map(|(key, value)| single(key, value)).collect();
        let width = facts.iter().map(|(key, _)| key.len()).max().unwrap_or_default();
        for (key, value) in facts {
            let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            writeln!(text, "  {key:<width$}  {}", one_line(&value)).expect("a String takes every text");
        }
    }
    text.trim_end().to_owned()
}

/// A fact, or each member of one that has members.
fn single<'a>(key: &str, value: &'a Value) -> Vec<(String, &'a Value)> {
    match value.as_object() {
        Some(members) => members.iter().map(|(member, value)| (format!("{key}.{member}"), value)).collect(),
        None => vec![(key.to_owned(), value)],
    }
}

pub(super) fn plan(items: &[PlanItem], terminal: bool) -> String {
    let row = |item: &PlanItem| {
        vec![item.instance.to_string(), item.action.clone(), item.rule.clone(), item.detail.clone()]
    };
    table(&["INSTANCE", "ACTION", "RULE", "WHY"], items.iter().map(row).collect(), terminal)
}

/// One event on one line. Read from JSON, so that a kind this program does not know is shown all the same.
pub(super) fn event(event: &Value) -> String {
    let text = |key: &str| event[key].as_str().unwrap_or_default();
    let at = text("at").parse::<Timestamp>().map_or_else(|_| text("at").to_owned(), moment);
    let seq = event["seq"].as_u64().unwrap_or_default();
    let instance = if text("instance").is_empty() { "-" } else { text("instance") };
    let words: Vec<&str> =
        [text("cause"), text("detail")].into_iter().filter(|word| !word.is_empty()).collect();
    let line = format!("{at}  {seq:>6}  {:<26} {instance:<18} {}", text("kind"), words.join(": "));
    plain(&line).replace('\n', " ").trim_end().to_owned()
}

#[cfg(test)]
mod tests;
