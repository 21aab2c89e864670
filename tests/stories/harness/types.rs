//! Declarations of types for a story's `agents.json`.

use serde_json::{Value, json};

use super::engine;

/// One type as it stands in `agents.json`.
#[derive(Clone, Debug)]
pub(crate) struct TypeDecl {
    pub(crate) name: String,
    pub(crate) value: Value,
}

/// Always running; the demo agent's `run`, without a network, in little memory.
pub(crate) fn hot(name: &str) -> TypeDecl {
    declared(name, "hot")
}

/// Made, and asleep.
pub(crate) fn lazy(name: &str) -> TypeDecl {
    declared(name, "lazy")
}

/// Rows without containers.
pub(crate) fn host(name: &str) -> TypeDecl {
    TypeDecl {
        name: name.to_owned(),
        value: json!({ "lifecycle": "hot", "container": { "enabled": false } }),
    }
}

fn declared(name: &str, lifecycle: &str) -> TypeDecl {
    let container = json!({
        "enabled": true,
        "image": engine::image(),
        "command": ["run"],
        "network": "none",
        "limits": { "memory": "64m", "cpus": 0.5, "pids": 64 },
    });
    let value = json!({ "lifecycle": lifecycle, "container": container });
    TypeDecl { name: name.to_owned(), value }
}

impl TypeDecl {
    /// A key of the type itself, for example `token_env`.
    pub(crate) fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.value[key] = value.into();
        self
    }

    /// A key of its `container`.
    pub(crate) fn container(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.value["container"][key] = value.into();
        self
    }

    /// What the demo agent does, for example `["exit", "3"]`.
    pub(crate) fn command(self, words: &[&str]) -> Self {
        self.container("command", words.to_vec())
    }
}
