//! One rollout from its beginning to its end: an async story that can be cut anywhere and told on.
//!
//! It looks at the picture, lets [`super::advance`] say what comes next, stores that, and then makes sure of what must hold
//! for each member: who gets no work, who is pinned to what. The instances themselves do the rest, each by its own decision.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::{FirstTask, Look, PinWish, Sight, abort, advance, look, resume, upkeep};
use crate::effects::Tools;
use crate::handle::{Command, FleetError, FleetHandle};
use crate::metrics::RolloutInState;
use crate::model::{
    AgentView, EventKind, MemberState, NewEvent, Pin, PinKind, PullPolicy, Rollout, RolloutMember,
    RolloutState,
};
use crate::ports::{StoreError, TaskFilter};
use crate::pulls::fetch;

/// How often time alone may change something.
const TICK: Duration = Duration::from_secs(1);
/// Least time between two looks: under load the picture changes with every task.
const BREATH: Duration = Duration::from_millis(50);
/// How many of a member's tasks are looked at, the newest first.
const TASKS: u32 = 100;

/// What an operator wants of a rollout that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Pause,
    Resume,
    Abort,
}

pub(crate) type WishReply = oneshot::Sender<Result<Rollout, FleetError>>;

/// Why a story stops before the end: the next daemon tells it on, or the actor after a pause.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cut {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the rollout is not in the database any more")]
    Lost,
    #[error("the supervisor is stopping")]
    Stopping,
}

#[derive(Debug)]
pub(crate) struct Story {
    fleet: FleetHandle,
    tools: Tools,
    rollout: Rollout,
    wishes: mpsc::UnboundedReceiver<(Wish, WishReply)>,
    /// Since when each member is in its state.
    entered: Vec<Instant>,
    /// Members that the dispatcher was told to keep work away from.
    reserved: BTreeSet<usize>,
    counted: RolloutInState,
}

impl Story {
    pub(crate) fn new(
        fleet: FleetHandle,
        tools: Tools,
        rollout: Rollout,
        wishes: mpsc::UnboundedReceiver<(Wish, WishReply)>,
    ) -> Self {
        let now = tools.clock.now();
        let counted = RolloutInState::new(tools.metrics.clone(), rollout.state);
        let entered = vec![now; rollout.members.len()];
        Self { fleet, tools, rollout, wishes, entered, reserved: BTreeSet::new(), counted }
    }

    pub(crate) async fn tell(mut self) -> Result<(), Cut> {
        let mut stopping = self.fleet.stopping();
        let mut pictures = self.fleet.watch();
        // Before anything else may be granted on those who are being replaced.
        self.keep_up().await;
        self.prepare().await?;
        while !self.rollout.state.has_ended() {
            pictures.borrow_and_update();
            self.go_on().await?;
            if self.rollout.state.has_ended() {
                break;
            }
            tokio::time::sleep(BREATH).await;
            let out = self.rollout.members.iter().any(|member| member.state.is_out());
            let tick = if out { TICK } else { Duration::from_mins(1) };
            tokio::select! {
                changed = pictures.changed() => changed.map_err(|_| Cut::Stopping)?,
                () = tokio::time::sleep(tick) => {}
                wish = self.wishes.recv() => {
                    let (wish, reply) = wish.ok_or(Cut::Stopping)?;
                    self.hear(wish, reply).await?;
                }
                _ = stopping.wait_for(|stopping| *stopping) => return Err(Cut::Stopping),
            }
        }
        self.keep_up().await;
        Ok(())
    }

    /// Has every image here, and a name of ours on each that somebody is to have, or may have to go back to.
    async fn prepare(&mut self) -> Result<(), Cut> {
        let mut next = self.rollout.clone();
        let unknown =
            |member: &RolloutMember| member.to_image_id.is_none() && member.state != MemberState::Skipped;
        let names: BTreeSet<String> =
            next.members.iter().filter(|m| unknown(m)).map(|m| m.image.clone()).collect();
        let mut ids = BTreeMap::new();
        for name in names {
            let image = async {
                fetch(&self.tools, &name, PullPolicy::Always, self.event(EventKind::ImagePulling)).await?;
                self.tools.runtime.image(&name).await
            };
            let failed = match image.await {
                Ok(Some(image)) => {
                    ids.insert(name, image.id);
                    continue;
                }
                Ok(None) => format!("{name} was fetched and is not here"),
                Err(error) => error.to_string(),
            };
            next.state = RolloutState::Failed;
            next.reason = Some(failed);
            next.ended_at = Some(self.tools.clock.wall());
            return self.store(next, &[]).await;
        }
        let mut changed = Vec::new();
        for (place, member) in next.members.iter_mut().enumerate().filter(|(_, m)| unknown(m)) {
            member.to_image_id = ids.get(&member.image).cloned();
            if member.to_image_id.as_ref() == Some(&member.from_image_id) {
                member.state = MemberState::Skipped;
                member.reason = Some("it has the image already".into());
            }
            changed.push(place);
        }
        self.store(next, &changed).await?;
        // The names may move on before everybody has the image.
        let images: BTreeSet<&String> = self.rollout.images().collect();
        for id in images {
            // Without it the rollout goes on: whoever uses an image keeps it here, too.
            if let Err(error) = self.tools.runtime.tag_image(id, &retained(&self.tools, id)).await {
                log::warn!(image = id.as_str(); "cannot name an image that a rollout needs: {error}");
            }
        }
        self.fleet.compare_images();
        Ok(())
    }

