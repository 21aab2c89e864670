//! `rollouts …`: a new image for many agents.

use std::time::Duration;

use claude_hooks_actors::model::{MemberState, Rollout, RolloutId, RolloutMember, RolloutState};

use super::context::Asking;
use super::failure::{Exit, Failure};
use super::rollout_args::{RolloutsVerb, StartArgs};
use super::table::table;
use super::text::{age, one_line, short_id};
use crate::client::RolloutWish;

/// Between two looks at a rollout that is followed.
const LOOK: Duration = Duration::from_millis(500);
/// How often a daemon that went away, for a restart, is looked for before following ends.
const RECONNECTS: u32 = 60;
/// Characters of the bar.
const BAR: usize = 24;

pub(super) async fn run(asking: &mut Asking, verb: RolloutsVerb) -> Result<(), Failure> {
    match verb {
        RolloutsVerb::List => list(asking).await,
        RolloutsVerb::Start(args) => start(asking, &args).await,
        RolloutsVerb::Show(args) => {
            let answer = asking.client.rollout(args.id).await?;
            if asking.context.json {
                return asking.context.document(answer.json());
            }
            show(asking, &answer.read()?)
        }
        RolloutsVerb::Follow(args) => follow(asking, args.id).await,
        RolloutsVerb::Pause(args) => wish(asking, args.id, RolloutWish::Pause).await,
        RolloutsVerb::Resume(args) => wish(asking, args.id, RolloutWish::Resume).await,
        RolloutsVerb::Abort(args) => wish(asking, args.id, RolloutWish::Abort).await,
    }
}

async fn list(asking: &mut Asking) -> Result<(), Failure> {
    let answer = asking.client.rollouts().await?;
    if asking.context.json {
        return asking.context.document(answer.json());
    }
    let list = answer.read()?;
    if list.items.is_empty() {
        asking.context.aside("there was no rollout yet");
        return Ok(());
    }
    let now = (asking.context.now)();
    let row = |rollout: &Rollout| {
        vec![
            rollout.id.to_string(),
            rollout.agent_type.as_ref().map_or_else(|| "(all)".to_owned(), ToString::to_string),
            rollout.state.to_string(),
            format!("{}/{}", rollout.done(), rollout.members.len()),
            age(now, rollout.created_at),
            rollout.reason.clone().unwrap_or_default(),
        ]
    };
    let rows = list.items.iter().map(row).collect();
    let terminal = asking.context.terminal;
    asking.context.line(table(&["ROLLOUT", "TYPE", "STATE", "DONE", "BEGUN", "WHY"], rows, terminal))
}

async fn start(asking: &mut Asking, args: &StartArgs) -> Result<(), Failure> {
    let wanted = args.rollout();
    let answer = if args.dry_run {
        asking.client.plan_rollout(&wanted).await?
    } else {
        asking.client.start_rollout(&wanted).await?
    };
    let rollout = answer.read()?;
    if args.follow && !rollout.state.has_ended() {
        if !asking.context.json {
            asking.context.line(format!("rollout {}", rollout.id))?;
        }
        return follow(asking, rollout.id).await;
    }
    if asking.context.json {
        asking.context.document(answer.json())?;
    } else {
        show(asking, &rollout)?;
    }
    exit(&rollout)
}

async fn wish(asking: &mut Asking, id: RolloutId, wish: RolloutWish) -> Result<(), Failure> {
    let answer = asking.client.steer_rollout(id, wish).await?;
    if asking.context.json {
        return asking.context.document(answer.json());
    }
    asking.context.line(headline(&answer.read()?))
}

fn headline(rollout: &Rollout) -> String {
    let why = rollout.reason.as_ref().map(|reason| format!(": {}", one_line(reason))).unwrap_or_default();
    format!("{}: {}, {} of {}{why}", rollout.id, rollout.state, rollout.done(), rollout.members.len())
}

