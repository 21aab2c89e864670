//! `wipe-agent`: the one verb that destroys state, so it names what it destroys and asks.

use claude_hooks_actors::model::{AgentView, InstanceName, Outcome};
use serde::Deserialize;

use super::context::Asking;
use super::failure::Failure;
use super::text::one_line;
use crate::client::{ClientError, Tagged};

/// What is read of a deleted agent.
#[derive(Debug, Deserialize)]
struct Deleted {
    outcome: Outcome,
    reason: Option<String>,
}

pub(super) async fn run(asking: &mut Asking, name: &InstanceName, yes: bool) -> Result<(), Failure> {
    let row = row(asking, name).await?;
    for line in destroyed(asking, name, row.as_ref().map(|(agent, _)| agent)) {
        asking.context.aside(line);
    }
    if !yes {
        confirm(asking, name).await?;
    }
    let had_row = row.is_some();
    if let Some((_, tag)) = row {
        // The generation that was shown: an agent that was changed meanwhile is not the one that was agreed on.
        // Whoever works with it was named too, and nothing of what they do there would be left.
        let deleted = asking.client.delete_agent(name, Some(&tag), true).await?;
        let Deleted { outcome, reason } = deleted.read_as::<Deleted>().read()?;
        if outcome == Outcome::Failed {
            let reason = reason.as_deref().unwrap_or("the daemon does not say why");
            return Err(Failure::Said(format!(
                "the row is deleted, but the container could not be removed, so its volume stays: {reason}"
            )));
        }
    }
    let answer = match asking.client.wipe_agent(name).await {
        Err(error @ ClientError::Refused(_)) if had_row && !error.is_unreachable() => {
            let help = error.help().map(|help| format!(" ({help})")).unwrap_or_default();
            return Err(Failure::Said(format!(
                "the row and the container of {name} are gone, but no state was wiped: {}{help}",
                error.reason()
            )));
        }
        wiped => wiped?,
    };
    if asking.context.json {
        return asking.context.document(answer.json());
    }
    let wiped = answer.read()?;
    asking.context.line(format!("{name}: wiped, volume {} is gone", wiped.volume))
}

async fn row(asking: &Asking, name: &InstanceName) -> Result<Option<(AgentView, String)>, Failure> {
    match asking.client.agent(name).await {
        Ok(Tagged { agent, tag }) => Ok(Some((agent.read()?, tag))),
        Err(ClientError::Refused(problem)) if problem.status == 404 => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn destroyed(asking: &Asking, name: &InstanceName, agent: Option<&AgentView>) -> Vec<String> {
    let prefix = &asking.settings.prefix;
    let mut lines = vec!["This destroys for ever:".to_owned()];
    if let Some(agent) = agent {
        if let Some(lease) = &agent.lease {
            lines.push(format!("  what {} does with it now", one_line(&lease.holder)));
        }
        lines.push(format!("  the row of {name} (type {}, {})", agent.agent_type, agent.lifecycle));
        if !agent.host_mode {
            lines.push(format!("  the container {} ({})", prefix.container(name), agent.observed.phase));
        }
    }
    lines
        .push(format!("  the volume {} with everything that the agent keeps in /state", prefix.volume(name)));
    lines
}

async fn confirm(asking: &mut Asking, name: &InstanceName) -> Result<(), Failure> {
    asking.context.aside(format!("Type the name ({name}) to go on:"));
    let input = asking.context.input;
    let typed = tokio::task::spawn_blocking(input).await.map_err(std::io::Error::other)??;
    if typed.trim() == name.as_ref() {
        return Ok(());
    }
    Err(Failure::Said("not confirmed: nothing was destroyed".to_owned()))
}

#[cfg(test)]
mod tests;
