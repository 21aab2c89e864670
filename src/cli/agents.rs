//! `agents …`: looking at rows and changing them.

use claude_hooks_actors::model::{AgentView, InstanceName, Outcome};
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
        AgentsVerb::Delete(args) => {
            each(asking, &args.names, Method::DELETE, |name| (format!("agents/{name}"), json!({}))).await
        }
        AgentsVerb::Start(args) => act(asking, &args, "start").await,
        AgentsVerb::Stop(args) => act(asking, &args, "stop").await,
        AgentsVerb::Restart(args) => act(asking, &args, "restart").await,
        AgentsVerb::Recreate(args) => act(asking, &args, "recreate").await,
        AgentsVerb::Recover { name, accept_state_loss } => {
            let body = json!({ "accept_state_loss": accept_state_loss });
            each(asking, &[name], Method::POST, |name| (format!("agents/{name}/recover"), body.clone())).await
        }
    }
}

pub(super) async fn adopt(asking: &mut Asking, names: &[InstanceName]) -> Result<(), Failure> {
    each(asking, names, Method::POST, |name| (format!("agents/{name}/adopt"), json!({}))).await
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
    let outcome = tell(asking, &answer)?;
    finish(outcome == Outcome::Failed)
}

async fn update(asking: &mut Asking, args: &UpdateArgs) -> Result<(), Failure> {
    let body = args.body().map_err(Failure::Usage)?;
    let path = format!("agents/{}", args.name);
    let (_, tag) = asking.client.get_tagged(&path).await?;
    let answer = asking.client.change(Method::PATCH, &path, &body, Some(&tag)).await?;
    let outcome = tell(asking, &answer)?;
    finish(outcome == Outcome::Failed)
}

async fn act(asking: &mut Asking, args: &ForceArgs, action: &str) -> Result<(), Failure> {
    let force = if args.force { "?force=1" } else { "" };
    each(asking, &args.names, Method::POST, |name| (format!("agents/{name}/{action}{force}"), json!({})))
        .await
}

/// The same with each of the names; one that fails does not keep the others from their turn, a lost daemon does.
async fn each(
    asking: &mut Asking,
    names: &[InstanceName],
    method: Method,
    request: impl Fn(&InstanceName) -> (String, Value),
) -> Result<(), Failure> {
    let mut failed = false;
    for name in names {
        let (path, body) = request(name);
        match asking.client.change(method.clone(), &path, &body, None).await {
            Ok(answer) => failed |= tell(asking, &answer)? == Outcome::Failed,
            Err(error) if error.is_unreachable() || names.len() == 1 => return Err(error.into()),
            Err(error) => {
                failed = true;
                asking.context.aside(format!("{name}: {}", plain(&error.to_string())));
                if let Some(help) = error.help() {
                    asking.context.aside(format!("{name}: {}", plain(&help)));
                }
            }
        }
    }
    finish(failed)
}

fn finish(failed: bool) -> Result<(), Failure> {
    if failed { Err(Failure::Told(Exit::Failed)) } else { Ok(()) }
}

/// Prints what became of one agent; why it failed goes to stderr.
fn tell(asking: &mut Asking, answer: &Value) -> Result<Outcome, Failure> {
    let changed: Changed = asking.read(answer)?;
    if asking.context.json {
        asking.context.document(answer)?;
    } else {
        let reason = changed.reason.as_ref().filter(|_| changed.outcome != Outcome::Failed);
        let reason = reason.map(|reason| format!(" ({})", one_line(reason))).unwrap_or_default();
        asking.context.line(format!("{}: {}{reason}", changed.name, changed.outcome))?;
    }
    if changed.outcome == Outcome::Failed {
        let reason = changed.reason.unwrap_or_else(|| "the daemon does not say why".to_owned());
        asking.context.aside(format!("{}: {}", changed.name, plain(&reason)));
        asking.context.aside("the row stands, and the daemon tries again; `claude-hooks why` says when");
    }
    Ok(changed.outcome)
}
