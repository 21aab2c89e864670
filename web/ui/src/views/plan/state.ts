/** The plan, asked for anew when the fleet has changed; and doing it. */

import { batch, effect, signal } from "@preact/signals";

import * as calls from "../../api/calls";
import type { PlanItem, ReconcileReport } from "../../api/types";
import { ended, run } from "../../state/operations";
import { agents, arrived, dockerReachable, facts } from "../../state/store";
import { reportWords } from "./groups";

export const plan = signal<readonly PlanItem[] | null>(null);
export const failure = signal<unknown>(null);
export const fetching = signal(false);
/** When the plan was true, by this computer's clock. */
export const plannedAt = signal<number | null>(null);
export const applying = signal(false);
export const report = signal<{ at: number; report: ReconcileReport } | null>(null);
/** What is to be asked before it is done. */
export const asked = signal<"apply" | "adopt" | null>(null);

const PAUSE_MS = 1500;
const SOON_MS = 200;

let timer: ReturnType<typeof setTimeout> | undefined;
let fetchedAt = 0;
let again = false;

/** Keeps the plan up to date as long as the page is open. */
export function startPlan(): () => void {
  const stop = effect(() => {
    void [agents.value, facts.value?.generation];
    if (arrived.value && dockerReachable.value !== false) soon();
  });
  return () => {
    stop();
    clearTimeout(timer);
    timer = undefined;
    batch(() => {
      plan.value = null;
      failure.value = null;
      asked.value = null;
    });
  };
}

function soon(): void {
  if (fetching.peek()) again = true;
  else timer ??= setTimeout(() => void refresh(), Math.max(SOON_MS, fetchedAt + PAUSE_MS - Date.now()));
}

export async function refresh(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  again = false;
  fetching.value = true;
  try {
    const items = await calls.plan();
    batch(() => {
      plan.value = items;
      failure.value = null;
      plannedAt.value = Date.now();
    });
  } catch (error) {
    failure.value = error;
  } finally {
    fetchedAt = Date.now();
    fetching.value = false;
    if (again) soon();
  }
}

/** Does the whole plan; `adopt` also takes over what is not ours. */
export async function apply(adopt: boolean): Promise<void> {
  if (applying.peek()) return;
  asked.value = null;
  applying.value = true;
  report.value = null;
  const title = adopt ? "Adopting and reconciling" : "Applying the plan";
  await run(title, "reconciled", ["The fleet"], async () => {
    const answer = await calls.reconcile(adopt);
    report.value = { at: Date.now(), report: answer };
    const [first] = answer.failed;
    const failed = first !== undefined;
    return { failed, outcome: reportWords(answer), detail: failed ? (answer.reasons[first] ?? null) : null };
  });
  applying.value = false;
  soon();
}

export function applyOne(name: string): void {
  void run(`Reconciling ${name}`, "reconciled", [name], async () => ended(await calls.reconcileOne(name))).then(soon);
}
