//! `agents` and `agents/{name}`: rows and what became of them.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::{FleetError, FleetHandle};
use claude_hooks_actors::model::{InstanceName, NewAgent, Overrides, TypeName};

use super::{BASE, answer, force, overrides};
use crate::extract::{Fields, IfMatch, JsonBody, Params, bad_name, instance_in_path};
use crate::problem::{Problem, ProblemKind};

pub(crate) async fn list(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let snapshot = fleet.snapshot();
    let agents: Vec<_> = snapshot.agents.values().map(AsRef::as_ref).collect();
    answer::list(&agents, snapshot.generation)
}

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

pub(crate) async fn why(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let name = instance_in_path(&request)?;
    Ok(HttpResponse::Ok().json(fleet.why(&name).await?))
}

/// What it should be made of and what docker says it is made of.
pub(crate) async fn spec(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let name = instance_in_path(&request)?;
    Ok(HttpResponse::Ok().json(fleet.spec(&name).await?))
}

pub(crate) async fn create(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let created = fleet.create(new_agent(body.object()?)?).await?;
    let location = format!("{BASE}/agents/{}", created.name);
    let body = answer::reconciled_json(&created)?;
    let mut response = answer::reconciled(StatusCode::CREATED, &created);
    Ok(response.insert_header((header::LOCATION, location)).json(body))
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
    answer::reconciled_ok(&fleet.update(&name, expected, overrides).await?)
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
    answer::reconciled_ok(&fleet.delete(&name, expected).await?)
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
