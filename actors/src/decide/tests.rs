//! The decision table row by row, the failure rules, a sweep over every combination of inputs, and random games against a
//! reference model.

mod history;
mod model;
mod parked;
mod sweep;
mod table;
mod unwell;
mod usage;

use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::model::{Agent, ContainerId, InstanceName, Overrides, TypeName};
use crate::testing::{catalog, container};

/// What a row of `agent_type` asks for.
fn desired(agent_type: &str, power: Power) -> Desired {
    catalog().resolve(&Agent {
        name: InstanceName::parse("a").expect("a valid name"),
        agent_type: TypeName::parse(agent_type).expect("a valid name"),
        overrides: Overrides::default(),
        power,
        generation: 1,
        created_at: jiff::Timestamp::UNIX_EPOCH,
        updated_at: jiff::Timestamp::UNIX_EPOCH,
        volume: None,
        broken: None,
    })
}

/// A container in `state`, made from what `desired` asks for, or from something else if it `drifted`.
fn ours(desired: &Desired, state: ContainerState, drifted: bool) -> ObservedContainer {
    let mut main = container(1, state, u32::from(state != ContainerState::Created));
    if let Desired::Container(wanted) = desired {
        let lifecycle: &'static str = wanted.lifecycle().into();
        main.labels.lifecycle = Some(lifecycle.to_owned());
        main.labels.spec = Some(if drifted { "other".into() } else { wanted.spec_hash.to_string() });
        main.restart_policy = match wanted.lifecycle() {
            Lifecycle::Hot => RestartPolicy::UnlessStopped,
            Lifecycle::Lazy => RestartPolicy::No,
        };
    }
    main
}

fn seen(main: ObservedContainer) -> InstanceObservation {
    InstanceObservation { main: Some(main), ..InstanceObservation::default() }
}

fn now() -> Instant {
    // Far enough from the clock's origin that a test can look back from it.
    Instant::now() + Duration::from_hours(24)
}
