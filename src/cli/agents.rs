//! `agents …`: looking at rows and changing them.

use claude_hooks_actors::model::{Condition, ConditionType, InstanceName, Outcome, Phase};
use claude_hooks_web::wire::ParkedAgent;
use serde::Deserialize;

use super::args::{AgentsVerb, Force, ForceArgs};
use super::context::Asking;
use super::failure::{Exit, Failure};
use super::override_args::{CreateArgs, UpdateArgs};
use super::park_args::ParkArgs;
use super::show;
use super::text::{one_line, plain};
use crate::client::{Action, Answer, Client, ClientError};

/// What every change answers, beside the agent.
#[derive(Debug, Deserialize)]
struct Told {
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

/// What is asked of agents by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask<'a> {
    Delete,
    Start,
    Stop,
    Restart,
    Recreate,
    Recover { accept_state_loss: bool },
    Adopt,
    Cordon,
    Uncordon,
    Hold { ttl_s: u64 },
    Unhold,
    Reopen,
    NeedHuman { reason: &'a str },
    HumanCame,
}

impl Ask<'_> {
    /// Asks it. What became of the agent is told from the answer as it came: with what there is to tell.
    async fn of(
        self,
        client: &Client,
        name: &InstanceName,
        force: bool,
    ) -> Result<Answer<Told>, ClientError> {
        let act = async |action| Ok(client.act(name, action, force).await?.read_as());
        match self {
            Self::Delete => Ok(client.delete_agent(name, None, force).await?.read_as()),
            Self::Start => act(Action::Start).await,
            Self::Stop => act(Action::Stop).await,
            Self::Restart => act(Action::Restart).await,
            Self::Recreate => act(Action::Recreate).await,
            Self::Recover { accept_state_loss } => act(Action::Recover { accept_state_loss }).await,
            Self::Adopt => act(Action::Adopt).await,
            Self::Cordon => Ok(client.cordon(name, true).await?.read_as()),
            Self::Uncordon => Ok(client.cordon(name, false).await?.read_as()),
            Self::Hold { ttl_s } => Ok(client.hold(name, Some(ttl_s)).await?.read_as()),
            Self::Unhold => Ok(client.hold(name, None).await?.read_as()),
            Self::Reopen => Ok(client.reopen(name).await?.read_as()),
            Self::NeedHuman { reason } => Ok(client.need_human(name, reason).await?.read_as()),
            Self::HumanCame => Ok(client.human_came(name).await?.read_as()),
        }
    }

    /// What there was to do, where the daemon changed no container.
    fn unchanged(self, phase: Option<Phase>, waits: bool) -> String {
        match (self, phase) {
            (Self::Delete, _) if waits => "deleted; its container is still there".into(),
            (_, _) if waits => "waiting".into(),
            (Self::Delete, _) => "deleted; it had no container".into(),
            (Self::Stop, Some(Phase::Stopped)) => "stopped".into(),
            (Self::Adopt, _) => "unchanged; its container is ours already".into(),
            (Self::Recover { .. }, _) => "unchanged; its state is not lost".into(),
            (Self::Start | Self::Stop | Self::Restart | Self::Recreate, Some(phase)) => {
                format!("unchanged; it is {phase}")
            }
            (Self::Start | Self::Stop | Self::Restart | Self::Recreate, None) => "unchanged".into(),
            (Self::Cordon, _) => "cordoned".into(),
            (Self::Uncordon, _) => "gets work again".into(),
            (Self::Hold { .. }, phase) => match phase {
                Some(phase @ (Phase::Running | Phase::Starting)) => format!("kept awake; it is {phase}"),
                _ => "kept awake; it is woken".into(),
            },
            (Self::Unhold, _) => "not kept awake any more".into(),
            (Self::Reopen, _) => "may work again".into(),
            (Self::NeedHuman { .. }, _) => "needs a person".into(),
            (Self::HumanCame, _) => "needs no person any more".into(),
        }
    }
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
        AgentsVerb::Hold { names, ttl_s } => ask_each(asking, &names.names, Ask::Hold { ttl_s }).await,
        AgentsVerb::Unhold(args) => ask_each(asking, &args.names, Ask::Unhold).await,
        AgentsVerb::Park(args) => park(asking, &args).await,
        AgentsVerb::Reopen(args) => ask_each(asking, &args.names, Ask::Reopen).await,
        AgentsVerb::NeedHuman(args) => {
            let ask = args.reason.as_deref().map_or(Ask::HumanCame, |reason| Ask::NeedHuman { reason });
            ask_each(asking, std::slice::from_ref(&args.name), ask).await
        }
        AgentsVerb::Recover { name, accept_state_loss } => {
            ask_each(asking, &[name], Ask::Recover { accept_state_loss }).await
        }
    }
}

