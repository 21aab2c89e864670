//! Leases and standings.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MemoryStore, Rows, StoreVerb};
use crate::model::{HumanNeed, InstanceName, Lease, LeaseEnd, LeaseId, Parked, Standing};
use crate::ports::{LeaseError, LeaseStore, StoreError, WantedLease};

#[derive(Debug, Default)]
pub(super) struct LeaseTable {
    /// By fence.
    rows: BTreeMap<u64, Granted>,
    /// The highest fence that was ever given.
    fence: u64,
}

#[derive(Debug)]
struct Granted {
    lease: Lease,
    end: Option<(LeaseEnd, Timestamp)>,
}

impl LeaseTable {
    fn open(&self) -> impl Iterator<Item = &Lease> {
        self.rows.values().filter(|row| row.end.is_none()).map(|row| &row.lease)
    }

    fn claim(
        &mut self,
        rows: &Rows,
        wanted: &WantedLease,
        candidates: &[InstanceName],
    ) -> Result<Option<Lease>, StoreError> {
        let free = candidates.iter().find(|name| {
            rows.agents.contains_key(name)
                && !rows
                    .standings
                    .get(name)
                    .is_some_and(|standing| standing.cordoned || standing.parked.is_some())
                && self.open().all(|lease| lease.instance != **name)
        });
        let Some(instance) = free.cloned() else { return Ok(None) };
        if self.rows.values().any(|row| row.lease.id == wanted.id) {
            let detail = format!("there was a lease {} already", wanted.id);
            return Err(StoreError::Failed { detail, source: None });
        }
        self.fence += 1;
        let WantedLease { id, holder, ttl, acquired_at, expires_at } = wanted.clone();
        let lease = Lease { id, instance, fence: self.fence, holder, ttl, acquired_at, expires_at };
        self.rows.insert(lease.fence, Granted { lease: lease.clone(), end: None });
        Ok(Some(lease))
    }

    /// The row of a lease that has not ended, if the caller may change it.
    fn held(&mut self, id: LeaseId, fence: Option<u64>) -> Result<&mut Granted, LeaseError> {
        let row = self.rows.values_mut().find(|row| row.lease.id == id);
        let row = row.ok_or(LeaseError::Unknown(id))?;
        let own = row.lease.fence;
        let fence = fence.unwrap_or(own);
        if row.end.is_some() || fence != own {
            return Err(LeaseError::Stale { id, fence });
        }
        Ok(row)
    }
}

#[async_trait]
impl LeaseStore for MemoryStore {
    async fn claim(
        &self,
        wanted: &WantedLease,
        candidates: &[InstanceName],
    ) -> Result<Option<Lease>, StoreError> {
        self.call(StoreVerb::Claim, |s| s.leases.claim(&s.rows, wanted, candidates)).await
    }

    async fn renew(&self, id: LeaseId, fence: u64, expires_at: Timestamp) -> Result<Lease, LeaseError> {
        self.call(StoreVerb::Renew, |s| {
            let Granted { lease, .. } = s.leases.held(id, Some(fence))?;
            lease.expires_at = expires_at;
            Ok(lease.clone())
        })
        .await
    }

    async fn end_lease(
        &self,
        id: LeaseId,
        fence: Option<u64>,
        end: LeaseEnd,
        at: Timestamp,
    ) -> Result<Lease, LeaseError> {
        self.call(StoreVerb::EndLease, |s| {
            let granted = s.leases.held(id, fence)?;
            granted.end = Some((end, at));
            let lease = granted.lease.clone();
            s.rows.standings.entry(lease.instance.clone()).or_default().last_used_at = Some(at);
            Ok(lease)
        })
        .await
    }

    async fn leases(&self) -> Result<Vec<Lease>, StoreError> {
        self.call(StoreVerb::Leases, |s| Ok(s.leases.open().cloned().collect())).await
    }

    async fn standings(&self) -> Result<BTreeMap<InstanceName, Standing>, StoreError> {
        self.call(StoreVerb::Standings, |s| {
            let mut standings = s.rows.standings.clone();
            standings.retain(|_, standing| *standing != Standing::default());
            Ok(standings)
        })
        .await
    }

    async fn set_cordoned(&self, name: &InstanceName, cordoned: bool) -> Result<Standing, StoreError> {
        self.call(StoreVerb::SetCordoned, |s| {
            s.rows.find(name)?;
            let standing = s.rows.standings.entry(name.clone()).or_default();
            standing.cordoned = cordoned;
            Ok(standing.clone())
        })
        .await
    }

    async fn set_hold(&self, name: &InstanceName, until: Option<Timestamp>) -> Result<Standing, StoreError> {
        self.call(StoreVerb::SetHold, |s| {
            s.rows.find(name)?;
            let standing = s.rows.standings.entry(name.clone()).or_default();
            standing.hold_until = until;
            Ok(standing.clone())
        })
        .await
    }

    async fn set_parked(&self, name: &InstanceName, parked: Option<&Parked>) -> Result<Standing, StoreError> {
        self.call(StoreVerb::SetParked, |s| {
            s.rows.find(name)?;
            let standing = s.rows.standings.entry(name.clone()).or_default();
            standing.parked = parked.cloned();
            Ok(standing.clone())
        })
        .await
    }

    async fn set_needs_human(
        &self,
        name: &InstanceName,
        need: Option<&HumanNeed>,
    ) -> Result<Standing, StoreError> {
        self.call(StoreVerb::SetNeedsHuman, |s| {
            s.rows.find(name)?;
            let standing = s.rows.standings.entry(name.clone()).or_default();
            standing.needs_human = need.cloned();
            Ok(standing.clone())
        })
        .await
    }

    async fn prune_leases(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.call(StoreVerb::PruneLeases, |s| {
            let kept = s.leases.rows.len();
            s.leases.rows.retain(|_, row| row.end.is_none_or(|(_, at)| at >= before));
            let agents = &s.rows.agents;
            s.rows.standings.retain(|name, _| agents.contains_key(name));
            Ok((kept - s.leases.rows.len()) as u64)
        })
        .await
    }
}
