//! Events: what happened, and what happens.

use std::collections::VecDeque;

use claude_hooks_actors::model::{Event, FleetStats, InstanceName, TypeName};
use claude_hooks_web::wire::{Events, Picture};
use futures_util::StreamExt as _;
use reqwest::Method;
use reqwest::header::ACCEPT;

use super::{Answer, ByteStream, Client, ClientError, Frame, READ_PATIENCE, SseParser, pieces, query};

/// Which events; empty lists want all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// Names of kinds: the daemon may know more of them than this program.
    pub kinds: Vec<String>,
    pub instances: Vec<InstanceName>,
    pub types: Vec<TypeName>,
}

impl EventQuery {
    fn pairs(&self) -> Vec<String> {
        let kinds = self.kinds.iter().map(|kind| format!("kind={kind}"));
        let instances = self.instances.iter().map(|name| format!("instance={name}"));
        let types = self.types.iter().map(|name| format!("type={name}"));
        kinds.chain(instances).chain(types).collect()
    }
}

impl Client {
    /// A page, oldest first: the newest, or what follows the number `after`.
    pub async fn events(
        &self,
        events: &EventQuery,
        limit: u32,
        after: Option<u64>,
    ) -> Result<Answer<Events>, ClientError> {
        let mut pairs = events.pairs();
        pairs.push(format!("limit={limit}"));
        pairs.extend(after.map(|after| format!("after={after}")));
        let request = self.request(Method::GET, &format!("events{}", query(&pairs))).timeout(READ_PATIENCE);
        self.answer(request.header(ACCEPT, "application/json")).await
    }

    /// What happens from now on, or from behind `last` on, which is what [`EventStream::last`] said.
    pub async fn follow_events(
        &self,
        events: &EventQuery,
        last: Option<&str>,
    ) -> Result<EventStream, ClientError> {
        let path = format!("events{}", query(&events.pairs()));
        let mut request = self.request(Method::GET, &path).header(ACCEPT, "text/event-stream");
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let bytes = pieces(self.send(request).await?);
        let (frames, last) = (VecDeque::new(), last.map(ToOwned::to_owned));
        Ok(EventStream { bytes, parser: SseParser::default(), frames, last, client: self.clone() })
    }
}

/// What a stream of events tells.
#[derive(Clone, Debug)]
pub enum Happening {
    Event(Answer<Event>),
    /// The whole fleet, in the place of whatever was known.
    Snapshot(Answer<Picture>),
    /// What has changed in it since.
    Changes(Answer<Picture>),
    Stats(Answer<FleetStats>),
    /// Some events are missing here: they are kept no longer.
    Resync,
}

/// Events and the picture of the fleet as they come.
pub struct EventStream {
    bytes: ByteStream,
    parser: SseParser,
    /// Came already, and is told first.
    frames: VecDeque<Frame>,
    last: Option<String>,
    client: Client,
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStream").field("last", &self.last).finish_non_exhaustive()
    }
}

impl EventStream {
    /// Number of the last event that was told, to go on behind it on another connection.
    pub fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }

    /// The next; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Happening, ClientError>> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                return Some(self.read(frame));
            }
            match self.bytes.next().await? {
                Ok(piece) => self.frames.extend(self.parser.push(&piece)),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    fn read(&mut self, frame: Frame) -> Result<Happening, ClientError> {
        self.last = frame.id.or(self.last.take());
        if frame.event == "resync" {
            return Ok(Happening::Resync);
        }
        let garbled = |error: serde_json::Error| self.client.garbled(error.to_string());
        if frame.event == "error" {
            return Err(ClientError::Refused(serde_json::from_str(&frame.data).map_err(garbled)?));
        }
        let json = serde_json::from_str(&frame.data).map_err(garbled)?;
        let socket = &self.client.socket;
        Ok(match frame.event.as_str() {
            "snapshot" => Happening::Snapshot(Answer::new(json, socket)),
            "picture" => Happening::Changes(Answer::new(json, socket)),
            "stats" => Happening::Stats(Answer::new(json, socket)),
            _ => Happening::Event(Answer::new(json, socket)),
        })
    }
}
