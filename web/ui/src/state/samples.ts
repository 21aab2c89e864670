/** Agents for tests. */

import type { Agent, Condition, ConditionType, HumanNeed, Parked, Phase, Progress } from "../api/types";

interface Part {
  type?: string;
  phase?: Phase;
  lifecycle?: Agent["lifecycle"];
  conditions?: Condition[];
  lease?: Agent["lease"];
  task?: string | null;
  parked?: Parked;
  needs_human?: HumanNeed;
  progress?: Progress;
}

export function sampleAgent(name: string, part: Part = {}): Agent {
  const { type = "dev", phase = "running", lifecycle = "hot", conditions = [], lease = null, task = null, ...said } = part;
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
    ...said,
    next_action: null,
    last_stop: null,
  };
}

export function sampleCondition(type: ConditionType | (string & {}), part: Partial<Condition> = {}): Condition {
  return { type, status: true, reason: type, since: "2026-01-01T00:00:00Z", ...part };
}

export function sampleLease(holder: string): NonNullable<Agent["lease"]> {
  return { id: "1", instance: "dev-2", container: "c", fence: 1, holder, expires_at: "2026-01-01T00:00:15Z" };
}

export function sampleParked(part: Partial<Parked> = {}): Parked {
  return { kind: "quota", reason: "weekly limit", until: null, reopens_at: null, since: "2026-01-01T00:00:00Z", by: "agent", ...part };
}