    async fn go_on(&mut self) -> Result<(), Cut> {
        let snapshot = self.fleet.snapshot();
        let now = self.tools.clock.now();
        let mut sights = Vec::with_capacity(self.entered.len());
        for (member, entered) in self.rollout.members.iter().zip(&self.entered) {
            let elapsed = now.saturating_duration_since(*entered);
            let look = if member.state.is_out() || member.state == MemberState::Pending {
                look(&snapshot, &member.instance)
            } else {
                Look::Unknown
            };
            let watched = Duration::from_secs(self.rollout.strategy.watch_s);
            let first_task = if member.state == MemberState::Watching && elapsed >= watched {
                self.first_task(member).await?
            } else {
                FirstTask::Fine
            };
            sights.push(Sight { look, elapsed, first_task });
        }
        let mut next = self.rollout.clone();
        let changed = advance(&mut next, &sights, self.tools.clock.wall());
        self.store(next, &changed).await?;
        self.keep_up().await;
        Ok(())
    }

    /// Whether the tasks that ran in a member since it has the image could be started.
    async fn first_task(&self, member: &RolloutMember) -> Result<FirstTask, Cut> {
        let filter = TaskFilter { instance: Some(member.instance.clone()), states: Vec::new() };
        let tasks = self.tools.store.tasks(&filter, None, TASKS).await?;
        let mut refused = None;
        for task in tasks.iter().filter(|task| task.started_at.is_some_and(|at| at >= member.since)) {
            match task.cause.as_deref() {
                Some("not_started") => refused = Some(task),
                Some(_) | None => return Ok(FirstTask::Fine),
            }
        }
        Ok(refused.map_or(FirstTask::Fine, |task| {
            FirstTask::NotStarted(task.detail.clone().unwrap_or_else(|| format!("see the task {}", task.id)))
        }))
    }

    async fn hear(&mut self, wish: Wish, reply: WishReply) -> Result<(), Cut> {
        let mut next = self.rollout.clone();
        let now = self.tools.clock.wall();
        let changed = match (wish, next.state) {
            (Wish::Pause, _) => {
                if next.state == RolloutState::Running {
                    next.state = RolloutState::Paused;
                    next.reason = Some("an operator paused it".into());
                }
                Vec::new()
            }
            (Wish::Resume, RolloutState::Paused) => resume(&mut next, now),
            (Wish::Resume, _) => Vec::new(),
            (Wish::Abort, _) => abort(&mut next, now),
        };
        self.store(next, &changed).await?;
        // Whoever asked may have gone.
        let _ = reply.send(Ok(self.rollout.clone()));
        Ok(())
    }

    /// Stores what has changed, then tells it.
    async fn store(&mut self, next: Rollout, changed: &[usize]) -> Result<(), Cut> {
        if next == self.rollout {
            return Ok(());
        }
        if !self.tools.store.change_rollout(&next, changed).await? {
            return Err(Cut::Lost);
        }
        let before = std::mem::replace(&mut self.rollout, next);
        let now = self.tools.clock.now();
        for place in changed {
            let (was, is) = (&before.members[*place], &self.rollout.members[*place]);
            if was.state != is.state {
                self.entered[*place] = now;
                self.tell_member(is);
                if is.state == MemberState::Watching {
                    self.wake(is);
                }
            }
        }
        if before.state != self.rollout.state {
            self.counted.change(self.rollout.state);
            self.tell_state();
        }
        Ok(())
    }

