//! Rollouts: what one would do, begun, looked at, paused, resumed, aborted.

use std::collections::BTreeMap;

use serde_json::json;
use tokio::sync::oneshot;

use super::leases::bad;
use super::{FleetError, FleetHandle};
use crate::actors::{BeginRollout, ImagesNow, PinOf, Reserve, WishRollout};
use crate::model::{
    Desired, EventKind, InstanceName, MemberState, Pin, PullPolicy, Rollout, RolloutId, RolloutMember,
    RolloutState, Strategy, TypeName,
};
use crate::rollout::{Offer, Wish, members, missing};

/// Most rollouts in one answer.
pub const ROLLOUTS_MOST: u32 = 200;

impl FleetHandle {
    /// What a rollout of all agents of the type, or of all, would do now. Looks at docker, and changes nothing.
    pub async fn plan_rollout(
        &self,
        agent_type: Option<TypeName>,
        strategy: Strategy,
    ) -> Result<Rollout, FleetError> {
        self.admit()?;
        strategy.check().map_err(|(field, reason)| bad(field, reason))?;
        if let Some(agent_type) = &agent_type {
            let declared = self.catalog().find(agent_type.as_ref())?.clone();
            if declared.container.is_none() {
                return Err(FleetError::Denied {
                    reason: format!("the type {agent_type} is in host mode: its agents have no containers"),
                    help: "name another type".into(),
                });
            }
        }
        let offers = self.offers(agent_type.as_ref(), strategy.pull).await?;
        let tools = &self.parts.tools;
        let now = tools.clock.wall();
        let snapshot = self.snapshot();
        let members = members(&snapshot, agent_type.as_ref(), &offers, &strategy, now);
        let mut rollout = Rollout {
            id: RolloutId::random(),
            agent_type,
            state: RolloutState::Running,
            strategy,
            reason: None,
            created_at: now,
            ended_at: None,
            members,
        };
        if rollout.members.iter().all(|member| member.state == MemberState::Skipped) {
            let lacks = |member: &&RolloutMember| offers.get(&member.image) == Some(&Offer::Missing);
            let lacking = rollout.members.iter().find(lacks).map(|member| missing(&member.image));
            rollout.state = if lacking.is_some() { RolloutState::Failed } else { RolloutState::Done };
            rollout.ended_at = Some(now);
            rollout.reason = Some(match lacking {
                Some(reason) => reason,
                None if rollout.members.is_empty() => {
                    "nothing is to be done: every container has the image that its name means".into()
                }
                None => "nothing can be done about those that do not have the image".into(),
            });
        }
        Ok(rollout)
    }

    /// What the names of the images mean, and which are to be fetched first.
    async fn offers(
        &self,
        agent_type: Option<&TypeName>,
        pull: Option<bool>,
    ) -> Result<BTreeMap<String, Offer>, FleetError> {
        let (tools, catalog) = (&self.parts.tools, self.catalog());
        let mut policies: BTreeMap<String, PullPolicy> = BTreeMap::new();
        for row in tools.store.agents().await? {
            if agent_type.is_some_and(|wanted| row.agent_type != *wanted) {
                continue;
            }
            if let Desired::Container(desired) = catalog.resolve(&row) {
                policies.insert(desired.spec.image.clone(), desired.pull);
            }
        }
        let mut offers = BTreeMap::new();
        for (name, policy) in policies {
            let here = tools.runtime.image(&name).await?.map(|image| image.id);
            let fetched = match (pull, policy, &here) {
                (Some(true), _, _) | (None, PullPolicy::Always, _) | (None, PullPolicy::Missing, None) => {
                    true
                }
                (Some(false), _, _) | (None, PullPolicy::Never | PullPolicy::Missing, _) => false,
            };
            let offer = match here {
                _ if fetched => Offer::Fetched,
                Some(id) => Offer::Here(id),
                None => Offer::Missing,
            };
            offers.insert(name, offer);
        }
        Ok(offers)
    }

