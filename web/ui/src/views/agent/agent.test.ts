import { describe, expect, it } from "vitest";

import type { SpecAnswer } from "../../api/agent";
import type { FleetEvent } from "../../api/types";
import { mergeEvents } from "./event-list";
import { evidenceOf } from "./evidence";
import { HIDDEN, specGroups } from "./spec-rows";
import { whatIsLeft } from "./what-is-left";

function sampleEvent(seq: number, kind: string): FleetEvent {
  return { seq, at: "2026-01-01T00:00:00Z", kind, instance: "dev-2", type: "dev", incarnation: null, cause: null, detail: null, data: null, caused_by: null };
}

describe("events of an agent", () => {
  it("are in order and each once, from wherever they come", () => {
    const page = [sampleEvent(3, "container_started"), sampleEvent(5, "container_stopped")];
    const merged = mergeEvents(page, [sampleEvent(5, "container_stopped"), sampleEvent(2, "agent_created"), sampleEvent(9, "container_oom")]);
    expect(merged.map(({ seq }) => seq)).toEqual([2, 3, 5, 9]);
    expect(mergeEvents(merged, page)).toBe(merged);
  });

  it("say what is left of a deleted agent", () => {
    const deleted = [sampleEvent(1, "agent_created"), sampleEvent(2, "agent_deleted")];
    expect(whatIsLeft(deleted)).toEqual({ deletedAt: Date.parse("2026-01-01T00:00:00Z"), wiped: false });
    expect(whatIsLeft([...deleted, sampleEvent(3, "state_wiped")]).wiped).toBe(true);
    expect(whatIsLeft([sampleEvent(1, "state_wiped"), ...deleted.slice(1)]).wiped).toBe(false);
  });
});

describe("evidence", () => {
  it("is told in words, the row first and the look last", () => {
    const found = evidenceOf({
      looked_at: "2026-01-01T00:00:00Z",
      deaths_in_ten_minutes: 5,
      container: null,
      row: { generation: 2, power: "on", spec: "a".repeat(64), exit_code: 0 },
      pin: { image_id: `sha256:${"b".repeat(64)}` },
    });
    expect(found.map(({ label }) => label)).toEqual(["Row", "Container", "Deaths in ten minutes", "Pin", "Looked at"]);
    expect(found[0]?.parts.map(({ name, text }) => [name, text])).toEqual([
      ["generation", "2"],
      ["power", "on"],
      ["spec", "aaaaaaaaaaaa"],
    ]);
    expect(found[1]?.parts).toEqual([]);
    expect(found[3]?.parts[0]).toMatchObject({ text: "bbbbbbbbbbbb", full: `sha256:${"b".repeat(64)}` });
    expect(found[4]?.parts[0]?.at).toBe(Date.parse("2026-01-01T00:00:00Z"));
  });
});

describe("the configuration", () => {
  const spec: NonNullable<SpecAnswer["desired"]> = {
    image: "agent:1",
    image_id: "sha256:abcdef",
    command: ["sleep", "1 h"],
    user: null,
    lifecycle: "hot",
    restart_policy: "no",
    env: { A: "b", TOKEN: null },
    mounts: [{ source: "/a", target: "/b", read_only: true }],
    network: "none",
    limits: { memory_bytes: 64 * 2 ** 20, milli_cpus: 500, pids: null },
    credentials: null,
    token_env: null,
    runner: 1,
    spec_hash: null,
  };
  const answer: SpecAnswer = {
    instance: "dev-2",
    overrides: { lifecycle: null, image: null, command: null, env: { A: "b" }, mounts: [], network: null, limits: { memory_bytes: 1, milli_cpus: null, pids: null } },
    desired: spec,
    observed: { ...spec, env: { TOKEN: null }, limits: { ...spec.limits, memory_bytes: 32 * 2 ** 20 } },
    drift: [
      { field: "limits.memory_bytes", desired: 0, observed: 0 },
      { field: "env.A", desired: "b", observed: null },
    ],
    explanation: null,
    stale: false,
  };

  it("is compared field by field, with what is the agent's own", () => {
    const rows = new Map(specGroups(answer).flatMap(({ rows }) => rows.map((row) => [row.field, row] as const)));
    expect(rows.get("limits.memory_bytes")).toMatchObject({ desired: ["64 MB"], observed: ["32 MB"], drift: true, own: true });
    expect(rows.get("env.A")).toMatchObject({ desired: ["b"], observed: [], drift: true, own: true });
    expect(rows.get("env.TOKEN")).toMatchObject({ desired: [HIDDEN], observed: [HIDDEN], drift: false, own: false });
    expect(rows.get("command")?.desired).toEqual(["sleep '1 h'"]);
    expect(rows.get("mounts")?.desired).toEqual(["/a → /b (read-only)"]);
  });

  it("has nothing to compare where there is no container", () => {
    const rows = specGroups({ ...answer, observed: null, drift: [] }).flatMap(({ rows }) => rows);
    expect(rows.every(({ observed }) => observed === null)).toBe(true);
  });
});
