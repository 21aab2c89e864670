//! The writes of the dispatcher, one at a time, and what comes of each.

use std::sync::Arc;

use actix::{AsyncContext, Context, Message};
use jiff::{SignedDuration, Timestamp};

use super::messages::{LeaseReply, ParkReply, Refusal, StandingReply};
use super::standing::overdue_apart;
use super::{Dispatcher, WRITE_AGAIN, Waiter};
use crate::model::{HumanNeed, InstanceName, Lease, LeaseEnd, LeaseId, Parked, SaidBy, Standing};
use crate::ports::{LeaseError, Store, StoreError, WantedLease};

/// Something in the order in which it was asked for.
#[derive(Debug)]
pub(super) enum Turn {
    Write(Work),
    /// Unless a renewal overtook it.
    Expire {
        id: LeaseId,
    },
    /// Whatever lease stands on the instance by then: a claim that is being written may get it.
    Revoke {
        name: InstanceName,
        reply: LeaseReply,
    },
    /// Unless somebody else has more say by then.
    Park {
        name: InstanceName,
        parked: Parked,
        reply: ParkReply,
    },
    Reopen {
        name: InstanceName,
        by: SaidBy,
        reply: ParkReply,
    },
    NeedHuman {
        name: InstanceName,
        need: Option<HumanNeed>,
        by: SaidBy,
        reply: ParkReply,
    },
    /// Unless somebody else holds it for longer by then.
    OwnHold {
        name: InstanceName,
        until: Option<Timestamp>,
        reply: StandingReply,
    },
    /// Unless it was parked anew meanwhile.
    ReopenDue {
        name: InstanceName,
    },
}

#[derive(Debug)]
pub(super) enum Work {
    Claim {
        waiter: Waiter,
        candidates: Vec<InstanceName>,
    },
    Renew {
        id: LeaseId,
        fence: u64,
        reply: LeaseReply,
    },
    End {
        id: LeaseId,
        fence: Option<u64>,
        end: LeaseEnd,
        reply: Option<LeaseReply>,
    },
    Cordon {
        name: InstanceName,
        cordoned: bool,
        reply: StandingReply,
    },
    Hold {
        name: InstanceName,
        until: Option<Timestamp>,
        reply: StandingReply,
    },
    /// `parked` is `None`: it is reopened, by whom `cause` says.
    Park {
        name: InstanceName,
        parked: Option<Parked>,
        cause: &'static str,
        reply: Option<ParkReply>,
    },
    NeedHuman {
        name: InstanceName,
        need: Option<HumanNeed>,
        reply: ParkReply,
    },
    Prune {
        before: Timestamp,
    },
}

/// Report: a write has ended.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) struct Done(Written);

#[derive(Debug)]
enum Written {
    /// With the standings as they are, where the store refused what the picture allowed.
    Claimed {
        waiter: Waiter,
        result: Result<Claimed, StoreError>,
    },
    Renewed {
        reply: LeaseReply,
        result: Result<Lease, LeaseError>,
    },
    Ended {
        id: LeaseId,
        end: LeaseEnd,
        reply: Option<LeaseReply>,
        result: Result<Lease, LeaseError>,
    },
    Stood {
        name: InstanceName,
        reply: StandingReply,
        result: Result<Standing, StoreError>,
    },
    Parked {
        name: InstanceName,
        cause: &'static str,
        reply: Option<ParkReply>,
        result: Result<Standing, StoreError>,
    },
    NeededHuman {
        name: InstanceName,
        reply: ParkReply,
        result: Result<Standing, StoreError>,
    },
    Pruned,
}

#[derive(Debug)]
enum Claimed {
    Granted(Lease),
    Refused(std::collections::BTreeMap<InstanceName, Standing>),
}

impl Dispatcher {
    /// What is to be written now that it is its turn; `None` if nothing is.
    pub(super) fn due(&mut self, turn: Turn) -> Option<Work> {
        match turn {
            Turn::Write(work) => Some(work),
            Turn::Expire { id } => {
                let now = self.tools.clock.now();
                let held = self.held.values_mut().find(|held| held.lease.id == id)?;
                held.ending &= held.deadline.is_some_and(|deadline| deadline <= now);
                held.ending.then_some(Work::End { id, fence: None, end: LeaseEnd::Expired, reply: None })
            }
            Turn::Revoke { name, reply } => {
                let id = self.held.get(&name)?.lease.id;
                Some(Work::End { id, fence: None, end: LeaseEnd::Revoked, reply: Some(reply) })
            }
            Turn::Park { name, parked, reply } => self.due_park(name, parked, reply),
            Turn::Reopen { name, by, reply } => self.due_reopen(name, by, reply),
            Turn::NeedHuman { name, need, by, reply } => self.due_need_human(name, need, by, reply),
            Turn::OwnHold { name, until, reply } => self.due_own_hold(name, until, reply),
            Turn::ReopenDue { name } => {
                let due = self.is_due(&name);
                due.then_some(Work::Park { name, parked: None, cause: "due", reply: None })
            }
        }
    }

