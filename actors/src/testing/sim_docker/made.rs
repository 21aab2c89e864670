//! What a simulated container was made of.

use std::collections::BTreeSet;

use super::state::Container;
use crate::model::{ImageDefaults, Limits, ObservedSpec};

impl Container {
    /// Images of the simulation say nothing themselves.
    pub(super) fn made_of(&self, shown: &BTreeSet<String>, token: Option<&str>) -> ObservedSpec {
        let spec = self.request.as_ref().map(|request| &request.spec);
        let names = spec.into_iter().flat_map(|spec| spec.env.keys().chain(&spec.token_env));
        let value = |name: &String| {
            let value = spec.and_then(|spec| spec.env.get(name)).cloned();
            value.filter(|_| shown.contains(name) && token != Some(name))
        };
        ObservedSpec {
            labels: self.seen.labels.clone(),
            image: self.seen.image.clone(),
            image_id: self.seen.image_id.clone(),
            command: spec.map(|spec| spec.command.clone()).unwrap_or_default(),
            user: spec.and_then(|spec| spec.user.clone()),
            env: names.map(|name| (name.clone(), value(name))).collect(),
            mounts: spec.map(|spec| spec.mounts.clone()).unwrap_or_default(),
            network: spec.map_or_else(|| "bridge".to_owned(), |spec| spec.network.clone()),
            limits: spec.map_or_else(Limits::default, |spec| spec.limits.clone()),
            restart_policy: self.seen.restart_policy,
            credentials: spec.and_then(|spec| spec.credentials.clone()),
            runner: spec.map(|spec| spec.runner),
            agent_socket: spec.is_some_and(|spec| spec.agent_socket),
            image_defaults: Some(ImageDefaults::default()),
        }
    }
}
