//! Keeps the stories of rollouts going: one spawned future each, told on by the next daemon.
//!
//! It hears from the handle (begin, pause, resume, abort) and owns which stories are under way. Their state is in the
//! store. It also clears up behind those that ended: names of images, and pins of a rollout that a kill left behind.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use actix::{Actor, AsyncContext, Context, Handler, Message, SpawnHandle};
use tokio::sync::mpsc;

use crate::effects::Tools;
use crate::handle::{FleetError, FleetHandle};
use crate::model::{PinKind, Rollout, RolloutId};
use crate::rollout::{Cut, Story, Wish, WishReply, repository, tag_of};

/// Pause before a story that the store cut is told on.
const TELL_AGAIN: Duration = Duration::from_secs(2);
/// How many ended rollouts are remembered.
const REMEMBERED: u32 = 200;
/// How soon after an end, and how often, it is cleared up.
const SWEEP_AFTER: Duration = Duration::from_secs(2);
const SWEEP_EVERY: Duration = Duration::from_hours(1);

/// Request: tell this rollout from where it stands.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct BeginRollout {
    pub(crate) rollout: Box<Rollout>,
}

/// Request: pause, resume or abort a rollout that has not ended.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct WishRollout {
    pub(crate) id: RolloutId,
    pub(crate) wish: Wish,
    pub(crate) reply: WishReply,
}

/// Report: a story has stopped.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Told {
    id: RolloutId,
    /// Told on after a pause.
    again: bool,
}

#[derive(Debug)]
pub(crate) struct Rollouts {
    fleet: FleetHandle,
    tools: Tools,
    tellers: BTreeMap<RolloutId, mpsc::UnboundedSender<(Wish, WishReply)>>,
    sweep: Option<SpawnHandle>,
}

impl Rollouts {
    pub(crate) fn new(fleet: FleetHandle, tools: Tools) -> Self {
        Self { fleet, tools, tellers: BTreeMap::new(), sweep: None }
    }

    fn sweep_in(&mut self, pause: Duration, ctx: &mut Context<Self>) {
        if let Some(sweep) = self.sweep.take() {
            ctx.cancel_future(sweep);
        }
        self.sweep = Some(ctx.run_later(pause, |rollouts, ctx| {
            let (fleet, tools) = (rollouts.fleet.clone(), rollouts.tools.clone());
            actix::spawn(async move {
                if let Err(error) = sweep(&fleet, &tools).await {
                    log::warn!("cannot clear up behind the rollouts yet: {error}");
                }
            });
            rollouts.sweep = None;
            rollouts.sweep_in(SWEEP_EVERY, ctx);
        }));
    }
}

/// Lifts trials of rollouts that have ended, and takes the names of images that nobody needs any more.
async fn sweep(fleet: &FleetHandle, tools: &Tools) -> Result<(), FleetError> {
    if !fleet.snapshot().booted {
        return Ok(());
    }
    let tags = tools.runtime.image_tags(&repository(tools)).await?;
    let open = tools.store.open_rollouts().await?;
    let images = open.iter().flat_map(Rollout::images);
    let mut needed: BTreeSet<String> = images.map(|id| tag_of(id).to_owned()).collect();
    for (name, memory) in tools.store.memories().await? {
        let Some(pin) = memory.pin else { continue };
        let is_open = open.iter().any(|rollout| rollout.id == pin.rollout);
        match pin.kind {
            PinKind::Trial { .. } if !is_open => fleet.pin(&name, None),
            PinKind::Trial { from, .. } => drop(needed.insert(tag_of(&from).to_owned())),
            PinKind::Kept { to, .. } => drop(needed.insert(tag_of(&to).to_owned())),
        }
    }
    for tag in tags.iter().filter(|tag| !needed.contains(*tag)) {
        // One whose last name it is, and which a container uses, keeps it until that container is gone.
        if let Err(error) = tools.runtime.untag_image(&format!("{}:{tag}", repository(tools))).await {
            log::debug!(tag = tag.as_str(); "an image keeps the name that it had for a rollout: {error}");
        }
    }
    tools.store.prune_rollouts(REMEMBERED).await?;
    Ok(())
}

impl Actor for Rollouts {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // What a killed one left can wait until the fleet was seen.
        self.sweep_in(Duration::from_mins(1), ctx);
    }
}

impl Handler<BeginRollout> for Rollouts {
    type Result = ();

    fn handle(&mut self, BeginRollout { rollout }: BeginRollout, ctx: &mut Self::Context) {
        let (id, (wishes, heard)) = (rollout.id, mpsc::unbounded_channel());
        self.tellers.insert(id, wishes);
        let story = Story::new(self.fleet.clone(), self.tools.clone(), *rollout, heard);
        let addr = ctx.address();
        actix::spawn(async move {
            // Its own task, so that a panic ends one story alone.
            let again = match actix::spawn(story.tell()).await {
                Ok(Ok(()) | Err(Cut::Stopping | Cut::Lost)) => false,
                Ok(Err(error @ Cut::Store(_))) => {
                    log::error!(rollout:% = id; "the rollout cannot go on yet: {error}");
                    true
                }
                Err(_) => {
                    log::error!(rollout:% = id; "the story of the rollout panicked; it is told on");
                    true
                }
            };
            addr.do_send(Told { id, again });
        });
    }
}

impl Handler<WishRollout> for Rollouts {
    type Result = ();

    fn handle(&mut self, WishRollout { id, wish, reply }: WishRollout, _: &mut Self::Context) {
        // Dropped without an answer, it is "busy": between two tellings, or just ended.
        if let Some(teller) = self.tellers.get(&id) {
            drop(teller.send((wish, reply)));
        }
    }
}

impl Handler<Told> for Rollouts {
    type Result = ();

    fn handle(&mut self, Told { id, again }: Told, ctx: &mut Self::Context) {
        self.tellers.remove(&id);
        if !again {
            return self.sweep_in(SWEEP_AFTER, ctx);
        }
        let (store, addr) = (self.tools.store.clone(), ctx.address());
        actix::spawn(async move {
            tokio::time::sleep(TELL_AGAIN).await;
            match store.rollout(id).await {
                Ok(Some(rollout)) => addr.do_send(BeginRollout { rollout: Box::new(rollout) }),
                Ok(None) => addr.do_send(Told { id, again: false }),
                Err(_) => addr.do_send(Told { id, again: true }),
            }
        });
    }
}
