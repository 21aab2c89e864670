import { useEffect, useMemo } from "preact/hooks";

import { chunks } from "../../api/stream";
import { type Task, outputPath } from "../../api/tasks";
import { Notice } from "../../kit/notice";
import { Feed } from "../shared/output/feed";
import { OutputPane } from "../shared/output/pane";
import { FeedStanding } from "../shared/output/standing";
import { useFeed } from "../shared/output/use-feed";
import { isFinal } from "../shared/tasks/merge";

interface Props {
  task: Task;
  onEnd: () => void;
}

/** What a task prints. One that nobody works on yet is not asked for it: that is refused. */
export function TaskOutput({ task, onEnd }: Props) {
  if (task.instance !== null) return <Printed task={task} onEnd={onEnd} />;
  return (
    <p class="card task-unbegun soft" role="status">
      {isFinal(task.state) ? "It printed nothing." : "It has not begun yet."}
    </p>
  );
}

/** Byte for byte from its beginning, until it ends. */
function Printed({ task, onEnd }: Props) {
  const feed = useMemo(() => outputOf(task.id), [task.id]);
  useFeed(feed);
  const { kind } = feed.standing.value;
  useEffect(() => {
    if (kind === "ended" && !isFinal(task.state)) onEnd();
  }, [kind]);
  // One that is run again prints anew, and one whose agent had no container may have one now.
  useEffect(() => {
    if ((kind === "ended" || kind === "refused") && !isFinal(task.state)) feed.connect();
  }, [task]);
  return (
    <>
      {task.truncated && <Notice tone="warn">It printed more than is kept: the output below ends early.</Notice>}
      <OutputPane
        label="Output"
        buffer={feed.buffer.value}
        reading={feed.reading}
        streams={false}
        growing={kind !== "ended" || !isFinal(task.state)}
        standing={<FeedStanding feed={feed} ended="Ended" />}
        empty={emptyWords(task, kind)}
        download={{ href: outputPath(task.id, 0).replace("follow=1&", ""), name: `task-${task.id}.txt` }}
      />
    </>
  );
}

function outputOf(id: string): Feed {
  let offset = 0;
  const text = new TextDecoder();
  return new Feed({ dated: false }, async (feed, signal) => {
    for await (const bytes of afterOpening(feed, chunks(outputPath(id, offset), "application/octet-stream", signal))) {
      offset += bytes.length;
      feed.take({ stream: "both", text: text.decode(bytes, { stream: true }) });
    }
  });
}

/** The server sends no first byte of its own: it is live as soon as it is asked. */
async function* afterOpening(feed: Feed, pieces: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  feed.live();
  yield* pieces;
}

function emptyWords(task: Task, kind: string): string {
  if (task.state === "queued" || task.state === "waking") return "It has not begun yet.";
  return isFinal(task.state) && kind === "ended" ? "It printed nothing." : "It has printed nothing yet.";
}
