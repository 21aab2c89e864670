//! What requests bring.

use std::collections::BTreeMap;

use claude_hooks_actors::model::{InstanceName, LeaseId, Lifecycle, Mount, ParkKind, TypeName};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// What a patch does to one value. Left out of a body, null, or the value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    #[default]
    Keep,
    /// What the type says, or what holds by default.
    Unset,
    Set(T),
}

impl<T> Change<T> {
    pub fn keeps(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<T> From<Option<T>> for Change<T> {
    /// `None` keeps.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Keep, Self::Set)
    }
}

impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Unset => serializer.serialize_none(),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

/// How an agent differs from its type, as a JSON merge patch (RFC 7396).
///
/// What is left out stays as it is; null takes it back, so that the type's value holds again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct AgentPatch {
    #[serde(skip_serializing_if = "Change::keeps")]
    #[schema(value_type = Option<Lifecycle>)]
    pub lifecycle: Change<Lifecycle>,
    #[serde(skip_serializing_if = "Change::keeps")]
    #[schema(value_type = Option<String>, min_length = 1, example = "agent:2")]
    pub image: Change<String>,
    /// Replaces the type's command; empty runs what the image says.
    #[serde(skip_serializing_if = "Change::keeps")]
    #[schema(value_type = Option<Vec<String>>)]
    pub command: Change<Vec<String>>,
    /// Added to the type's environment; a member that is null is taken back. Not for secrets: it is stored and shown.
    #[serde(skip_serializing_if = "Change::keeps")]
    #[schema(value_type = Option<BTreeMap<String, Option<String>>>)]
    pub env: Change<BTreeMap<String, Option<String>>>,
    /// Added to the type's mounts, replaced as a whole. Sources must lie below a root that the config allows.
    #[serde(skip_serializing_if = "Change::keeps")]
    #[schema(value_type = Option<Vec<Mount>>)]
    pub mounts: Change<Vec<Mount>>,
    #[serde(skip_serializing_if = "Change::keeps")]
    #[schema(value_type = Option<String>, min_length = 1, example = "bridge")]
    pub network: Change<String>,
    #[serde(skip_serializing_if = "Change::keeps")]
    #[schema(value_type = Option<LimitsPatch>)]
    pub limits: Change<LimitsPatch>,
}

/// Upper bounds of one container; null is the type's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct LimitsPatch {
    /// At least 6 MiB.
    #[serde(skip_serializing_if = "Change::keeps")]
    #[schema(value_type = Option<Memory>)]
    pub memory: Change<Memory>,
    /// Processors, to the thousandth.
    #[serde(skip_serializing_if = "Change::keeps")]
    #[schema(value_type = Option<f64>, minimum = 0.01, example = 1.5)]
    pub cpus: Change<f64>,
    /// Processes and threads.
    #[serde(skip_serializing_if = "Change::keeps")]
    #[schema(value_type = Option<u32>, minimum = 1)]
    pub pids: Change<u32>,
}

/// Bytes, or a text as docker reads it: `512m`, `4g`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Memory {
    Bytes(u64),
    Text(String),
}

impl PartialSchema for Memory {
    fn schema() -> RefOr<Schema> {
        let bytes = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(6 << 20));
        let text = ObjectBuilder::new().schema_type(Type::String).examples(["4g"]);
        let text = text.pattern(Some(r"^\s*[0-9]+([bB]|[kmgtKMGT]([iI]?[bB])?)?\s*$"));
        let description = "Bytes, or a text as docker reads it: `512m`, `4g`.";
        OneOfBuilder::new().item(bytes).item(text).description(Some(description)).into()
    }
}

impl ToSchema for Memory {}

/// An agent to be: its name, its type, and how it differs from the type.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NewAgent {
    pub name: InstanceName,
    #[serde(rename = "type")]
    pub agent_type: TypeName,
    #[serde(flatten)]
    pub overrides: AgentPatch,
}

/// No member at all; the body may also be left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Nothing {}

/// What is done about a state that is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Recover {
    /// Without it the answer is a refusal that says what would be lost.
    #[schema(required = false)]
    pub accept_state_loss: bool,
}

