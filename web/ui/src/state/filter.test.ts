import { describe, expect, it } from "vitest";

import { type Filter, NO_FILTER, filterSearch, isFiltering, matches, order, parseFilter } from "./filter";
import { sampleAgent, sampleCondition, sampleLease } from "./samples";

const FULL: Filter = {
  text: "night shift",
  states: ["running", "down"],
  types: ["dev"],
  lifecycles: ["lazy"],
  conditions: ["drift"],
  only: ["tasks"],
  sort: "cpu",
  descending: true,
};

describe("the filter", () => {
  it("is the same after it went through the address", () => {
    expect(parseFilter(filterSearch(FULL))).toEqual(FULL);
    expect(filterSearch(NO_FILTER)).toBe("");
    expect(isFiltering({ ...NO_FILTER, sort: "cpu" })).toBe(false);
  });

  it("ignores what it does not know in an address", () => {
    expect(parseFilter("?state=flying&sort=colour&only=fun")).toEqual(NO_FILTER);
  });

  it("finds words in name, type, image, holder and state, in any order", () => {
    const agent = sampleAgent("dev-2", { lease: sampleLease("night shift") });
    const found = (text: string): boolean => matches({ ...NO_FILTER, text }, agent, true);
    expect(["dev-2", "NIGHT", "shift dev", "agent:1", "running"].filter(found)).toHaveLength(5);
    expect(found("dev day")).toBe(false);
  });

  it("wants one value of each member that names some", () => {
    const agent = sampleAgent("dev-2", { lifecycle: "lazy", conditions: [sampleCondition("drift")] });
    const passes = (part: Partial<Filter>): boolean => matches({ ...NO_FILTER, ...part }, agent, true);
    expect(passes({ states: ["running", "down"], types: ["dev"], conditions: ["drift"] })).toBe(true);
    expect(passes({ lifecycles: ["hot"] })).toBe(false);
    expect(passes({ only: ["leases"] })).toBe(false);
  });

  it("knows no running agent while docker cannot be asked", () => {
    expect(matches({ ...NO_FILTER, states: ["running"] }, sampleAgent("a"), false)).toBe(false);
    expect(matches({ ...NO_FILTER, states: ["unknown"] }, sampleAgent("a"), false)).toBe(true);
  });

  it("sorts by what is measured, and by name where that is equal", () => {
    const cpu: Record<string, number> = { a: 1, b: 50, c: 50 };
    const by = order({ ...NO_FILTER, sort: "cpu", descending: true }, true, (name) => ({ cpu: cpu[name] ?? null, memory: null }));
    const sorted = ["a", "b", "c"].map((name) => sampleAgent(name)).sort(by);
    expect(sorted.map(({ name }) => name)).toEqual(["c", "b", "a"]);
  });
});