    pub(super) fn write(&mut self, work: Work, ctx: &mut Context<Self>) {
        self.writing = true;
        let (store, addr) = (self.tools.store.clone(), ctx.address());
        let wall = self.tools.clock.wall();
        let ttl = match &work {
            Work::Renew { id, .. } => self
                .held
                .values()
                .find(|held| held.lease.id == *id)
                .map(|held| held.lease.ttl)
                .unwrap_or_default(),
            Work::Claim { waiter, .. } => waiter.request.wake.unwrap_or_default() + waiter.request.ttl,
            Work::End { .. }
            | Work::Cordon { .. }
            | Work::Hold { .. }
            | Work::Park { .. }
            | Work::NeedHuman { .. }
            | Work::Prune { .. } => std::time::Duration::ZERO,
        };
        let ahead = SignedDuration::try_from(ttl).unwrap_or(SignedDuration::ZERO);
        let expires_at = wall.checked_add(ahead).unwrap_or(wall);
        actix::spawn(async move { addr.do_send(Done(work.write(store, wall, expires_at).await)) });
    }

    pub(super) fn written(&mut self, Done(written): Done, ctx: &mut Context<Self>) {
        match written {
            Written::Claimed { waiter, result: Ok(Claimed::Granted(lease)) } => self.granted(waiter, lease),
            Written::Claimed { mut waiter, result: Ok(Claimed::Refused(standings)) } => {
                self.standings = overdue_apart(standings, self.tools.clock.wall());
                waiter.not_before = Some(self.tools.clock.now() + WRITE_AGAIN);
                self.waiting.push_front(waiter);
            }
            Written::Claimed { waiter, result: Err(error) } => {
                drop(waiter.reply.send(Err(Refusal::Store(error))));
            }
            Written::Renewed { reply, result } => {
                if let Ok(lease) = &result {
                    self.renewed(lease.clone());
                }
                drop(reply.send(result));
            }
            Written::Ended { id, end, reply, result } => self.end_written(id, end, reply, result, ctx),
            Written::Stood { name, reply, result } => {
                if let Ok(standing) = &result {
                    self.stood(&name, standing.clone());
                }
                drop(reply.send(result));
            }
            Written::Parked { name, cause, reply, result } => {
                self.park_written(&name, cause, reply, result);
            }
            Written::NeededHuman { name, reply, result } => self.need_human_written(&name, reply, result),
            Written::Pruned => {}
        }
    }

    fn end_written(
        &mut self,
        id: LeaseId,
        end: LeaseEnd,
        reply: Option<LeaseReply>,
        result: Result<Lease, LeaseError>,
        ctx: &mut Context<Self>,
    ) {
        match &result {
            Ok(lease) => self.ended(&lease.clone(), end),
            // It has ended already, by another way.
            Err(LeaseError::Unknown(_) | LeaseError::Stale { .. }) if reply.is_none() => {
                self.held.retain(|_, held| held.lease.id != id);
            }
            Err(LeaseError::Store(error)) if reply.is_none() => {
                log::error!(lease:% = id; "cannot end a lease yet: {error}");
                ctx.run_later(WRITE_AGAIN, move |dispatcher, ctx| {
                    let end = Work::End { id, fence: None, end, reply: None };
                    dispatcher.work.push_back(Turn::Write(end));
                    dispatcher.advance(ctx);
                });
            }
            // Whoever asked hears it.
            Err(LeaseError::Unknown(_) | LeaseError::Stale { .. } | LeaseError::Store(_)) => {}
        }
        if let Some(reply) = reply {
            drop(reply.send(result));
        }
    }
}

impl Work {
    async fn write(self, store: Arc<dyn Store>, now: Timestamp, expires_at: Timestamp) -> Written {
        match self {
            Self::Claim { waiter, candidates } => {
                let wanted = WantedLease {
                    id: LeaseId::random(),
                    holder: waiter.request.holder.clone(),
                    ttl: waiter.request.ttl,
                    acquired_at: now,
                    expires_at,
                };
                let result = claim(&*store, &wanted, &candidates).await;
                Written::Claimed { waiter, result }
            }
            Self::Renew { id, fence, reply } => {
                Written::Renewed { reply, result: store.renew(id, fence, expires_at).await }
            }
            Self::End { id, fence, end, reply } => {
                Written::Ended { id, end, reply, result: store.end_lease(id, fence, end, now).await }
            }
            Self::Cordon { name, cordoned, reply } => {
                let result = store.set_cordoned(&name, cordoned).await;
                Written::Stood { name, reply, result }
            }
            Self::Hold { name, until, reply } => {
                let result = store.set_hold(&name, until).await;
                Written::Stood { name, reply, result }
            }
            Self::Park { name, parked, cause, reply } => {
                let result = store.set_parked(&name, parked.as_ref()).await;
                Written::Parked { name, cause, reply, result }
            }
            Self::NeedHuman { name, need, reply } => {
                let result = store.set_needs_human(&name, need.as_ref()).await;
                Written::NeededHuman { name, reply, result }
            }
            Self::Prune { before } => {
                if let Err(error) = store.prune_leases(before).await {
                    log::warn!("cannot forget old leases yet: {error}");
                }
                Written::Pruned
            }
        }
    }
}

async fn claim(
    store: &dyn Store,
    wanted: &WantedLease,
    candidates: &[InstanceName],
) -> Result<Claimed, StoreError> {
    match store.claim(wanted, candidates).await? {
        Some(lease) => Ok(Claimed::Granted(lease)),
        None => Ok(Claimed::Refused(store.standings().await?)),
    }
}
