/** Events of one agent, as pages and the stream bring them. Pure. */

import type { FleetEvent } from "../../api/types";

/** Oldest first, each once. */
export function mergeEvents(known: readonly FleetEvent[], more: readonly FleetEvent[]): readonly FleetEvent[] {
  const have = new Set(known.map(({ seq }) => seq));
  const fresh = more.filter(({ seq }) => !have.has(seq));
  if (fresh.length === 0) return known;
  return [...known, ...fresh].sort((a, b) => a.seq - b.seq);
}

/** Its day, where it differs from that of the event before. */
export function dayOf(at: string): string {
  return new Date(at).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}