/// Which state is destroyed: the agent's name once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Confirm {
    pub confirm: InstanceName,
}

/// What is reconciled: everything, everything with what can be adopted, or one agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reconcile {
    /// Also takes over foreign containers of the fleet's prefix. Not beside `instance`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub adopt: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub instance: Option<InstanceName>,
}

/// How many agents a type is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Scale {
    #[schema(maximum = 1000)]
    pub count: u64,
}

/// For how long a lazy agent is kept awake, in seconds from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hold {
    #[schema(minimum = 1, maximum = 604_800)]
    pub ttl_s: u64,
}

/// Why an agent is to get no work, and until when: at most one of `until` and `for_s`, else until somebody reopens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Park {
    pub kind: ParkKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Seconds from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub for_s: Option<u64>,
    /// The dispatcher's name; without one it is the operator who parks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub scope: Option<ParkScope>,
}

/// Who is parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParkScope {
    Agent,
    /// All agents that sign in with the same account.
    Account,
}

/// What a person is needed for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NeedHuman {
    pub reason: String,
}

/// A claim on one agent, or on any of a type: exactly one of `instance` and `type`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Claim {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub instance: Option<InstanceName>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent_type: Option<TypeName>,
    /// Who asks, in words of his own; shown to whoever is refused.
    #[schema(min_length = 1, max_length = 128, example = "dispatcher-1")]
    pub holder: String,
    /// How long the lease lives without being renewed; 15 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 3600)]
    pub ttl_s: Option<u64>,
    /// How long to wait in the queue while nobody is free; 0 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, maximum = 600)]
    pub wait_s: Option<u64>,
    /// How long to wait until the agent runs; 60 by default. Null: the lease is granted whatever its container does.
    #[serde(skip_serializing_if = "Change::keeps")]
    #[schema(value_type = Option<u64>, maximum = 600)]
    pub wake_s: Change<u64>,
}

/// A command to run inside an agent, or inside any of a type: exactly one of `instance` and `type`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewTask {
    /// The program and its arguments; no shell is involved.
    #[schema(min_items = 1, example = json!(["claude", "-p", "-"]))]
    pub argv: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub instance: Option<InstanceName>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent_type: Option<TypeName>,
    /// Its input as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stdin: Option<String>,
    /// Its input as base64, for bytes that are no text. Not beside `stdin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, content_encoding = "base64")]
    pub stdin_base64: Option<String>,
    /// Added to the container's environment. May hold secrets: it is neither stored in the database nor shown.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    pub env: BTreeMap<String, String>,
    /// An absolute path inside the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, pattern = "^/")]
    pub workdir: Option<String>,
    /// How long it may run; as long as it takes by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 604_800)]
    pub timeout_s: Option<u64>,
    /// A second task with the same key is the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub idempotency_key: Option<String>,
    /// Run it once more if its container vanishes under it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub retry: bool,
    /// Run it under this lease, which the caller holds, instead of one of its own; `Lease-Fence` must carry its fence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub lease: Option<LeaseId>,
}

/// What a browser signs in with: either the token, or the code of a link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignIn {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub code: Option<String>,
}

/// A new image for all agents of a type, or for all of the fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewRollout {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub agent_type: Option<TypeName>,
    #[schema(required = false)]
    pub strategy: StrategyWish,
}

/// How a rollout is to proceed; what is left out is as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct StrategyWish {
    /// Most members that are out at a time; usually 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000, nullable = false)]
    pub width: Option<u32>,
    /// So many of each type come first, and must be done before another begins; usually 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1000, nullable = false)]
    pub canary: Option<u32>,
    /// Seconds that a member must run before it is done; usually 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 86_400, nullable = false)]
    pub watch_s: Option<u64>,
    /// Longest wait, in seconds, for whoever works with a member; null: for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 86_400)]
    pub drain_s: Option<u64>,
    /// Fetch the images first; null: as the types say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull: Option<bool>,
}