async fn park(asking: &mut Asking, args: &ParkArgs) -> Result<(), Failure> {
    let answer = asking.client.park(&args.name, &args.park()).await?;
    if !asking.context.json {
        let ParkedAgent { agent, parked_agents } = answer.read()?;
        let what = agent.parked.map(|parked| parked.to_string()).unwrap_or_default();
        for name in parked_agents {
            asking.context.line(format!("{name}: {}", one_line(&what)))?;
        }
    }
    asking.context.answers(vec![answer.into_json()], 1)
}

pub(super) async fn adopt(asking: &mut Asking, names: &[InstanceName]) -> Result<(), Failure> {
    ask_each(asking, names, Ask::Adopt).await
}

async fn list(asking: &mut Asking) -> Result<(), Failure> {
    let answer = asking.client.agents().await?;
    if asking.context.json {
        return asking.context.document(answer.json());
    }
    let list = answer.read()?;
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
    let answer = asking.client.agent(name).await?.agent;
    if asking.context.json {
        return asking.context.document(answer.json());
    }
    let text = show::agent(&answer.read()?, (asking.context.now)());
    asking.context.line(text)
}

async fn create(asking: &mut Asking, args: &CreateArgs) -> Result<(), Failure> {
    let answer = asking.client.create_agent(&args.agent()).await?.read_as();
    let outcome = tell(asking, &answer, None)?;
    asking.context.answers(vec![answer.into_json()], 1)?;
    finish(outcome == Outcome::Failed)
}

async fn update(asking: &mut Asking, args: &UpdateArgs) -> Result<(), Failure> {
    let patch = args.patch().map_err(Failure::Usage)?;
    let tag = asking.client.agent(&args.name).await?.tag;
    let answer = asking.client.update_agent(&args.name, &patch, &tag, args.force.force).await?.read_as();
    let outcome = tell(asking, &answer, None)?;
    asking.context.answers(vec![answer.into_json()], 1)?;
    finish(outcome == Outcome::Failed)
}

async fn act(asking: &mut Asking, args: &ForceArgs, ask: Ask<'_>) -> Result<(), Failure> {
    each(asking, &args.names, ask, args.force).await
}

async fn ask_each(asking: &mut Asking, names: &[InstanceName], ask: Ask<'_>) -> Result<(), Failure> {
    each(asking, names, ask, Force::default()).await
}

/// The same with each of the names; one that fails does not keep the others from their turn, a lost daemon does.
async fn each(
    asking: &mut Asking,
    names: &[InstanceName],
    ask: Ask<'_>,
    force: Force,
) -> Result<(), Failure> {
    let (mut failed, mut answers) = (false, Vec::new());
    let mut lost = None;
    for name in names {
        match ask.of(&asking.client, name, force.force).await {
            Ok(answer) => {
                failed |= tell(asking, &answer, Some(ask))? == Outcome::Failed;
                answers.push(answer.into_json());
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
fn tell(asking: &mut Asking, answer: &Answer<Told>, ask: Option<Ask<'_>>) -> Result<Outcome, Failure> {
    let Told { name, outcome, reason, conditions, observed } = answer.read()?;
    let outcome = outcome.unwrap_or(Outcome::Unchanged);
    let draining = conditions.iter().any(|c| c.status && c.kind == ConditionType::Draining);
    // What is deleted is described no more; that its container stays for a while has a reason all the same.
    let waits = draining || (ask == Some(Ask::Delete) && reason.is_some());
    let words = match (outcome, ask) {
        (Outcome::Unchanged, Some(ask)) => ask.unchanged(observed.map(|seen| seen.phase), waits),
        (Outcome::Unchanged, None) if waits => "waiting".to_owned(),
        (Outcome::Started, Some(Ask::Restart)) => "restarted".to_owned(),
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
