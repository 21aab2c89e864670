//! `agents …`: looking at rows and changing them.

use claude_hooks_actors::model::{AgentView, InstanceName, Outcome, Phase};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::args::{AgentsVerb, ForceArgs};
use super::context::Asking;
use super::failure::{Exit, Failure};
use super::override_args::{CreateArgs, UpdateArgs};
use super::show;
use super::text::{one_line, plain};

/// What every change answers, beside the agent.
#[derive(Debug, Deserialize)]
struct Changed {
    name: InstanceName,
    outcome: Outcome,
    #[serde(default)]
    reason: Option<String>,
    /// Absent when the row is gone.
    #[serde(default)]
    observed: Option<Seen>,
}

#[derive(Debug, Deserialize)]
struct Seen {
    phase: Phase,
}

/// What is asked of agents by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    Delete,
    Start,
    Stop,
    Restart,
    Recreate,
    Recover,
    Adopt,
}

impl Ask {
    fn request(self, name: &InstanceName, force: bool) -> (Method, String) {
        let action = match self {
            Self::Delete => return (Method::DELETE, format!("agents/{name}")),
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Recreate => "recreate",
            Self::Recover => "recover",
            Self::Adopt => "adopt",
        };
        (Method::POST, format!("agents/{name}/{action}{}", if force { "?force=1" } else { "" }))
    }

    /// What there was to do, where the daemon changed no container.
    fn unchanged(self, phase: Option<Phase>) -> String {
        match (self, phase) {
            (Self::Delete, _) => "deleted; it had no container".into(),
            (Self::Stop, Some(Phase::Stopped)) => "stopped".into(),
            (Self::Adopt, _) => "unchanged; its container is ours already".into(),
            (Self::Recover, _) => "unchanged; its state is not lost".into(),
            (Self::Start | Self::Stop | Self::Restart | Self::Recreate, Some(phase)) => {
                format!("unchanged; it is {phase}")
            }
            (Self::Start | Self::Stop | Self::Restart | Self::Recreate, None) => "unchanged".into(),
        }
    }
}

#[derive(Debug, Deserialize)]
struct AgentList {
    items: Vec<AgentView>,
}

pub(super) async fn run(asking: &mut Asking, verb: AgentsVerb) -> Result<(), Failure> {
    match verb {
        AgentsVerb::List => list(asking).await,
        AgentsVerb::Show { name } => show(asking, &name).await,
        AgentsVerb::Create(args) => create(asking, &args).await,
        AgentsVerb::Update(args) => update(asking, &args).await,
        AgentsVerb::Delete(args) => each(asking, &args.names, Ask::Delete, false, &json!({})).await,
        AgentsVerb::Start(args) => act(asking, &args, Ask::Start).await,
        AgentsVerb::Stop(args) => act(asking, &args, Ask::Stop).await,
        AgentsVerb::Restart(args) => act(asking, &args, Ask::Restart).await,
        AgentsVerb::Recreate(args) => act(asking, &args, Ask::Recreate).await,
        AgentsVerb::Recover { name, accept_state_loss } => {
            let body = json!({ "accept_state_loss": accept_state_loss });
            each(asking, &[name], Ask::Recover, false, &body).await
        }
    }
}

pub(super) async fn adopt(asking: &mut Asking, names: &[InstanceName]) -> Result<(), Failure> {
    each(asking, names, Ask::Adopt, false, &json!({})).await
}

async fn list(asking: &mut Asking) -> Result<(), Failure> {
    let answer = asking.client.get("agents").await?;
    if asking.context.json {
        return asking.context.document(&answer);
    }
    let list: AgentList = asking.read(&answer)?;
    if list.items.is_empty() {
        asking
            .context
            .aside("there is no agent yet: add one with `claude-hooks agents create NAME --type TYPE`");
        return Ok(());
    }
    let text = show::list(&list.items, (asking.context.now)(), asking.context.terminal);
    asking.context.line(text)
}

async fn show(asking: &mut Asking, name: &InstanceName) -> Result<(), Failure> {
    let answer = asking.client.get(&format!("agents/{name}")).await?;
    if asking.context.json {
        return asking.context.document(&answer);
    }
    let agent: AgentView = asking.read(&answer)?;
    let text = show::agent(&agent, (asking.context.now)());
    asking.context.line(text)
}

async fn create(asking: &mut Asking, args: &CreateArgs) -> Result<(), Failure> {
    let answer = asking.client.post("agents", &args.body()).await?;
    let outcome = tell(asking, &answer, None)?;
    asking.context.answers(vec![answer], 1)?;
    finish(outcome == Outcome::Failed)
}

async fn update(asking: &mut Asking, args: &UpdateArgs) -> Result<(), Failure> {
    let body = args.body().map_err(Failure::Usage)?;
    let path = format!("agents/{}", args.name);
    let (_, tag) = asking.client.get_tagged(&path).await?;
    let answer = asking.client.change(Method::PATCH, &path, &body, Some(&tag)).await?;
    let outcome = tell(asking, &answer, None)?;
    asking.context.answers(vec![answer], 1)?;
    finish(outcome == Outcome::Failed)
}

async fn act(asking: &mut Asking, args: &ForceArgs, ask: Ask) -> Result<(), Failure> {
    each(asking, &args.names, ask, args.force, &json!({})).await
}

/// The same with each of the names; one that fails does not keep the others from their turn, a lost daemon does.
async fn each(
    asking: &mut Asking,
    names: &[InstanceName],
    ask: Ask,
    force: bool,
    body: &Value,
) -> Result<(), Failure> {
    let (mut failed, mut answers) = (false, Vec::new());
    let mut lost = None;
    for name in names {
        let (method, path) = ask.request(name, force);
        match asking.client.change(method, &path, body, None).await {
            Ok(answer) => {
                failed |= tell(asking, &answer, Some(ask))? == Outcome::Failed;
                answers.push(answer);
            }
            Err(error) if error.is_unreachable() || names.len() == 1 => {
                lost = Some(error);
                break;
            }
            Err(error) => {
                failed = true;
                asking.context.aside(format!("{name}: {}", plain(&error.to_string())));
                if let Some(help) = error.help() {
                    asking.context.aside(format!("{name}: {}", plain(&help)));
                }
            }
        }
    }
    asking.context.answers(answers, names.len())?;
    match lost {
        Some(error) => Err(error.into()),
        None => finish(failed),
    }
}

fn finish(failed: bool) -> Result<(), Failure> {
    if failed { Err(Failure::Told(Exit::Failed)) } else { Ok(()) }
}

/// Tells people what became of one agent; why it failed goes to stderr.
fn tell(asking: &mut Asking, answer: &Value, ask: Option<Ask>) -> Result<Outcome, Failure> {
    let Changed { name, outcome, reason, observed } = asking.read(answer)?;
    let words = match (outcome, ask) {
        (Outcome::Unchanged, Some(ask)) => ask.unchanged(observed.map(|seen| seen.phase)),
        (outcome, _) => outcome.to_string(),
    };
    if !asking.context.json {
        let reason = reason.as_ref().filter(|_| outcome != Outcome::Failed);
        let reason = reason.map(|reason| format!(" ({})", one_line(reason))).unwrap_or_default();
        asking.context.line(format!("{name}: {words}{reason}"))?;
    }
    if outcome == Outcome::Failed {
        let reason = reason.unwrap_or_else(|| "the daemon does not say why".to_owned());
        asking.context.aside(format!("{name}: {}", plain(&reason)));
        asking.context.aside(format!("`claude-hooks why {name}` says what comes next"));
    }
    Ok(outcome)
}
