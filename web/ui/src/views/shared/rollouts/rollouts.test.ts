import { describe, expect, it } from "vitest";

import type { Member, Rollout } from "../../../api/rollouts";
import { DEFAULT_ROLLOUT, rolloutOf, seconds, typesWithImages } from "../../../dialogs/roll-out-draft";
import { sampleAgent } from "../../../state/samples";
import { fits, parseRolloutFilter, rolloutSearch } from "../../rollouts/filter";
import { countsOf, kept, kindOf, lasted, memberStatus, partOf, progressWords, rolloutStatus, shortId, strategyRows, verbsOf, watchedUntil, whatNext } from "./words";

const AT = "2026-01-01T00:00:00Z";

function sampleMember(state: string, part: Partial<Member> = {}): Member {
  return {
    instance: "dev-2",
    type: "dev",
    canary: false,
    state,
    image: "agent:latest",
    from_image_id: "sha256:0123456789abcdef",
    to_image_id: "sha256:fedcba9876543210",
    reason: null,
    since: AT,
    ...part,
  };
}

function sampleRollout(state: string, members: string[] = [], part: Partial<Rollout> = {}): Rollout {
  return {
    id: "1",
    type: "dev",
    state,
    strategy: { width: 1, canary: 1, watch_s: 30, drain_s: null, pull: null },
    reason: null,
    created_at: AT,
    ended_at: ["running", "paused"].includes(state) ? null : "2026-01-01T00:01:40Z",
    members: members.map((one) => sampleMember(one)),
    ...part,
  };
}

describe("a rollout", () => {
  it("is counted by where its members stand, one of a state that is not known among those under way", () => {
    const rollout = sampleRollout("running", ["done", "skipped", "watching", "dancing", "rolled_back", "pending", "pending"]);
    expect(countsOf(rollout)).toEqual({ done: 2, out: 2, trouble: 1, waiting: 2 });
    expect(progressWords(rollout)).toBe("2 of 7 done, 2 under way, 1 in trouble");
    expect(progressWords(sampleRollout("done"))).toBe("nobody");
    expect(partOf(sampleMember("rolling_back"))).toBe("trouble");
  });

  it("is told in words, of a newer server too", () => {
    expect([rolloutStatus("rolled_back").word, memberStatus("rolling_back").word]).toEqual(["Rolled back", "Rolling back"]);
    expect([rolloutStatus("half_baked"), memberStatus("dancing").word]).toEqual([
      { word: "Half baked", tone: "unknown", shape: "question" },
      "Dancing",
    ]);
    expect(shortId("sha256:0123456789abcdef")).toBe("0123456789ab");
    expect(strategyRows({ width: 2, canary: 0, watch_s: 90, drain_s: 600, pull: true })).toEqual([
      ["At a time", "2"],
      ["Canaries per type", "none"],
      ["Watched for", "1 m 30 s"],
      ["Drained for", "at most 10 min"],
      ["Images", "fetched first"],
    ]);
  });

  it("keeps what does not differ as the same objects", () => {
    const before = [sampleMember("done", { instance: "a" }), sampleMember("pending", { instance: "b" })];
    const after = kept(before, [sampleMember("done", { instance: "a" }), sampleMember("draining", { instance: "b" })]);
    expect([after[0] === before[0], after[1] === before[1], after[1]?.state]).toEqual([true, false, "draining"]);
  });

  it("can be asked for what its state allows", () => {
    expect(["running", "paused", "done", "half_baked"].map((state) => verbsOf(sampleRollout(state)))).toEqual([
      ["pause", "abort"],
      ["resume", "abort"],
      [],
      [],
    ]);
    expect(whatNext(sampleRollout("paused", ["done", "rolled_back"]))).toContain("Resume tries the one that went back once more");
    expect(whatNext(sampleRollout("running"))).toBeNull();
  });

  it("has a length, and whom it watches is through at a time", () => {
    expect(lasted(sampleRollout("done"), 0)).toBe(100_000);
    expect(lasted(sampleRollout("running"), Date.parse(AT) + 5000)).toBe(5000);
    expect(watchedUntil(sampleMember("watching"), 30)).toBe(Date.parse(AT) + 30_000);
    expect(watchedUntil(sampleMember("draining"), 30)).toBeNull();
  });
});

describe("the filter of rollouts", () => {
  it("is the same after it went through the address", () => {
    const filter = { kind: "ended badly", type: "night shift" } as const;
    expect(parseRolloutFilter(rolloutSearch(filter))).toEqual(filter);
    expect(parseRolloutFilter("?state=fun")).toEqual({ kind: null, type: null });
  });

  it("finds those that concern a type, of the whole fleet too", () => {
    const all = sampleRollout("failed", ["failed"], { type: null });
    expect(fits({ kind: "ended badly", type: "dev" }, all)).toBe(true);
    expect(fits({ kind: null, type: "boss" }, all)).toBe(false);
    expect(["running", "done", "aborted"].map((state) => kindOf(sampleRollout(state)))).toEqual(["under way", "done", "ended badly"]);
  });
});

describe("a new rollout", () => {
  it("is sent as the server wants it", () => {
    expect(rolloutOf(DEFAULT_ROLLOUT)).toEqual({
      asked: { type: null, strategy: { width: 1, canary: 1, watch_s: 30, drain_s: null, pull: null } },
    });
    expect(rolloutOf({ type: "dev", width: "3", canary: "0", watch: "5m", drain: "1h", pull: "no" })).toEqual({
      asked: { type: "dev", strategy: { width: 3, canary: 0, watch_s: 300, drain_s: 3600, pull: false } },
    });
  });

  it("is of types that have images", () => {
    expect(typesWithImages([sampleAgent("a"), sampleAgent("b"), sampleAgent("desk", { type: "operator", phase: "host" })])).toEqual(["dev"]);
  });

  it("says at which field it is wrong", () => {
    const wrong = (part: Partial<typeof DEFAULT_ROLLOUT>): string | null => {
      const found = rolloutOf({ ...DEFAULT_ROLLOUT, ...part });
      return "wrong" in found ? found.wrong : null;
    };
    expect([wrong({ width: "0" }), wrong({ canary: "-1" }), wrong({ watch: "soon" }), wrong({ drain: "1 day" })]).toEqual(["width", "canary", "watch", "drain"]);
    expect(["30", "90s", "5 m", "1H", "", "x"].map(seconds)).toEqual([30, 90, 300, 3600, null, null]);
  });
});