fn show(asking: &mut Asking, rollout: &Rollout) -> Result<(), Failure> {
    asking.context.line(headline(rollout))?;
    if rollout.members.is_empty() {
        return Ok(());
    }
    let id = |id: &str| short_id(id.trim_start_matches("sha256:")).to_owned();
    let row = |member: &RolloutMember| {
        vec![
            member.instance.to_string(),
            if member.canary { format!("{} (first)", member.state) } else { member.state.to_string() },
            member.image.clone(),
            id(&member.from_image_id),
            member.to_image_id.as_deref().map(id).unwrap_or_default(),
            member.reason.clone().unwrap_or_default(),
        ]
    };
    let rows = rollout.members.iter().map(row).collect();
    let terminal = asking.context.terminal;
    asking.context.line(table(&["AGENT", "STATE", "IMAGE", "FROM", "TO", "WHY"], rows, terminal))
}

/// Looks again and again until the end, also across a restart of the daemon. A bar for people, a line per change otherwise.
async fn follow(asking: &mut Asking, id: RolloutId) -> Result<(), Failure> {
    let mut seen: Option<Rollout> = None;
    let mut failures = 0;
    loop {
        let rollout = match asking.client.rollout(id).await {
            Ok(answer) => answer.read()?,
            Err(error) if error.is_unreachable() && seen.is_some() && failures < RECONNECTS => {
                failures += 1;
                tokio::time::sleep(asking.context.reconnect_pause).await;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        failures = 0;
        if seen.as_ref() != Some(&rollout) {
            tell(asking, seen.as_ref(), &rollout)?;
        }
        if rollout.state.has_ended() {
            return end(asking, &rollout);
        }
        seen = Some(rollout);
        tokio::time::sleep(LOOK).await;
    }
}

fn tell(asking: &mut Asking, before: Option<&Rollout>, rollout: &Rollout) -> Result<(), Failure> {
    let context = &mut asking.context;
    if context.json {
        let line = serde_json::to_string(rollout).map_err(std::io::Error::from)?;
        context.line(line)?;
    } else if context.terminal {
        write!(context.out, "\r\x1b[2K{}", bar(rollout))?;
    } else {
        for (place, member) in rollout.members.iter().enumerate() {
            let was = before.and_then(|before| before.members.get(place)).map(|member| member.state);
            if was.unwrap_or(MemberState::Pending) != member.state {
                let why = member.reason.as_ref().map(|reason| format!(": {}", one_line(reason)));
                context.line(format!("{}: {}{}", member.instance, member.state, why.unwrap_or_default()))?;
            }
        }
        if before.is_some_and(|before| before.state != rollout.state) && !rollout.state.has_ended() {
            context.line(headline(rollout))?;
        }
    }
    Ok(context.out.flush()?)
}

/// `[########----------------] 2/6  dev-3 watching`
fn bar(rollout: &Rollout) -> String {
    let (done, all) = (rollout.done(), rollout.members.len().max(1));
    let full = BAR * done / all;
    let out = rollout.members.iter().filter(|member| member.state.is_out());
    let out: Vec<String> = out.map(|member| format!("{} {}", member.instance, member.state)).collect();
    let what = if rollout.state == RolloutState::Paused { headline(rollout) } else { out.join(", ") };
    format!("[{}{}] {done}/{}  {what}", "#".repeat(full), "-".repeat(BAR - full), rollout.members.len())
}

fn end(asking: &mut Asking, rollout: &Rollout) -> Result<(), Failure> {
    if !asking.context.json {
        if asking.context.terminal {
            asking.context.line("")?;
        }
        asking.context.line(headline(rollout))?;
    }
    exit(rollout)
}

/// An end without the image is a failure.
fn exit(rollout: &Rollout) -> Result<(), Failure> {
    match rollout.state {
        RolloutState::Done | RolloutState::Running | RolloutState::Paused => Ok(()),
        RolloutState::RolledBack | RolloutState::Aborted | RolloutState::Failed => {
            Err(Failure::Told(Exit::Failed))
        }
    }
}

#[cfg(test)]
mod tests;
