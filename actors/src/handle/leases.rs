//! Leases: claimed, renewed, given back; instances cordoned and kept awake.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::{FleetError, FleetHandle};
use crate::actors::{CancelIn, Claim, EndLease, Leases, Refusal, Renew, Revoke, SetCordoned, SetHold};
use crate::dispatch::Occupied;
use crate::model::{
    Agent, AgentView, CatalogError, ClaimRequest, ClaimTarget, ConditionType, Desired, FleetSnapshot,
    InstanceName, Lease, LeaseId, LeaseView, Lifecycle, Phase, Power, TypeName,
};
use crate::ports::LeaseError;
use crate::tasks::task_of;

/// Longest that a task has to end where its instance is taken from it by force.
const FORCED_MOST: Duration = Duration::from_secs(20);
/// Longest that an instance may be kept awake by one hold.
pub const HOLD_MOST: Duration = Duration::from_hours(24 * 7);

impl FleetHandle {
    /// Claims an instance: waits in the queue while nobody is free, then until the instance runs.
    ///
    /// `NobodyFree` says who holds what; `NotAwake` what is pending, and the start goes on without the caller. Whoever
    /// drops this future holds nothing. The lease must be renewed within its TTL.
    pub async fn acquire(&self, request: ClaimRequest) -> Result<LeaseView, FleetError> {
        self.admit()?;
        self.check_claim(&request).await?;
        let fleet = self.clone();
        let (mut caller, acquired) = oneshot::channel();
        // A task of its own: what was granted to a caller who has gone is given back.
        tokio::spawn(async move {
            let lease = fleet.claim(request, caller.closed()).await;
            let id = lease.as_ref().ok().map(|lease| lease.id);
            if caller.send(lease).is_err()
                && let Some(id) = id
            {
                fleet.give_back(id, false);
            }
        });
        let lease = acquired.await.map_err(|_| FleetError::Busy("the dispatcher".into()))??;
        self.heard(&lease.instance).await;
        Ok(self.shown(&lease))
    }

    /// What is answered once `gone` has come is heard by nobody.
    async fn claim(
        &self,
        request: ClaimRequest,
        gone: impl Future<Output = ()> + Send,
    ) -> Result<Lease, FleetError> {
        let mut gone = std::pin::pin!(gone);
        let wake = request.wake;
        let lease = self.grant(request, false, gone.as_mut()).await?;
        let Some(wake) = wake else { return Ok(lease) };
        let mut stopping = self.parts.stopping.subscribe();
        let asleep = tokio::select! {
            awake = self.awake(&lease, Instant::now() + wake) => awake.err(),
            // Its start goes on; who asked hears it at once, not when the server cuts the connection.
            _ = stopping.wait_for(|stopping| *stopping) => Some(FleetError::Stopping),
            () = gone => Some(FleetError::Busy("whoever asked".into())),
        };
        if let Some(asleep) = asleep {
            // What is parked is not started, so there is no start to go on.
            self.give_back(lease.id, !matches!(asleep, FleetError::Parked { .. }));
            return Err(asleep);
        }
        // Its time begins when its holder can work.
        self.renewed(lease.id, lease.fence).await
    }

    pub(crate) fn give_back(&self, id: LeaseId, keep_waking: bool) {
        self.parts.dispatcher.do_send(EndLease { id, fence: None, keep_waking, reply: None });
    }

