//! `agents` and `agents/{name}`: rows and what became of them.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::drift::AgentSpec;
use claude_hooks_actors::handle::{FleetError, FleetHandle};
use claude_hooks_actors::model::{AgentView, InstanceName, NewAgent, Overrides, TypeName, Why};

use super::description::{CHANGING, DOCKER, STORED};
use super::{BASE, answer, force, overrides};
use crate::extract::{Fields, IfMatch, JsonBody, Params, bad_name, instance_in_path};
use crate::problem::{Problem, ProblemKind};
use crate::wire::{self, AgentPatch, Changed, List, Nothing};

/// All agents, by name.
#[utoipa::path(
    get,
    path = "/api/v1/agents",
    operation_id = "list_agents",
    tag = "agents",
    responses(
        (status = OK, description = "The agents as they are", body = List<AgentView>),
    ),
    extensions(("x-problems" = json!([]))),
)]
pub(crate) async fn list(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let snapshot = fleet.snapshot();
    let agents = snapshot.agents.values().map(AsRef::as_ref).collect::<Vec<&AgentView>>();
    Ok(answer::list(agents, snapshot.generation))
}

/// One agent.
#[utoipa::path(
    get,
    path = "/api/v1/agents/{name}",
    operation_id = "show_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
    ),
    responses(
        (status = OK,
            description = "The agent as it is", body = AgentView,
            headers(("ETag" = String,
            description = "The row's generation, for If-Match"))),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound]))),
)]
pub(crate) async fn show(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let name = instance_in_path(&request)?;
    let snapshot = fleet.snapshot();
    let agent = snapshot.agents.get(&name).ok_or(FleetError::NotFound(name))?;
    Ok(answer::agent(agent))
}

/// Why an agent is in its phase, and what comes next.
///
/// The decision chain as data: the rule that holds, what was looked at, and the next action.
#[utoipa::path(
    get,
    path = "/api/v1/agents/{name}/why",
    operation_id = "why_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
    ),
    responses(
        (status = OK, description = "The decision", body = Why),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound, ProblemKind::Busy, STORED]))),
)]
pub(crate) async fn why(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let name = instance_in_path(&request)?;
    Ok(HttpResponse::Ok().json(fleet.why(&name).await?))
}

/// What an agent should be made of, and what docker says it is made of.
///
/// Asks docker anew. Values that may be secrets are null.
#[utoipa::path(
    get,
    path = "/api/v1/agents/{name}/spec",
    operation_id = "agent_spec",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
    ),
    responses(
        (status = OK, description = "Both sides and where they differ", body = AgentSpec),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound, STORED, DOCKER]))),
)]
pub(crate) async fn spec(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let name = instance_in_path(&request)?;
    Ok(HttpResponse::Ok().json(fleet.spec(&name).await?))
}

/// Makes an agent.
///
/// Answers once its row is stored and docker has done what is due. A failure of docker is `"outcome": "failed"` with a
/// reason: the row stands and is retried.
#[utoipa::path(
    post,
    path = "/api/v1/agents",
    operation_id = "create_agent",
    tag = "agents",
    request_body = wire::NewAgent,
    responses(
        (status = CREATED,
            description = "The agent is on record", body = Changed,
            headers(("Location" = String,
            description = "The agent's address"), ("ETag" = String,
            description = "The row's generation, for If-Match"))),
    ),
    extensions(("x-problems" = json!([
        ProblemKind::AgentExists, ProblemKind::InvalidName, ProblemKind::UnknownType,
        ProblemKind::MountRefused, ProblemKind::HostMode, CHANGING,
    ]))),
)]
pub(crate) async fn create(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let created = fleet.create(new_agent(body.object()?)?).await?;
    let location = format!("{BASE}/agents/{}", created.name);
    let mut response = answer::reconciled(StatusCode::CREATED, &created);
    Ok(response.insert_header((header::LOCATION, location)).json(Changed::from(&created)))
}

/// `{name, type}` and what the row says differently from the type.
fn new_agent(mut fields: Fields) -> Result<NewAgent, Problem> {
    let name = fields.require("name")?;
    let text = name.text()?;
    let name = InstanceName::parse(text).map_err(|error| bad_name(name.path(), text, &error))?;
    let agent_type = fields.require("type")?;
    let text = agent_type.text()?;
    let agent_type = TypeName::parse(text).map_err(|error| bad_name(agent_type.path(), text, &error))?;
    let overrides = overrides::patch(&mut fields, Overrides::default())?;
    fields.finish()?;
    Ok(NewAgent { name, agent_type, overrides })
}

