//! `events`: what happened, and what happens.

use std::io::Write as _;

use serde::Deserialize;
use serde_json::Value;

use super::args::EventsArgs;
use super::context::Asking;
use super::failure::Failure;
use super::show;
use super::text::plain;
use crate::client::{ClientError, EventQuery, Happening};

/// How often a daemon that went away, for a restart, is looked for before following it ends.
const RECONNECTS: u32 = 60;

/// Read as JSON, so that a kind which this program does not know is shown all the same.
#[derive(Debug, Deserialize)]
struct Page {
    items: Vec<Value>,
}

pub(super) async fn run(asking: &mut Asking, args: EventsArgs) -> Result<(), Failure> {
    if args.follow { follow(asking, &args).await } else { page(asking, &args).await }
}

fn wanted(args: &EventsArgs) -> EventQuery {
    let kinds = args.kinds.iter().map(ToString::to_string).collect();
    EventQuery { kinds, instances: args.instances.clone(), types: args.types.clone() }
}

async fn page(asking: &mut Asking, args: &EventsArgs) -> Result<(), Failure> {
    let answer = asking.client.events(&wanted(args), args.limit, args.after).await?;
    if asking.context.json {
        return asking.context.document(answer.json());
    }
    let page = answer.read_as::<Page>().read()?;
    if page.items.is_empty() {
        asking.context.aside("no such event is kept");
    }
    for event in &page.items {
        asking.context.line(show::event(event))?;
    }
    Ok(())
}

async fn follow(asking: &mut Asking, args: &EventsArgs) -> Result<(), Failure> {
    let query = wanted(args);
    let mut last = args.after.map(|after| after.to_string());
    let mut connected_once = false;
    let mut failures = 0;
    loop {
        let interruption: ClientError = match read_stream(asking, &query, &mut last).await {
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
async fn read_stream(
    asking: &mut Asking,
    query: &EventQuery,
    last: &mut Option<String>,
) -> Result<(), Failure> {
    let mut stream = asking.client.follow_events(query, last.as_deref()).await?;
    while let Some(happened) = stream.next().await {
        let happened = match happened {
            Ok(happened) => happened,
            // A broken connection is an ended stream here: what to do is the same.
            Err(ClientError::Broken { .. }) => return Ok(()),
            // It says why it ends.
            Err(ClientError::Refused(problem)) => {
                asking.context.aside(plain(&problem.to_string()));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        *last = stream.last().map(ToOwned::to_owned);
        match happened {
            // How the fleet looks; here only what happens is told.
            Happening::Snapshot(_) | Happening::Changes(_) | Happening::Stats(_) => {}
            Happening::Resync => {
                asking.context.aside("some events are missing here: the daemon keeps them no longer");
            }
            Happening::Event(event) => {
                let event = event.into_json();
                let line = if asking.context.json { event.to_string() } else { show::event(&event) };
                asking.context.line(line)?;
                asking.context.out.flush()?;
            }
        }
    }
    Ok(())
}
