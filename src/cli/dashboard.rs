//! `dashboard`: a browser that is signed in, without anybody having handled the token.

use std::process::Stdio;

use tokio::process::Command;

use super::args::DashboardArgs;
use super::context::Asking;
use super::failure::Failure;
use crate::client::wire::Link;

/// Opens a link in the desktop's own browser.
const OPENER: &str = "xdg-open";

pub(super) async fn run(asking: &mut Asking, args: DashboardArgs) -> Result<(), Failure> {
    let answer = asking.client.sign_in_link().await?;
    if asking.context.json {
        return asking.context.document(answer.json());
    }
    let Link { url, expires_in_s } = answer.read()?;
    if args.print {
        return asking.context.line(url);
    }
    asking.context.line(format!("{url}\nThis link signs one browser in, once, within {expires_in_s} s."))?;
    if !args.no_open && has_display() {
        open(asking, &url);
    }
    Ok(())
}

fn has_display() -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// The link is on the screen already, so not being able to open it is no failure. Others on this host may see the link
/// among the processes, but the browser that is opened is the first to use it, and it is good once.
fn open(asking: &mut Asking, url: &str) {
    let started = Command::new(OPENER)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Err(error) = started {
        asking.context.aside(format!("cannot open it ({OPENER}: {error}): open the link yourself"));
    }
}

#[cfg(test)]
mod tests;
