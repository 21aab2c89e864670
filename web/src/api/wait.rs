//! `agents/{name}/wait`: answers when the agent gets into a state. Wakes on every new picture of the fleet, never polls.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::{FleetError, FleetHandle};
use claude_hooks_actors::model::{AgentView, FleetSnapshot, InstanceName, Phase};
use strum::IntoEnumIterator as _;
use tokio::time::{Instant, timeout_at};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::extract::{Params, instance_in_path, params};
use crate::nearest::nearest;
use crate::problem::{Problem, ProblemKind};
use crate::stop::StopSignal;
use crate::wire::Waited;

/// Seconds unless the request says otherwise.
const DEFAULT_TIMEOUT_S: u64 = 60;
/// Most seconds; proxies cut longer silences, and whoever waits longer may ask again.
const MAX_TIMEOUT_S: u64 = 600;

/// The word for "there is no row", beside the names of the phases.
const GONE: &str = "gone";

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// There is no such row. `Phase(Absent)` is content with that too: no row has no container either.
    Gone,
    Phase(Phase),
}

/// How an agent stands to a goal in one picture.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    Reached,
    NotYet,
    /// There is no row, and the goal needs one.
    Unknown,
}

impl PartialSchema for Goal {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Self::known())).into()
    }
}

impl ToSchema for Goal {}

impl Goal {
    fn known() -> impl Iterator<Item = &'static str> {
        Phase::iter().map(Into::into).chain([GONE])
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        if text == GONE {
            return Ok(Self::Gone);
        }
        text.parse().map(Self::Phase).map_err(|_| {
            let known: Vec<&str> = Self::known().collect();
            let problem = params::bad("state", &format!("is no state: {text:?}"));
            match nearest(text, known.iter().copied()) {
                Some(nearest) => problem.help(format!("did you mean {nearest:?}?")).with("nearest", nearest),
                None => problem.help(format!("known are: {}", known.join(", "))),
            }
        })
    }

    fn standing(self, agent: Option<&AgentView>) -> Standing {
        match (self, agent) {
            (Self::Gone | Self::Phase(Phase::Absent), None) => Standing::Reached,
            (Self::Phase(_), None) => Standing::Unknown,
            (Self::Phase(phase), Some(agent)) if agent.observed.phase == phase => Standing::Reached,
            (Self::Gone | Self::Phase(_), Some(_)) => Standing::NotYet,
        }
    }
}

/// Answers when an agent gets into a state.
///
/// Wakes on every new picture of the fleet, never polls.
#[utoipa::path(
    get,
    path = "/api/v1/agents/{name}/wait",
    operation_id = "wait_for_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
        ("state" = Option<Goal>, Query,
            description = "What is waited for: a phase, or gone; running by default"),
        ("timeout_s" = Option<u64>, Query, description = "Seconds; 60 by default", maximum = 600),
    ),
    responses(
        (status = OK, description = "It is in that state", body = Waited),
    ),
    extensions(("x-problems" = json!([
        ProblemKind::AgentNotFound, ProblemKind::WaitTimeout, ProblemKind::Stopping,
    ]))),
)]
pub(crate) async fn wait(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    stop: web::Data<StopSignal>,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request)?;
    let goal = params.text("state")?.map_or(Ok(Goal::Phase(Phase::Running)), |text| Goal::parse(&text))?;
    let timeout_s = params.number("timeout_s", 0..=MAX_TIMEOUT_S)?.unwrap_or(DEFAULT_TIMEOUT_S);
    params.finish()?;
    let name = instance_in_path(&request)?;
    let mut stop = StopSignal::clone(&stop);
    tokio::select! {
        answer = until(&fleet, &name, goal, timeout_s) => answer,
        () = stop.stopped() => Err(FleetError::Stopping.into()),
    }
}

async fn until(
    fleet: &FleetHandle,
    name: &InstanceName,
    goal: Goal,
    timeout_s: u64,
) -> Result<HttpResponse, Problem> {
    let deadline = Instant::now() + Duration::from_secs(timeout_s);
    let mut pictures = fleet.watch();
    loop {
        let agent = agent_in(&pictures.borrow_and_update(), name);
        match goal.standing(agent.as_deref()) {
            Standing::Reached => return Ok(reached(name, agent.as_deref())),
            Standing::Unknown => return Err(FleetError::NotFound(name.clone()).into()),
            Standing::NotYet => {}
        }
        match timeout_at(deadline, pictures.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(FleetError::Stopping.into()),
            Err(_) => return Err(late(name, agent.as_deref(), timeout_s)),
        }
    }
}

fn agent_in(snapshot: &FleetSnapshot, name: &InstanceName) -> Option<Arc<AgentView>> {
    snapshot.agents.get(name).cloned()
}

fn state_of(agent: Option<&AgentView>) -> &'static str {
    agent.map_or(GONE, |agent| agent.observed.phase.into())
}

fn reached(name: &InstanceName, agent: Option<&AgentView>) -> HttpResponse {
    let waited = Waited { name: name.clone(), state: state_of(agent).to_owned(), agent: agent.cloned() };
    HttpResponse::Ok().json(waited)
}

fn late(name: &InstanceName, agent: Option<&AgentView>, timeout_s: u64) -> Problem {
    let state = state_of(agent);
    let next = agent.and_then(|agent| agent.next_action.clone());
    let detail = format!("after {timeout_s} s, {name} is {state}");
    Problem::new(ProblemKind::WaitTimeout, detail)
        .help(format!("wait again, or ask why: GET /api/v1/agents/{name}/why"))
        .with("state", state)
        .with("next_action", next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::sample::view;

    #[test]
    fn a_goal_is_a_phase_or_gone() {
        assert_eq!(Goal::parse("running").expect("a phase"), Goal::Phase(Phase::Running));
        assert_eq!(Goal::parse("gone").expect("a goal"), Goal::Gone);
        assert_eq!(Goal::parse("runing").expect_err("no phase").to_json()["nearest"], "running");
    }

    #[test]
    fn no_row_is_what_absent_and_gone_wait_for_and_unknown_to_all_others() {
        let running = view("dev", Phase::Running);
        let absent = view("dev", Phase::Absent);
        for (goal, agent, standing) in [
            (Goal::Gone, None, Standing::Reached),
            (Goal::Phase(Phase::Absent), None, Standing::Reached),
            (Goal::Phase(Phase::Running), None, Standing::Unknown),
            (Goal::Phase(Phase::Running), Some(&running), Standing::Reached),
            (Goal::Phase(Phase::Stopped), Some(&running), Standing::NotYet),
            (Goal::Gone, Some(&absent), Standing::NotYet),
            (Goal::Phase(Phase::Absent), Some(&absent), Standing::Reached),
        ] {
            assert_eq!(goal.standing(agent), standing, "{goal:?} {agent:?}");
        }
    }

    #[test]
    fn who_waited_in_vain_is_told_the_present_state() {
        let starting = view("dev", Phase::Starting);
        insta::assert_json_snapshot!(late(&starting.name, Some(&starting), 60).to_json());
    }
}
