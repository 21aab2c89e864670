/** Rollouts and their members in words and numbers. Pure. */

import type { Member, MemberState, Rollout, RolloutState, RolloutVerb, Strategy } from "../../../api/rollouts";
import { type Status, titled } from "../../../state/status";
import { duration } from "../../../state/time";

const ROLLOUT_STATUS: Record<RolloutState, Status> = {
  running: { word: "Running", tone: "busy", shape: "spin" },
  paused: { word: "Paused", tone: "warn", shape: "pause" },
  done: { word: "Done", tone: "ok", shape: "check" },
  rolled_back: { word: "Rolled back", tone: "bad", shape: "alert" },
  aborted: { word: "Aborted", tone: "idle", shape: "square" },
  failed: { word: "Failed", tone: "bad", shape: "alert" },
};

const MEMBER_STATUS: Record<MemberState, Status> = {
  pending: { word: "Pending", tone: "idle", shape: "ring" },
  draining: { word: "Draining", tone: "busy", shape: "spin" },
  recreating: { word: "Recreating", tone: "busy", shape: "spin" },
  watching: { word: "Watching", tone: "busy", shape: "spin" },
  done: { word: "Done", tone: "ok", shape: "check" },
  rolling_back: { word: "Rolling back", tone: "warn", shape: "spin" },
  rolled_back: { word: "Rolled back", tone: "bad", shape: "alert" },
  skipped: { word: "Skipped", tone: "idle", shape: "square" },
  failed: { word: "Failed", tone: "bad", shape: "alert" },
};

const unknown = (state: string): Status => ({ word: titled(state), tone: "unknown", shape: "question" });

/** A state of a newer server is called as the server calls it. */
export function rolloutStatus(state: string): Status {
  const known: Status | undefined = ROLLOUT_STATUS[state as RolloutState];
  return known ?? unknown(state);
}

export function memberStatus(state: string): Status {
  const known: Status | undefined = MEMBER_STATUS[state as MemberState];
  return known ?? unknown(state);
}

/** Where a member stands, as a part of the whole. */
export type Part = "done" | "out" | "trouble" | "waiting";
export const PARTS: readonly Part[] = ["done", "out", "trouble", "waiting"];

export const PART_WORDS: Record<Part, string> = { done: "Done", out: "Under way", trouble: "In trouble", waiting: "Waiting" };

export function partOf({ state }: Member): Part {
  switch (state as MemberState) {
    case "done":
    case "skipped":
      return "done";
    case "rolling_back":
    case "rolled_back":
    case "failed":
      return "trouble";
    case "pending":
      return "waiting";
    case "draining":
    case "recreating":
    case "watching":
      return "out";
    // One of a newer server.
    default:
      return "out";
  }
}

export type Counts = Record<Part, number>;

export function countsOf({ members }: Rollout): Counts {
  const counts: Counts = { done: 0, out: 0, trouble: 0, waiting: 0 };
  for (const member of members) counts[partOf(member)] += 1;
  return counts;
}

/** `3 of 7 done, 1 under way, 1 in trouble`. */
export function progressWords(rollout: Rollout): string {
  const { done, out, trouble } = countsOf(rollout);
  const all = rollout.members.length;
  if (all === 0) return "nobody";
  const more = [...(out > 0 ? [`${out} under way`] : []), ...(trouble > 0 ? [`${trouble} in trouble`] : [])];
  return [`${done} of ${all} done`, ...more].join(", ");
}

export const hasEnded = ({ ended_at }: Rollout): boolean => ended_at !== null;

export const rolloutName = ({ type }: { type: string | null }): string => (type === null ? "all types" : type);

/** Twelve digits, as docker shows an image. */
export const shortId = (id: string): string => id.replace(/^sha256:/, "").slice(0, 12);

/** When a member that is watched is through, if all stays well; the server's times. */
export function watchedUntil(member: Member, watchS: number): number | null {
  return member.state === "watching" ? Date.parse(member.since) + watchS * 1000 : null;
}

/** The members of a newer answer; those that do not differ stay the same objects, so that they are not painted anew. */
export function kept(before: readonly Member[], members: readonly Member[]): Member[] {
  const known = new Map(before.map((member) => [member.instance, member]));
  return members.map((member) => {
    const old = known.get(member.instance);
    return old !== undefined && JSON.stringify(old) === JSON.stringify(member) ? old : member;
  });
}

/** What can be asked of it now. */
export function verbsOf({ state }: Rollout): RolloutVerb[] {
  switch (state) {
    case "running":
      return ["pause", "abort"];
    case "paused":
      return ["resume", "abort"];
    default:
      return [];
  }
}

export const VERB_WORDS: Record<RolloutVerb, { label: string; doing: string; done: string }> = {
  pause: { label: "Pause", doing: "Pausing", done: "paused" },
  resume: { label: "Resume", doing: "Resuming", done: "resumed" },
  abort: { label: "Abort", doing: "Aborting", done: "aborted" },
};

/** What comes next, for an operator who looks at it. */
export function whatNext(rollout: Rollout): string | null {
  const back = rollout.members.filter(({ state }) => state === "rolled_back").length;
  switch (rollout.state) {
    case "paused": {
      const again = back === 0 ? "goes on where it stands" : `tries ${back === 1 ? "the one that went back" : `the ${back} that went back`} once more`;
      return `Nobody else begins; who is under way goes on to the end. Resume ${again}, abort leaves everything as it is.`;
    }
    case "rolled_back":
      return "A canary did not come up and has its old image again; nobody else was touched. What went back stays pinned to it until the next rollout.";
    case "aborted":
      return "Everything is left as it was then: who is done stays so.";
    default:
      return null;
  }
}

export function strategyRows({ width, canary, watch_s, drain_s, pull }: Strategy): [string, string][] {
  return [
    ["At a time", String(width)],
    ["Canaries per type", canary === 0 ? "none" : String(canary)],
    ["Watched for", duration(watch_s * 1000)],
    ["Drained for", drain_s === null ? "as long as it takes" : `at most ${duration(drain_s * 1000)}`],
    ["Images", pull === null ? "fetched as the types say" : pull ? "fetched first" : "not fetched"],
  ];
}

/** How long it took, or has been taking. */
export function lasted({ created_at, ended_at }: Rollout, now: number): number {
  return (ended_at === null ? now : Date.parse(ended_at)) - Date.parse(created_at);
}

export const KINDS = ["under way", "done", "ended badly"] as const;
export type Kind = (typeof KINDS)[number];

export function kindOf({ state, ended_at }: Rollout): Kind {
  if (ended_at === null) return "under way";
  return state === "done" ? "done" : "ended badly";
}