    /// Begins a rollout: it is durable when this returns. If nothing is to be done, it is done already.
    pub async fn start_rollout(
        &self,
        agent_type: Option<TypeName>,
        strategy: Strategy,
    ) -> Result<Rollout, FleetError> {
        let rollout = self.plan_rollout(agent_type, strategy).await?;
        let begin = |fleet: Self| async move {
            let tools = &fleet.parts.tools;
            if let Some(id) = tools.store.insert_rollout(&rollout).await? {
                return Err(FleetError::RolloutUnderWay(id));
            }
            let mut event = fleet.event(EventKind::RolloutStarted).data(json!({
                "rollout": rollout.id, "members": rollout.members.len(), "strategy": rollout.strategy,
            }));
            event.agent_type.clone_from(&rollout.agent_type);
            tools.events.emit(event);
            if rollout.state.has_ended() {
                let mut event = fleet.event(EventKind::RolloutFinished).cause(rollout.state.to_string());
                event.agent_type.clone_from(&rollout.agent_type);
                event.detail.clone_from(&rollout.reason);
                let data = json!({ "rollout": rollout.id, "done": rollout.done(), "members": rollout.members.len() });
                tools.events.emit(event.data(data));
            } else {
                fleet.parts.rollouts.do_send(BeginRollout { rollout: Box::new(rollout.clone()) });
            }
            Ok(rollout)
        };
        self.see_through(begin).await
    }

    /// The newest, newest first.
    pub async fn rollouts(&self, limit: u32) -> Result<Vec<Rollout>, FleetError> {
        Ok(self.parts.tools.store.rollouts(limit.min(ROLLOUTS_MOST)).await?)
    }

    pub async fn rollout(&self, id: RolloutId) -> Result<Rollout, FleetError> {
        self.parts.tools.store.rollout(id).await?.ok_or(FleetError::NoRollout(id))
    }

    /// Nobody else begins; whoever is under way goes on to the end.
    pub async fn pause_rollout(&self, id: RolloutId) -> Result<Rollout, FleetError> {
        self.wish(id, Wish::Pause).await
    }

    /// Goes on; whoever went back is tried once more.
    pub async fn resume_rollout(&self, id: RolloutId) -> Result<Rollout, FleetError> {
        self.wish(id, Wish::Resume).await
    }

    /// Ends it; everybody keeps what they have.
    pub async fn abort_rollout(&self, id: RolloutId) -> Result<Rollout, FleetError> {
        self.wish(id, Wish::Abort).await
    }

    async fn wish(&self, id: RolloutId, wish: Wish) -> Result<Rollout, FleetError> {
        self.admit()?;
        let rollout = self.rollout(id).await?;
        if rollout.state.has_ended() {
            return Err(FleetError::Denied {
                reason: format!("the rollout {id} has ended: {}", rollout.state),
                help: "start another one".into(),
            });
        }
        let (reply, answer) = oneshot::channel();
        self.parts.rollouts.do_send(WishRollout { id, wish, reply });
        answer.await.map_err(|_| FleetError::Busy(format!("the rollout {id}")))?
    }

    /// Keeps new work away from an instance, or no longer; also from a claim that is in the queue already.
    pub(crate) async fn reserve(&self, name: &InstanceName, reserved: bool) {
        // A dispatcher that is gone grants nothing.
        let _ = self.parts.dispatcher.send(Reserve { name: name.clone(), reserved }).await;
        self.heard(name).await;
    }

    /// Compares soon what the names of images mean with what the containers are made of.
    pub(crate) fn compare_images(&self) {
        self.parts.watchdog.do_send(ImagesNow);
    }

    pub(crate) fn pin(&self, name: &InstanceName, pin: Option<Pin>) {
        self.parts.registry.do_send(PinOf { name: name.clone(), pin });
    }
}
