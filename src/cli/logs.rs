//! `logs`: what a container printed.

use std::io::Write as _;

use futures_util::StreamExt;

use super::args::LogsArgs;
use super::context::Asking;
use super::failure::Failure;

/// Standard output of the container goes to ours, its standard error to ours, untouched, as `docker logs` has it.
pub(super) async fn run(asking: &mut Asking, args: LogsArgs) -> Result<(), Failure> {
    if args.follow {
        return follow(asking, &args).await;
    }
    let mut bytes = asking.client.logs(&args.name, args.tail).await?;
    while let Some(piece) = bytes.next().await {
        asking.context.out.write_all(&piece?)?;
    }
    Ok(asking.context.out.flush()?)
}

/// Until the container stops, or the connection breaks.
async fn follow(asking: &mut Asking, args: &LogsArgs) -> Result<(), Failure> {
    let mut stream = asking.client.follow_logs(&args.name, args.tail).await?;
    while let Some(piece) = stream.next().await {
        let piece = piece?;
        let out = match piece.stream.as_str() {
            "stderr" => &mut asking.context.err,
            _ => &mut asking.context.out,
        };
        out.write_all(piece.text.as_bytes())?;
        out.flush()?;
    }
    Ok(())
}
