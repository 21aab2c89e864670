use std::time::Duration;

use tokio::task::LocalSet;

use super::world::{World, pass, until, virtually};
use crate::handle::Command;
use crate::model::{ClaimRequest, ClaimTarget, ContainerState, Phase};
use crate::testing::{Behaviour, name};

#[test]
fn no_claim_gets_what_a_killed_daemon_was_about_to_stop() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        world.docker.behave("agent:1", Behaviour { ignores_term: true, ..Behaviour::default() });
        let daemon = LocalSet::new();
        daemon
            .run_until(async {
                let handle = world.boot().await;
                handle.command(&name("b"), Command::Start, false).await.expect("it is there");
                let stopping = handle.clone();
                tokio::task::spawn_local(
                    async move { stopping.command(&name("b"), Command::Stop, false).await },
                );
                until(&handle, "b", Phase::Stopping).await;
                pass(2).await;
            })
            .await;
        drop(daemon);
        // Docker goes on with the stop, which takes its whole grace.
        assert_eq!(world.state("b"), Some(ContainerState::Running));
        let handle = world.boot().await;
        let target = ClaimTarget::Instance(name("b"));
        let request = ClaimRequest { ttl: Duration::from_mins(5), ..ClaimRequest::new(target, "somebody") };
        handle.acquire(request).await.expect("it is free");
        for _ in 0..60 {
            assert_eq!(world.state("b"), Some(ContainerState::Running));
            pass(1).await;
        }
    });
}
