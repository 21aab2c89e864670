//! The port to leases and what else dispatching must remember of instances.

use std::collections::BTreeMap;
use std::fmt::Debug;

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::model::{HumanNeed, InstanceName, Lease, LeaseEnd, LeaseId, Parked, Standing};

/// Why nothing can be done with a lease.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    #[error("there is no lease {0}")]
    Unknown(LeaseId),
    /// It has ended, or the caller's fence is not its own.
    #[error("the lease {id} is not held with fence {fence} any more")]
    Stale { id: LeaseId, fence: u64 },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The store of leases. Every write is durable when the call returns.
///
/// Contract, proven on the fake and on the real adapter by `testing::contract::leases`:
/// - At most one lease that has not ended stands on an instance, whoever asks and however many ask at once.
/// - A fence is larger than every one that was given before, also after a restart.
#[async_trait]
pub trait LeaseStore: Debug + Send + Sync {
    /// Grants `wanted` on the first of `candidates` that has a row, is not cordoned or parked and has no lease, by one
    /// statement.
    /// The fence and the instance of `wanted` are chosen here. `None`: none of them is free.
    async fn claim(
        &self,
        wanted: &WantedLease,
        candidates: &[InstanceName],
    ) -> Result<Option<Lease>, StoreError>;

    /// Prolongs a lease that has not ended.
    async fn renew(&self, id: LeaseId, fence: u64, expires_at: Timestamp) -> Result<Lease, LeaseError>;

    /// Ends a lease and notes when its instance was last used. `fence` is `None` where we end it ourselves.
    /// Returns the lease as it was.
    async fn end_lease(
        &self,
        id: LeaseId,
        fence: Option<u64>,
        end: LeaseEnd,
        at: Timestamp,
    ) -> Result<Lease, LeaseError>;

    /// Leases that have not ended, the oldest first.
    async fn leases(&self) -> Result<Vec<Lease>, StoreError>;

    /// Instances about which anything is remembered.
    async fn standings(&self) -> Result<BTreeMap<InstanceName, Standing>, StoreError>;

    /// `NotFound` if there is no such row.
    async fn set_cordoned(&self, name: &InstanceName, cordoned: bool) -> Result<Standing, StoreError>;

    /// Keeps it awake until then, or no longer. `NotFound` if there is no such row.
    async fn set_hold(&self, name: &InstanceName, until: Option<Timestamp>) -> Result<Standing, StoreError>;

    /// `None`: it is reopened. `NotFound` if there is no such row.
    async fn set_parked(&self, name: &InstanceName, parked: Option<&Parked>) -> Result<Standing, StoreError>;

    /// `NotFound` if there is no such row.
    async fn set_needs_human(
        &self,
        name: &InstanceName,
        need: Option<&HumanNeed>,
    ) -> Result<Standing, StoreError>;

    /// Forgets leases that ended before `before`, and standings of names without a row. Returns how many leases went.
    async fn prune_leases(&self, before: Timestamp) -> Result<u64, StoreError>;
}

/// A lease before the store has chosen its instance and fence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedLease {
    pub id: LeaseId,
    pub holder: String,
    pub ttl: std::time::Duration,
    pub acquired_at: Timestamp,
    pub expires_at: Timestamp,
}
