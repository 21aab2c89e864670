/** What the kinds of events are called, where they belong, and how much they matter. Pure. */

import type { IconName } from "../kit/icons";
import type { Tone } from "./status";

export const GROUPS = ["containers", "health", "images", "instances", "work", "said", "agents", "supervisor"] as const;
export type KindGroup = (typeof GROUPS)[number];

export const GROUP_WORDS: Record<KindGroup, string> = {
  containers: "Containers",
  health: "Health and limits",
  images: "Images and rollouts",
  instances: "Waking and sleeping",
  work: "Leases and tasks",
  said: "Parked, and what agents say",
  agents: "Rows and state",
  supervisor: "Supervisor and docker",
};

export type Severity = "bad" | "warn" | "ok" | "info";
export const SEVERITIES: readonly Severity[] = ["bad", "warn", "ok", "info"];

export const SEVERITY_WORDS: Record<Severity, string> = { bad: "Failure", warn: "Warning", ok: "Success", info: "Information" };
export const SEVERITY_TONE: Record<Severity, Tone> = { bad: "bad", warn: "warn", ok: "ok", info: "idle" };
export const SEVERITY_ICON: Record<Severity, IconName> = { bad: "alert", warn: "flame", ok: "check", info: "info" };

interface Kind {
  word: string;
  group: KindGroup;
  severity: Severity;
}

const kind = (word: string, group: KindGroup, severity: Severity = "info"): Kind => ({ word, group, severity });

const KINDS: Record<string, Kind> = {
  container_created: kind("Container created", "containers"),
  container_started: kind("Container started", "containers", "ok"),
  container_stopped: kind("Container stopped", "containers"),
  container_missing: kind("Container missing", "containers", "bad"),
  container_recreated: kind("Container recreated", "containers", "ok"),
  container_recreate_failed: kind("Recreate failed", "containers", "bad"),
  container_failed: kind("Action failed", "containers", "bad"),
  container_removed: kind("Container removed", "containers"),
  container_oom: kind("Out of memory", "containers", "bad"),
  container_crash_loop: kind("Crash loop", "containers", "bad"),
  container_stale: kind("Image is stale", "containers", "warn"),
  name_conflict: kind("Name conflict", "containers", "bad"),
  container_unhealthy: kind("Container unhealthy", "health", "bad"),
  container_healthy: kind("Container healthy again", "health", "ok"),
  health_incident: kind("Too many unhealthy", "health", "bad"),
  health_incident_over: kind("Unhealthy ones recovered", "health", "ok"),
  limit_near: kind("Near a limit", "health", "warn"),
  limit_cleared: kind("Limit no longer near", "health", "ok"),
  image_pulling: kind("Pulling image", "images"),
  image_pulled: kind("Image pulled", "images", "ok"),
  image_pull_failed: kind("Pull failed", "images", "bad"),
  rollout_started: kind("Rollout started", "images"),
  rollout_member: kind("Rollout of an agent", "images"),
  rollout_paused: kind("Rollout paused", "images", "warn"),
  rollout_resumed: kind("Rollout resumed", "images"),
  rollout_finished: kind("Rollout finished", "images", "ok"),
  instance_waking: kind("Waking", "instances"),
  instance_starting: kind("Starting", "instances"),
  instance_running: kind("Running", "instances", "ok"),
  instance_idle: kind("Idle", "instances"),
  instance_stopping: kind("Stopping", "instances"),
  lease_acquired: kind("Lease acquired", "work"),
  lease_released: kind("Lease released", "work"),
  lease_expired: kind("Lease expired", "work", "warn"),
  task_started: kind("Task started", "work"),
  task_finished: kind("Task finished", "work", "ok"),
  task_retried: kind("Task retried", "work", "warn"),
  agent_parked: kind("Agent parked", "said", "warn"),
  agent_reopened: kind("Agent reopened", "said", "ok"),
  agent_needs_human: kind("Agent needs a person", "said", "bad"),
  agent_progress: kind("Agent's progress", "said"),
  agent_created: kind("Agent created", "agents"),
  agent_updated: kind("Agent changed", "agents"),
  agent_deleted: kind("Agent deleted", "agents", "warn"),
  agent_unresolvable: kind("Row not resolvable", "agents", "bad"),
  state_lost: kind("State lost", "agents", "bad"),
  state_wiped: kind("State wiped", "agents", "warn"),
  docker_unreachable: kind("Docker unreachable", "supervisor", "bad"),
  docker_recovered: kind("Docker is back", "supervisor", "ok"),
  reconcile_finished: kind("Reconcile finished", "supervisor"),
  actor_restarted: kind("Actor restarted", "supervisor", "warn"),
  clock_jumped: kind("Clock jumped", "supervisor", "warn"),
  database_suspect: kind("Database suspect", "supervisor", "bad"),
  supervisor_started: kind("Supervisor started", "supervisor"),
  supervisor_stopping: kind("Supervisor stopping", "supervisor"),
};

export const KIND_NAMES: readonly string[] = Object.keys(KINDS);
/** Those of which an operator wants to know. */
export const TROUBLE_KINDS = KIND_NAMES.filter((name) => ["bad", "warn"].includes(KINDS[name]?.severity ?? ""));

/** A kind of a newer server is called as the server calls it. */
export function kindWord(name: string): string {
  return KINDS[name]?.word ?? name.replaceAll("_", " ");
}

export function kindsOf(group: KindGroup): string[] {
  return KIND_NAMES.filter((name) => KINDS[name]?.group === group);
}

/** Causes that make bad what is usual otherwise: a stop, the end of a task. */
const BAD_CAUSES = ["crashed", "oom", "killed", "unhealthy", "failed", "timed_out", "lost", "vanished", "error"];

/** How a rollout, or one agent of it, came on. */
const ROLLOUT_CAUSES: Readonly<Record<string, Severity>> = {
  done: "ok",
  rolling_back: "warn",
  rolled_back: "bad",
  aborted: "warn",
  failed: "bad",
};

export function severityOf(event: { kind: string; cause: string | null; data?: unknown }): Severity {
  const severity = KINDS[event.kind]?.severity ?? "info";
  if (event.kind === "rollout_member" || event.kind === "rollout_finished") return ROLLOUT_CAUSES[event.cause ?? ""] ?? "info";
  if (event.kind !== "container_stopped" && event.kind !== "task_finished") return severity;
  if (event.cause !== null && BAD_CAUSES.includes(event.cause)) return "bad";
  return event.kind === "task_finished" && exitCode(event.data) > 0 ? "warn" : severity;
}

function exitCode(data: unknown): number {
  const code = typeof data === "object" && data !== null && "exit_code" in data ? data.exit_code : 0;
  return typeof code === "number" ? code : 0;
}
