/** Rollouts: a new image for many agents, one after the other. */

import { BASE, ask } from "./http";
import type { List } from "./types";

export const ROLLOUT_STATES = ["running", "paused", "done", "rolled_back", "aborted", "failed"] as const;
export type RolloutState = (typeof ROLLOUT_STATES)[number];

export const MEMBER_STATES = [
  "pending",
  "draining",
  "recreating",
  "watching",
  "done",
  "rolling_back",
  "rolled_back",
  "skipped",
  "failed",
] as const;
export type MemberState = (typeof MEMBER_STATES)[number];

export interface Strategy {
  /** Most members that are out at a time. */
  width: number;
  /** So many of each type come first. */
  canary: number;
  watch_s: number;
  /** Null: waits for ever. */
  drain_s: number | null;
  /** Null: as the types say. */
  pull: boolean | null;
}

export interface Member {
  instance: string;
  type: string;
  canary: boolean;
  /** A {@link MemberState}, or one that a newer server has. */
  state: string;
  /** As the row names it. */
  image: string;
  from_image_id: string;
  /** Null until images that are fetched first are here. */
  to_image_id: string | null;
  reason: string | null;
  since: string;
}

export interface Rollout {
  id: string;
  /** Null: all types. */
  type: string | null;
  /** A {@link RolloutState}, or one that a newer server has. */
  state: string;
  strategy: Strategy;
  reason: string | null;
  created_at: string;
  ended_at: string | null;
  /** In the order in which they are taken. */
  members: Member[];
}

export interface NewRollout {
  type: string | null;
  strategy: Strategy;
}

export type RolloutVerb = "pause" | "resume" | "abort";

const path = (id: string, rest = ""): string => `${BASE}/rollouts/${encodeURIComponent(id)}${rest}`;

/** Newest first. */
export async function rollouts(limit: number): Promise<Rollout[]> {
  return (await ask<List<Rollout>>(`${BASE}/rollouts?limit=${limit}`)).body.items;
}

export async function rollout(id: string): Promise<Rollout> {
  return (await ask<Rollout>(path(id))).body;
}

/** What it would do; its id is no rollout's. */
export async function dryRun(asked: NewRollout, signal: AbortSignal): Promise<Rollout> {
  return (await ask<Rollout>(`${BASE}/rollouts?dry_run=1`, { method: "POST", body: bodyOf(asked), signal })).body;
}

export async function startRollout(asked: NewRollout): Promise<Rollout> {
  return (await ask<Rollout>(`${BASE}/rollouts`, { method: "POST", body: bodyOf(asked) })).body;
}

export async function turnRollout(id: string, verb: RolloutVerb): Promise<Rollout> {
  return (await ask<Rollout>(path(id, `/${verb}`), { method: "POST" })).body;
}

const bodyOf = ({ type, strategy }: NewRollout): object => ({ ...(type === null ? {} : { type }), strategy });
