//! The port of leases, method by method.

use std::collections::BTreeMap;

use async_trait::async_trait;
use claude_hooks_actors::model::{HumanNeed, InstanceName, Lease, LeaseEnd, LeaseId, Parked, Standing};
use claude_hooks_actors::ports::{LeaseError, LeaseStore, StoreError, WantedLease};
use jiff::Timestamp;

use crate::store::SqliteStore;
use crate::store::leases::{self, Set};

#[async_trait]
impl LeaseStore for SqliteStore {
    async fn claim(
        &self,
        wanted: &WantedLease,
        candidates: &[InstanceName],
    ) -> Result<Option<Lease>, StoreError> {
        let (wanted, candidates) = (wanted.clone(), candidates.to_vec());
        self.write("grant a lease", move |transaction| leases::claim(transaction, &wanted, &candidates)).await
    }

    async fn renew(&self, id: LeaseId, fence: u64, expires_at: Timestamp) -> Result<Lease, LeaseError> {
        self.write("renew a lease", move |transaction| leases::renew(transaction, id, fence, expires_at))
            .await?
    }

    async fn end_lease(
        &self,
        id: LeaseId,
        fence: Option<u64>,
        end: LeaseEnd,
        at: Timestamp,
    ) -> Result<Lease, LeaseError> {
        self.write("end a lease", move |transaction| leases::end(transaction, id, fence, end, at)).await?
    }

    async fn leases(&self) -> Result<Vec<Lease>, StoreError> {
        self.read("read the leases", |shared, connection| {
            let mut found = Vec::new();
            for (fence, stored) in leases::open(connection)? {
                let place = format!("the lease with fence {fence}");
                match stored {
                    Ok((lease, problem)) => {
                        shared.odd.settle(&place, problem.as_deref());
                        found.push(lease);
                    }
                    Err(problem) => {
                        let problem = format!(
                            "{problem}; its instance cannot be leased: DELETE FROM leases WHERE fence = {fence}"
                        );
                        shared.odd.tell(&place, &problem);
                    }
                }
            }
            Ok(found)
        })
        .await
    }

    async fn standings(&self) -> Result<BTreeMap<InstanceName, Standing>, StoreError> {
        self.read("read the standings of the instances", |shared, connection| {
            let mut standings = BTreeMap::new();
            for (instance, standing, problem) in leases::standings(connection)? {
                let place = format!("the standing of {instance:?}");
                match InstanceName::parse(&instance) {
                    Ok(name) => {
                        shared.odd.settle(&place, problem.as_deref());
                        standings.insert(name, standing);
                    }
                    Err(error) => {
                        shared.odd.tell(&place, &error.to_string());
                    }
                }
            }
            Ok(standings)
        })
        .await
    }

    async fn set_cordoned(&self, name: &InstanceName, cordoned: bool) -> Result<Standing, StoreError> {
        let name = name.clone();
        self.write("cordon an agent", move |transaction| {
            leases::set(transaction, &name, Set::Cordoned(cordoned))
        })
        .await
    }

    async fn set_hold(&self, name: &InstanceName, until: Option<Timestamp>) -> Result<Standing, StoreError> {
        let name = name.clone();
        self.write("hold an agent", move |transaction| leases::set(transaction, &name, Set::Hold(until)))
            .await
    }

    async fn set_parked(&self, name: &InstanceName, parked: Option<&Parked>) -> Result<Standing, StoreError> {
        let (name, parked) = (name.clone(), parked.cloned());
        self.write("park an agent", move |transaction| leases::set(transaction, &name, Set::Parked(parked)))
            .await
    }

    async fn set_needs_human(
        &self,
        name: &InstanceName,
        need: Option<&HumanNeed>,
    ) -> Result<Standing, StoreError> {
        let (name, need) = (name.clone(), need.cloned());
        self.write("note that an agent needs a human", move |transaction| {
            leases::set(transaction, &name, Set::NeedsHuman(need))
        })
        .await
    }

    async fn prune_leases(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.write("prune the leases", move |transaction| leases::prune(transaction, before)).await
    }
}
