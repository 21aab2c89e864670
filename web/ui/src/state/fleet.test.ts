import { describe, expect, it } from "vitest";

import { PHASES } from "../api/types";
import { inTrouble, troubles } from "./attention";
import { sampleAgent, sampleCondition, sampleLease } from "./samples";
import { sinceWhen, statusOf } from "./status";
import { totalsOf } from "./totals";
import { VERBS, atWork, fitting } from "./verbs";

describe("what needs attention", () => {
  it("comes worst first, and names what helps", () => {
    const agents = [
      sampleAgent("a", { conditions: [sampleCondition("stale")] }),
      sampleAgent("b", { conditions: [sampleCondition("effect_failing", { next_retry_at: "2026-01-01T00:01:00Z" })] }),
      sampleAgent("c", { conditions: [sampleCondition("state_lost")] }),
      sampleAgent("d", { conditions: [sampleCondition("name_conflict")] }),
    ];
    expect(troubles(agents).map(({ agent, helps }) => [agent, helps])).toEqual([
      ["c", "recover"],
      ["d", "adopt"],
      ["b", "start"],
      ["a", "recreate"],
    ]);
  });

  it("is not what an operator wanted himself, nor what holds no more", () => {
    const wanted = (["held_down", "cordoned", "kept_awake", "draining"] as const).map((type) => sampleCondition(type));
    const past = sampleCondition("crash_loop", { status: false });
    expect(troubles([sampleAgent("a", { conditions: [...wanted, past] })])).toEqual([]);
    expect(inTrouble(sampleAgent("a", { conditions: [past] }))).toBe(false);
  });
});

describe("a status", () => {
  it("is a word and a shape for every phase", () => {
    for (const phase of PHASES) expect(statusOf(sampleAgent("a", { phase }), true).word).not.toBe("");
  });

  it("is unknown while docker cannot be asked, except for agents of the host", () => {
    expect(statusOf(sampleAgent("a"), false).word).toBe("Unknown");
    expect(statusOf(sampleAgent("a", { phase: "host" }), false).word).toBe("On the host");
  });

  it("tells sleep from a stop", () => {
    const word = (agent: ReturnType<typeof sampleAgent>): string => statusOf(agent, true).word;
    expect(word(sampleAgent("a", { phase: "stopped", lifecycle: "lazy" }))).toBe("Asleep");
    expect(word(sampleAgent("a", { phase: "stopped" }))).toBe("Stopped");
    expect(word(sampleAgent("a", { phase: "stopped", conditions: [sampleCondition("held_down")] }))).toBe("Held down");
  });

  it("has no beginning while nobody knows one", () => {
    const agent = sampleAgent("a");
    expect(sinceWhen(agent)).toBeNull();
    expect(sinceWhen({ ...agent, observed: { ...agent.observed, since: "2026-01-01T00:00:00Z" } })).toBe(Date.UTC(2026, 0, 1));
  });
});

describe("totals", () => {
  it("count every agent in one state", () => {
    const agents = PHASES.map((phase) => sampleAgent(phase, { phase }));
    const { all, running, moving, asleep, down, unknown, host } = totalsOf(agents, true);
    expect(running + moving + asleep + down + unknown + host).toBe(all);
    expect(totalsOf(agents, false)).toMatchObject({ running: 0, unknown: PHASES.length - 1, host: 1 });
  });
});

describe("verbs", () => {
  it("are offered where they make sense", () => {
    const names = (agent: ReturnType<typeof sampleAgent>): string[] => fitting(agent).map(({ name }) => name);
    expect(names(sampleAgent("a"))).toEqual(["stop", "restart", "recreate", "cordon", "park", "delete"]);
    expect(names(sampleAgent("a", { phase: "stopped" }))).toContain("start");
    expect(names(sampleAgent("a", { phase: "host" }))).toEqual(["delete"]);
    expect(names(sampleAgent("a", { conditions: [sampleCondition("state_lost")] }))).toContain("recover");
  });

  it("know whose work they would cut", () => {
    const working = sampleAgent("a", { lease: sampleLease("x") });
    expect(atWork(VERBS.stop, [working, sampleAgent("b")])).toEqual([working]);
    expect(atWork(VERBS.cordon, [working])).toEqual([]);
  });
});
