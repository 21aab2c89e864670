//! What the contract suite cannot ask of a real engine: hours, outages, and the simulation's own tools.

mod faults;
mod life;
mod runs;
mod sweep;

use super::SimDocker;
use crate::model::{ContainerId, FleetId, FleetPrefix, Lifecycle};
use crate::ports::{ContainerRuntime, CreateRequest};
use crate::testing::{create_request, name};

const DEV: &str = "claude-hooks-dev-default";
const IMAGE: &str = "agent:1";

fn sim() -> SimDocker {
    let prefix = FleetPrefix::parse("claude-hooks").expect("a valid prefix");
    let sim = SimDocker::new(FleetId::random(), prefix);
    sim.add_image(IMAGE);
    sim
}

fn request(sim: &SimDocker, lifecycle: Lifecycle) -> CreateRequest {
    create_request(sim.fleet(), sim.prefix(), &name("dev-default"), lifecycle, IMAGE, Vec::new())
}

/// `dev-default`, created and started.
async fn running(sim: &SimDocker, lifecycle: Lifecycle) -> ContainerId {
    let id = sim.create(&request(sim, lifecycle)).await.expect("nothing is in the way");
    sim.start(&id).await.expect("the image stays up");
    id
}
