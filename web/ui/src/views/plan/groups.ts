/** What reconcile would do, in the groups in which it is read. Pure. */

import type { Agent, Outcome, PlanItem, ReconcileReport } from "../../api/types";
import type { Tone } from "../../state/status";

export interface PlanGroup {
  outcome: Outcome;
  items: readonly PlanItem[];
}

/** In the order in which an operator asks: what is destroyed, what is made, what is not done. */
const ORDER: readonly Outcome[] = ["removed", "recreated", "created", "started", "failed", "unchanged"];

export const WOULD: Record<Outcome, string> = {
  removed: "Would be removed",
  recreated: "Would be recreated",
  created: "Would be created",
  started: "Would be started",
  failed: "Would fail",
  unchanged: "Would be changed in place",
};
export const WAS: Record<Outcome, string> = {
  removed: "Removed",
  recreated: "Recreated",
  created: "Created",
  started: "Started",
  failed: "Failed",
  unchanged: "Unchanged",
};
export const OUTCOME_TONE: Record<Outcome, Tone> = {
  removed: "bad",
  recreated: "warn",
  created: "busy",
  started: "ok",
  failed: "bad",
  unchanged: "idle",
};

const acts = ({ action }: PlanItem): boolean => action !== "none";

export function toDo(items: readonly PlanItem[]): PlanGroup[] {
  return ORDER.map((outcome) => ({ outcome, items: items.filter((item) => acts(item) && item.outcome === outcome) })).filter(
    ({ items: found }) => found.length > 0,
  );
}

export interface RuleGroup {
  rule: string;
  items: readonly PlanItem[];
}

/** Those for which nothing is done although they are not as their rows ask, by the rule that holds it back. */
export function leftAlone(items: readonly PlanItem[]): RuleGroup[] {
  const groups = new Map<string, PlanItem[]>();
  for (const item of items) {
    if (acts(item) || SETTLED.includes(item.rule) || FOREIGN.includes(item.rule)) continue;
    groups.set(item.rule, [...(groups.get(item.rule) ?? []), item]);
  }
  return [...groups.entries()].map(([rule, found]) => ({ rule, items: found }));
}

/** Of whom a container that is not ours has the name: with a row that it keeps from its name, or without. */
export function foreign(items: readonly PlanItem[]): PlanItem[] {
  return items.filter((item) => !acts(item) && FOREIGN.includes(item.rule));
}

const FOREIGN: readonly string[] = ["name_conflict", "stranger"];

/** Rules by which all is well. */
const SETTLED: readonly string[] = ["as_desired", "host_mode", "lazy_asleep", "lazy_awake", "no_row"];

export function settled(items: readonly PlanItem[]): PlanItem[] {
  return items.filter((item) => !acts(item) && SETTLED.includes(item.rule));
}

/** Rules as titles; one of a newer server is called as the server calls it. */
export function ruleWord(rule: string): string {
  const words = rule.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const CUTS: readonly string[] = ["recreate", "restart", "stop", "remove", "clear"];

/** Running agents that would be stopped or replaced. */
export function wouldCut(items: readonly PlanItem[], agents: ReadonlyMap<string, Agent>): PlanItem[] {
  return items.filter((item) => {
    const phase = agents.get(item.instance)?.observed.phase;
    // Of one without a row nothing else is known than that it is removed.
    return CUTS.includes(item.action) && (phase === undefined || phase === "running" || phase === "starting");
  });
}

/** `2 created, 1 started`; of what is unchanged only if nothing else is. */
export function reportWords(report: ReconcileReport): string {
  const parts = ORDER.flatMap((outcome) =>
    outcome === "unchanged" || report[outcome].length === 0 ? [] : [`${report[outcome].length} ${outcome}`],
  );
  return parts.length === 0 ? "nothing was to be done" : parts.join(", ");
}

export function reportGroups(report: ReconcileReport): { outcome: Outcome; names: readonly string[] }[] {
  const order: Outcome[] = ["failed", "removed", "recreated", "created", "started", "unchanged"];
  return order.map((outcome) => ({ outcome, names: report[outcome] })).filter(({ names }) => names.length > 0);
}