/// Changes how an agent differs from its type.
///
/// A JSON merge patch (RFC 7396). `If-Match` names the generation that was read, or is `*`.
#[utoipa::path(
    patch,
    path = "/api/v1/agents/{name}",
    operation_id = "update_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
        ("force" = Option<bool>, Query,
            description = "Take it from whoever works with it instead of waiting for them"),
        ("If-Match" = String, Header,
            description = "The ETag of the agent as it was read, or *",
            example = "\"3\""),
    ),
    request_body(content((AgentPatch = "application/json"), (AgentPatch = "application/merge-patch+json"))),
    responses(
        (status = OK,
            description = "What became of it", body = Changed,
            headers(("ETag" = String,
            description = "The row's generation, for If-Match"))),
    ),
    extensions(("x-problems" = json!([
        ProblemKind::AgentNotFound, ProblemKind::IfMatchRequired, ProblemKind::InvalidHeader,
        ProblemKind::GenerationMismatch, ProblemKind::UnknownType, ProblemKind::MountRefused,
        ProblemKind::HostMode, CHANGING,
    ]))),
)]
pub(crate) async fn update(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let fleet = fleet.forcing(force(&request)?);
    let name = instance_in_path(&request)?;
    let if_match = IfMatch::read(request.headers())?;
    if if_match == IfMatch::Absent {
        let detail = "a PATCH needs If-Match with the ETag of the agent as it was read";
        return Err(Problem::new(ProblemKind::IfMatchRequired, detail).field("If-Match"));
    }
    let mut fields = body.object()?;
    refuse_fixed(&mut fields)?;
    let row = fleet.row(&name).await?;
    // The patch is worked out on the row as it was just read, so that very generation is what is replaced, also for `*`.
    let expected = if_match.expect(&name, row.generation)?.unwrap_or(row.generation);
    let overrides = overrides::patch(&mut fields, row.overrides)?;
    fields.finish()?;
    Ok(answer::reconciled_ok(&fleet.update(&name, expected, overrides).await?))
}

/// An agent keeps its name, by which its volume is found, and its type.
fn refuse_fixed(fields: &mut Fields) -> Result<(), Problem> {
    for member in ["name", "type"] {
        if let Some(node) = fields.take(member) {
            let help = "create another agent and delete this one; its volume stays until it is wiped";
            return Err(node.refuse("cannot be changed").help(help));
        }
    }
    Ok(())
}

/// Deletes an agent: the row, then the container. Its state volume stays.
#[utoipa::path(
    delete,
    path = "/api/v1/agents/{name}",
    operation_id = "delete_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
        ("force" = Option<bool>, Query,
            description = "Take it from whoever works with it instead of waiting for them"),
        ("If-Match" = Option<String>, Header,
            description = "The ETag of the agent as it was read; without it, whatever is there",
            example = "\"3\""),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = OK, description = "What became of it", body = Changed),
    ),
    extensions(("x-problems" = json!([
        ProblemKind::AgentNotFound, ProblemKind::InvalidHeader, ProblemKind::GenerationMismatch,
        CHANGING,
    ]))),
)]
pub(crate) async fn delete(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let fleet = fleet.forcing(force(&request)?);
    body.nothing()?;
    let name = instance_in_path(&request)?;
    let expected = match IfMatch::read(request.headers())? {
        IfMatch::Absent | IfMatch::Any => None,
        if_match @ IfMatch::OneOf(_) => if_match.expect(&name, fleet.row(&name).await?.generation)?,
    };
    Ok(answer::reconciled_ok(&fleet.delete(&name, expected).await?))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::extract::Node;

    fn parse(body: Value) -> Result<NewAgent, Problem> {
        new_agent(Node::root(body).object()?)
    }

    #[test]
    fn a_new_agent_needs_a_name_and_a_type_that_are_names() {
        let agent = parse(json!({ "name": "dev-2", "type": "dev", "image": null })).expect("valid");
        assert_eq!((agent.name.as_ref(), agent.agent_type.as_ref()), ("dev-2", "dev"));
        assert_eq!(agent.overrides, Overrides::default());
        let mut bodies = vec![
            json!({ "type": "dev" }),
            json!({ "name": "dev-2" }),
            json!({ "name": null, "type": "dev" }),
            json!({ "name": "dev-2", "type": "Dev" }),
            json!({ "name": "dev-2", "type": "dev", "tpye": "dev" }),
        ];
        let names = ["-x", "../a", "a;b", "é", ""].map(str::to_owned).into_iter().chain(["x".repeat(300)]);
        bodies.extend(names.map(|name| json!({ "name": name, "type": "dev" })));
        let refused: Vec<Value> =
            bodies.into_iter().map(|body| parse(body).expect_err("refused").to_json()).collect();
        insta::assert_json_snapshot!(refused);
    }

    #[test]
    fn name_and_type_of_an_agent_are_fixed() {
        for member in ["name", "type"] {
            let mut fields = Node::root(json!({ member: "other" })).object().expect("an object");
            let refused = refuse_fixed(&mut fields).expect_err("fixed").to_json();
            assert_eq!(refused["field"], member);
            assert_eq!(refused["status"], 422);
        }
    }
}
