import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "../../../api/problem";
import { textOf } from "./buffer";
import { Feed, type Reader } from "./feed";

const RAW = { dated: false };

/** A reader whose connections are ended by the test. */
function scripted() {
  const connections: { end: () => void; fail: (error: unknown) => void; signal: AbortSignal }[] = [];
  const read: Reader = (_, signal) => new Promise((end, fail) => connections.push({ end, fail, signal }));
  return { connections, read };
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe("output that is read", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is painted at intervals however fast it comes, and at its end at once", async () => {
    const { connections, read } = scripted();
    const feed = new Feed(RAW, read);
    feed.connect();
    let painted = 0;
    feed.buffer.subscribe(() => (painted += 1));
    for (let line = 0; line < 100; line += 1) feed.take({ stream: "both", text: `${line}\n` });
    expect(painted).toBe(1);
    await vi.advanceTimersByTimeAsync(100);
    expect([painted, feed.buffer.value.count]).toEqual([2, 100]);
    feed.take({ stream: "both", text: "last" });
    connections[0]?.end();
    await settle();
    expect(feed.standing.value.kind).toBe("ended");
    expect(textOf(feed.buffer.value, RAW).endsWith("last")).toBe(true);
  });

  it("goes on after a broken connection, later each time, and stops at a refusal", async () => {
    const { connections, read } = scripted();
    const feed = new Feed(RAW, read);
    feed.connect();
    connections[0]?.fail(ApiError.unreachable(null));
    await settle();
    expect(feed.standing.value.kind).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1000);
    connections[1]?.fail(ApiError.unreachable(null));
    await settle();
    await vi.advanceTimersByTimeAsync(1000);
    expect(connections).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1000);
    connections[2]?.fail(new ApiError(409, "denied", "Not possible", "it has no container"));
    await settle();
    expect(feed.standing.value.kind).toBe("refused");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connections).toHaveLength(3);
  });

  it("hears nothing more from a connection that was replaced or closed", async () => {
    const { connections, read } = scripted();
    const feed = new Feed(RAW, read);
    feed.connect();
    feed.connect();
    expect(connections[0]?.signal.aborted).toBe(true);
    connections[0]?.end();
    await settle();
    expect(feed.standing.value.kind).toBe("connecting");
    feed.rest();
    connections[1]?.fail(new Error("aborted"));
    await settle();
    expect([feed.standing.value.kind, connections[1]?.signal.aborted]).toEqual(["resting", true]);
  });
});
