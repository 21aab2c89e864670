//! The fleet's API as a story speaks to it.

use std::time::Duration;

use claude_hooks_actors::model::{
    AgentView, Condition, ConditionType, Event, LeaseView, Outcome, Phase, Why,
};
use reqwest::{Method, RequestBuilder};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::http::{self, Reply};
use super::super::sse::Stream;
use super::Fleet;

#[derive(Debug, Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

/// What a change or a command answers: the agent's own members, and these beside them.
#[derive(Debug, Deserialize)]
pub(crate) struct Done {
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<String>,
    /// Absent when the row is gone.
    #[serde(flatten)]
    pub(crate) agent: Option<AgentView>,
}

impl Fleet {
    /// A request through the Unix socket.
    pub(crate) fn unix(&self, method: Method, path: &str) -> RequestBuilder {
        let client = http::client(Some(&self.data().join("claude-hooks.sock")));
        http::request(&client, method, &format!("http://localhost{path}"))
    }

    /// A request over TCP without a token.
    pub(crate) fn tcp_bare(&self, method: Method, path: &str) -> RequestBuilder {
        http::request(&http::client(None), method, &format!("http://{}{path}", self.address()))
    }

    /// A request over TCP with the token.
    pub(crate) fn tcp(&self, method: Method, path: &str) -> RequestBuilder {
        self.tcp_bare(method, path).bearer_auth(self.token())
    }

    /// The bound host and port.
    pub(crate) fn address(&self) -> String {
        let text = std::fs::read_to_string(self.data().join("listen")).expect("a ready daemon says where");
        text.trim().to_owned()
    }

    pub(crate) fn token(&self) -> String {
        let text = std::fs::read_to_string(self.data().join("token")).expect("a ready daemon has a token");
        text.trim().to_owned()
    }

    pub(crate) fn try_get(&self, path: &str) -> Result<Reply, reqwest::Error> {
        http::send(self.unix(Method::GET, path))
    }

    #[track_caller]
    pub(crate) fn send(&self, request: RequestBuilder) -> Reply {
        http::send(request).unwrap_or_else(|error| panic!("no answer: {error:?}\n{}", self.log()))
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send(self.unix(Method::GET, path))
    }

    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(self.unix(Method::POST, path).json(body))
    }

    /// With the `If-Match` of the generation that is current now.
    #[track_caller]
    pub(crate) fn patch(&self, name: &str, body: &Value) -> Reply {
        let generation = self.agent(name).desired.generation;
        let path = format!("/api/v1/agents/{name}");
        let request = self.unix(Method::PATCH, &path).header("If-Match", format!("\"{generation}\""));
        self.send(request.json(body))
    }

    #[track_caller]
    pub(crate) fn delete(&self, name: &str) -> Reply {
        let request = self.unix(Method::DELETE, &format!("/api/v1/agents/{name}"));
        self.send(request.header("Content-Type", "application/json"))
    }

    /// Creates an instance of a type; the row must be accepted.
    #[track_caller]
    pub(crate) fn create(&self, name: &str, agent_type: &str) -> Done {
        self.post("/api/v1/agents", &json!({ "name": name, "type": agent_type })).expect(201).json()
    }

    /// `start`, `stop`, `restart` or `recreate`, which must be accepted.
    #[track_caller]
    pub(crate) fn act(&self, name: &str, verb: &str) -> Done {
        self.post(&format!("/api/v1/agents/{name}/{verb}"), &json!({})).expect(200).json()
    }

    /// The same, from whoever works with it.
    #[track_caller]
    pub(crate) fn force(&self, name: &str, verb: &str) -> Done {
        self.post(&format!("/api/v1/agents/{name}/{verb}?force=1"), &json!({})).expect(200).json()
    }

    /// Claims an agent, which must be granted: `{"instance": …}` or `{"type": …}`, and what else a claim may say.
    #[track_caller]
    pub(crate) fn lease(&self, claim: &Value) -> LeaseView {
        self.post("/api/v1/leases", claim).expect(201).json()
    }

    #[track_caller]
    pub(crate) fn renew(&self, lease: &LeaseView) -> Reply {
        self.on_lease(Method::PUT, lease)
    }

    #[track_caller]
    pub(crate) fn release(&self, lease: &LeaseView) -> Reply {
        self.on_lease(Method::DELETE, lease)
    }

    #[track_caller]
    fn on_lease(&self, method: Method, lease: &LeaseView) -> Reply {
        let request = self.unix(method, &format!("/api/v1/leases/{}", lease.id));
        let request = request.header("Content-Type", "application/json");
        self.send(request.header("Lease-Fence", lease.fence))
    }

    /// The leases that stand.
    #[track_caller]
    pub(crate) fn leases(&self) -> Vec<LeaseView> {
        self.get("/api/v1/leases").expect(200).json::<Items<LeaseView>>().items
    }

    #[track_caller]
    pub(crate) fn agent(&self, name: &str) -> AgentView {
        self.get(&format!("/api/v1/agents/{name}")).expect(200).json()
    }

    #[track_caller]
    pub(crate) fn agents(&self) -> Vec<AgentView> {
        self.get("/api/v1/agents").expect(200).json::<Items<AgentView>>().items
    }

    #[track_caller]
    pub(crate) fn why(&self, name: &str) -> Why {
        self.get(&format!("/api/v1/agents/{name}/why")).expect(200).json()
    }

    /// A standing condition of an instance, if it holds.
    #[track_caller]
    pub(crate) fn condition(&self, name: &str, kind: ConditionType) -> Option<Condition> {
        self.agent(name).conditions.into_iter().find(|condition| condition.kind == kind && condition.status)
    }

    #[track_caller]
    pub(crate) fn wait_phase(&self, name: &str, phase: Phase, patience: Duration) -> AgentView {
        let what = format!("{name} is {phase}");
        self.eventually(&what, patience, || {
            let agent = self.agent(name);
            (agent.observed.phase == phase).then_some(agent)
        })
    }

    /// Opens the event stream; `query` is empty or begins with `?`.
    #[track_caller]
    pub(crate) fn stream(&self, query: &str) -> Stream {
        let request = self.unix(Method::GET, &format!("/api/v1/events{query}"));
        Stream::open(request.header("Accept", "text/event-stream").timeout(Duration::from_mins(10)))
    }

    /// All stored events; a story has fewer than a page.
    #[track_caller]
    pub(crate) fn stored(&self) -> Vec<Event> {
        self.page("after=0&limit=1000")
    }

    /// Sequence number of the newest stored event.
    #[track_caller]
    pub(crate) fn last_seq(&self) -> u64 {
        self.page("limit=1").last().map_or(0, |event| event.seq)
    }

    #[track_caller]
    fn page(&self, query: &str) -> Vec<Event> {
        let request = self.unix(Method::GET, &format!("/api/v1/events?{query}"));
        self.send(request.header("Accept", "application/json")).expect(200).json::<Items<Event>>().items
    }
}
