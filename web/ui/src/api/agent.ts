/** What the page asks about one agent beyond its row in the fleet: decisions, spec, events, and how it is changed. */

import { BASE, ask } from "./http";
import type { Agent, Condition, FleetEvent, LastStop, Lifecycle, Phase, Reconciled } from "./types";

const agentPath = (name: string, rest = ""): string => `${BASE}/agents/${encodeURIComponent(name)}${rest}`;

export interface Why {
  instance: string;
  phase: Phase;
  /** Since when the same rule has decided. */
  since: string;
  rule: string;
  explanation: string;
  evidence: Record<string, unknown>;
  next_action: string | null;
  next_at: string | null;
  conditions: Condition[];
  last_stop: LastStop | null;
}

/** What was kept of a container at its death. */
export interface Capsule {
  log_tail: string;
  oom_killed: boolean;
  task: string | null;
  disk: { free: number; total: number } | null;
  /** The limit that it ran against, where that is known for certain: `memory`, `cpu`, `pids`, `disk`. */
  wall?: string | null;
  /** When it was last measured. */
  usage?: { memory_bytes: number; memory_limit_bytes: number; pids: number; limits?: { pids: number | null } } | null;
}

export interface Mount {
  source: string;
  target: string;
  read_only: boolean;
}

export interface Limits {
  memory_bytes: number | null;
  milli_cpus: number | null;
  pids: number | null;
}

/** What the agent's row says differently from its type. */
export interface Overrides {
  lifecycle: Lifecycle | null;
  image: string | null;
  command: string[] | null;
  /** Null where the value is not shown. */
  env: Record<string, string | null>;
  mounts: Mount[];
  network: string | null;
  limits: Limits;
}

export interface Spec {
  image: string;
  image_id: string | null;
  command: string[];
  user: string | null;
  lifecycle: Lifecycle;
  restart_policy: string;
  env: Record<string, string | null>;
  mounts: Mount[];
  network: string | null;
  limits: Limits;
  credentials: string | null;
  token_env: string | null;
  runner: number | null;
  spec_hash: string | null;
}

export interface Drift {
  field: string;
  desired: unknown;
  observed: unknown;
}

export interface SpecAnswer {
  instance: string;
  overrides: Overrides;
  /** Null in host mode, or when the row cannot be resolved. */
  desired: Spec | null;
  /** Null when there is no container. */
  observed: Spec | null;
  drift: Drift[];
  explanation: string | null;
  stale: boolean;
}

export interface EventPage {
  /** Oldest first. */
  items: FleetEvent[];
  oldest: number;
  newest: number;
}

export async function why(name: string, signal?: AbortSignal): Promise<Why> {
  return (await ask<Why>(agentPath(name, "/why"), signal === undefined ? {} : { signal })).body;
}

export async function spec(name: string): Promise<SpecAnswer> {
  return (await ask<SpecAnswer>(agentPath(name, "/spec"))).body;
}

/** What an edit starts from: the overrides, and the tag of a row that is no newer than they are. */
export async function editable(name: string): Promise<{ etag: string; answer: SpecAnswer }> {
  const { etag } = await ask<Agent>(agentPath(name));
  return { etag: etag ?? "*", answer: await spec(name) };
}

/** A merge patch of the overrides; null takes one away. Refused when the row is not of this tag any more. */
export async function patch(name: string, etag: string, body: unknown, force: boolean): Promise<Reconciled> {
  const path = agentPath(name, force ? "?force=1" : "");
  return (await ask<Reconciled>(path, { method: "PATCH", body, headers: { "if-match": etag } })).body;
}

/** Destroys the state volume of an agent that is deleted. */
export async function wipe(name: string): Promise<{ volume: string }> {
  return (await ask<{ volume: string }>(agentPath(name, "/wipe"), { method: "POST", body: { confirm: name } })).body;
}

/** The newest events before `before`, or the newest of all. */
export async function events(name: string, before: number | null, limit: number): Promise<EventPage> {
  const from = before === null ? "" : `&before=${before}`;
  return (await ask<EventPage>(agentPath(name, `/events?limit=${limit}${from}`))).body;
}

/** The stream of a container's output; every line begins with its time. */
export const logPath = (name: string, tail: number): string => agentPath(name, `/logs?follow=1&timestamps=1&tail=${tail}`);
