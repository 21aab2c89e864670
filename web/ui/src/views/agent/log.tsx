import { useEffect, useMemo, useRef } from "preact/hooks";

import { logPath } from "../../api/agent";
import { ApiError, problemOf } from "../../api/problem";
import { FrameReader } from "../../api/sse";
import { chunks } from "../../api/stream";
import type { Agent } from "../../api/types";
import { BASE } from "../../api/http";
import { type Chunk, MOST_LINES, Overlap, forgetOpen } from "../shared/output/buffer";
import { Feed } from "../shared/output/feed";
import { OutputPane } from "../shared/output/pane";
import { FeedStanding } from "../shared/output/standing";
import { useFeed } from "../shared/output/use-feed";

/** Lines that are asked for when the log is first opened. */
const TAIL = 1000;

/** What its container prints, live; it goes on by itself when the container is started again. */
export function AgentLog({ agent }: { agent: Agent }) {
  const { name } = agent;
  const feed = useMemo(() => logOf(name), [name]);
  useFeed(feed);
  const incarnation = agent.observed.phase === "running" ? agent.observed.incarnation : null;
  const read = useRef<string | null>(null);
  useEffect(() => {
    const { kind } = feed.standing.peek();
    const another = read.current !== null && incarnation !== null && read.current !== incarnation;
    if (incarnation !== null) read.current = incarnation;
    if (another) feed.remark("the container was started again");
    if (incarnation !== null && (another || kind === "ended" || kind === "refused")) feed.connect();
  }, [incarnation, feed]);
  const standing = feed.standing.value;
  return (
    <OutputPane
      label={`Log of ${name}`}
      buffer={feed.buffer.value}
      reading={feed.reading}
      streams
      growing={standing.kind !== "ended" && standing.kind !== "refused"}
      standing={<FeedStanding feed={feed} ended="The container does not run" />}
      empty={standing.kind === "refused" ? "There is nothing to read now." : "It has printed nothing."}
      download={{ href: `${BASE}/agents/${encodeURIComponent(name)}/logs?tail=100000`, name: `${name}.log` }}
    />
  );
}

function logOf(name: string): Feed {
  return new Feed({ dated: true }, async (feed, signal) => {
    const { last } = feed.buffer.peek();
    feed.change(forgetOpen);
    const overlap = new Overlap(last);
    const frames = new FrameReader();
    const text = new TextDecoder();
    for await (const bytes of chunks(logPath(name, last === null ? TAIL : MOST_LINES), "text/event-stream", signal)) {
      if (feed.standing.peek().kind !== "live") feed.live();
      for (const { event, data } of frames.push(text.decode(bytes, { stream: true }))) {
        if (event === "end") return;
        if (event === "error") throw unstable(data);
        if (event !== "log") continue;
        const chunk = overlap.filter(JSON.parse(data) as Chunk);
        if (chunk !== null) feed.take(chunk);
      }
    }
    // It did not say that it ends, so it was cut.
    throw ApiError.unreachable(null);
  });
}

/** A failure on the way passes, whatever its kind, so it is tried again. */
function unstable(data: string): ApiError {
  const told = problemOf(502, data);
  return new ApiError(502, told.kind, told.title, told.message);
}
