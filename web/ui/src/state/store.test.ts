import { effect } from "@preact/signals";
import { beforeEach, describe, expect, it } from "vitest";

import type { FleetFacts } from "../api/types";
import { sampleAgent, sampleCondition } from "./samples";
import { agent, agents, dockerAwaySince, names, resyncs, samples, takePicture, takeResync, takeSnapshot, takeStats, totals } from "./store";

const facts: FleetFacts = { generation: 1, docker_reachable: true, docker_error: null, booted: true, suspended: null };
const show = (...all: ReturnType<typeof sampleAgent>[]): void => takeSnapshot({ ...facts, cursor: 0, agents: all });

beforeEach(() => show(sampleAgent("dev-2"), sampleAgent("dev-10"), sampleAgent("dev-default")));

describe("the store", () => {
  it("tells of an agent's change those who look at that agent, and nobody else", () => {
    const painted: string[] = [];
    const stop = ["dev-2", "dev-10"].map((name) => effect(() => void painted.push(`${name} ${agent(name).value?.observed.phase}`)));
    painted.length = 0;
    takePicture({ ...facts, agents: [sampleAgent("dev-2", { phase: "stopped" })], gone: [] });
    expect(painted).toEqual(["dev-2 stopped"]);
    stop.forEach((end) => end());
  });

  it("has names in order, the same list while they are the same", () => {
    const before = names.value;
    expect(before).toEqual(["dev-default", "dev-2", "dev-10"]);
    takePicture({ ...facts, agents: [sampleAgent("dev-2", { phase: "stopped" })], gone: [] });
    expect(names.value).toBe(before);
    takePicture({ ...facts, agents: [sampleAgent("dev-3")], gone: ["dev-2"] });
    expect(names.value).toEqual(["dev-default", "dev-3", "dev-10"]);
    expect(agent("dev-2").value).toBeNull();
    expect(totals.value.all).toBe(3);
  });

  it("puts a snapshot in the place of all it had", () => {
    show(sampleAgent("boss-default", { type: "boss" }));
    expect([...agents.value.keys()]).toEqual(["boss-default"]);
  });

  it("says since when docker is away, also for a page that came later", () => {
    const since = "2026-01-01T00:00:00Z";
    const lost = sampleAgent("dev-2", { phase: "unknown", conditions: [sampleCondition("docker_unreachable", { since })] });
    takePicture({ ...facts, docker_reachable: false, agents: [lost], gone: [] });
    expect(dockerAwaySince.value).toBe(Date.parse(since));
    takePicture({ ...facts, agents: [sampleAgent("dev-2")], gone: [] });
    expect(dockerAwaySince.value).toBeNull();
  });

  it("keeps what was measured in order, and once", () => {
    const item = { instance: "dev-2", cpu_percent: 5, memory_bytes: 1, memory_limit_bytes: 2, pids: 1 };
    for (const at of ["2026-01-01T00:00:02Z", "2026-01-01T00:00:04Z", "2026-01-01T00:00:04Z"]) takeStats({ at, items: [item] });
    expect(samples("dev-2").value.map(({ at }) => new Date(at).getUTCSeconds())).toEqual([2, 4]);
  });

  it("tells of a hole in the log", () => {
    const before = resyncs.value;
    takeResync();
    expect(resyncs.value).toBe(before + 1);
  });
});
