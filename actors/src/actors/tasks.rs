//! Keeps the stories of all open tasks going: one spawned future each, told on by the next daemon.
//!
//! It hears from the handle (begin, cancel, wait, drain) and owns which stories are under way. It knows nothing of
//! their state, which is in the store.

use std::collections::BTreeMap;
use std::time::Duration;

use actix::{Actor, AsyncContext, Context, Handler, Message};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{oneshot, watch};

use crate::effects::Tools;
use crate::handle::FleetHandle;
use crate::model::{InstanceName, Task, TaskId, TaskState};
use crate::tasks::{Cut, Story, Wish};

/// Pause before a story that the store cut is told on.
const TELL_AGAIN: Duration = Duration::from_secs(2);
/// How long ended tasks are remembered, and how many at most.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 7);
const REMEMBERED_MOST: u32 = 10_000;
/// How often those are forgotten.
const PRUNE_EVERY: Duration = Duration::from_hours(1);

/// Request: tell the story of this task from where it stands.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct BeginTask {
    pub(crate) task: Box<Task>,
}

/// Request: end this task; its story says when.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct CancelTask {
    pub(crate) id: TaskId,
}

/// Request: end what runs in this instance; answered when nothing does.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct CancelIn {
    pub(crate) name: InstanceName,
    pub(crate) done: oneshot::Sender<()>,
}

/// Request: answer when the story of this task has ended; at once if there is none.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct AwaitTask {
    pub(crate) id: TaskId,
    pub(crate) done: oneshot::Sender<()>,
}

/// Request: begin nothing more; answered when no task runs any more.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct DrainTasks {
    pub(crate) done: oneshot::Sender<()>,
}

/// Report: this task runs in that instance, or in none any more.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct TaskRuns {
    pub(crate) id: TaskId,
    pub(crate) instance: Option<InstanceName>,
}

/// Report: the end of this task is stored.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct TaskEnded {
    pub(crate) id: TaskId,
}

/// Report: a story has stopped.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Told {
    id: TaskId,
    /// Told on after a pause.
    again: bool,
}

#[derive(Debug)]
struct Teller {
    wish: watch::Sender<Wish>,
    /// Where it runs now.
    instance: Option<InstanceName>,
    waiting: Vec<oneshot::Sender<()>>,
}

#[derive(Debug)]
pub(crate) struct Tasks {
    fleet: FleetHandle,
    tools: Tools,
    tellers: BTreeMap<TaskId, Teller>,
    draining: Vec<oneshot::Sender<()>>,
    stopping: bool,
}

impl Tasks {
    pub(crate) fn new(fleet: FleetHandle, tools: Tools) -> Self {
        Self { fleet, tools, tellers: BTreeMap::new(), draining: Vec::new(), stopping: false }
    }

    fn tell(&mut self, task: Task, ctx: &mut Context<Self>) {
        let id = task.id;
        let teller = self.tellers.entry(id).or_insert_with(|| {
            let wish = watch::Sender::new(Wish { cancel: task.cancelling });
            Teller { wish, instance: None, waiting: Vec::new() }
        });
        let wish = teller.wish.subscribe();
        let story = Story::new(self.fleet.clone(), self.tools.clone(), task, wish);
        let addr = ctx.address();
        actix::spawn(async move {
            // Its own task, so that a panic ends one story alone.
            let told = actix::spawn(story.tell()).await;
            let again = match told {
                Ok(Ok(()) | Err(Cut::Stopping)) => false,
                Ok(Err(error @ (Cut::Store(_) | Cut::Overtaken))) => {
                    log::error!(task:% = id; "the task cannot go on yet: {error}");
                    true
                }
                Err(_) => {
                    log::error!(task:% = id; "the story of the task panicked; it is told on");
                    true
                }
            };
            addr.do_send(Told { id, again });
        });
    }

    /// Answers who waits for a fleet in which nothing runs.
    fn drained(&mut self) {
        if self.tellers.values().all(|teller| teller.instance.is_none()) {
            for done in self.draining.drain(..) {
                // Whoever waited may have given up.
                let _ = done.send(());
            }
        }
    }

