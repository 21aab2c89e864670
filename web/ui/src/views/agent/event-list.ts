/** Events of one agent, as pages and the stream bring them. Pure. */

import type { FleetEvent } from "../../api/types";
import type { Tone } from "../../state/status";

/** Oldest first, each once. */
export function mergeEvents(known: readonly FleetEvent[], more: readonly FleetEvent[]): readonly FleetEvent[] {
  const have = new Set(known.map(({ seq }) => seq));
  const fresh = more.filter(({ seq }) => !have.has(seq));
  if (fresh.length === 0) return known;
  return [...known, ...fresh].sort((a, b) => a.seq - b.seq);
}

export function eventWords(kind: string): string {
  const text = kind.replaceAll("_", " ").replace(/\boom\b/, "out of memory");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const BAD = /(_oom|_failed|_missing|crash_loop|name_conflict|state_lost|unresolvable|unreachable|_suspect)$/;
const WARN = /(_stale|_expired|_retried|_wiped|clock_jumped|actor_restarted)$/;
const GOOD = /(_started|_running|_recovered|_created|_pulled)$/;

export function eventTone({ kind, cause }: FleetEvent): Tone {
  if (BAD.test(kind) || cause === "oom" || cause === "crashed") return "bad";
  if (WARN.test(kind) || cause === "killed") return "warn";
  return GOOD.test(kind) ? "ok" : "idle";
}

/** Its day, where it differs from that of the event before. */
export function dayOf(at: string): string {
  return new Date(at).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}
