//! What every [`AgentStore`] must do.

mod events;
mod file;
mod memory;
mod rows;
mod samples;

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

pub use events::*;
pub use file::*;
pub use memory::*;
pub use rows::*;
pub(super) use samples::{incarnation, row};

use crate::model::InstanceName;
use crate::ports::{AgentStore, LeaseStore, RolloutStore, TaskStore};

/// One database, new and empty, and hands that reach it past the port. Each point gets a world of its own.
#[async_trait]
pub trait StoreWorld: Send + Sync {
    fn store(&self) -> Arc<dyn AgentStore>;

    /// The leases in the same database.
    fn leases(&self) -> Arc<dyn LeaseStore>;

    /// The tasks in the same database.
    fn tasks(&self) -> Arc<dyn TaskStore>;

    /// The rollouts in the same database.
    fn rollouts(&self) -> Arc<dyn RolloutStore>;

    /// Closes the store and opens the same database again, as the next start of the daemon does.
    async fn reopen(&mut self);

    /// The wall clock that the store goes by.
    fn now(&self) -> Timestamp;

    /// Another process inserts a row of type `dev` that follows its type in everything.
    async fn insert_elsewhere(&self, name: &InstanceName);

    /// Puts another database in the place of this one while the store is open.
    async fn replace(&self);
}

/// One claim.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    pub name: &'static str,
    pub check: for<'a> fn(&'a mut dyn StoreWorld) -> BoxFuture<'a, ()>,
}

points![
    the_identity_is_made_once,
    seeding_happens_once,
    a_store_with_rows_is_marked_but_not_seeded,
    a_seed_with_a_name_twice_writes_nothing,
    what_another_process_writes_is_told_once,
    a_replaced_database_is_noticed,
    a_row_comes_back_as_it_was_written,
    rows_are_listed_by_name,
    a_name_is_taken_once,
    inserting_is_all_or_nothing,
    of_parallel_inserts_exactly_one_wins,
    an_update_replaces_only_what_it_names,
    a_stale_generation_is_refused_and_told_the_current_one,
    of_parallel_updates_of_one_generation_exactly_one_wins,
    what_has_no_row_is_not_found,
    a_deleted_row_leaves_a_tombstone_until_it_is_cleared,
    a_new_row_of_a_deleted_name_has_no_tombstone_and_no_past,
    the_volume_is_recorded_without_a_new_generation,
    a_memory_needs_no_row_and_can_be_forgotten,
    a_journal_is_replaced_step_by_step,
    a_log_without_events_has_bounds_too,
    events_are_numbered_in_their_order,
    an_event_comes_back_as_it_was_written,
    parallel_appends_share_no_number,
    causes_are_resolved,
    a_page_begins_after_its_cursor_and_obeys_its_limit,
    the_latest_events_come_oldest_first,
    a_page_ends_before_its_cursor_and_leads_back_to_the_beginning,
    causes_and_words_narrow_a_page,
    a_window_has_what_happened_in_it_and_how_it_stood_when_it_began,
    filters_narrow_every_page,
    pruning_by_count_keeps_the_newest,
    pruning_by_age_keeps_the_young,
    numbering_goes_on_after_everything_was_pruned,
];

/// Checks every point, each in a new world.
pub async fn all<W: StoreWorld>(world: impl FnMut() -> W) {
    check("store", POINTS, world).await;
}

/// Checks points of a port that is implemented on the same database.
pub(super) async fn check<W: StoreWorld>(port: &str, points: &[Point], mut world: impl FnMut() -> W) {
    for point in points {
        log::debug!("contract of the {port}: {}", point.name);
        (point.check)(&mut world()).await;
    }
}