    /// A sleeping canary is woken to be watched.
    fn wake(&self, member: &RolloutMember) {
        let Look::Here(seen) = look(&self.fleet.snapshot(), &member.instance) else { return };
        if seen.rests && seen.lazy {
            let (fleet, name) = (self.fleet.clone(), member.instance.clone());
            actix::spawn(async move {
                if let Err(error) = fleet.command(&name, Command::Start, false).await {
                    log::warn!(instance = name.as_ref(); "cannot wake it to be watched: {error}");
                }
            });
        }
    }

    /// Makes sure of what must hold for each member now, where the picture does not show it.
    async fn keep_up(&mut self) {
        let snapshot = self.fleet.snapshot();
        let now = self.tools.clock.now();
        let mut told = Vec::new();
        for (place, member) in self.rollout.members.iter().enumerate() {
            let elapsed = now.saturating_duration_since(self.entered[place]);
            let wanted = upkeep(member, &self.rollout.strategy, elapsed);
            if wanted.reserved != self.reserved.contains(&place) {
                if wanted.reserved {
                    self.reserved.insert(place);
                } else {
                    self.reserved.remove(&place);
                }
                self.fleet.reserve(&member.instance, wanted.reserved).await;
            }
            let agent = snapshot.agents.get(&member.instance).map(AsRef::as_ref);
            if let Some(kind) = self.pin_due(wanted.pin, agent) {
                let (image, rollout) = (member.image.clone(), self.rollout.id);
                self.fleet.pin(&member.instance, kind.map(|kind| Pin { image, rollout, kind }));
                told.push(member.instance.clone());
            }
        }
        for name in told {
            self.fleet.heard(&name).await;
        }
    }

    /// What a member is to be pinned to instead of what the picture shows, if that is another thing.
    #[expect(clippy::option_option, reason = "nothing to do, no pin any more, or this one")]
    fn pin_due(&self, wish: PinWish, agent: Option<&AgentView>) -> Option<Option<PinKind>> {
        let ours = agent?.pin.as_ref().filter(|pin| pin.rollout == self.rollout.id);
        let is_trial = ours.is_some_and(|pin| pin.reason.is_none());
        let is_kept = ours.is_some_and(|pin| pin.reason.is_some());
        let kind = match wish {
            PinWish::Leave => return None,
            PinWish::Free => return is_trial.then_some(None),
            PinWish::Set(kind) => kind,
        };
        let holds = match &kind {
            PinKind::Trial { .. } => is_trial,
            PinKind::Kept { .. } => is_kept,
        };
        (!holds).then_some(Some(kind))
    }

    fn event(&self, kind: EventKind) -> NewEvent {
        let mut event = NewEvent::new(kind, self.tools.clock.wall());
        event.agent_type.clone_from(&self.rollout.agent_type);
        event.data(json!({ "rollout": self.rollout.id }))
    }

    fn tell_member(&self, member: &RolloutMember) {
        let RolloutMember { state, from_image_id, to_image_id, .. } = member;
        let mut event = NewEvent::new(EventKind::RolloutMember, self.tools.clock.wall())
            .instance(&member.instance)
            .agent_type(&member.agent_type)
            .cause(state.to_string())
            .data(json!({ "rollout": self.rollout.id, "state": state, "from": from_image_id, "to": to_image_id }));
        event.detail.clone_from(&member.reason);
        self.tools.events.emit(event);
    }

    fn tell_state(&self) {
        let rollout = &self.rollout;
        let (kind, cause) = match rollout.state {
            RolloutState::Running => (EventKind::RolloutResumed, None),
            RolloutState::Paused => (EventKind::RolloutPaused, None),
            ended @ (RolloutState::Done
            | RolloutState::RolledBack
            | RolloutState::Aborted
            | RolloutState::Failed) => (EventKind::RolloutFinished, Some(ended.to_string())),
        };
        let data = json!({ "rollout": rollout.id, "done": rollout.done(), "members": rollout.members.len() });
        let mut event = self.event(kind).data(data);
        event.cause = cause;
        event.detail.clone_from(&rollout.reason);
        self.tools.events.emit(event);
    }
}

/// Repository of the names that keep images here.
pub(crate) fn repository(tools: &Tools) -> String {
    format!("{}-retained", tools.prefix.as_ref())
}

/// The name that keeps an image here for as long as somebody may have to go back to it.
fn retained(tools: &Tools, image_id: &str) -> String {
    format!("{}:{}", repository(tools), tag_of(image_id))
}

pub(crate) fn tag_of(image_id: &str) -> &str {
    image_id.strip_prefix("sha256:").unwrap_or(image_id)
}
