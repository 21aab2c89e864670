/** Which agents are chosen for an action on several. */

import { computed, signal } from "@preact/signals";

import { names } from "./store";

const chosen = signal<ReadonlySet<string>>(new Set());

/** Those that are still there, in the order of names. */
export const selected = computed(() => names.value.filter((name) => chosen.value.has(name)));

export function isSelected(name: string): boolean {
  return chosen.value.has(name);
}

export function toggle(name: string): void {
  const next = new Set(chosen.peek());
  if (!next.delete(name)) next.add(name);
  chosen.value = next;
}

export function select(some: readonly string[], on: boolean): void {
  const next = new Set(chosen.peek());
  for (const name of some) {
    if (on) next.add(name);
    else next.delete(name);
  }
  chosen.value = next;
}

export function clearSelection(): void {
  chosen.value = new Set();
}
