//! The kinds of problem: stable names, titles and usual statuses.

use actix_web::http::StatusCode;
use serde::{Serialize, Serializer};

/// A kind of problem. Its [`name`](Self::name) is part of the API: never renamed, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumIter)]
pub(crate) enum ProblemKind {
    AgentExists,
    AgentNotFound,
    BodyTimeout,
    BodyTooLarge,
    Busy,
    ContainerNotFound,
    Database,
    DatabaseReplaced,
    Denied,
    DockerConflict,
    DockerFailed,
    DockerPermission,
    DockerTimeout,
    DockerUnreachable,
    FenceRequired,
    GenerationMismatch,
    HostMode,
    HostNotAllowed,
    IfMatchRequired,
    Internal,
    InvalidHeader,
    InvalidJson,
    InvalidName,
    InvalidQuery,
    InvalidValue,
    JsonRequired,
    KeyReused,
    LeaseNotFound,
    LeaseStale,
    MethodNotAllowed,
    MountRefused,
    NoSpace,
    NoSuchImage,
    NobodyFree,
    NotAwake,
    NotReady,
    OriginNotAllowed,
    Parked,
    Refused,
    RolloutNotFound,
    RolloutUnderWay,
    Stopping,
    Suspended,
    TaskNotFound,
    TooManyStreams,
    TooManyTries,
    TooOften,
    Unauthorized,
    UnknownField,
    UnknownPath,
    UnknownType,
    WaitTimeout,
}

