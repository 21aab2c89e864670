/** What an agent's state is called, how it looks, and since when it is so. Pure. */

import type { Agent, Condition, ConditionType, Phase } from "../api/types";

export type Tone = "ok" | "busy" | "idle" | "warn" | "bad" | "unknown";
/** A shape per kind of state, so that no state is told by its colour alone. */
export type Shape = "check" | "play" | "moon" | "spin" | "square" | "pause" | "ring" | "alert" | "question" | "desk";

export interface Status {
  word: string;
  tone: Tone;
  shape: Shape;
}

export function statusOf(agent: Agent, dockerReachable: boolean | null): Status {
  if (!agent.host_mode && dockerReachable === false) return { word: "Unknown", tone: "unknown", shape: "question" };
  return named(agent) ?? phaseStatus(agent.observed.phase);
}

/** Where the phase alone says too little. */
function named(agent: Agent): Status | null {
  const { phase } = agent.observed;
  if (phase === "unknown" || phase === "host") return null;
  if (holds(agent, "state_lost")) return { word: "State lost", tone: "bad", shape: "alert" };
  if (holds(agent, "name_conflict")) return { word: "Name conflict", tone: "bad", shape: "alert" };
  if (holds(agent, "crash_loop")) return { word: "Crash loop", tone: "bad", shape: "alert" };
  if ((phase === "stopped" || phase === "absent") && holds(agent, "parked")) return { word: "Parked", tone: "warn", shape: "pause" };
  if (phase !== "stopped") return null;
  if (holds(agent, "held_down")) return { word: "Held down", tone: "idle", shape: "square" };
  return agent.lifecycle === "lazy" ? { word: "Asleep", tone: "idle", shape: "moon" } : null;
}

export const PHASE_STATUS: Record<Phase, Status> = {
  running: { word: "Running", tone: "ok", shape: "play" },
  starting: { word: "Starting", tone: "busy", shape: "spin" },
  creating: { word: "Creating", tone: "busy", shape: "spin" },
  recreating: { word: "Recreating", tone: "busy", shape: "spin" },
  stopping: { word: "Stopping", tone: "busy", shape: "spin" },
  removing: { word: "Removing", tone: "busy", shape: "spin" },
  stopped: { word: "Stopped", tone: "warn", shape: "square" },
  absent: { word: "Absent", tone: "warn", shape: "ring" },
  backoff: { word: "Backing off", tone: "bad", shape: "alert" },
  unknown: { word: "Unknown", tone: "unknown", shape: "question" },
  host: { word: "On the host", tone: "idle", shape: "desk" },
};

/** A phase of a newer server is called as the server calls it. */
export function phaseStatus(phase: string): Status {
  const known: Status | undefined = PHASE_STATUS[phase as Phase];
  return known ?? { word: titled(phase), tone: "unknown", shape: "question" };
}

/** `crash_loop` as `Crash loop`. */
export function titled(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function conditionOf(agent: Agent, type: ConditionType): Condition | null {
  return agent.conditions.find((condition) => condition.type === type && condition.status) ?? null;
}

export function holds(agent: Agent, type: ConditionType): boolean {
  return conditionOf(agent, type) !== null;
}

/** The earliest time at which something is tried again. */
export function nextRetry(agent: Agent): number | null {
  // The end of a time of parking is no try.
  const times = agent.conditions.flatMap(({ type, status, next_retry_at }) =>
    status && next_retry_at !== undefined && type !== "parked" ? [Date.parse(next_retry_at)] : [],
  );
  return times.length === 0 ? null : Math.min(...times);
}

/** Since when it is in its phase. */
export function sinceWhen(agent: Agent): number | null {
  const { phase, since, started_at } = agent.observed;
  if (since !== undefined) return since === null ? null : Date.parse(since);
  if (phase === "running" && started_at !== null) return Date.parse(started_at);
  const ready = agent.conditions.find((condition) => condition.type === "ready");
  if (phase === "stopped" && agent.last_stop !== null) return Date.parse(agent.last_stop.at);
  return ready === undefined ? null : Date.parse(ready.since);
}

/** As the page calls the conditions. */
export const CONDITION_WORDS: Record<ConditionType, string> = {
  ready: "Ready",
  effect_failing: "Failing",
  crash_loop: "Crash loop",
  name_conflict: "Name conflict",
  state_lost: "State lost",
  drift: "Drift",
  stale: "Stale image",
  unresolvable: "Not resolvable",
  docker_unreachable: "Docker unreachable",
  held_down: "Held down",
  cordoned: "Cordoned",
  kept_awake: "Kept awake",
  draining: "Draining",
  parked: "Parked",
  needs_human: "Needs a person",
  healthy: "Healthy",
  unhealthy: "Unhealthy",
  limit_near: "Near a limit",
};

/** A condition of a newer server is called as the server calls it. */
export function conditionWord(type: string): string {
  const known: string | undefined = CONDITION_WORDS[type as ConditionType];
  return known ?? titled(type);
}

const CONDITION_TONE: Partial<Record<ConditionType, Tone>> = {
  ready: "ok",
  healthy: "ok",
  needs_human: "bad",
  state_lost: "bad",
  name_conflict: "bad",
  unresolvable: "bad",
  crash_loop: "bad",
  effect_failing: "bad",
  unhealthy: "bad",
  docker_unreachable: "bad",
  limit_near: "warn",
  stale: "warn",
  parked: "warn",
  cordoned: "warn",
};

export function conditionTone(type: string): Tone {
  return CONDITION_TONE[type as ConditionType] ?? "busy";
}
