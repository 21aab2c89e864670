//! The port of tasks, method by method.

use async_trait::async_trait;
use claude_hooks_actors::model::{Task, TaskId, TaskInput, TaskState};
use claude_hooks_actors::ports::{Inserted, Known, StoreError, TaskFilter, TaskStore};
use jiff::Timestamp;

use crate::store::error::Fault;
use crate::store::tasks::{Keyed, StoredTask};
use crate::store::{Shared, SqliteStore, tasks};

#[async_trait]
impl TaskStore for SqliteStore {
    async fn insert_task(&self, task: &Task, input: &TaskInput) -> Result<Inserted, StoreError> {
        let (task, input) = (task.clone(), input.clone());
        self.blocking("store a task", move |shared| shared.insert_task(&task, &input)).await
    }

    async fn task_of_key(&self, key: &str, input: &TaskInput) -> Result<Option<Known>, StoreError> {
        let (key, input) = (key.to_owned(), input.clone());
        self.blocking("read a task", move |shared| {
            let found = tasks::of_key(&*shared.pools.reader()?, &key)?;
            found.map(|keyed| shared.known(keyed, &input)).transpose()
        })
        .await
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.read("read a task", move |_, connection| tasks::by_id(connection, id)).await
    }

    async fn tasks(
        &self,
        filter: &TaskFilter,
        before: Option<TaskId>,
        limit: u32,
    ) -> Result<Vec<Task>, StoreError> {
        let filter = filter.clone();
        self.read("read the tasks", move |shared, connection| {
            Ok(shared.understood(tasks::page(connection, &filter, before, limit)?))
        })
        .await
    }

    /// What cannot be understood is left out: whatever we ran, it would not be what was asked for. It keeps its input and
    /// its idempotency key until a hand has mended or deleted it.
    async fn open_tasks(&self) -> Result<Vec<Task>, StoreError> {
        self.read("read the open tasks", |shared, connection| Ok(shared.understood(tasks::open(connection)?)))
            .await
    }

    async fn cancel_task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.write("cancel a task", move |transaction| tasks::cancel(transaction, id)).await
    }

    async fn change_task(&self, was: TaskState, attempt: u32, task: &Task) -> Result<bool, StoreError> {
        let task = task.clone();
        self.write("change a task", move |transaction| tasks::change(transaction, was, attempt, &task)).await
    }

    async fn task_input(&self, id: TaskId) -> Result<Option<TaskInput>, StoreError> {
        self.blocking("read the input of a task", move |shared| shared.inputs.read(id)).await
    }

    async fn forget_input(&self, id: TaskId) -> Result<(), StoreError> {
        self.blocking("forget the input of a task", move |shared| shared.inputs.remove(id)).await
    }

    async fn prune_tasks(&self, before: Timestamp, keep: u32) -> Result<u64, StoreError> {
        self.blocking("prune the tasks", move |shared| {
            let pruned = shared.write(|transaction| tasks::prune(transaction, before, keep))?;
            let open = || tasks::open_ids(&*shared.pools.reader()?);
            shared.inputs.sweep(open)?;
            Ok(pruned)
        })
        .await
    }
}

impl Shared {
    /// Input first: a task without its input cannot be run, an input without its task is swept away.
    fn insert_task(&self, task: &Task, input: &TaskInput) -> Result<Inserted, Fault> {
        if input.is_empty() {
            let known = self.write(|transaction| tasks::insert(transaction, task, Some("")))?;
            return self.inserted(known, input);
        }
        let under_way = self.inputs.begin(task.id)?;
        // Looked for before an input is written in vain, which may be large; the transaction looks again.
        if let Some(known) = tasks::known(&*self.pools.reader()?, task)? {
            return self.inserted(Some(known), input);
        }
        let digest = task.idempotency_key.as_ref().map(|_| self.inputs.digest(input)).transpose()?;
        let inserted = under_way
            .write(input)
            .and_then(|()| self.write(|transaction| tasks::insert(transaction, task, digest.as_deref())));
        let stored = match &inserted {
            Ok(None) => true,
            Ok(Some(_)) => false,
            // A commit whose answer was an error may stand all the same; if nobody can tell, the next sweep will.
            Err(_) => {
                self.pools.reader().map_or(true, |reader| tasks::exists(&reader, task.id).unwrap_or(true))
            }
        };
        if !stored && let Err(fault) = self.inputs.remove(task.id) {
            let error = fault.into_store_error("remove the input of a task that was not stored");
            log::warn!(task:% = task.id; "{error}; it is tried again when tasks are pruned");
        }
        self.inserted(inserted?, input)
    }

    fn inserted(&self, known: Option<Keyed>, input: &TaskInput) -> Result<Inserted, Fault> {
        Ok(known.map(|keyed| self.known(keyed, input)).transpose()?.map_or(Inserted::New, Inserted::Known))
    }

    /// What is not remembered of an input counts as the same.
    fn known(&self, (task, digest): Keyed, input: &TaskInput) -> Result<Known, Fault> {
        let same_input = match digest.as_deref() {
            None => true,
            Some("") => input.is_empty(),
            Some(digest) => !input.is_empty() && self.inputs.digest(input)? == digest,
        };
        Ok(Known { task: Box::new(task), same_input })
    }

    /// Tells of the others.
    fn understood(&self, stored: Vec<StoredTask>) -> Vec<Task> {
        let mut found = Vec::new();
        for (id, task) in stored {
            match task {
                Ok(task) => found.push(task),
                Err(problem) => {
                    let problem =
                        format!("{problem}; if nothing else mends it: DELETE FROM tasks WHERE id = '{id}'");
                    self.odd.tell(&format!("the task {id}"), &problem);
                }
            }
        }
        found
    }
}
