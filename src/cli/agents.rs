//! `agents …`: looking at rows and changing them.

use claude_hooks_actors::model::{AgentView, Condition, ConditionType, InstanceName, Outcome, Phase};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::args::{AgentsVerb, Force, ForceArgs};
use super::context::Asking;
use super::failure::{Exit, Failure};
use super::override_args::{CreateArgs, UpdateArgs};
use super::park_args::ParkArgs;
use super::show;
use super::text::{one_line, plain};

/// What every change answers, beside the agent.
#[derive(Debug, Deserialize)]
struct Changed {
    name: InstanceName,
    /// Absent where no container was to be changed.
    #[serde(default)]
    outcome: Option<Outcome>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    conditions: Vec<Condition>,
    /// Absent when the row is gone.
    #[serde(default)]
    observed: Option<Seen>,
}

#[derive(Debug, Deserialize)]
struct Seen {
    phase: Phase,
}

/// What is answered to `park`.
#[derive(Debug, Deserialize)]
struct Parked {
    #[serde(default)]
    parked: Option<claude_hooks_actors::model::Parked>,
    /// Where the whole account is.
    #[serde(default)]
    parked_agents: Vec<InstanceName>,
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
    Cordon,
    Uncordon,
    Hold,
    Unhold,
    Reopen,
    NeedHuman,
    HumanCame,
}

impl Ask {
    fn request(self, name: &InstanceName, force: Force) -> (Method, String) {
        let (method, action) = match self {
            Self::Delete => (Method::DELETE, ""),
            Self::Start => (Method::POST, "/start"),
            Self::Stop => (Method::POST, "/stop"),
            Self::Restart => (Method::POST, "/restart"),
            Self::Recreate => (Method::POST, "/recreate"),
            Self::Recover => (Method::POST, "/recover"),
            Self::Adopt => (Method::POST, "/adopt"),
            Self::Cordon => (Method::POST, "/cordon"),
            Self::Uncordon => (Method::POST, "/uncordon"),
            Self::Hold => (Method::POST, "/hold"),
            Self::Unhold => (Method::DELETE, "/hold"),
            Self::Reopen => (Method::DELETE, "/park"),
            Self::NeedHuman => (Method::POST, "/need-human"),
            Self::HumanCame => (Method::DELETE, "/need-human"),
        };
        (method, format!("agents/{name}{action}{}", force.query()))
    }

    /// What there was to do, where the daemon changed no container.
    fn unchanged(self, phase: Option<Phase>, waits: bool) -> String {
        match (self, phase) {
            (Self::Delete, _) if waits => "deleted; its container is still there".into(),
            (_, _) if waits => "waiting".into(),
            (Self::Delete, _) => "deleted; it had no container".into(),
            (Self::Stop, Some(Phase::Stopped)) => "stopped".into(),
            (Self::Adopt, _) => "unchanged; its container is ours already".into(),
            (Self::Recover, _) => "unchanged; its state is not lost".into(),
            (Self::Start | Self::Stop | Self::Restart | Self::Recreate, Some(phase)) => {
                format!("unchanged; it is {phase}")
            }
            (Self::Start | Self::Stop | Self::Restart | Self::Recreate, None) => "unchanged".into(),
            (Self::Cordon, _) => "cordoned".into(),
            (Self::Uncordon, _) => "gets work again".into(),
            (Self::Hold, phase) => match phase {
                Some(phase @ (Phase::Running | Phase::Starting)) => format!("kept awake; it is {phase}"),
                _ => "kept awake; it is woken".into(),
            },
            (Self::Unhold, _) => "not kept awake any more".into(),
            (Self::Reopen, _) => "may work again".into(),
            (Self::NeedHuman, _) => "needs a person".into(),
            (Self::HumanCame, _) => "needs no person any more".into(),
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
        AgentsVerb::Delete(args) => act(asking, &args, Ask::Delete).await,
        AgentsVerb::Start(args) => act(asking, &args, Ask::Start).await,
        AgentsVerb::Stop(args) => act(asking, &args, Ask::Stop).await,
        AgentsVerb::Restart(args) => act(asking, &args, Ask::Restart).await,
        AgentsVerb::Recreate(args) => act(asking, &args, Ask::Recreate).await,
        AgentsVerb::Cordon(args) => ask_each(asking, &args.names, Ask::Cordon).await,
        AgentsVerb::Uncordon(args) => ask_each(asking, &args.names, Ask::Uncordon).await,
        AgentsVerb::Hold { names, ttl_s } => {
            each(asking, &names.names, Ask::Hold, Force::default(), &json!({ "ttl_s": ttl_s })).await
        }
        AgentsVerb::Unhold(args) => ask_each(asking, &args.names, Ask::Unhold).await,
        AgentsVerb::Park(args) => park(asking, &args).await,
        AgentsVerb::Reopen(args) => ask_each(asking, &args.names, Ask::Reopen).await,
        AgentsVerb::NeedHuman(args) => {
            let ask = if args.done { Ask::HumanCame } else { Ask::NeedHuman };
            each(asking, std::slice::from_ref(&args.name), ask, Force::default(), &args.body()).await
        }
        AgentsVerb::Recover { name, accept_state_loss } => {
            let body = json!({ "accept_state_loss": accept_state_loss });
            each(asking, &[name], Ask::Recover, Force::default(), &body).await
        }
    }
}

async fn park(asking: &mut Asking, args: &ParkArgs) -> Result<(), Failure> {
    let path = format!("agents/{}/park", args.name);
    let answer = asking.client.post(&path, &args.body()).await?;
    let parked: Parked = asking.read(&answer)?;
    if !asking.context.json {
        let what = parked.parked.map(|parked| parked.to_string()).unwrap_or_default();
        for name in
            if parked.parked_agents.is_empty() { vec![args.name.clone()] } else { parked.parked_agents }
        {
            asking.context.line(format!("{name}: {}", one_line(&what)))?;
        }
    }
    asking.context.answers(vec![answer], 1)
}

pub(super) async fn adopt(asking: &mut Asking, names: &[InstanceName]) -> Result<(), Failure> {
    ask_each(asking, names, Ask::Adopt).await
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
    let path = format!("{path}{}", args.force.query());
    let answer = asking.client.change(Method::PATCH, &path, &body, Some(&tag)).await?;
    let outcome = tell(asking, &answer, None)?;
    asking.context.answers(vec![answer], 1)?;
    finish(outcome == Outcome::Failed)
}

async fn act(asking: &mut Asking, args: &ForceArgs, ask: Ask) -> Result<(), Failure> {
    each(asking, &args.names, ask, args.force, &json!({})).await
}

async fn ask_each(asking: &mut Asking, names: &[InstanceName], ask: Ask) -> Result<(), Failure> {
    each(asking, names, ask, Force::default(), &json!({})).await
}

/// The same with each of the names; one that fails does not keep the others from their turn, a lost daemon does.
async fn each(
    asking: &mut Asking,
    names: &[InstanceName],
    ask: Ask,
    force: Force,
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
    let Changed { name, outcome, reason, conditions, observed } = asking.read(answer)?;
    let outcome = outcome.unwrap_or(Outcome::Unchanged);
    let draining = conditions.iter().any(|c| c.status && c.kind == ConditionType::Draining);
    // What is deleted is described no more; that its container stays for a while has a reason all the same.
    let waits = draining || (ask == Some(Ask::Delete) && reason.is_some());
    let words = match (outcome, ask) {
        (Outcome::Unchanged, Some(ask)) => ask.unchanged(observed.map(|seen| seen.phase), waits),
        (Outcome::Unchanged, None) if waits => "waiting".to_owned(),
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
