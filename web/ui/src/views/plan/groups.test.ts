import { describe, expect, it } from "vitest";

import type { PlanItem, ReconcileReport } from "../../api/types";
import { sampleAgent } from "../../state/samples";
import { foreign, leftAlone, reportGroups, reportWords, ruleWord, settled, toDo, wouldCut } from "./groups";

const item = (instance: string, action: string, outcome: PlanItem["outcome"], rule: string): PlanItem => ({
  instance,
  action,
  outcome,
  rule,
  detail: "",
});
const PLAN = [
  item("a", "create", "created", "absent"),
  item("b", "none", "unchanged", "as_desired"),
  item("c", "recreate", "recreated", "drift"),
  item("d", "none", "unchanged", "name_conflict"),
  item("e", "remove", "removed", "orphan"),
  item("f", "none", "failed", "state_lost"),
  item("g", "update_policy", "unchanged", "policy_differs"),
  item("h", "recreate", "recreated", "drift"),
  item("i", "none", "unchanged", "stranger"),
];

describe("a plan", () => {
  it("is grouped by what would be done, and every agent is in one place", () => {
    expect(toDo(PLAN).map(({ outcome, items }) => [outcome, items.map(({ instance }) => instance).join()])).toEqual([
      ["removed", "e"],
      ["recreated", "c,h"],
      ["created", "a"],
      ["unchanged", "g"],
    ]);
    expect(leftAlone(PLAN).map(({ rule }) => rule)).toEqual(["state_lost"]);
    expect(foreign(PLAN).map(({ instance }) => instance)).toEqual(["d", "i"]);
    expect(settled(PLAN).map(({ instance }) => instance)).toEqual(["b"]);
    const placed = [...toDo(PLAN).flatMap(({ items }) => items), ...leftAlone(PLAN).flatMap(({ items }) => items), ...foreign(PLAN), ...settled(PLAN)];
    expect(placed).toHaveLength(PLAN.length);
  });

  it("says what of it would stop somebody who runs", () => {
    const agents = new Map([
      ["c", sampleAgent("c")],
      ["h", sampleAgent("h", { phase: "stopped" })],
    ]);
    expect(wouldCut(PLAN, agents).map(({ instance }) => instance)).toEqual(["c", "e"]);
  });

  it("names rules that it does not know", () => {
    expect(ruleWord("some_new_rule")).toBe("Some new rule");
  });
});

describe("a report", () => {
  const none: ReconcileReport = { created: [], started: [], recreated: [], removed: [], unchanged: ["x"], failed: [], reasons: {} };

  it("is told in a line and in groups, what failed first", () => {
    expect(reportWords(none)).toBe("nothing was to be done");
    const report = { ...none, created: ["a", "b"], failed: ["c"] };
    expect(reportWords(report)).toBe("2 created, 1 failed");
    expect(reportGroups(report).map(({ outcome }) => outcome)).toEqual(["failed", "created", "unchanged"]);
  });
});
