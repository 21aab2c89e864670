import { describe, expect, it } from "vitest";

import { troubles } from "./attention";
import { NO_FILTER, matches, parseFilter } from "./filter";
import { parkEnd } from "../dialogs/park-draft";
import { byWord } from "../views/agent/by-word";
import { parkKindWord, reopensAt, saidOf } from "./parked";
import { sampleAgent, sampleCondition, sampleLease, sampleParked } from "./samples";
import { nextRetry, statusOf } from "./status";
import { titleOf } from "./title";
import { totalsOf } from "./totals";
import { fitting } from "./verbs";

const parked = (phase: "running" | "stopped", part = {}) =>
  sampleAgent("dev-2", { phase, parked: sampleParked(part), conditions: [sampleCondition("parked", { next_retry_at: "2026-01-01T01:00:00Z" })] });
const needy = sampleAgent("dev-3", {
  conditions: [sampleCondition("needs_human")],
  needs_human: { reason: "sign in \u202eagain", since: "2026-01-01T00:00:00Z", by: "agent" },
});

describe("a parked agent", () => {
  it("is parked and not down while it is stopped, and keeps its phase while it runs", () => {
    expect(statusOf(parked("stopped"), true)).toMatchObject({ word: "Parked", shape: "pause" });
    expect(statusOf(parked("running"), true).word).toBe("Running");
    expect(totalsOf([parked("stopped"), parked("running")], true)).toMatchObject({ all: 2, parked: 2, down: 0, running: 0, trouble: 0 });
  });

  it("is found by the filter and offered to be reopened, not to be parked once more", () => {
    const filter = parseFilter("?state=parked");
    expect([parked("stopped"), parked("running"), needy].filter((agent) => matches(filter, agent, true))).toHaveLength(2);
    const verbs = fitting(parked("running")).map(({ name }) => name);
    expect(verbs).toContain("reopen");
    expect(verbs).not.toContain("park");
  });

  it("is reopened at a time that is no try to start it", () => {
    expect(reopensAt(parked("stopped", { until: "2026-01-01T01:00:00Z", reopens_at: "2026-01-01T01:00:10Z" }))).toBe(Date.UTC(2026, 0, 1, 1, 0, 10));
    expect(reopensAt(parked("stopped"))).toBeNull();
    expect(nextRetry(parked("stopped"))).toBeNull();
  });

  it("says why, of a kind that is not known too", () => {
    expect(saidOf(parked("stopped"))?.text).toBe("weekly limit");
    expect(saidOf(parked("stopped", { reason: "" }))?.text).toBe("quota used up");
    expect([parkKindWord("auth"), parkKindWord("sun_spots")]).toEqual(["cannot sign in", "sun spots"]);
    expect([byWord("dispatcher", "night\u0007 shift"), byWord("robot", undefined)]).toEqual(["the dispatcher (night\\u0007 shift)", "robot"]);
  });
});

describe("the end of a time of parking", () => {
  const now = Date.UTC(2026, 0, 1);

  it("is a length, a time to come, or open", () => {
    expect(parkEnd("3600", "", now)).toEqual({ for_s: 3600 });
    expect(parkEnd("open", "", now)).toEqual({});
    expect(parkEnd("at", "2026-01-02T00:00:00Z", now)).toEqual({ until: "2026-01-02T00:00:00.000Z" });
    expect([parkEnd("at", "", now), parkEnd("at", "2025-12-31T00:00:00Z", now)]).toEqual([null, null]);
  });
});

describe("an agent that needs a person", () => {
  it("comes before all other trouble, and is counted in the window's title", () => {
    const lost = sampleAgent("dev-1", { conditions: [sampleCondition("state_lost")] });
    expect(troubles([lost, needy]).map(({ agent, helps }) => [agent, helps])).toEqual([
      ["dev-3", "resolve"],
      ["dev-1", "recover"],
    ]);
    expect(totalsOf([lost, needy], true)).toMatchObject({ human: 1, trouble: 2 });
    expect(matches(parseFilter("?only=human"), needy, true)).toBe(true);
    expect(matches(parseFilter("?only=human"), lost, true)).toBe(false);
    expect([titleOf(null, 0), titleOf("dev-3", 2)]).toEqual(["claude-hooks", "(2!) dev-3 · claude-hooks"]);
  });

  it("says what for, and nothing in it moves or hides", () => {
    expect(saidOf(needy)?.text).toBe("sign in \\u202eagain");
  });
});

describe("what an agent says of its work", () => {
  it("stands beside its holder, and is searched", () => {
    const agent = sampleAgent("a", { lease: sampleLease("x"), progress: { text: "3 of 7 files", at: "2026-01-01T00:00:00Z" } });
    expect(saidOf(agent)?.text).toBe("3 of 7 files");
    expect(matches({ ...NO_FILTER, text: "of 7" }, agent, true)).toBe(true);
    expect(saidOf(sampleAgent("a"))).toBeNull();
  });
});
