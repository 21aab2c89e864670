//! What every [`ContainerRuntime`] must do, as claims about an engine that others use too.
//!
//! Nothing here depends on how fast the engine is: whatever takes time is looked for again and again.

mod containers;
mod images;
mod lives;
mod made;
pub(super) mod scene;
mod stats;
mod streams;
mod volumes;

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};

pub use containers::*;
pub use images::*;
pub use lives::*;
pub use made::*;
pub use stats::*;
pub use streams::*;
pub use volumes::*;

use crate::model::{FleetId, FleetPrefix};
use crate::ports::ContainerRuntime;

/// An engine, and hands that reach it past the port.
///
/// Several points run at a time. Each uses instance names of its own, so a prefix that is unique in the engine keeps
/// parallel runs apart. A point that fails panics: clean up in `Drop`, not only in [`RuntimeWorld::clean`].
#[async_trait]
pub trait RuntimeWorld: Send + Sync {
    fn runtime(&self) -> Arc<dyn ContainerRuntime>;
    fn fleet(&self) -> FleetId;
    /// Unique in the engine.
    fn prefix(&self) -> FleetPrefix;

    /// An image and a command that stays up and heeds SIGTERM.
    fn staying(&self) -> Program;
    /// An image and a command that prints `hello` on stdout and ends at once with code 3.
    fn ending(&self) -> Program;
    /// An image that exists and cannot be started. A command that does not exist is not enough: with `--init` the
    /// container starts and ends at once with 127. An image whose `USER` does not exist is.
    fn broken(&self) -> Program;

    /// An image that no other point uses, with one name.
    fn alone(&self) -> Program;

    /// `docker kill`.
    async fn kill_by_hand(&self, container: &str);
    /// `docker pause`.
    async fn pause_by_hand(&self, container: &str);
    /// `docker rename`.
    async fn rename_by_hand(&self, container: &str, name: &str);
    /// `docker rm -f`.
    async fn remove_by_hand(&self, container: &str);
    /// A running container without labels of ours and without a restart policy.
    async fn run_foreign(&self, container: &str);

    /// Removes every container and volume whose name contains the prefix; none may be left.
    async fn clean(&self);
}

/// What a container is made to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub image: String,
    pub command: Vec<String>,
}

/// One claim.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    pub name: &'static str,
    pub check: for<'a> fn(&'a dyn RuntimeWorld) -> BoxFuture<'a, ()>,
}

points![
    an_absent_container_is_confirmed_absent,
    a_created_container_is_seen_as_it_was_ordered,
    a_lazy_container_has_no_restart_policy,
    a_taken_name_is_a_conflict,
    of_parallel_creates_exactly_one_wins,
    a_missing_image_is_said_to_be_missing,
    an_image_is_known_by_its_full_id,
    an_image_is_given_another_name_which_is_found_and_taken_away,
    the_last_name_of_an_image_in_use_stays,
    one_look_tells_the_present_from_the_absent,
    a_foreign_container_on_a_name_of_ours_is_seen,
    a_name_that_only_contains_ours_is_not_ours,
    one_renamed_by_hand_is_found_by_its_id,
    a_rename_is_seen_and_a_taken_name_is_a_conflict,
    a_changed_restart_policy_is_seen,
    a_running_container_is_removed_only_by_force,
    removing_a_missing_container_succeeds,
    one_removed_by_hand_is_absent,
    what_is_missing_is_not_found,
    starting_a_running_container_changes_nothing,
    stopping_keeps_the_incarnation_and_may_be_repeated,
    one_that_never_ran_can_be_stopped,
    every_start_is_another_incarnation,
    one_killed_by_hand_stays_down,
    one_that_ends_without_a_policy_keeps_its_exit_code,
    one_that_keeps_ending_is_restarted_and_counted,
    what_cannot_be_started_says_why,
    a_paused_container_can_go_on,
    a_missing_volume_is_not_listed,
    a_volume_keeps_its_labels_and_its_time,
    making_a_volume_again_is_silent_and_changes_nothing,
    a_missing_volume_is_made_in_silence_without_labels,
    a_volume_in_use_cannot_be_removed,
    the_users_of_a_volume_are_known_running_or_not,
    a_volume_handed_over_stays_the_same_volume,
    the_volumes_of_the_fleet_are_found_by_their_label_and_measured,
    the_room_on_the_disk_of_a_volume_is_told_where_it_can_be,
    what_happens_to_ours_is_told,
    what_happens_to_foreign_ones_is_not_told,
    what_a_container_said_can_be_read,
    what_a_container_said_last_can_be_saved_when_it_has_ended,
    following_ends_when_the_container_does,
    what_a_container_was_made_of_is_told_without_its_secrets,
    what_running_containers_use_is_measured_and_the_others_are_left_out,
    the_logs_of_a_missing_container_are_not_found,
];

/// How many points run at a time; more does not make a real engine faster.
const PARALLEL: usize = 4;

/// Checks every point and cleans up.
pub async fn all(world: &dyn RuntimeWorld) {
    stream::iter(POINTS)
        .for_each_concurrent(PARALLEL, |point| async {
            log::debug!("contract of the runtime: {}", point.name);
            (point.check)(world).await;
        })
        .await;
    world.clean().await;
}
