//! `logs`: what a container printed.

use std::io::Write as _;

use futures_util::StreamExt;
use serde::Deserialize;

use super::args::LogsArgs;
use super::context::Asking;
use super::failure::Failure;
use crate::client::{ClientError, SseParser};

/// A piece of output as the stream carries it.
#[derive(Debug, Deserialize)]
struct Piece {
    stream: String,
    text: String,
}

/// Standard output of the container goes to ours, its standard error to ours, untouched, as `docker logs` has it.
pub(super) async fn run(asking: &mut Asking, args: LogsArgs) -> Result<(), Failure> {
    let path = format!("agents/{}/logs?tail={}", args.name, args.tail);
    if args.follow {
        return follow(asking, &format!("{path}&follow=1")).await;
    }
    let mut bytes = asking.client.stream(&path, "text/plain").await?;
    while let Some(piece) = bytes.next().await {
        asking.context.out.write_all(&piece?)?;
    }
    Ok(asking.context.out.flush()?)
}

/// Until the container stops, or the connection breaks.
async fn follow(asking: &mut Asking, path: &str) -> Result<(), Failure> {
    let mut bytes = asking.client.stream(path, "text/event-stream").await?;
    let mut parser = SseParser::default();
    while let Some(piece) = bytes.next().await {
        for frame in parser.push(&piece?) {
            let garbled = |error: serde_json::Error| asking.client.garbled(error.to_string());
            match frame.event.as_str() {
                "log" => {
                    let piece: Piece = serde_json::from_str(&frame.data).map_err(garbled)?;
                    let out = match piece.stream.as_str() {
                        "stderr" => &mut asking.context.err,
                        _ => &mut asking.context.out,
                    };
                    out.write_all(piece.text.as_bytes())?;
                }
                "error" => {
                    let problem = serde_json::from_str(&frame.data).map_err(garbled)?;
                    return Err(ClientError::Refused(problem).into());
                }
                // `end`, and what a later daemon may add.
                _ => {}
            }
        }
        asking.context.out.flush()?;
    }
    Ok(())
}
