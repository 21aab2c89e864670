/** What is wrong in the fleet, worst first, and what helps. Pure. */

import type { Agent, ConditionType } from "../api/types";
import { byName } from "./picture";
import type { VerbName } from "./verbs";

export interface Trouble {
  agent: string;
  type: string;
  severity: "bad" | "warn";
  reason: string;
  since: number;
  retryAt: number | null;
  /** The verb that helps, if one does. */
  helps: VerbName | null;
}

interface Rule {
  severity: "bad" | "warn";
  rank: number;
  helps: VerbName | null;
}

/** Conditions that want an operator. The others are his own wish, or pass by themselves. */
const RULES: Partial<Record<ConditionType, Rule>> = {
  needs_human: { severity: "bad", rank: 0, helps: "resolve" },
  state_lost: { severity: "bad", rank: 1, helps: "recover" },
  name_conflict: { severity: "bad", rank: 2, helps: "adopt" },
  unresolvable: { severity: "bad", rank: 3, helps: null },
  crash_loop: { severity: "bad", rank: 4, helps: "start" },
  effect_failing: { severity: "bad", rank: 5, helps: "start" },
  unhealthy: { severity: "bad", rank: 6, helps: "restart" },
  limit_near: { severity: "warn", rank: 7, helps: null },
  stale: { severity: "warn", rank: 8, helps: "recreate" },
};

const ruleOf = (type: string): Rule | undefined => RULES[type as ConditionType];

export function troubles(agents: Iterable<Agent>): Trouble[] {
  const found: (Trouble & { rank: number })[] = [];
  for (const agent of agents) {
    for (const { type, status, reason, since, next_retry_at } of agent.conditions) {
      const rule = ruleOf(type);
      if (!status || rule === undefined) continue;
      const retryAt = next_retry_at === undefined ? null : Date.parse(next_retry_at);
      found.push({ agent: agent.name, type, reason, since: Date.parse(since), retryAt, ...rule });
    }
  }
  found.sort((a, b) => a.rank - b.rank || a.since - b.since || byName(a.agent, b.agent));
  return found.map(({ rank: _, ...trouble }) => trouble);
}

export function inTrouble(agent: Agent): boolean {
  return agent.conditions.some(({ type, status }) => status && ruleOf(type)?.severity === "bad");
}

/** Many that run an old image are one matter, which a rollout mends. */
export function together(found: readonly Trouble[]): { single: readonly Trouble[]; stale: readonly Trouble[] } {
  const stale = found.filter(({ type }) => type === "stale");
  return stale.length < 2 ? { single: found, stale: [] } : { single: found.filter(({ type }) => type !== "stale"), stale };
}
