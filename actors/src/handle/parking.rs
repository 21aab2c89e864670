//! Parked agents, agents that need a person, and what agents say of themselves.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

use super::leases::bad;
use super::{FleetError, FleetHandle};
use crate::actors::{Park, ParkRefusal, Reopen, SetNeedsHuman, SetOwnHold, SetProgress};
use crate::model::{
    ClaimTarget, HumanNeed, InstanceName, ParkKind, Parked, SaidBy, Standing, TypeName, one_line_of,
};

/// Longest that an agent may be parked with an end.
pub const PARK_MOST: Duration = Duration::from_hours(24 * 366);
/// Longest that an agent may park itself: the longest quotas are counted by the week.
pub const OWN_PARK_MOST: Duration = Duration::from_hours(24 * 8);

/// When what is parked is reopened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParkEnd {
    At(Timestamp),
    After(Duration),
    /// When somebody reopens it.
    Open,
}

/// Longest that an agent may keep itself awake by one word; it may say it again.
pub const OWN_HOLD_MOST: Duration = Duration::from_hours(2);

/// How an agent is to be parked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkRequest {
    pub kind: ParkKind,
    pub reason: String,
    pub end: ParkEnd,
    pub by: SaidBy,
    /// The name that a dispatcher gives itself.
    pub holder: Option<String>,
    /// All agents that sign in as this one does.
    pub whole_account: bool,
}

impl FleetHandle {
    /// Gives it no work and starts it no more until its end; who works with it goes on. Returns the agents that were parked,
    /// more than one where the whole account is.
    pub async fn park(
        &self,
        name: &InstanceName,
        request: ParkRequest,
    ) -> Result<Vec<InstanceName>, FleetError> {
        self.admit()?;
        let now = self.parts.tools.clock.wall();
        let until = end_of(&request, now)?;
        let (agent_type, _) = self.check_target(&ClaimTarget::Instance(name.clone())).await?;
        let account = self.account(&agent_type);
        let parked = Parked {
            kind: request.kind,
            reason: one_line_of(&request.reason),
            until,
            reopens_at: until,
            since: now,
            by: request.by,
            holder: request.holder.as_deref().map(one_line_of),
            account: account.clone(),
        };
        let mut names = vec![name.clone()];
        if request.whole_account {
            let agents = self.snapshot();
            let others = agents.agents.values().filter(|agent| agent.name != *name && !agent.host_mode);
            let shares = |of: &TypeName| account.is_some() && self.account(of) == account;
            names.extend(others.filter(|agent| shares(&agent.agent_type)).map(|agent| agent.name.clone()));
        }
        for (place, one) in names.iter().enumerate() {
            let (reply, done) = oneshot::channel();
            self.parts.dispatcher.do_send(Park { name: one.clone(), parked: parked.clone(), reply });
            match self.said(one, done).await {
                Ok(_) => {}
                // What an operator said of another one stands, and a row may go meanwhile.
                Err(FleetError::Denied { .. } | FleetError::NotFound(_)) if place > 0 => {}
                Err(error) => return Err(error),
            }
        }
        for one in &names {
            self.heard(one).await;
        }
        Ok(names)
    }

    /// Lets it work again, whatever its end was. Nothing happens to one that is not parked.
    pub async fn reopen(&self, name: &InstanceName, by: SaidBy) -> Result<(), FleetError> {
        self.admit()?;
        let (reply, done) = oneshot::channel();
        self.parts.dispatcher.do_send(Reopen { name: name.clone(), by, reply });
        self.said(name, done).await?;
        self.heard(name).await;
        Ok(())
    }

    /// Says that it cannot go on without a person. It keeps its work, and gets more: who is not to get any is parked too.
    pub async fn need_human(&self, name: &InstanceName, reason: &str, by: SaidBy) -> Result<(), FleetError> {
        let reason = one_line_of(reason);
        if reason.is_empty() {
            return Err(bad("reason", "must say what the person is to do".into()));
        }
        let since = self.parts.tools.clock.wall();
        self.set_needs_human(name, Some(HumanNeed { reason, since, by }), by).await
    }

    /// The person was there.
    pub async fn human_came(&self, name: &InstanceName, by: SaidBy) -> Result<(), FleetError> {
        self.set_needs_human(name, None, by).await
    }