impl ProblemKind {
    /// The stable end of `type`.
    pub(crate) fn name(self) -> &'static str {
        self.words().1
    }

    pub(crate) fn title(self) -> &'static str {
        self.words().2
    }

    /// The status unless the place where it arises says otherwise.
    pub(crate) fn status(self) -> StatusCode {
        self.words().0
    }

    fn words(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::AgentExists => (S::CONFLICT, "agent-exists", "There is already an agent of this name"),
            Self::AgentNotFound => (S::NOT_FOUND, "agent-not-found", "There is no such agent"),
            Self::BodyTimeout => (S::REQUEST_TIMEOUT, "body-timeout", "The body did not arrive in time"),
            Self::BodyTooLarge => (S::PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large"),
            Self::Busy => (S::SERVICE_UNAVAILABLE, "busy", "Busy at the moment"),
            Self::ContainerNotFound => (S::NOT_FOUND, "container-not-found", "There is no such container"),
            Self::Database => (S::INTERNAL_SERVER_ERROR, "database", "The database refuses"),
            Self::DatabaseReplaced => {
                (S::SERVICE_UNAVAILABLE, "database-replaced", "The database was replaced")
            }
            Self::Denied => (S::CONFLICT, "denied", "Not possible in the present state"),
            Self::DockerConflict => (S::BAD_GATEWAY, "docker-conflict", "Docker reports a conflict"),
            Self::DockerFailed => (S::BAD_GATEWAY, "docker-failed", "Docker failed"),
            Self::DockerPermission => {
                (S::BAD_GATEWAY, "docker-permission", "Docker does not let the supervisor in")
            }
            Self::DockerTimeout => (S::GATEWAY_TIMEOUT, "docker-timeout", "Docker did not answer in time"),
            Self::DockerUnreachable => (S::BAD_GATEWAY, "docker-unreachable", "Docker cannot be reached"),
            Self::FenceRequired => {
                (S::PRECONDITION_REQUIRED, "fence-required", "A call on a lease must carry its fence")
            }
            Self::GenerationMismatch => {
                (S::PRECONDITION_FAILED, "generation-mismatch", "Somebody else changed the agent")
            }
            Self::HostMode => (S::UNPROCESSABLE_ENTITY, "host-mode", "The type has no containers"),
            Self::HostNotAllowed => {
                (S::FORBIDDEN, "host-not-allowed", "The request was meant for another host")
            }
            Self::IfMatchRequired => {
                (S::PRECONDITION_REQUIRED, "if-match-required", "A change must name what it changes")
            }
            Self::Internal => {
                (S::INTERNAL_SERVER_ERROR, "internal", "Something went wrong in the supervisor")
            }
            Self::InvalidHeader => (S::BAD_REQUEST, "invalid-header", "A header cannot be understood"),
            Self::InvalidJson => (S::BAD_REQUEST, "invalid-json", "The body is not valid JSON"),
            Self::InvalidName => (S::UNPROCESSABLE_ENTITY, "invalid-name", "Not a valid name"),
            Self::InvalidQuery => (S::BAD_REQUEST, "invalid-query", "A parameter cannot be understood"),
            Self::InvalidValue => (S::UNPROCESSABLE_ENTITY, "invalid-value", "A value is not valid"),
            Self::JsonRequired => (S::UNSUPPORTED_MEDIA_TYPE, "json-required", "The body must be JSON"),
            Self::KeyReused => (S::CONFLICT, "key-reused", "The idempotency key stands for another task"),
            Self::LeaseNotFound => (S::NOT_FOUND, "lease-not-found", "There is no such lease"),
            Self::LeaseStale => (S::PRECONDITION_FAILED, "lease-stale", "The lease is not held any more"),
            Self::MethodNotAllowed => {
                (S::METHOD_NOT_ALLOWED, "method-not-allowed", "The method has no meaning here")
            }
            Self::MountRefused => (S::UNPROCESSABLE_ENTITY, "mount-refused", "The mount is refused"),
            Self::NoSpace => (S::BAD_GATEWAY, "no-space", "The disk of docker is full"),
            Self::NoSuchImage => (S::BAD_GATEWAY, "no-such-image", "There is no such image"),
            Self::NobodyFree => {
                (S::SERVICE_UNAVAILABLE, "nobody-free", "Everybody who could take it is occupied")
            }
            Self::NotAwake => (S::GATEWAY_TIMEOUT, "not-awake", "The agent did not run in time"),
            Self::NotReady => (S::SERVICE_UNAVAILABLE, "not-ready", "The supervisor is not ready"),
            Self::OriginNotAllowed => {
                (S::FORBIDDEN, "origin-not-allowed", "The request comes from another site")
            }
            Self::Parked => (S::SERVICE_UNAVAILABLE, "parked", "Everybody who could is parked"),
            Self::Refused => (S::CONFLICT, "refused", "Refused before docker was asked"),
            Self::RolloutNotFound => (S::NOT_FOUND, "rollout-not-found", "There is no such rollout"),
            Self::RolloutUnderWay => {
                (S::CONFLICT, "rollout-under-way", "A rollout of these agents has not ended")
            }
            Self::Stopping => (S::SERVICE_UNAVAILABLE, "stopping", "The supervisor is stopping"),
            Self::Suspended => (S::SERVICE_UNAVAILABLE, "suspended", "The supervisor is suspended"),
            Self::TaskNotFound => (S::NOT_FOUND, "task-not-found", "There is no such task"),
            Self::TooManyStreams => (S::SERVICE_UNAVAILABLE, "too-many-streams", "Too many streams are open"),
            Self::TooManyTries => (S::TOO_MANY_REQUESTS, "too-many-tries", "Too many wrong tries"),
            Self::TooOften => (S::TOO_MANY_REQUESTS, "too-often", "The agent speaks too often"),
            Self::Unauthorized => (S::UNAUTHORIZED, "unauthorized", "No valid token"),
            Self::UnknownField => (S::UNPROCESSABLE_ENTITY, "unknown-field", "There is no such field"),
            Self::UnknownPath => (S::NOT_FOUND, "unknown-path", "There is nothing here"),
            Self::UnknownType => (S::UNPROCESSABLE_ENTITY, "unknown-type", "There is no such type"),
            Self::WaitTimeout => (S::REQUEST_TIMEOUT, "wait-timeout", "The state did not come in time"),
        }
    }

    /// What to do; the place where it arises may know better.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::AgentExists => "choose another name, or PATCH the agent that is there",
            Self::AgentNotFound => "GET /api/v1/agents lists the agents",
            Self::BodyTimeout => "send the body at once",
            Self::Busy | Self::TooManyTries | Self::TooOften => "try again after the seconds in Retry-After",
            Self::Database => "look at the supervisor's log; `claude-hooks doctor` checks the database",
            Self::DatabaseReplaced => "restart the supervisor, so that it opens the database that is there",
            Self::DockerFailed | Self::DockerConflict => {
                "GET /api/v1/agents/{name}/why shows what was seen; the agent is retried by itself"
            }
            Self::DockerPermission => {
                "give the supervisor's user access to the docker socket; `claude-hooks doctor` says how"
            }
            Self::DockerTimeout => "it may still have worked: look at the agent before trying again",
            Self::DockerUnreachable => "start docker; the supervisor goes on by itself when it answers",
            Self::FenceRequired => "send the fence of the lease as Lease-Fence",
            Self::GenerationMismatch => {
                "GET the agent again, repeat the change on it, and send its new ETag as If-Match"
            }
            Self::HostMode => "leave the overrides out, or choose a type with containers",
            Self::HostNotAllowed => {
                "use the address that the supervisor listens on, or localhost, with the port that it listens on"
            }
            Self::IfMatchRequired => {
                "GET the agent and send its ETag as If-Match; If-Match: * overwrites whatever is there"
            }
            Self::Internal => "look at the supervisor's log and report it",
            Self::InvalidName => {
                "a name is up to 63 of a-z, 0-9 and '-', begins with a letter or digit, and does not end in -prev"
            }
            Self::KeyReused => "use a key of its own for each task, or repeat the call as it was",
            Self::LeaseNotFound => "GET /api/v1/leases lists the leases that stand",
            Self::LeaseStale => "stop working with the agent: somebody else may hold it; claim again",
            Self::JsonRequired => "send Content-Type: application/json",
            Self::NoSpace => "make room on the disk of docker",
            Self::NoSuchImage => "build or pull the image on this host",
            Self::OriginNotAllowed => "call the API from its own origin or without an Origin header",
            Self::Parked => "ask again at retry_at, or have an operator reopen the agent",
            Self::Stopping => "try again when the supervisor has started again",
            Self::TaskNotFound => "GET /api/v1/tasks lists the tasks; old ones are forgotten after a week",
            Self::TooManyStreams => "close a stream, or try again after the seconds in Retry-After",
            Self::Unauthorized => {
                "send Authorization: Bearer <token>, with the token from the file in the data directory"
            }
            Self::BodyTooLarge => "send less at once",
            Self::ContainerNotFound => "look at the agent again: it is reconciled by itself",
            Self::Denied => "GET /api/v1/agents/{name}/why shows the present state",
            Self::InvalidHeader => "correct the header and ask again",
            Self::InvalidJson => "send one well-formed JSON object as UTF-8",
            Self::InvalidQuery => "correct the parameter and ask again",
            Self::InvalidValue => "correct the value and ask again",
            Self::MethodNotAllowed => "use a method that Allow names",
            Self::MountRefused => {
                "mounts come from the config; through the API only below the roots that [fleet] mount_roots allows"
            }
            Self::NobodyFree => {
                "try again after the seconds in Retry-After, or wait in the queue with wait_s"
            }
            Self::NotAwake => "its start goes on: claim again shortly, or look at why it does not run",
            Self::NotReady => "try again shortly: it is ready when docker answers and the first pass is done",
            Self::Refused => "correct what the detail names, in the agent or in the config",
            Self::RolloutNotFound => "GET /api/v1/rollouts lists the rollouts",
            Self::RolloutUnderWay => {
                "wait for its end, resume it, or abort it: POST /api/v1/rollouts/{id}/abort"
            }
            Self::Suspended => "put the database right, then restart the supervisor",
            Self::UnknownField => "leave the field out",
            Self::UnknownPath => "the API is below /api/v1",
            Self::UnknownType => "GET /api/v1/types lists the types",
            Self::WaitTimeout => "ask again, with a longer timeout_s if need be",
        }
    }
}

/// `404 agent-not-found`: how the API's description is told.
impl Serialize for ProblemKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{} {}", self.status().as_str(), self.name()))
    }
}
