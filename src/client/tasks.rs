//! Tasks: commands run inside agents.

use claude_hooks_actors::handle::TaskView;
use claude_hooks_actors::model::{InstanceName, TaskId, TaskState};
use claude_hooks_web::wire::{List, NewTask, Nothing};
use reqwest::Method;

use super::{Answer, ByteStream, Client, ClientError, query};

/// Which tasks; empty ones want all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskQuery {
    pub instance: Option<InstanceName>,
    pub states: Vec<TaskState>,
    /// Only older than this one.
    pub before: Option<TaskId>,
    /// At most so many; 100 unless it is said.
    pub limit: Option<u32>,
}

impl Client {
    /// The newest first.
    pub async fn tasks(&self, tasks: &TaskQuery) -> Result<Answer<List<TaskView>>, ClientError> {
        let limit = tasks.limit.iter().map(|limit| format!("limit={limit}"));
        let instance = tasks.instance.iter().map(|name| format!("instance={name}"));
        let states = tasks.states.iter().map(|state| format!("state={state}"));
        let before = tasks.before.iter().map(|id| format!("before={id}"));
        let pairs: Vec<String> = limit.chain(instance).chain(states).chain(before).collect();
        self.get(&format!("tasks{}", query(&pairs))).await
    }

    /// It is durable when this answers.
    pub async fn submit(&self, task: &NewTask) -> Result<Answer<TaskView>, ClientError> {
        self.post("tasks", task).await
    }

    /// With `wait_s`, once it has ended, or after so many seconds.
    pub async fn task(&self, id: TaskId, wait_s: Option<u64>) -> Result<Answer<TaskView>, ClientError> {
        match wait_s {
            Some(wait_s) => self.get_slowly(&format!("tasks/{id}?wait_s={wait_s}")).await,
            None => self.get(&format!("tasks/{id}")).await,
        }
    }

    /// One that runs may take a moment to end.
    pub async fn cancel_task(&self, id: TaskId) -> Result<Answer<TaskView>, ClientError> {
        self.answer(self.change(Method::DELETE, &format!("tasks/{id}"), &Nothing {})?).await
    }

    /// What it printed from `offset` on, byte for byte; with `follow` until its end.
    pub async fn task_output(
        &self,
        id: TaskId,
        offset: u64,
        follow: bool,
    ) -> Result<ByteStream, ClientError> {
        let follow = if follow { "&follow=1" } else { "" };
        self.stream(&format!("tasks/{id}/output?offset={offset}{follow}"), "application/octet-stream").await
    }
}
