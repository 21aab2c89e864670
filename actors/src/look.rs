//! Looks at single instances, many at once: requests that come while one inspect runs share the next.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::model::{FleetId, FleetPrefix, InstanceName, InstanceObservation, assign};
use crate::ports::{Clock, ContainerRuntime, LastWords, RuntimeError, Target};

/// What one look showed, and when it began.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) observation: InstanceObservation,
    /// Nothing that happened later is in it.
    pub(crate) began: Instant,
    /// What was saved of a container that the observation shows to have ended unasked.
    pub(crate) last_words: Option<LastWords>,
}

type Reply = oneshot::Sender<Result<Look, RuntimeError>>;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Looker {
    requests: mpsc::UnboundedSender<(Target, Reply)>,
}

impl Looker {
    /// Must be called inside a runtime: the batching runs as a task of its own until all lookers are dropped.
    pub(crate) fn start(
        runtime: Arc<dyn ContainerRuntime>,
        clock: Arc<dyn Clock>,
        prefix: FleetPrefix,
        fleet: FleetId,
    ) -> Self {
        let (requests, mut inbox) = mpsc::unbounded_channel::<(Target, Reply)>();
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while inbox.recv_many(&mut batch, 256).await > 0 {
                let (targets, replies): (Vec<Target>, Vec<Reply>) = batch.drain(..).unzip();
                let began = clock.now();
                let seen = runtime.observe(&targets).await;
                let at = clock.wall();
                let by_instance: Result<BTreeMap<InstanceName, InstanceObservation>, RuntimeError> =
                    seen.map(|seen| assign(&prefix, fleet, &seen, at));
                for (target, reply) in targets.iter().zip(replies) {
                    let one = by_instance.as_ref().map_err(Clone::clone).map(|by_instance| {
                        let absent = InstanceObservation { at: Some(at), ..InstanceObservation::default() };
                        let observation = by_instance.get(&target.name).cloned().unwrap_or(absent);
                        Look { observation, began, last_words: None }
                    });
                    // Whoever asked may be gone; then nobody needs the answer.
                    let _ = reply.send(one);
                }
            }
        });
        Self { requests }
    }

    pub(crate) async fn look(&self, target: Target) -> Result<Look, RuntimeError> {
        let stopped = || RuntimeError::Unreachable { detail: "the supervisor is stopping".into() };
        let (reply, answer) = oneshot::channel();
        self.requests.send((target, reply)).map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}
