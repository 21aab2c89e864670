//! Tasks and their inputs.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MemoryStore, StoreVerb};
use crate::model::{Task, TaskId, TaskInput, TaskState};
use crate::ports::{Inserted, Known, StoreError, TaskFilter, TaskStore};

#[derive(Debug, Default)]
pub(super) struct TaskTable {
    rows: BTreeMap<TaskId, Task>,
    inputs: BTreeMap<TaskId, TaskInput>,
    /// Of tasks with a key, as the real one keeps their digest.
    known_inputs: BTreeMap<TaskId, TaskInput>,
}

impl TaskTable {
    fn insert(&mut self, task: &Task, input: &TaskInput) -> Result<Inserted, StoreError> {
        if let Some(known) = task.idempotency_key.as_ref().and_then(|key| self.of_key(key, input)) {
            return Ok(Inserted::Known(known));
        }
        if self.rows.contains_key(&task.id) {
            let detail = format!("there is a task {} already", task.id);
            return Err(StoreError::Failed { detail, source: None });
        }
        if !input.is_empty() {
            self.inputs.insert(task.id, input.clone());
        }
        self.known_inputs.insert(task.id, input.clone());
        self.rows.insert(task.id, task.clone());
        Ok(Inserted::New)
    }

    fn of_key(&self, key: &str, input: &TaskInput) -> Option<Known> {
        let task = self.rows.values().find(|task| task.idempotency_key.as_deref() == Some(key))?;
        Some(Known {
            task: Box::new(task.clone()),
            same_input: self.known_inputs.get(&task.id) == Some(input),
        })
    }

    fn prune(&mut self, before: Timestamp, keep: u32) -> u64 {
        let all = self.rows.len();
        let ended = |task: &Task| task.ended_at.unwrap_or(task.queued_at);
        self.rows.retain(|_, task| !task.state.is_final() || ended(task) >= before);
        let done = self.rows.values().filter(|task| task.state.is_final());
        let mut done: Vec<_> = done.map(|task| Reverse((ended(task), task.id))).collect();
        done.sort_unstable();
        for Reverse((_, id)) in done.into_iter().skip(keep as usize) {
            self.rows.remove(&id);
        }
        let rows = &self.rows;
        self.inputs.retain(|id, _| rows.get(id).is_some_and(|task| !task.state.is_final()));
        (all - self.rows.len()) as u64
    }
}

#[async_trait]
impl TaskStore for MemoryStore {
    async fn insert_task(&self, task: &Task, input: &TaskInput) -> Result<Inserted, StoreError> {
        self.call(StoreVerb::InsertTask, |s| s.tasks.insert(task, input)).await
    }

    async fn task_of_key(&self, key: &str, input: &TaskInput) -> Result<Option<Known>, StoreError> {
        self.call(StoreVerb::TaskOfKey, |s| Ok(s.tasks.of_key(key, input))).await
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.call(StoreVerb::Task, |s| Ok(s.tasks.rows.get(&id).cloned())).await
    }

    async fn tasks(
        &self,
        filter: &TaskFilter,
        before: Option<TaskId>,
        limit: u32,
    ) -> Result<Vec<Task>, StoreError> {
        self.call(StoreVerb::Tasks, |s| {
            let matches = |task: &&Task| {
                before.is_none_or(|before| task.id < before)
                    && filter.instance.as_ref().is_none_or(|wanted| task.instance.as_ref() == Some(wanted))
                    && (filter.states.is_empty() || filter.states.contains(&task.state))
            };
            let newest_first = s.tasks.rows.values().rev();
            Ok(newest_first.filter(matches).take(limit as usize).cloned().collect())
        })
        .await
    }

    async fn open_tasks(&self) -> Result<Vec<Task>, StoreError> {
        self.call(StoreVerb::OpenTasks, |s| {
            let open = s.tasks.rows.values().filter(|task| !task.state.is_final());
            Ok(open.cloned().collect())
        })
        .await
    }

    async fn cancel_task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.call(StoreVerb::CancelTask, |s| {
            let mut row = s.tasks.rows.get_mut(&id);
            if let Some(row) = row.as_mut().filter(|row| !row.state.is_final()) {
                row.cancelling = true;
            }
            Ok(row.cloned())
        })
        .await
    }

    async fn change_task(&self, was: TaskState, attempt: u32, task: &Task) -> Result<bool, StoreError> {
        self.call(StoreVerb::ChangeTask, |s| {
            let row = s.tasks.rows.get_mut(&task.id);
            let row = row.filter(|row| (row.state, row.attempt) == (was, attempt));
            let found = row.is_some();
            if let Some(row) = row {
                let cancelling = row.cancelling || task.cancelling;
                *row = Task { cancelling, ..task.clone() };
            }
            Ok(found)
        })
        .await
    }

    async fn task_input(&self, id: TaskId) -> Result<Option<TaskInput>, StoreError> {
        self.call(StoreVerb::TaskInput, |s| Ok(s.tasks.inputs.get(&id).cloned())).await
    }

    async fn forget_input(&self, id: TaskId) -> Result<(), StoreError> {
        self.call(StoreVerb::ForgetInput, |s| {
            s.tasks.inputs.remove(&id);
            Ok(())
        })
        .await
    }

    async fn prune_tasks(&self, before: Timestamp, keep: u32) -> Result<u64, StoreError> {
        self.call(StoreVerb::PruneTasks, |s| Ok(s.tasks.prune(before, keep))).await
    }
}
