//! `events`: what happened, and what happens.

use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::Value;

use super::args::EventsArgs;
use super::context::Asking;
use super::failure::Failure;
use super::show;
use crate::client::{ClientError, SseParser};

/// How often a daemon that went away, for a restart, is looked for before following it ends.
const RECONNECTS: u32 = 60;

#[derive(Debug, Deserialize)]
struct Page {
    items: Vec<Value>,
}

pub(super) async fn run(asking: &mut Asking, args: EventsArgs) -> Result<(), Failure> {
    if args.follow { follow(asking, &args).await } else { page(asking, &args).await }
}

/// The filters as a query; kinds and names need no escaping.
fn filters(args: &EventsArgs) -> Vec<String> {
    let kinds = args.kinds.iter().map(|kind| format!("kind={kind}"));
    let instances = args.instances.iter().map(|name| format!("instance={name}"));
    let types = args.types.iter().map(|name| format!("type={name}"));
    kinds.chain(instances).chain(types).collect()
}

async fn page(asking: &mut Asking, args: &EventsArgs) -> Result<(), Failure> {
    let mut query = filters(args);
    query.push(format!("limit={}", args.limit));
    query.extend(args.after.map(|after| format!("after={after}")));
    let answer = asking.client.get_json_of_stream(&format!("events?{}", query.join("&"))).await?;
    if asking.context.json {
        return asking.context.document(&answer);
    }
    let page: Page = asking.read(&answer)?;
    if page.items.is_empty() {
        asking.context.aside("no such event is kept");
    }
    for event in &page.items {
        asking.context.line(show::event(event))?;
    }
    Ok(())
}

async fn follow(asking: &mut Asking, args: &EventsArgs) -> Result<(), Failure> {
    let query = filters(args).join("&");
    let path = if query.is_empty() { "events".to_owned() } else { format!("events?{query}") };
    let mut last = args.after.map(|after| after.to_string());
    let mut connected_once = false;
    let mut failures = 0;
    loop {
        let interruption: ClientError = match read_stream(asking, &path, &mut last).await {
            Err(Failure::Client(error)) if connected_once || !error.is_absent() => error,
            Err(failure) => return Err(failure),
            Ok(()) => {
                failures = 0;
                connected_once = true;
                ClientError::Broken { detail: "the stream ended".to_owned() }
            }
        };
        if matches!(
            interruption,
            ClientError::Refused(_) | ClientError::Permission { .. } | ClientError::Garbled { .. }
        ) || failures == RECONNECTS
        {
            return Err(interruption.into());
        }
        if failures == 0 {
            asking.context.aside(format!("{interruption}; trying again"));
        }
        failures += 1;
        tokio::time::sleep(asking.context.reconnect_pause).await;
    }
}

/// Reads until the stream ends. `last` follows the sequence numbers, so that the next one begins where this one ended.
async fn read_stream(asking: &mut Asking, path: &str, last: &mut Option<String>) -> Result<(), Failure> {
    let mut bytes = asking.client.follow(path, last.as_deref()).await?;
    let mut parser = SseParser::default();
    while let Some(piece) = bytes.next().await {
        // A broken connection is an ended stream here: what to do is the same.
        let Ok(piece) = piece else { return Ok(()) };
        for frame in parser.push(&piece) {
            *last = frame.id.or(last.take());
            match frame.event.as_str() {
                // How the fleet looks; here only what happens is told.
                "snapshot" | "picture" => {}
                "resync" => {
                    asking.context.aside("some events are missing here: the daemon keeps them no longer");
                }
                _ => {
                    let event: Value = serde_json::from_str(&frame.data)
                        .map_err(|error| asking.client.garbled(error.to_string()))?;
                    let line = if asking.context.json { event.to_string() } else { show::event(&event) };
                    asking.context.line(line)?;
                }
            }
        }
        asking.context.out.flush()?;
    }
    Ok(())
}
