//! The ports of tasks: where they are remembered, and how they are run inside a container.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use jiff::Timestamp;

use super::{RuntimeError, StoreError};
use crate::model::{
    ContainerId, InstanceName, RunId, RunRecord, Task, TaskId, TaskInput, TaskSpec, TaskState,
};

/// What came of storing a new task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inserted {
    New,
    /// A task with its idempotency key is there already.
    Known(Known),
}

/// A task that was stored before, under the same idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub task: Box<Task>,
    /// Its environment and stdin were the same ones, as far as that is remembered.
    pub same_input: bool,
}

/// Which tasks to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskFilter {
    pub instance: Option<InstanceName>,
    /// Empty: all.
    pub states: Vec<TaskState>,
}

/// The store of tasks. Every write is durable when the call returns.
///
/// Contract, proven on the fake and on the real adapter by `testing::contract::tasks`:
/// - Inputs (environment and stdin) are kept beside the database, readable by its owner alone, and gone once forgotten.
/// - A task is only changed by whoever knows the state and attempt that it is in.
#[async_trait]
pub trait TaskStore: Debug + Send + Sync {
    /// The task of this idempotency key, compared with an input.
    async fn task_of_key(&self, key: &str, input: &TaskInput) -> Result<Option<Known>, StoreError>;

    /// Stores the input first, unless it is empty, then the task; neither without the other after a kill.
    async fn insert_task(&self, task: &Task, input: &TaskInput) -> Result<Inserted, StoreError>;

    async fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError>;

    /// The newest `limit` that match, newest first; with `before`, only older ones.
    async fn tasks(
        &self,
        filter: &TaskFilter,
        before: Option<TaskId>,
        limit: u32,
    ) -> Result<Vec<Task>, StoreError>;

    /// All that are not in a final state, oldest first.
    async fn open_tasks(&self) -> Result<Vec<Task>, StoreError>;

    /// Notes that a task which has not ended is to be cancelled; the task as it is then. `None`: there is no such task.
    async fn cancel_task(&self, id: TaskId) -> Result<Option<Task>, StoreError>;

    /// Replaces the task if it is still in state `was` and attempt `attempt`; false if it is not. A cancel that was noted
    /// stays noted: whoever writes may not have heard of it yet.
    async fn change_task(&self, was: TaskState, attempt: u32, task: &Task) -> Result<bool, StoreError>;

    /// `None` once it was forgotten, and if it was empty.
    async fn task_input(&self, id: TaskId) -> Result<Option<TaskInput>, StoreError>;

    /// Removes the input; a second time is no error.
    async fn forget_input(&self, id: TaskId) -> Result<(), StoreError>;

    /// Forgets final tasks that ended before `before` and, beyond the newest `keep`, the oldest of them; and inputs of
    /// tasks that are final or not there. Returns how many tasks went.
    async fn prune_tasks(&self, before: Timestamp, keep: u32) -> Result<u64, StoreError>;
}

/// What the runner is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRequest {
    pub run: RunId,
    pub spec: TaskSpec,
    pub input: TaskInput,
}

pub type OutputStream = BoxStream<'static, Result<Bytes, RuntimeError>>;

/// Runs tasks inside containers, by our own runner, which keeps what it records on the state volume.
///
/// Contract, proven on the fake and on the real adapter by `testing::contract::runs`:
/// - A run goes on whatever happens to the caller; its record is the truth, never the exit code of a CLI.
/// - The same run is never run twice: a second `run` of it follows the first.
/// - `Err` says nothing about the run: ask for its record.
#[async_trait]
pub trait TaskRuntime: Debug + Send + Sync {
    /// Begins a run and waits for its end. Without a deadline of its own.
    async fn run(&self, container: &ContainerId, request: &RunRequest) -> Result<RunRecord, RuntimeError>;

    /// Waits for the end of a run that was begun before; `None`: it never began.
    async fn follow_run(
        &self,
        container: &ContainerId,
        run: &RunId,
    ) -> Result<Option<RunRecord>, RuntimeError>;

    /// What is recorded now, also of a container that does not run; `None`: it never began.
    async fn run_record(
        &self,
        container: &ContainerId,
        run: &RunId,
    ) -> Result<Option<RunRecord>, RuntimeError>;

    /// Ends all processes of the run: SIGTERM, after `grace` SIGKILL. Returns once the request is recorded, not once
    /// they are gone. A run that has ended is left alone.
    async fn cancel_run(
        &self,
        container: &ContainerId,
        run: &RunId,
        grace: Duration,
    ) -> Result<(), RuntimeError>;

    /// What it printed from byte `offset` on, both streams as they came; with `follow`, until its end.
    async fn run_output(
        &self,
        container: &ContainerId,
        run: &RunId,
        offset: u64,
        follow: bool,
    ) -> Result<OutputStream, RuntimeError>;
}
