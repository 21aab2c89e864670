//! Tasks as a story hands them in over the API.

use std::time::Duration;

use claude_hooks_actors::handle::TaskView;
use claude_hooks_actors::model::{TaskId, TaskState};
use reqwest::Method;
use serde_json::{Value, json};

use super::fleet::Fleet;
use super::http::RUNTIME;

/// Longer than any task of a story takes on a busy machine.
const END: Duration = Duration::from_mins(1);

impl Fleet {
    /// Hands a task in; it must be taken.
    #[track_caller]
    pub(crate) fn submit(&self, body: &Value) -> TaskView {
        self.post("/api/v1/tasks", body).expect(201).json()
    }

    /// Hands in what the demo agent is to do in this instance.
    #[track_caller]
    pub(crate) fn task_in(&self, instance: &str, verb: &[&str]) -> TaskView {
        self.submit(&json!({ "instance": instance, "argv": agent(verb) }))
    }

    #[track_caller]
    pub(crate) fn task(&self, id: TaskId) -> TaskView {
        self.get(&format!("/api/v1/tasks/{id}")).expect(200).json()
    }

    /// Waits for the end of a task.
    #[track_caller]
    pub(crate) fn ended(&self, id: TaskId) -> TaskView {
        let path = format!("/api/v1/tasks/{id}?wait_s={}", END.as_secs());
        let task: TaskView = self.get(&path).expect(200).json();
        assert!(task.state.is_final(), "not within {END:?}: {task:?}\n{}", self.log());
        task
    }

    /// Runs what the demo agent is to do in this instance to its end.
    #[track_caller]
    pub(crate) fn run_in(&self, instance: &str, verb: &[&str]) -> TaskView {
        let task = self.task_in(instance, verb);
        self.ended(task.id)
    }

    #[track_caller]
    pub(crate) fn wait_running(&self, id: TaskId) -> TaskView {
        self.eventually("the task runs", END, || {
            let task = self.task(id);
            assert!(!task.state.is_final(), "{task:?}");
            (task.state == TaskState::Running).then_some(task)
        })
    }

    /// Waits until the task has printed this.
    #[track_caller]
    pub(crate) fn wait_printed(&self, id: TaskId, text: &str) {
        self.wait_running(id);
        self.eventually(&format!("the task prints {text:?}"), END, || {
            let printed = self.try_output(id, "").unwrap_or_default();
            String::from_utf8_lossy(&printed).contains(text).then_some(())
        });
    }

    #[track_caller]
    pub(crate) fn cancel(&self, id: TaskId) -> TaskView {
        let request = self.unix(Method::DELETE, &format!("/api/v1/tasks/{id}"));
        self.send(request.header("Content-Type", "application/json")).expect(202).json()
    }

    /// What a task printed; `query` is empty or begins with `?`.
    #[track_caller]
    pub(crate) fn output(&self, id: TaskId, query: &str) -> Vec<u8> {
        self.try_output(id, query).unwrap_or_else(|why| panic!("no output: {why}\n{}", self.log()))
    }

    /// The same as text.
    #[track_caller]
    pub(crate) fn printed(&self, id: TaskId) -> String {
        String::from_utf8_lossy(&self.output(id, "")).into_owned()
    }

    pub(crate) fn try_output(&self, id: TaskId, query: &str) -> Result<Vec<u8>, String> {
        let request = self.unix(Method::GET, &format!("/api/v1/tasks/{id}/output{query}"));
        RUNTIME.block_on(async {
            let answer = request.send().await.map_err(|error| error.to_string())?;
            let status = answer.status();
            let body = answer.bytes().await.map_err(|error| error.to_string())?;
            match status.as_u16() {
                200 => Ok(body.to_vec()),
                _ => Err(format!("{status}: {}", String::from_utf8_lossy(&body))),
            }
        })
    }
}

/// The command line of the demo agent.
pub(crate) fn agent<'a>(verb: &[&'a str]) -> Vec<&'a str> {
    ["/agent"].into_iter().chain(verb.iter().copied()).collect()
}
