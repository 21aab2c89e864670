/** The fleet in numbers. Pure. */

import type { Agent } from "../api/types";
import { inTrouble } from "./attention";
import { holds, statusOf } from "./status";

export interface Totals {
  all: number;
  running: number;
  /** On their way from one phase to another. */
  moving: number;
  asleep: number;
  /** Given no work for a time, whatever their phase. */
  parked: number;
  /** Down although not asleep: stopped, absent, backing off. */
  down: number;
  unknown: number;
  host: number;
  trouble: number;
  /** Cannot go on without a person. */
  human: number;
  tasks: number;
  leases: number;
}

export function totalsOf(agents: Iterable<Agent>, dockerReachable: boolean | null): Totals {
  const totals: Totals = {
    all: 0,
    running: 0,
    moving: 0,
    asleep: 0,
    parked: 0,
    down: 0,
    unknown: 0,
    host: 0,
    trouble: 0,
    human: 0,
    tasks: 0,
    leases: 0,
  };
  for (const agent of agents) {
    totals.all += 1;
    totals[bucketOf(agent, dockerReachable)] += 1;
    if (inTrouble(agent)) totals.trouble += 1;
    if (holds(agent, "needs_human")) totals.human += 1;
    if (agent.task !== null) totals.tasks += 1;
    if (agent.lease !== null) totals.leases += 1;
  }
  return totals;
}

export type Bucket = "running" | "moving" | "asleep" | "parked" | "down" | "unknown" | "host";
export const BUCKETS: readonly Bucket[] = ["running", "moving", "asleep", "parked", "down", "unknown", "host"];

export function bucketOf(agent: Agent, dockerReachable: boolean | null): Bucket {
  if (agent.host_mode) return "host";
  const { shape } = statusOf(agent, dockerReachable);
  if (shape !== "question" && holds(agent, "parked")) return "parked";
  switch (shape) {
    case "play":
    case "check":
      return "running";
    case "spin":
      return "moving";
    case "moon":
      return "asleep";
    case "pause":
      return "parked";
    case "question":
      return "unknown";
    case "desk":
      return "host";
    case "square":
    case "ring":
    case "alert":
      return "down";
  }
}
