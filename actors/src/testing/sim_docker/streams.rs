//! The two streams of the port: what happens to containers, and what containers say.

use futures_util::{StreamExt, stream};
use tokio::sync::broadcast;

use super::SimDocker;
use super::faults::unreachable;
use super::state::State;
use crate::model::{ContainerId, InstanceName};
use crate::ports::{EventStream, LogLine, LogOptions, LogStream, RuntimeError, RuntimeEvent};

/// What every listener of the engine is sent.
#[derive(Clone, Debug)]
pub(super) enum Signal {
    Container {
        fleet: Option<String>,
        instance: Option<String>,
        id: ContainerId,
        action: &'static str,
    },
    /// Docker went away.
    Gone,
}

impl State {
    /// Tells listeners that something happened to a container.
    pub(super) fn emit(&self, id: &ContainerId, action: &'static str) {
        let Some(container) = self.containers.get(id).filter(|_| !self.silent) else { return };
        let labels = &container.seen.labels;
        // Nobody may be listening.
        let _receivers = self.signals.send(Signal::Container {
            fleet: labels.fleet.clone(),
            instance: labels.instance.clone(),
            id: id.clone(),
            action,
        });
    }

    pub(super) fn end_streams(&self) {
        let _receivers = self.signals.send(Signal::Gone);
    }
}

impl SimDocker {
    pub(super) fn event_stream(&self, receiver: broadcast::Receiver<Signal>) -> EventStream {
        let fleet = self.fleet.to_string();
        stream::unfold(Some((receiver, fleet)), |open| async move {
            let (mut receiver, fleet) = open?;
            loop {
                match receiver.recv().await {
                    Ok(Signal::Container { fleet: of, instance: Some(instance), id, action })
                        if of.as_ref() == Some(&fleet) =>
                    {
                        let Ok(instance) = InstanceName::parse(&instance) else { continue };
                        let event = RuntimeEvent { instance, container: Some(id), action: action.into() };
                        return Some((Ok(event), Some((receiver, fleet))));
                    }
                    // Docker skips readers that are too slow, and tells them nothing.
                    Ok(Signal::Container { .. }) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Ok(Signal::Gone) | Err(broadcast::error::RecvError::Closed) => {
                        return Some((Err(unreachable()), None));
                    }
                }
            }
        })
        .boxed()
    }

    pub(super) fn log_stream(&self, id: ContainerId, options: LogOptions) -> LogStream {
        let (begin, epoch, revision) = self.look(|state| {
            let lines = state.containers.get(&id).map_or(0, |c| c.log.len());
            let tail = usize::try_from(options.tail).unwrap_or(usize::MAX);
            (lines.saturating_sub(tail), state.epoch, state.revision.subscribe())
        });
        let reader = LogReader { sim: self.clone(), id, options, next: begin, epoch, revision };
        stream::unfold(Some(reader), |reader| async move {
            let mut reader = reader?;
            match reader.next().await? {
                Ok(line) => Some((Ok(line), Some(reader))),
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed()
    }

    /// The container prints a line.
    pub fn say(&self, container: &str, line: &str) {
        self.with(|state| {
            let stamp = state.stamp();
            let found = state.containers.values_mut().find(|c| c.seen.name == container);
            let found = found.expect("the test names a container that exists");
            found.log.push((stamp, line.to_owned()));
        });
    }

    /// Event streams stay open and silent: what happens from now on is never told.
    pub fn events_off(&self) {
        self.with(|state| state.silent = true);
    }

    pub fn events_on(&self) {
        self.with(|state| state.silent = false);
    }
}

struct LogReader {
    sim: SimDocker,
    id: ContainerId,
    options: LogOptions,
    next: usize,
    epoch: u64,
    revision: tokio::sync::watch::Receiver<u64>,
}

/// What a reader finds at its place.
enum Found {
    Line(LogLine),
    /// Nothing yet, but the container may still say something.
    Nothing,
    End,
    Gone,
}

impl LogReader {
    async fn next(&mut self) -> Option<Result<LogLine, RuntimeError>> {
        loop {
            self.revision.mark_unchanged();
            match self.sim.look(|state| self.find(state)) {
                Found::Line(line) => {
                    self.next += 1;
                    return Some(Ok(line));
                }
                Found::End => return None,
                Found::Gone => return Some(Err(unreachable())),
                Found::Nothing => self.revision.changed().await.ok()?,
            }
        }
    }

    fn find(&self, state: &State) -> Found {
        if state.faults.unreachable || state.epoch != self.epoch {
            return Found::Gone;
        }
        let Some(container) = state.containers.get(&self.id) else { return Found::End };
        match container.log.get(self.next) {
            Some((at, line)) if self.options.timestamps => Found::Line(whole(&format!("{at} {line}\n"))),
            Some((_, line)) => Found::Line(whole(&format!("{line}\n"))),
            None if self.options.follow && container.is_up() => Found::Nothing,
            None => Found::End,
        }
    }
}

fn whole(text: &str) -> LogLine {
    LogLine { stderr: false, bytes: text.to_owned().into() }
}
