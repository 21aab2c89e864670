//! Verbs about the whole fleet or its reasons: `scale`, `plan`, `why`.

use claude_hooks_actors::handle::Reconciled;
use claude_hooks_actors::model::{InstanceName, Outcome};
use serde_json::Value;

use super::args::ScaleArgs;
use super::context::Asking;
use super::failure::{Exit, Failure};
use super::show;
use super::text::plain;

pub(super) async fn scale(asking: &mut Asking, args: &ScaleArgs) -> Result<(), Failure> {
    let mut answers = Vec::new();
    let scaled = scale_each(asking, args, &mut answers).await;
    asking.context.answers(answers, args.targets.len())?;
    if scaled? { Ok(()) } else { Err(Failure::Told(Exit::Failed)) }
}

/// Whether everything was done.
async fn scale_each(
    asking: &mut Asking,
    ScaleArgs { targets, force }: &ScaleArgs,
    answers: &mut Vec<Value>,
) -> Result<bool, Failure> {
    let mut done_all = true;
    for target in targets {
        let answer = asking.client.scale(&target.agent_type, target.count.into(), force.force).await?;
        let report = answer.read()?;
        answers.push(answer.into_json());
        if !asking.context.json {
            let done = |changed: &&Reconciled| changed.outcome != Outcome::Failed;
            let created = names(report.created.iter().filter(done));
            let removed = names(report.removed.iter().filter(done));
            let unchanged = report.unchanged;
            asking.context.line(format!(
                "{}: created {created}; removed {removed}; unchanged {unchanged}",
                target.agent_type
            ))?;
        }
        let all = report.created.iter().map(|one| (one, "created"));
        for (changed, what) in all.chain(report.removed.iter().map(|one| (one, "removed"))) {
            if changed.outcome == Outcome::Failed {
                done_all = false;
                let reason = changed.reason.as_deref().unwrap_or("the daemon does not say why");
                asking.context.aside(format!("{} is not {what}: {}", changed.name, plain(reason)));
            } else if let Some(reason) = changed.reason.as_deref() {
                asking.context.aside(format!("{} is {what}, but: {}", changed.name, plain(reason)));
            }
        }
    }
    Ok(done_all)
}

fn names<'a>(changed: impl Iterator<Item = &'a Reconciled>) -> String {
    let names: Vec<&str> = changed.map(|changed| changed.name.as_ref()).collect();
    if names.is_empty() { "-".to_owned() } else { names.join(", ") }
}

pub(super) async fn plan(asking: &mut Asking) -> Result<(), Failure> {
    let answer = asking.client.plan().await?;
    if asking.context.json {
        return asking.context.document(answer.json());
    }
    let text = show::plan(&answer.read()?.items, asking.context.terminal);
    asking.context.line(text)
}

pub(super) async fn why(asking: &mut Asking, name: &InstanceName) -> Result<(), Failure> {
    let answer = asking.client.why(name).await?;
    if asking.context.json {
        return asking.context.document(answer.json());
    }
    let text = show::why(&answer.read()?, (asking.context.now)());
    asking.context.line(text)
}
