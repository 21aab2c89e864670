import { describe, expect, it } from "vitest";

import type { Overrides } from "../api/agent";
import { type EditDraft, changed, conflicts, draftOf, memoryText, patchOf, rebase } from "./edit-draft";

const OVERRIDES: Overrides = {
  lifecycle: null,
  image: "agent:1",
  command: ["run", "a b"],
  env: { A: "1", KEY: null },
  mounts: [],
  network: null,
  limits: { memory_bytes: 512 * 2 ** 20, milli_cpus: 500, pids: null },
};
const base = draftOf(OVERRIDES);
const withEnv = (draft: EditDraft, name: string, value: string): EditDraft => ({
  ...draft,
  env: [...draft.env.filter((row) => row.name !== name), { name, value }],
});

describe("an edit", () => {
  it("begins with what the row says", () => {
    expect(base).toMatchObject({ lifecycle: "", image: "agent:1", command: "run 'a b'", memory: "512m", cpus: "0.5", pids: "" });
    expect([2 ** 30, 1000, 3 * 2 ** 20].map(memoryText)).toEqual(["1g", "1000", "3m"]);
  });

  it("sends only what differs, and takes away what was emptied", () => {
    expect(patchOf(base, base)).toEqual({});
    const mine = { ...base, image: " ", command: "run b", pids: "64", memory: "", network: "none" };
    expect(patchOf(base, mine)).toEqual({
      image: null,
      command: ["run", "b"],
      network: "none",
      limits: { pids: 64, memory: null },
    });
  });

  it("leaves a variable alone whose value is not shown, until it is typed or removed", () => {
    expect(patchOf(base, withEnv(base, "A", "2"))).toEqual({ env: { A: "2" } });
    expect(patchOf(base, withEnv(base, "KEY", "new"))).toEqual({ env: { KEY: "new" } });
    expect(patchOf(base, { ...base, env: [] })).toEqual({ env: { A: null, KEY: null } });
    expect(patchOf(base, { ...base, env: [...base.env, { name: " ", value: "" }] })).toEqual({});
  });

  it("replaces mounts as a whole", () => {
    const mounts = [{ source: "/a", target: "/b", read_only: true }];
    expect(patchOf(base, { ...base, mounts })).toEqual({ mounts });
    expect(patchOf({ ...base, mounts }, base)).toEqual({ mounts: null });
  });

  it("says at which field something cannot be sent", () => {
    expect(() => patchOf(base, { ...base, cpus: "many" })).toThrow("not a number");
    expect(() => patchOf(base, { ...base, command: "'open" })).toThrow("not closed");
  });
});

describe("an edit that another one overtook", () => {
  const mine = withEnv({ ...base, image: "agent:2", pids: "64" }, "B", "mine");
  const theirs = withEnv({ ...base, image: "agent:3", memory: "1g" }, "A", "9");

  it("shows what the server has beside what was typed", () => {
    expect(conflicts(base, mine, theirs)).toEqual([
      { field: "image", was: "agent:1", theirs: "agent:3", mine: "agent:2", clash: true },
      { field: "memory", was: "512m", theirs: "1g", mine: "512m", clash: false },
      { field: "env.A", was: "1", theirs: "9", mine: "1", clash: false },
    ]);
    expect(conflicts(base, mine, { ...base, image: "agent:2" })).toMatchObject([{ field: "image", clash: false }]);
  });

  it("goes on with both, and with the chosen one where they clash", () => {
    const kept = rebase(base, mine, theirs, () => "mine");
    expect(kept).toMatchObject({ image: "agent:2", memory: "1g", pids: "64" });
    expect(patchOf(theirs, kept)).toEqual({ image: "agent:2", limits: { pids: 64 }, env: { B: "mine" } });
    const given = rebase(base, mine, theirs, () => "theirs");
    expect(changed(theirs, given)).toEqual(["pids", "env.B"]);
  });

  it("keeps a variable removed that only one side removed", () => {
    const without = { ...base, env: base.env.filter(({ name }) => name !== "A") };
    expect(rebase(base, without, theirs, () => "mine").env.map(({ name }) => name)).toEqual(["KEY"]);
    expect(rebase(base, base, without, () => "mine").env.map(({ name }) => name)).toEqual(["KEY"]);
  });
});
