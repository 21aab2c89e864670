import { describe, expect, it } from "vitest";

import { bodyOf, envOf, freeName, EMPTY_DRAFT } from "./dialogs/draft";
import { rank } from "./dialogs/rank";
import { parseRoute, wayBack } from "./route";
import { bytes, percent } from "./state/size";
import { addSample, KEPT } from "./state/stats";
import { countdown, duration } from "./state/time";

describe("addresses", () => {
  it("are read as views", () => {
    expect(parseRoute("/")).toEqual({ view: "fleet" });
    expect(parseRoute("/agents/dev-2/logs")).toEqual({ view: "agent", name: "dev-2", tab: "logs" });
    expect(parseRoute("/tasks/1")).toEqual({ view: "task", id: "1" });
    expect(parseRoute("/rollouts/1")).toEqual({ view: "rollout", id: "1" });
    expect(parseRoute("/rollouts")).toEqual({ view: "rollouts" });
    expect(parseRoute("/plan")).toEqual({ view: "plan" });
    expect(parseRoute("/plan/b")).toEqual({ view: "nowhere" });
    expect(parseRoute("/%E0%A4%A")).toEqual({ view: "nowhere" });
  });

  it("lead back only within the page", () => {
    expect(wayBack("?back=%2Fagents%2Fdev-2%3Fq%3D1")).toBe("/agents/dev-2?q=1");
    for (const back of ["//evil.example", "/\\evil.example", "https://evil.example", "", "evil"]) {
      expect(wayBack(`?back=${encodeURIComponent(back)}`)).toBe("/");
    }
  });
});

describe("amounts", () => {
  it("are told in the two largest units of time", () => {
    expect([0, 59_999, 61_000, 600_000, 3_600_000, 5_400_000, 100_000_000, 900_000_000].map(duration)).toEqual([
      "0 s",
      "59 s",
      "1 m 1 s",
      "10 min",
      "1 h",
      "1 h 30 m",
      "1 d 3 h",
      "10 d",
    ]);
    expect([countdown(-1), countdown(1), countdown(41_000)]).toEqual(["now", "in 1 s", "in 41 s"]);
  });

  it("are told in units that fit them", () => {
    expect([0, 999, 1_500_000, 350 * 2 ** 20, 4 * 2 ** 30].map(bytes)).toEqual(["0 B", "999 B", "1.4 MB", "350 MB", "4.0 GB"]);
    expect([0, 0.44, 9.96, 187.2].map(percent)).toEqual(["0.0 %", "0.4 %", "10 %", "187 %"]);
  });
});

describe("samples", () => {
  it("are kept in order and not for ever", () => {
    let past = addSample([], { at: 0, cpu: 1, memory: 1, memoryLimit: null });
    for (let at = 1; at < 2 * KEPT; at += 1) past = addSample(past, { at, cpu: at, memory: 1, memoryLimit: null });
    expect(past).toHaveLength(KEPT);
    expect(addSample(past, { at: 3, cpu: 0, memory: 0, memoryLimit: null })).toBe(past);
  });
});

describe("a new agent", () => {
  it("gets the next free name of its pool", () => {
    expect(freeName("dev", [])).toBe("dev-default");
    expect(freeName("dev", ["dev-default", "dev-2", "dev-4"])).toBe("dev-3");
  });

  it("says only what differs from its type", () => {
    expect(bodyOf({ ...EMPTY_DRAFT, name: " dev-2 ", type: "dev" })).toEqual({ name: "dev-2", type: "dev" });
    expect(bodyOf({ ...EMPTY_DRAFT, name: "a", type: "dev", cpus: "0.5", memory: "1g", env: "A=b=c\n\n" })).toMatchObject({
      env: { A: "b=c" },
      limits: { memory: "1g", cpus: 0.5 },
    });
    expect(() => envOf("A")).toThrow("not NAME=value");
  });
});

describe("the palette", () => {
  const commands = ["dev-2", "dev-20", "Restart dev-2", "New agent…"].map((label) => ({
    label,
    words: "",
    weight: 1,
    onlyAsked: label.startsWith("Restart"),
  }));

  it("puts what is called just so first, and keeps verbs back until asked", () => {
    expect(rank(commands, "dev-2")[0]?.label).toBe("dev-2");
    expect(rank(commands, "restart 2").map(({ label }) => label)).toEqual(["Restart dev-2"]);
    expect(rank(commands, "").map(({ label }) => label)).not.toContain("Restart dev-2");
  });
});
