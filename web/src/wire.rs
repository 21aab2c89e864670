//! The bodies that are no types of the domain: what requests bring, and what answers put around the model's types.
//!
//! Handlers read requests member by member, so that a refusal can name the path of what is wrong. The types here say the
//! same once more, for the API's description and for clients written in Rust; the tests of the handlers hold both against
//! each other.

mod answers;
mod problem;
mod requests;

pub use answers::{
    Alive, Changed, ChangedAgent, Events, GoneAgent, Link, List, ParkedAgent, Picture, Ready, Reconciliation,
    SignedIn, Volumes, Waited,
};
pub use problem::{PROBLEM_PREFIX, Problem};
pub use requests::{
    AgentPatch, Change, Claim, Confirm, Hold, LimitsPatch, Memory, NeedHuman, NewAgent, NewRollout, NewTask,
    Nothing, Park, ParkScope, Reconcile, Recover, Scale, SignIn, StrategyWish,
};