    fn prune(&mut self, ctx: &mut Context<Self>) {
        let store = self.tools.store.clone();
        let before = self.tools.clock.wall().checked_sub(REMEMBERED).unwrap_or(Timestamp::UNIX_EPOCH);
        actix::spawn(async move {
            if let Err(error) = store.prune_tasks(before, REMEMBERED_MOST).await {
                log::warn!("cannot forget old tasks yet: {error}");
            }
        });
        ctx.run_later(PRUNE_EVERY, Self::prune);
    }
}

impl Actor for Tasks {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.prune(ctx);
    }
}

impl Handler<BeginTask> for Tasks {
    type Result = ();

    fn handle(&mut self, BeginTask { task }: BeginTask, ctx: &mut Self::Context) {
        if !self.stopping {
            self.tell(*task, ctx);
        }
    }
}

impl Handler<CancelTask> for Tasks {
    type Result = ();

    fn handle(&mut self, CancelTask { id }: CancelTask, _: &mut Self::Context) {
        if let Some(teller) = self.tellers.get(&id) {
            teller.wish.send_replace(Wish { cancel: true });
        }
    }
}

impl Handler<CancelIn> for Tasks {
    type Result = ();

    fn handle(&mut self, CancelIn { name, done }: CancelIn, _: &mut Self::Context) {
        let here = self.tellers.values_mut().find(|teller| teller.instance.as_ref() == Some(&name));
        match here {
            Some(teller) => {
                teller.wish.send_replace(Wish { cancel: true });
                teller.waiting.push(done);
            }
            None => drop(done.send(())),
        }
    }
}

impl Handler<AwaitTask> for Tasks {
    type Result = ();

    fn handle(&mut self, AwaitTask { id, done }: AwaitTask, _: &mut Self::Context) {
        match self.tellers.get_mut(&id) {
            Some(teller) => teller.waiting.push(done),
            None => drop(done.send(())),
        }
    }
}

impl Handler<DrainTasks> for Tasks {
    type Result = ();

    fn handle(&mut self, DrainTasks { done }: DrainTasks, _: &mut Self::Context) {
        self.stopping = true;
        self.draining.push(done);
        self.drained();
    }
}

impl Handler<TaskRuns> for Tasks {
    type Result = ();

    fn handle(&mut self, TaskRuns { id, instance }: TaskRuns, _: &mut Self::Context) {
        if let Some(teller) = self.tellers.get_mut(&id) {
            teller.instance = instance;
        }
        self.drained();
    }
}

impl Handler<TaskEnded> for Tasks {
    type Result = ();

    fn handle(&mut self, TaskEnded { id }: TaskEnded, _: &mut Self::Context) {
        if let Some(teller) = self.tellers.get_mut(&id) {
            for done in teller.waiting.drain(..) {
                // Whoever waited may have given up.
                let _ = done.send(());
            }
        }
    }
}

impl Handler<Told> for Tasks {
    type Result = ();

    fn handle(&mut self, Told { id, again }: Told, ctx: &mut Self::Context) {
        if !again || self.stopping {
            if let Some(teller) = self.tellers.remove(&id) {
                for done in teller.waiting {
                    let _ = done.send(());
                }
            }
            return self.drained();
        }
        let (store, addr) = (self.tools.store.clone(), ctx.address());
        actix::spawn(async move {
            tokio::time::sleep(TELL_AGAIN).await;
            match store.task(id).await {
                // Also of one that has ended: what it holds is still to be given back.
                Ok(Some(task)) => addr.do_send(BeginTask { task: Box::new(task) }),
                Ok(None) => addr.do_send(Told { id, again: false }),
                Err(_) => addr.do_send(Told { id, again: true }),
            }
        });
    }
}

/// Instances in which a task runs, as the store knows it.
pub(crate) fn places(open: &[Task]) -> BTreeMap<InstanceName, TaskId> {
    let place = |task: &Task| Some((task.instance.clone()?, task.id));
    open.iter().filter(|task| task.state == TaskState::Running).filter_map(place).collect()
}
