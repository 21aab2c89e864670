//! Which problems requests may meet, by what a handler does. Named in the handlers' `x-problems`.

use crate::problem::ProblemKind;

use ProblemKind as K;

/// Whoever asks.
pub(super) const EVERYBODY: &[ProblemKind] = &[K::HostNotAllowed, K::OriginNotAllowed, K::Internal];
/// Where a credential is needed.
pub(super) const NEEDS_CREDENTIAL: &[ProblemKind] = &[K::Unauthorized];
/// Where parameters are read, which is everywhere but in the probes.
pub(super) const WITH_QUERY: &[ProblemKind] = &[K::InvalidQuery];
/// Where a body is read, which is in every request that changes something.
pub(super) const WITH_BODY: &[ProblemKind] =
    &[K::InvalidJson, K::JsonRequired, K::BodyTooLarge, K::BodyTimeout, K::UnknownField, K::InvalidValue];

/// What asks the database.
pub(crate) const STORED: &[ProblemKind] = &[K::Database, K::Suspended];
/// What changes rows, or asks an actor to act.
pub(crate) const CHANGING: &[ProblemKind] = &[K::Busy, K::Stopping, K::Suspended, K::Database];
/// What asks docker and answers with what it said.
pub(crate) const DOCKER: &[ProblemKind] = &[
    K::DockerUnreachable,
    K::DockerPermission,
    K::ContainerNotFound,
    K::DockerConflict,
    K::NoSuchImage,
    K::NoSpace,
    K::DockerTimeout,
    K::Refused,
    K::DockerFailed,
];
