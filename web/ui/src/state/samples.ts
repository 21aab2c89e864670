/** Agents for tests. */

import type { Agent, Condition, ConditionType, Phase } from "../api/types";

interface Part {
  type?: string;
  phase?: Phase;
  lifecycle?: Agent["lifecycle"];
  conditions?: Condition[];
  lease?: Agent["lease"];
  task?: string | null;
}

export function sampleAgent(name: string, part: Part = {}): Agent {
  const { type = "dev", phase = "running", lifecycle = "hot", conditions = [], lease = null, task = null } = part;
  return {
    name,
    type,
    pool: type,
    lifecycle,
    host_mode: phase === "host",
    desired: { power: "on", image: "agent:1", spec_hash: null, generation: 1 },
    observed: {
      phase,
      container_id: null,
      image_id: null,
      started_at: null,
      restart_count: 0,
      exit_code: null,
      incarnation: null,
      observed_at: null,
    },
    lease,
    task,
    conditions,
    next_action: null,
    last_stop: null,
  };
}

export function sampleCondition(type: ConditionType, part: Partial<Condition> = {}): Condition {
  return { type, status: true, reason: type, since: "2026-01-01T00:00:00Z", ...part };
}

export function sampleLease(holder: string): NonNullable<Agent["lease"]> {
  return { id: "1", instance: "dev-2", container: "c", fence: 1, holder, expires_at: "2026-01-01T00:00:15Z" };
}