    /// Waits in the queue for a lease; once `gone` has come nobody is in the queue and nothing is held.
    pub(crate) async fn grant(
        &self,
        request: ClaimRequest,
        pinned: bool,
        gone: impl Future<Output = ()> + Send,
    ) -> Result<Lease, FleetError> {
        let (reply, mut granted) = oneshot::channel();
        let (target, waited) = (request.target.clone(), request.wait);
        self.parts.dispatcher.do_send(Claim { request, pinned, reply });
        let answer = tokio::select! {
            answer = &mut granted => answer.map_err(|_| FleetError::Busy("the dispatcher".into()))?,
            () = gone => {
                // It may have been granted in this very moment.
                granted.close();
                if let Ok(Ok(lease)) = granted.try_recv() {
                    self.give_back(lease.id, false);
                }
                return Err(FleetError::Busy("whoever asked".into()));
            }
        };
        match answer {
            Ok(lease) => Ok(lease),
            Err(Refusal::Occupied(occupied)) => {
                let now = self.parts.tools.clock.wall();
                let ends = occupied.iter().filter_map(|one| one.until).min();
                let free_in = ends.map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default());
                Err(FleetError::NobodyFree { target, waited, occupied, free_in })
            }
            Err(Refusal::Parked { occupied, retry_at }) => Err(self.parked(target, occupied, retry_at)),
            Err(Refusal::NoMember) => Err(FleetError::Denied {
                reason: format!("there is no {}", described(&target)),
                help: "create one, or scale the type up".into(),
            }),
            Err(Refusal::Stopping) => Err(FleetError::Stopping),
            Err(Refusal::Store(error)) => Err(error.into()),
        }
    }

    /// Waits until the instance of a lease runs: its own actor says both in one picture, so it is not about to stop.
    pub(super) async fn awake(&self, lease: &Lease, until: Instant) -> Result<(), FleetError> {
        let mut pictures = self.watch();
        let is_ours = |agent: &AgentView| agent.lease.as_ref().is_some_and(|ours| ours.id == lease.id);
        let runs = |agent: &AgentView| agent.observed.phase == Phase::Running && is_ours(agent);
        // Since it was granted; what is parked is not started.
        let is_parked = |agent: &AgentView| agent.parked.is_some() && is_ours(agent);
        let mut was_ours = false;
        let over = |snapshot: &std::sync::Arc<FleetSnapshot>| {
            let Some(agent) = snapshot.agents.get(&lease.instance) else { return true };
            let taken = was_ours && !is_ours(agent);
            was_ours |= is_ours(agent);
            taken || runs(agent) || is_parked(agent)
        };
        // A picture that cannot change any more is the last one.
        let _ = timeout_at(until, pictures.wait_for(over)).await;
        let agent = self.snapshot().agents.get(&lease.instance).cloned();
        if agent.as_ref().is_some_and(|agent| runs(agent)) {
            return Ok(());
        }
        if let Some(parked) = agent.as_ref().filter(|a| is_parked(a)).and_then(|a| a.parked.clone()) {
            let (instance, reason, retry_at) =
                (lease.instance.clone(), parked.to_string(), parked.reopens_at);
            let kind = Some(parked.kind);
            let occupied = Occupied { instance, reason, holder: None, until: retry_at, parked: kind };
            return Err(self.parked(ClaimTarget::Instance(lease.instance.clone()), vec![occupied], retry_at));
        }
        let phase = agent.as_ref().map_or(Phase::Unknown, |agent| agent.observed.phase);
        let pending = match agent {
            None => "it is gone".to_owned(),
            Some(agent) if was_ours && !is_ours(&agent) => "it was taken away again by force".to_owned(),
            Some(agent) => pending(&agent),
        };
        Err(FleetError::NotAwake { instance: lease.instance.clone(), phase, pending })
    }

    fn parked(
        &self,
        target: ClaimTarget,
        occupied: Vec<Occupied>,
        retry_at: Option<Timestamp>,
    ) -> FleetError {
        let now = self.parts.tools.clock.wall();
        let retry_in = retry_at.map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default());
        FleetError::Parked { target, occupied, retry_at, retry_in }
    }

    /// What can be said without asking the dispatcher.
    async fn check_claim(&self, request: &ClaimRequest) -> Result<(), FleetError> {
        request.check().map_err(|(field, reason)| bad(field, reason))?;
        if task_of(&request.holder).is_some() {
            return Err(bad("holder", "must not look like one of our tasks".into()));
        }
        self.check_target(&request.target).await.map(drop)
    }

    /// The type of what is wanted, and the row of the one instance that is.
    pub(super) async fn check_target(
        &self,
        target: &ClaimTarget,
    ) -> Result<(TypeName, Option<Agent>), FleetError> {
        let catalog = self.catalog();
        let (agent_type, row) = match target {
            ClaimTarget::Type(agent_type) => (catalog.find(agent_type.as_ref())?.name.clone(), None),
            ClaimTarget::Instance(name) => {
                let row = self.row(name).await?;
                if let Desired::Unresolvable { reason } = catalog.resolve(&row) {
                    return Err(FleetError::Denied {
                        reason,
                        help: "mend the row or the config first".into(),
                    });
                }
                (row.agent_type.clone(), Some(row))
            }
        };
        let declared = catalog.find(agent_type.as_ref())?;
        if declared.container.is_some() {
            return Ok((agent_type, row));
        }
        Err(FleetError::Denied {
            reason: format!("the type {agent_type} is in host mode: its agents have no container to work in"),
            help: "ask for an agent of another type".into(),
        })
    }

    /// Prolongs a lease by its TTL. `LeaseStale`: it has ended, and what it protected may belong to somebody else.
    pub async fn renew(&self, id: LeaseId, fence: u64) -> Result<LeaseView, FleetError> {
        let lease = self.renewed(id, fence).await?;
        self.heard(&lease.instance).await;
        Ok(self.shown(&lease))
    }

    async fn renewed(&self, id: LeaseId, fence: u64) -> Result<Lease, FleetError> {
        let (reply, renewed) = oneshot::channel();
        self.parts.dispatcher.do_send(Renew { id, fence, reply });
        let renewed = renewed.await.map_err(|_| FleetError::Busy("the dispatcher".into()))?;
        Ok(renewed?)
    }

    /// Gives a lease back.
    pub async fn release(&self, id: LeaseId, fence: u64) -> Result<(), FleetError> {
        let (reply, ended) = oneshot::channel();
        let end = EndLease { id, fence: Some(fence), keep_waking: false, reply: Some(reply) };
        self.parts.dispatcher.do_send(end);
        let lease = ended.await.map_err(|_| FleetError::Busy("the dispatcher".into()))??;
        self.heard(&lease.instance).await;
        Ok(())
    }

    /// Takes an instance away from whoever works with it.
    pub(super) async fn revoke(&self, name: &InstanceName) -> Result<(), FleetError> {
        let (done, ended) = oneshot::channel();
        self.parts.tasks.do_send(CancelIn { name: name.clone(), done });
        if timeout_at(Instant::now() + FORCED_MOST, ended).await.is_err() {
            log::warn!(instance = name.as_ref(); "the task in it does not end in time");
        }
        let (reply, ended) = oneshot::channel();
        self.parts.dispatcher.do_send(Revoke { name: name.clone(), reply });
        match ended.await {
            // Nobody held it.
            Err(_) | Ok(Ok(_) | Err(LeaseError::Unknown(_) | LeaseError::Stale { .. })) => Ok(()),
            Ok(Err(LeaseError::Store(error))) => Err(error.into()),
        }
    }

    /// The leases that stand, by instance.
    pub async fn leases(&self) -> Result<Vec<LeaseView>, FleetError> {
        Ok(self.standing_leases().await?.iter().map(|lease| self.shown(lease)).collect())
    }

    pub(super) async fn is_leased(&self, name: &InstanceName) -> Result<bool, FleetError> {
        Ok(self.standing_leases().await?.iter().any(|lease| lease.instance == *name))
    }

    async fn standing_leases(&self) -> Result<Vec<Lease>, FleetError> {
        self.parts.dispatcher.send(Leases).await.map_err(|_| FleetError::Busy("the dispatcher".into()))
    }

    /// Whether new leases are granted on it. One that stands is left alone.
    pub async fn cordon(&self, name: &InstanceName, cordoned: bool) -> Result<(), FleetError> {
        self.admit()?;
        let (reply, done) = oneshot::channel();
        self.parts.dispatcher.do_send(SetCordoned { name: name.clone(), cordoned, reply });
        done.await.map_err(|_| FleetError::Busy("the dispatcher".into()))??;
        self.heard(name).await;
        Ok(())
    }

    /// Keeps a lazy instance awake for so long from now, waking it; `None` ends that.
    pub async fn hold(&self, name: &InstanceName, length: Option<Duration>) -> Result<(), FleetError> {
        self.admit()?;
        if length.is_some_and(|length| length.is_zero() || length > HOLD_MOST) {
            return Err(bad("ttl_s", format!("must lie between 1 and {} seconds", HOLD_MOST.as_secs())));
        }
        let (_, row) = self.check_target(&ClaimTarget::Instance(name.clone())).await?;
        if length.is_some()
            && let Some(row) = row
        {
            self.refuse_hot(&row)?;
        }
        let now = self.parts.tools.clock.wall();
        let until = length.and_then(|length| now.checked_add(SignedDuration::try_from(length).ok()?).ok());
        let (reply, done) = oneshot::channel();
        self.parts.dispatcher.do_send(SetHold { name: name.clone(), until, reply });
        done.await.map_err(|_| FleetError::Busy("the dispatcher".into()))??;
        self.heard(name).await;
        Ok(())
    }

    /// A hold would change nothing of it, and whoever asks for one believes otherwise.
    pub(super) fn refuse_hot(&self, row: &Agent) -> Result<(), FleetError> {
        let Desired::Container(desired) = self.catalog().resolve(row) else { return Ok(()) };
        let name = &row.name;
        match (desired.lifecycle(), row.power) {
            (Lifecycle::Lazy, _) => Ok(()),
            (Lifecycle::Hot, Power::On) => Err(FleetError::Denied {
                reason: format!("the agent {name} is hot: it runs anyway, and a hold would change nothing"),
                help: "a hold keeps a lazy agent awake; to keep others away from a hot one, cordon it".into(),
            }),
            (Lifecycle::Hot, Power::Off) => Err(FleetError::Denied {
                reason: format!("the agent {name} was stopped by an operator, and a hold does not start it"),
                help: format!("start it: POST agents/{name}/start, or claude-hooks agents start {name}"),
            }),
        }
    }

    /// A stop by hand is stronger than a hold.
    pub(super) async fn end_hold(&self, name: &InstanceName) -> Result<(), FleetError> {
        let kept = |c: &crate::model::Condition| c.kind == crate::model::ConditionType::KeptAwake && c.status;
        let held = self.snapshot().agents.get(name).is_some_and(|agent| agent.conditions.iter().any(kept));
        if held { self.hold(name, None).await } else { Ok(()) }
    }

    fn shown(&self, lease: &Lease) -> LeaseView {
        LeaseView::new(lease, &self.parts.tools.prefix)
    }
}

pub(super) fn bad(field: &str, reason: String) -> FleetError {
    FleetError::Invalid(CatalogError::BadValue { field: field.to_owned(), reason })
}

fn described(target: &ClaimTarget) -> String {
    match target {
        ClaimTarget::Instance(name) => format!("agent {name} in the picture yet"),
        ClaimTarget::Type(agent_type) => format!("agent of type {agent_type}"),
    }
}

/// What an instance that does not run waits for, in words.
pub(super) fn pending(agent: &AgentView) -> String {
    let tells_nothing = |kind: ConditionType| matches!(kind, ConditionType::Ready | ConditionType::Healthy);
    let troubles = agent.conditions.iter().filter(|c| c.status && !tells_nothing(c.kind));
    let troubles: Vec<String> = troubles.map(|c| c.reason.clone()).collect();
    let next = agent.next_action.as_deref().unwrap_or("nothing");
    if troubles.is_empty() {
        format!("{next} is under way")
    } else {
        format!("{next}: {}", troubles.join("; "))
    }
}
