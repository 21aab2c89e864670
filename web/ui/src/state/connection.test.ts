import { describe, expect, it } from "vitest";

import { type Connection, HIDDEN_MS, type Input, SILENCE_MS, STALE_MS, initial, standing, step } from "./connection";

const T = 1_000_000;

/** Steps with the time of each; ticks come every second in between, as in the page. */
function play(inputs: readonly (readonly [number, Input])[], from: Connection = initial(T)) {
  let state = from;
  const effects: string[] = [];
  for (const [at, input] of inputs) {
    for (let tick = state.lastTickAt + 1000; tick < T + at; tick += 1000) {
      const ticked = step(state, { kind: "tick" }, tick, 1);
      if (ticked.effect !== null) effects.push(ticked.effect);
      state = ticked.state;
    }
    const done = step(state, input, T + at, 1);
    if (done.effect !== null) effects.push(done.effect);
    state = done.state;
  }
  return { state, effects };
}

describe("the connection", () => {
  it("is live from the moment it opened, and says so", () => {
    const { state } = play([[100, { kind: "opened" }]]);
    expect(standing(state, T + 100)).toEqual({ kind: "live" });
  });

  it("comes back after a break, later each time, and counts down to it", () => {
    const broken: Input = { kind: "closed", reason: "the connection broke" };
    const first = play([[0, { kind: "opened" }], [10, broken]]);
    expect(first.state.retryAt).toBe(T + 1010);
    expect(standing(first.state, T + 10)).toMatchObject({ kind: "reconnecting", in_s: 1, as_of: T });
    const second = play([[1500, { kind: "retry" }], [1600, broken]], first.state);
    expect(second.state.retryAt).toBe(T + 3600);
    expect(second.effects).toEqual(["connect"]);
  });

  it("never waits for more than half a minute", () => {
    let state = initial(T);
    for (let index = 0; index < 20; index += 1) {
      state = step(state, { kind: "closed", reason: "refused" }, T, 1).state;
      expect((state.retryAt ?? 0) - T).toBeLessThanOrEqual(30_000);
      state = step(state, { kind: "retry" }, T, 1).state;
    }
  });

  it("takes a silence longer than two pings for a dead stream", () => {
    const { state, effects } = play([[0, { kind: "opened" }], [SILENCE_MS + 2000, { kind: "tick" }]]);
    expect(effects).toEqual(["connect"]);
    expect(standing(state, T + SILENCE_MS + 2000)).toMatchObject({ kind: "stale", since: T });
  });

  it("stays live as long as bytes come", () => {
    const { effects } = play([
      [0, { kind: "opened" }],
      [30_000, { kind: "byte" }],
      [60_000, { kind: "byte" }],
      [90_000, { kind: "tick" }],
    ]);
    expect(effects).toEqual([]);
  });

  it("says stale, and since when, once it has been away for long", () => {
    const { state } = play([[0, { kind: "opened" }], [10, { kind: "closed", reason: "gone" }]]);
    expect(standing(state, T + STALE_MS + 1)).toMatchObject({ kind: "stale", since: T, reason: "gone" });
  });

  it("connects anew when the clock shows that the computer slept", () => {
    const opened = play([[0, { kind: "opened" }]]).state;
    const woken = step(opened, { kind: "tick" }, T + 3_600_000);
    expect(woken.effect).toBe("connect");
    expect(standing(woken.state, T + 3_600_000)).toMatchObject({ kind: "stale", since: T });
  });

  it("gives its stream back when nobody has looked for a minute, and takes it up when somebody does", () => {
    const { state, effects } = play([
      [0, { kind: "opened" }],
      [1000, { kind: "hidden" }],
      [HIDDEN_MS + 2000, { kind: "tick" }],
    ]);
    expect(effects).toEqual(["close"]);
    expect(standing(state, T + HIDDEN_MS).kind).toBe("paused");
    expect(step(state, { kind: "seen" }, T + 2 * HIDDEN_MS).effect).toBe("connect");
  });

  it("keeps its stream when somebody looks away for a moment", () => {
    const { effects } = play([
      [0, { kind: "opened" }],
      [1000, { kind: "hidden" }],
      [20_000, { kind: "byte" }],
      [25_000, { kind: "seen" }],
      [26_000, { kind: "tick" }],
    ]);
    expect(effects).toEqual([]);
  });

  it("does not try again while nobody is signed in", () => {
    const { state, effects } = play([[0, { kind: "unauthorized" }], [60_000, { kind: "tick" }]]);
    expect(effects).toEqual(["close"]);
    expect(standing(state, T + 60_000).kind).toBe("signed_out");
    expect(step(state, { kind: "signed_in" }, T + 60_000).effect).toBe("connect");
  });

  it("ignores what an old stream says after it was given up", () => {
    const { state } = play([[0, { kind: "unauthorized" }], [10, { kind: "closed", reason: "aborted" }]]);
    expect(state.phase).toBe("signed_out");
  });
});
