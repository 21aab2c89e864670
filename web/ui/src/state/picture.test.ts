import { describe, expect, it } from "vitest";

import type { Agent } from "../api/types";
import { EMPTY, applyPicture, applySnapshot, byName } from "./picture";
import { sampleAgent } from "./samples";

const facts = { generation: 1, docker_reachable: true, docker_error: null, booted: true, suspended: null };
const snapshot = (agents: Agent[]) => applySnapshot(EMPTY, { ...facts, cursor: 1, agents });

describe("the picture", () => {
  it("is what the frames say, whatever was before", () => {
    const before = snapshot([sampleAgent("a"), sampleAgent("b")]);
    const changed = sampleAgent("b", { phase: "stopped" });
    const after = applyPicture(before, { ...facts, generation: 2, agents: [changed, sampleAgent("c")], gone: ["a"] });
    expect([...after.agents.keys()].sort()).toEqual(["b", "c"]);
    expect(after.agents.get("b")).toBe(changed);
    expect(after.facts?.generation).toBe(2);
  });

  it("keeps the object of an agent that did not change", () => {
    const before = snapshot([sampleAgent("a"), sampleAgent("b")]);
    const again = applySnapshot(before, { ...facts, cursor: 2, agents: [sampleAgent("a"), sampleAgent("b", { phase: "absent" })] });
    expect(again.agents.get("a")).toBe(before.agents.get("a"));
    expect(again.agents.get("b")).not.toBe(before.agents.get("b"));
  });

  it("forgets agents that a new snapshot does not hold", () => {
    const before = snapshot([sampleAgent("a"), sampleAgent("b")]);
    expect([...applySnapshot(before, { ...facts, cursor: 2, agents: [sampleAgent("b")] }).agents.keys()]).toEqual(["b"]);
  });

  it("leaves the agents alone when only the fleet's own facts changed", () => {
    const before = snapshot([sampleAgent("a")]);
    const after = applyPicture(before, { ...facts, docker_reachable: false, agents: [], gone: [] });
    expect(after.agents).toBe(before.agents);
    expect(after.facts?.docker_reachable).toBe(false);
  });
});

describe("the order of names", () => {
  it("counts numbers as numbers and begins with the default one", () => {
    expect(["dev-10", "dev-2", "dev-default", "boss-default"].sort(byName)).toEqual([
      "boss-default",
      "dev-default",
      "dev-2",
      "dev-10",
    ]);
  });
});
