/** What is known of the log: pages of the past and what comes live, as one list. Pure. */

import type { EventPage, FleetEvent } from "../../api/types";

export const PAGE = 100;
/** Most that is kept at hand; beyond it the far end is forgotten and can be fetched again. */
export const KEPT = 4000;

export interface Log {
  /** Oldest first, without holes as far as the filter goes. */
  items: readonly FleetEvent[];
  /** Everything up to here is in `items`, or did not fit the filter. */
  upTo: number;
  /** Nothing older is stored. */
  complete: boolean;
  /** It reaches to the present, so that what comes live follows it. */
  live: boolean;
}

export function newestPage(page: EventPage): Log {
  return { items: page.items, upTo: Math.max(page.newest, page.items.at(-1)?.seq ?? 0), complete: page.items.length < PAGE, live: true };
}

/** A page of what was before an event. */
export function pastPage(page: EventPage, before: number): Log {
  const complete = page.items.length < PAGE;
  if (before > page.newest) return { ...newestPage(page), complete };
  return { items: page.items, upTo: before - 1, complete, live: false };
}

export function addOlder(log: Log, page: EventPage): Log {
  const first = log.items[0]?.seq ?? Number.POSITIVE_INFINITY;
  const older = page.items.filter(({ seq }) => seq < first);
  return { ...log, items: [...older, ...log.items], complete: page.items.length < PAGE };
}

export function addNewer(log: Log, page: EventPage): Log {
  const newer = page.items.filter(({ seq }) => seq > log.upTo);
  const live = page.items.length < PAGE;
  const last = newer.at(-1)?.seq ?? log.upTo;
  return trimmed({ ...log, items: [...log.items, ...newer], upTo: live ? Math.max(last, page.newest) : last, live });
}

/** Adds what came live. The same log if nothing of it is new. */
export function addLive(log: Log, events: readonly FleetEvent[], matches: (event: FleetEvent) => boolean): Log {
  const last = events.at(-1)?.seq;
  if (!log.live || last === undefined || last <= log.upTo) return log;
  const fresh = events.filter((event) => event.seq > log.upTo && matches(event));
  return trimmed({ ...log, items: fresh.length === 0 ? log.items : [...log.items, ...fresh], upTo: last });
}

/** Whether some came between the log and `events` that neither holds: more at once than are kept. */
export function hasHole(log: Log, events: readonly FleetEvent[]): boolean {
  const first = events[0]?.seq;
  return log.live && first !== undefined && first > log.upTo + 1;
}

/** How many of `events` would be added. */
export function countNew(log: Log, events: readonly FleetEvent[], matches: (event: FleetEvent) => boolean): number {
  return log.live ? events.filter((event) => event.seq > log.upTo && matches(event)).length : 0;
}

function trimmed(log: Log): Log {
  if (log.items.length <= KEPT) return log;
  return { ...log, items: log.items.slice(-KEPT), complete: false };
}
