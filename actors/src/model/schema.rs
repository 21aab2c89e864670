//! The names and ids as schemas of the API description: texts whose form [`InstanceName::parse`] and the like check.

use std::borrow::Cow;

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{Incarnation, InstanceName, LeaseId, RolloutId, TaskId, TypeName};

/// A text in which the whole matches `pattern`, the most of `most` characters.
macro_rules! text_schema {
    ($type:ty, $name:literal, $pattern:literal, $most:literal, $example:literal, $description:literal) => {
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some($pattern));
                let text = text.min_length(Some(1)).max_length(Some($most));
                text.examples([$example]).description(Some($description)).into()
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                $name.into()
            }
        }
    };
}

text_schema!(
    InstanceName,
    "InstanceName",
    "^(?!.*-prev$)[a-z0-9][a-z0-9-]{0,62}$",
    63,
    "dev-2",
    "Name of one agent: up to 63 of a-z, 0-9 and '-', beginning with a letter or digit and not ending in -prev."
);
text_schema!(
    TypeName,
    "TypeName",
    "^[a-z0-9][a-z0-9-]{0,62}$",
    63,
    "dev",
    "Name of a type of agent: up to 63 of a-z, 0-9 and '-', beginning with a letter or digit."
);
text_schema!(
    LeaseId,
    "LeaseId",
    "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    36,
    "019a3c1e-7d40-7c11-a7f0-3b9b8c8f2a10",
    "Names one lease for ever: a UUID in lower case."
);
text_schema!(
    TaskId,
    "TaskId",
    "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    36,
    "019a3c1e-7d40-7c11-a7f0-3b9b8c8f2a11",
    "Names one task for ever: a UUID in lower case."
);
text_schema!(
    RolloutId,
    "RolloutId",
    "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    36,
    "019a3c1e-7d40-7c11-a7f0-3b9b8c8f2a12",
    "Names one rollout for ever: a UUID in lower case."
);
text_schema!(
    Incarnation,
    "Incarnation",
    "^[0-9a-f]{64}@.*$",
    128,
    "f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc26fd2@2026-01-31T12:00:00Z",
    "One life of one container: its id and, as docker writes it, when it was started."
);
