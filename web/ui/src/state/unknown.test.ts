import { describe, expect, it } from "vitest";

import type { Phase } from "../api/types";
import { inTrouble, together, troubles } from "./attention";
import { filterSearch, matches, parseFilter } from "./filter";
import { sampleAgent, sampleCondition } from "./samples";
import { conditionTone, conditionWord, statusOf } from "./status";
import { bucketOf } from "./totals";

/** A window that stays open while the daemon is replaced by a newer one. */
describe("what a newer server tells", () => {
  const strange = sampleAgent("a", { conditions: [sampleCondition("sun_struck")] });

  it("is a condition in its own words, which can be filtered by and is no trouble that we know of", () => {
    expect([conditionWord("sun_struck"), conditionTone("sun_struck")]).toEqual(["Sun struck", "busy"]);
    const filter = parseFilter("?condition=sun_struck");
    expect(filterSearch(filter)).toBe("?condition=sun_struck");
    expect(matches(filter, strange, true)).toBe(true);
    expect(matches(filter, sampleAgent("b"), true)).toBe(false);
    expect([inTrouble(strange), troubles([strange])]).toEqual([false, []]);
  });

  it("is a phase in its own words, of which nothing is known", () => {
    const agent = sampleAgent("a", { phase: "dreaming" as Phase });
    expect(statusOf(agent, true)).toEqual({ word: "Dreaming", tone: "unknown", shape: "question" });
    expect(bucketOf(agent, true)).toBe("unknown");
  });
});

describe("health and limits", () => {
  it("are told as what needs attention, each with what helps", () => {
    const agents = [
      sampleAgent("a", { conditions: [sampleCondition("limit_near", { reason: "memory" })] }),
      sampleAgent("b", { conditions: [sampleCondition("unhealthy", { reason: "its check fails" }), sampleCondition("healthy", { status: false })] }),
      sampleAgent("c", { conditions: [sampleCondition("healthy")] }),
    ];
    expect(troubles(agents).map(({ agent, severity, helps, reason }) => [agent, severity, helps, reason])).toEqual([
      ["b", "bad", "restart", "its check fails"],
      ["a", "warn", null, "memory"],
    ]);
    expect(agents.map(inTrouble)).toEqual([false, true, false]);
  });
});

describe("stale images", () => {
  const stale = (name: string) => sampleAgent(name, { conditions: [sampleCondition("stale")] });

  it("are one matter where there are several", () => {
    const other = sampleAgent("c", { conditions: [sampleCondition("crash_loop")] });
    const many = together(troubles([stale("a"), stale("b"), other]));
    expect([many.single.map(({ agent }) => agent), many.stale.map(({ agent }) => agent)]).toEqual([["c"], ["a", "b"]]);
    expect(together(troubles([stale("a"), other])).stale).toEqual([]);
  });
});
