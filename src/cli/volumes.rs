//! `volumes`: the state that outlived its agents, so that somebody can decide about it.

use claude_hooks_actors::handle::VolumeView;
use jiff::Timestamp;

use super::args::VolumesArgs;
use super::context::Asking;
use super::failure::Failure;
use super::table::table;
use super::text::{age, bytes, docker_time, one_line};

pub(super) async fn run(asking: &mut Asking, args: VolumesArgs) -> Result<(), Failure> {
    let answer = asking.client.volumes(args.all, args.sizes).await?;
    if asking.context.json {
        return asking.context.document(answer.json());
    }
    let list = answer.read()?;
    let text = words(&list.items, (asking.context.now)(), asking.context.terminal);
    asking.context.line(text)?;
    if let Some(why) = list.sizes_unknown {
        asking.context.aside(format!("the sizes are not known: {}", one_line(&why)));
    }
    if list.items.iter().any(|volume| !volume.has_row) {
        asking.context.aside("Kept without a row: `claude-hooks wipe-agent AGENT` destroys one, a new agent of the name takes it over.");
    }
    Ok(())
}

fn words(volumes: &[VolumeView], now: Timestamp, terminal: bool) -> String {
    let row = |volume: &VolumeView| {
        vec![
            volume.name.clone(),
            volume.instance.as_ref().map(ToString::to_string).unwrap_or_default(),
            if volume.has_row { "yes" } else { "no" }.to_owned(),
            docker_time(&volume.created_at).map(|at| age(now, at)).unwrap_or_default(),
            volume.size_bytes.map(bytes).unwrap_or_default(),
            volume.container.clone().unwrap_or_default(),
        ]
    };
    let headers = ["VOLUME", "AGENT", "ROW", "AGE", "SIZE", "CONTAINER"];
    table(&headers, volumes.iter().map(row).collect(), terminal)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::tests::asking;
    use crate::client::fake::{Answer, FakeDaemon};

    #[actix_rt::test]
    async fn what_is_kept_is_a_table_and_what_is_not_known_is_a_dash() {
        let volumes = json!({ "generation": 1, "sizes_unknown": "docker system df did not\nfinish", "items": [
            { "name": "claude-hooks-gone-state", "instance": "gone", "has_row": false,
              "created_at": "2026-01-01T10:00:00Z", "container": null, "size_bytes": null },
            { "name": "by-hand", "instance": "dev-2", "has_row": true, "created_at": "", "size_bytes": 5_000_000,
              "container": "claude-hooks-dev-2" },
        ]});
        let daemon = FakeDaemon::start(vec![Answer::ok(volumes.to_string())]);
        let (mut asking, out, err) = asking(&daemon.socket(), false);
        run(&mut asking, VolumesArgs { all: true, sizes: true }).await.expect("told");
        assert_eq!(daemon.seen()[0].line, "GET /api/v1/volumes?all=1&sizes=1");
        insta::assert_snapshot!(format!("{}----\n{}", out.text(), err.text()));
    }
}
