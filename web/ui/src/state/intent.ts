/** What the operator is about to do: a dialog asks, then `operations` does it. One dialog at a time. */

import { signal } from "@preact/signals";

import type { Agent } from "../api/types";
import { act } from "./operations";
import { agents } from "./store";
import { VERBS, type VerbName, atWork } from "./verbs";

export type Intent =
  | { kind: "verb"; verb: VerbName; names: readonly string[] }
  | { kind: "create"; type: string | null }
  | { kind: "scale"; type: string | null }
  | { kind: "edit"; name: string }
  | { kind: "wipe"; name: string }
  | { kind: "park"; names: readonly string[] }
  | { kind: "rollout"; type: string | null }
  | { kind: "run-task"; name: string | null }
  | { kind: "palette" }
  | { kind: "keys" };

export const intent = signal<Intent | null>(null);

/** Does it at once, or asks first where it destroys something or cuts somebody's work. */
export function intend(verb: VerbName, names: readonly string[]): void {
  if (names.length === 0) return;
  const chosen = names.flatMap((name) => agents.peek().get(name) ?? []);
  if (verb === "park") intent.value = { kind: "park", names };
  else if (asksFirst(verb, chosen)) intent.value = { kind: "verb", verb, names };
  else void act(verb, names);
}

export function asksFirst(verb: VerbName, chosen: readonly Agent[]): boolean {
  const stopsMany = chosen.length > 1 && VERBS[verb].cuts;
  return VERBS[verb].confirm || stopsMany || atWork(VERBS[verb], chosen).length > 0;
}
