/**
 * The page's one stream: does what the connection machine says, and hands frames to the store.
 *
 * By `fetch`, not `EventSource`, which hides the status of a refusal (401 must lead to the sign-in page) and the pings.
 */

import { computed, signal } from "@preact/signals";

import { BASE, send } from "../api/http";
import { ApiError } from "../api/problem";
import { type Frame, FrameReader } from "../api/sse";
import type { FleetEvent, PictureFrame, SnapshotFrame, StatsFrame } from "../api/types";
import { learnClock, localNow } from "./clock";
import { type Connection, type Input, initial, standing as standingOf, step } from "./connection";
import { takeEvent, takePicture, takeResync, takeSnapshot, takeStats } from "./store";

const STREAM = `${BASE}/events?stats=1`;

const connection = signal<Connection>(initial(Date.now()));
export const standing = computed(() => standingOf(connection.value, localNow.value));
/** Whether what is shown is the present. */
export const isLive = computed(() => connection.value.phase === "live");
export const isSignedOut = computed(() => connection.value.phase === "signed_out");
/** When what is shown was true, while it is not the present. */
export const asOf = computed(() => (isLive.value ? null : connection.value.lastByteAt));

/** The stream under way, and where the next one goes on. */
let current: AbortController | null = null;
let cursor: string | null = null;

export function startLive(): void {
  document.addEventListener("visibilitychange", () => tell({ kind: document.hidden ? "hidden" : "seen" }));
  addEventListener("online", () => tell({ kind: "retry" }));
  setInterval(() => tell({ kind: "tick" }), 1000);
  if (document.hidden) tell({ kind: "hidden" });
  open();
}

export function tell(input: Input): void {
  const { state, effect } = step(connection.peek(), input, Date.now());
  connection.value = state;
  if (effect === "connect") open();
  else if (effect === "close") close();
}

function close(): void {
  current?.abort();
  current = null;
}

function open(): void {
  close();
  const mine = new AbortController();
  current = mine;
  void read(mine).then((end) => {
    // A stream that was replaced has no say any more.
    if (current === mine) tell(end);
  });
}

/** Reads one stream to its end, and says why it ended. */
async function read(mine: AbortController): Promise<Input> {
  try {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (cursor !== null) headers["last-event-id"] = cursor;
    const response = await send(STREAM, { headers, credentials: "same-origin", cache: "no-store", signal: mine.signal });
    if (current !== mine) return { kind: "closed", reason: "replaced" };
    learnClock(response.headers.get("date"));
    tell({ kind: "opened" });
    await pump(response, mine);
    return { kind: "closed", reason: "the server closed the stream" };
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return { kind: "unauthorized" };
    if (error instanceof ApiError) return { kind: "closed", reason: error.status === 0 ? error.title : error.message };
    return { kind: "closed", reason: "the connection broke" };
  }
}

async function pump(response: Response, mine: AbortController): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  const frames = new FrameReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || current !== mine) return;
    tell({ kind: "byte" });
    for (const frame of frames.push(value)) take(frame);
  }
}

function take(frame: Frame): void {
  switch (frame.event) {
    case "snapshot":
      takeSnapshot(JSON.parse(frame.data) as SnapshotFrame);
      break;
    case "picture":
      takePicture(JSON.parse(frame.data) as PictureFrame);
      break;
    case "stats":
      takeStats(JSON.parse(frame.data) as StatsFrame);
      break;
    case "resync":
      takeResync();
      break;
    case "error":
      break;
    default:
      takeEvent(JSON.parse(frame.data) as FleetEvent);
  }
  // After it was taken: a frame that could not be read is asked for again.
  if (frame.id !== null) cursor = frame.id;
}
