//! Leases: who works with which instance, and for how long.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{HumanNeed, InstanceName, Parked, TypeName};

/// How long a lease lives without being renewed, unless its holder asks for another time (DESIGN 11).
pub const LEASE_TTL: Duration = Duration::from_secs(15);
/// Bounds of what a holder may ask for.
pub const LEASE_TTL_LEAST: Duration = Duration::from_secs(1);
pub const LEASE_TTL_MOST: Duration = Duration::from_hours(1);
/// Longest that a claim may wait in the queue.
pub const CLAIM_WAIT_MOST: Duration = Duration::from_mins(10);
/// How long a claim waits for a sleeping instance, unless its caller asks for another time.
pub const WAKE_WAIT: Duration = Duration::from_mins(1);
/// Longest that a holder's name may be, in characters.
const HOLDER_MOST: usize = 128;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new one, later than all before (uuid version 7).
            pub fn random() -> Self {
                Self(Uuid::now_v7())
            }

            pub fn parse(text: &str) -> Option<Self> {
                // One spelling only: the id is part of paths.
                Uuid::parse_str(text).ok().filter(|id| id.to_string() == text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}
pub(super) use id_type;

id_type!(
    /// Names one lease for ever.
    LeaseId
);

/// A claim on one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    pub id: LeaseId,
    pub instance: InstanceName,
    /// Grows with every lease that is granted, so that a late write of an earlier holder is recognised.
    pub fence: u64,
    pub holder: String,
    pub ttl: Duration,
    pub acquired_at: Timestamp,
    /// When it ends unless it is renewed.
    pub expires_at: Timestamp,
}

/// Why a lease ended.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::EnumIter,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LeaseEnd {
    /// By its holder.
    Released,
    /// Not renewed in time.
    Expired,
    /// An operator forced its instance away from it, or the instance is gone.
    Revoked,
}

/// What is wanted: one instance, or any of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimTarget {
    Instance(InstanceName),
    Type(TypeName),
}

impl fmt::Display for ClaimTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance(name) => write!(f, "the agent {name}"),
            Self::Type(name) => write!(f, "an agent of type {name}"),
        }
    }
}

/// What a dispatcher asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRequest {
    pub target: ClaimTarget,
    /// Who asks, in the caller's own words; shown to whoever is refused.
    pub holder: String,
    pub ttl: Duration,
    /// How long to wait in the queue while nobody is free.
    pub wait: Duration,
    /// How long to wait until the instance runs; `None`: the lease is granted whatever its container does, and wakes it.
    pub wake: Option<Duration>,
}

impl ClaimRequest {
    /// A claim that does not queue, with the usual TTL, and waits for a sleeping instance to wake.
    pub fn new(target: ClaimTarget, holder: impl Into<String>) -> Self {
        Self { target, holder: holder.into(), ttl: LEASE_TTL, wait: Duration::ZERO, wake: Some(WAKE_WAIT) }
    }

    /// What is wrong with it, and in which field of the REST body.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let len = self.holder.chars().count();
        if len == 0 || len > HOLDER_MOST || self.holder.chars().any(char::is_control) {
            return Err(("holder", format!("must be 1 to {HOLDER_MOST} printable characters")));
        }
        if !(LEASE_TTL_LEAST..=LEASE_TTL_MOST).contains(&self.ttl) {
            let (least, most) = (LEASE_TTL_LEAST.as_secs(), LEASE_TTL_MOST.as_secs());
            return Err(("ttl_s", format!("must lie between {least} and {most} seconds")));
        }
        if self.wait > CLAIM_WAIT_MOST {
            return Err(("wait_s", format!("must be at most {} seconds", CLAIM_WAIT_MOST.as_secs())));
        }
        if self.wake.is_some_and(|wake| wake > CLAIM_WAIT_MOST) {
            return Err(("wake_s", format!("must be at most {} seconds", CLAIM_WAIT_MOST.as_secs())));
        }
        Ok(())
    }
}

/// What holds for an instance beside its row, for dispatching.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// No new lease is granted on it.
    pub cordoned: bool,
    /// It is kept awake until then.
    pub hold_until: Option<Timestamp>,
    /// When its last lease ended.
    pub last_used_at: Option<Timestamp>,
    #[serde(default)]
    pub parked: Option<Parked>,
    #[serde(default)]
    pub needs_human: Option<HumanNeed>,
}
