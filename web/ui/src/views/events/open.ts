/** Which events are shown with all that is known of them. */

import { type ReadonlySignal, computed, signal } from "@preact/signals";

const open = signal<ReadonlySet<number>>(new Set());

export function isOpen(seq: number): ReadonlySignal<boolean> {
  return computed(() => open.value.has(seq));
}

export function toggleEvent(seq: number, to?: boolean): void {
  const next = new Set(open.peek());
  if (to ?? !next.has(seq)) next.add(seq);
  else next.delete(seq);
  open.value = next;
}