    async fn set_needs_human(
        &self,
        name: &InstanceName,
        need: Option<HumanNeed>,
        by: SaidBy,
    ) -> Result<(), FleetError> {
        self.admit()?;
        let (reply, done) = oneshot::channel();
        self.parts.dispatcher.do_send(SetNeedsHuman { name: name.clone(), need, by, reply });
        self.said(name, done).await?;
        self.heard(name).await;
        Ok(())
    }

    /// What it says of its work: shown at once, kept until it says something else or the daemon ends.
    pub async fn progress(&self, name: &InstanceName, text: &str) -> Result<(), FleetError> {
        self.admit()?;
        self.row(name).await?;
        self.parts.dispatcher.do_send(SetProgress { name: name.clone(), text: one_line_of(text) });
        self.heard(name).await;
        Ok(())
    }

    /// Keeps a lazy agent awake because it asks for it itself, for so long from now; `None` ends that. A longer hold of
    /// somebody else stands.
    pub async fn own_hold(&self, name: &InstanceName, length: Option<Duration>) -> Result<(), FleetError> {
        self.admit()?;
        if length.is_some_and(|length| length.is_zero() || length > OWN_HOLD_MOST) {
            return Err(bad("ttl_s", format!("must lie between 1 and {} seconds", OWN_HOLD_MOST.as_secs())));
        }
        let now = self.parts.tools.clock.wall();
        let until = length.and_then(|length| now.checked_add(SignedDuration::try_from(length).ok()?).ok());
        let (_, row) = self.check_target(&ClaimTarget::Instance(name.clone())).await?;
        if let Some(row) = row.filter(|_| length.is_some()) {
            self.refuse_hot(&row)?;
        }
        let (reply, done) = oneshot::channel();
        self.parts.dispatcher.do_send(SetOwnHold { name: name.clone(), until, reply });
        let standing = done.await.map_err(|_| FleetError::Busy("the dispatcher".into()))??;
        self.heard(name).await;
        let still = standing.hold_until.is_some_and(|until| until > now);
        if until.is_none() && still {
            return Err(FleetError::Denied {
                reason: "somebody else keeps it awake".into(),
                help: format!("an operator can end that: claude-hooks agents unhold {name}"),
            });
        }
        Ok(())
    }

    /// What the agents of a type sign in with.
    fn account(&self, agent_type: &TypeName) -> Option<String> {
        self.catalog().types.get(agent_type)?.account_key()
    }

    async fn said(
        &self,
        name: &InstanceName,
        done: oneshot::Receiver<Result<Standing, ParkRefusal>>,
    ) -> Result<Standing, FleetError> {
        let refusal = match done.await.map_err(|_| FleetError::Busy("the dispatcher".into()))? {
            Ok(standing) => return Ok(standing),
            Err(refusal) => refusal,
        };
        Err(match refusal {
            ParkRefusal::Store(error) => error.into(),
            ParkRefusal::SaidByOther(by) => FleetError::Denied {
                reason: format!("what the {by} said of {name} stands"),
                help: format!("an operator can change it: claude-hooks agents reopen {name}"),
            },
        })
    }
}

/// The end as a time, if it has one and may have it.
fn end_of(request: &ParkRequest, now: Timestamp) -> Result<Option<Timestamp>, FleetError> {
    let most = match request.by {
        SaidBy::Operator | SaidBy::Dispatcher => PARK_MOST,
        SaidBy::Agent => OWN_PARK_MOST,
    };
    let in_time = |length: Duration| now.checked_add(SignedDuration::try_from(length).ok()?).ok();
    let latest = in_time(most).unwrap_or(Timestamp::MAX);
    match (request.end, request.by) {
        (ParkEnd::Open, SaidBy::Operator | SaidBy::Dispatcher) => Ok(None),
        (ParkEnd::Open, SaidBy::Agent) => {
            Err(bad("until", "is missing: an agent parks itself until a time".into()))
        }
        (ParkEnd::At(until), _) if until <= now => {
            Err(bad("until", format!("must lie in the future: {until} has passed, it is {now}")))
        }
        (ParkEnd::At(until), _) if until <= latest => Ok(Some(until)),
        (ParkEnd::At(_), _) => {
            Err(bad("until", format!("must lie within {} days from now", most.as_secs() / 86_400)))
        }
        (ParkEnd::After(length), _) => {
            let until = in_time(length).filter(|until| *until > now && *until <= latest);
            let reason = || format!("must lie between 1 and {} seconds", most.as_secs());
            until.map(Some).ok_or_else(|| bad("for_s", reason()))
        }
    }
}
