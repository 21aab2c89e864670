/**
 * What the operator asked for, how far it is and what became of it. Nothing is shown as done before the server says so.
 */

import { signal } from "@preact/signals";

import * as calls from "../api/calls";
import { ApiError } from "../api/problem";
import type { Agent, Outcome, Reconciled } from "../api/types";
import { VERBS, type VerbName } from "./verbs";

export type StepState = "waiting" | "running" | "done" | "failed";

export interface OperationStep {
  name: string;
  state: StepState;
  /** The server's word: an outcome, or a refusal with what to do about it. */
  outcome: string | null;
  detail: string | null;
  help: string | null;
}

export interface Operation {
  id: number;
  title: string;
  /** Past participle for the summary. */
  done: string;
  startedAt: number;
  endedAt: number | null;
  steps: readonly OperationStep[];
  /** Asks for the failed ones once more. */
  again: (() => void) | null;
}

export const operations = signal<readonly Operation[]>([]);

/** A browser has six connections per origin; one is the stream's, one stays free for reads. */
const AT_ONCE = 4;
const KEPT = 20;
let nextId = 1;

/** What one step answers: the server's word, and whether it is a failure that is on record. */
export interface StepEnd {
  failed: boolean;
  outcome: string;
  detail: string | null;
}

/** Runs `work` for every name, a few at a time, and shows it. Resolves when all have ended; never throws. */
export async function run(
  title: string,
  done: string,
  names: readonly string[],
  work: (name: string) => Promise<StepEnd>,
): Promise<Operation> {
  const id = nextId;
  nextId += 1;
  const steps = names.map((name): OperationStep => ({ name, state: "waiting", outcome: null, detail: null, help: null }));
  const started: Operation = { id, title, done, startedAt: Date.now(), endedAt: null, steps, again: null };
  operations.value = [...operations.peek().slice(-(KEPT - 1)), started];
  const queue = [...names];
  const worker = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      change(id, name, { state: "running" });
      change(id, name, await attempt(work, name));
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, names.length) }, worker));
  const ended = { ...(find(id) ?? started), endedAt: Date.now() };
  const failed = ended.steps.filter(({ state }) => state === "failed").map(({ name }) => name);
  if (failed.length > 0) {
    ended.again = () => {
      dismiss(id);
      void run(title, done, failed, work);
    };
  }
  operations.value = operations.peek().map((operation) => (operation.id === id ? ended : operation));
  return ended;
}

async function attempt(work: (name: string) => Promise<StepEnd>, name: string): Promise<Partial<OperationStep>> {
  try {
    const { failed, outcome, detail } = await work(name);
    return { state: failed ? "failed" : "done", outcome, detail };
  } catch (error) {
    if (error instanceof ApiError) {
      return { state: "failed", outcome: error.title, detail: error.message, help: error.help };
    }
    return { state: "failed", outcome: "Failed", detail: error instanceof Error ? error.message : String(error) };
  }
}

function find(id: number): Operation | undefined {
  return operations.peek().find((operation) => operation.id === id);
}

function change(id: number, name: string, part: Partial<OperationStep>): void {
  operations.value = operations.peek().map((operation) => {
    if (operation.id !== id) return operation;
    const steps = operation.steps.map((step) => (step.name === name ? { ...step, ...part } : step));
    return { ...operation, steps };
  });
}

export function dismiss(id: number): void {
  operations.value = operations.peek().filter((operation) => operation.id !== id);
}

/** What needs nothing but the name of an agent. */
export type PlainVerb = Exclude<VerbName, "park">;

/** A verb on some agents. `force` takes them from whoever works with them. */
export function act(verb: PlainVerb, names: readonly string[], force = false): Promise<Operation> {
  const { doing, done } = VERBS[verb];
  const whom = names.length === 1 ? names[0] : `${names.length} agents`;
  return run(`${doing} ${whom}`, done, names, async (name) => ended(await request(verb, name, force), done));
}

async function request(verb: PlainVerb, name: string, force: boolean): Promise<Reconciled | Agent> {
  switch (verb) {
    case "start":
    case "stop":
    case "restart":
    case "recreate":
    case "adopt":
      return calls.command(name, verb, force);
    case "recover":
      return calls.command(name, verb, force, { accept_state_loss: true });
    case "cordon":
      return calls.setCordoned(name, true);
    case "uncordon":
      return calls.setCordoned(name, false);
    case "hold":
      return calls.hold(name, 3600);
    case "unhold":
      return calls.hold(name, null);
    case "reopen":
      return calls.reopen(name);
    case "resolve":
      return calls.resolve(name);
    case "delete":
      return calls.remove(name, force);
  }
}

/** The end of a step, from the server's answer. */
export function ended(answer: Reconciled | Agent, done?: string): StepEnd {
  if (!("outcome" in answer)) {
    const words = [done, answer.observed.phase].filter((word) => word !== undefined).join(", ");
    return { failed: false, outcome: words, detail: null };
  }
  const outcome: Outcome = answer.outcome;
  const phase = answer.observed?.phase;
  const words = outcome === "unchanged" && phase !== undefined ? `unchanged, ${phase}` : outcome;
  return { failed: outcome === "failed", outcome: words, detail: answer.reason };
}
