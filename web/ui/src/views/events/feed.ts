/** The log as the page shows it: fetched, followed live, held still where somebody reads. */

import { batch, computed, effect, signal } from "@preact/signals";

import * as calls from "../../api/calls";
import type { FleetEvent } from "../../api/types";
import { go, search } from "../../route";
import { arrived, recentEvents, resyncs, stable } from "../../state/store";
import { type EventFilter, eventMatcher, eventQuery, eventSearch, parseEventFilter } from "./filter";
import { type Log, PAGE, addLive, addNewer, addOlder, countNew, hasHole, newestPage, pastPage } from "./pages";

export const filter = stable(
  () => parseEventFilter(search.value),
  (a, b) => eventSearch(a, null) === eventSearch(b, null),
);
/** The event around which the log is shown; null: the present. */
export const around = computed<number | null>(() => {
  const at = Number(new URLSearchParams(search.value).get("at"));
  return Number.isSafeInteger(at) && at > 0 ? at : null;
});
const matcher = computed(() => eventMatcher(filter.value));

export const log = signal<Log | null>(null);
export const failure = signal<unknown>(null);
/** Which end is being fetched. */
export const fetching = signal<"start" | "older" | "newer" | null>(null);
/** By the operator, or because he has scrolled away from the newest. */
export const paused = signal(false);
export const scrolledAway = signal(false);
/** How many wait to be shown. */
export const waiting = computed(() => (log.value === null ? 0 : countNew(log.value, recentEvents.value, matcher.value)));

export function setFilter(part: Partial<EventFilter>): void {
  go(`/events${eventSearch({ ...filter.peek(), ...part }, null)}`, { replace: true });
}

/** Leads to an event, in the list without a filter. */
export const eventPath = (seq: number): string => `/events?at=${seq}`;

const LIVE_MS = 100;
const TYPING_MS = 150;

/** Fetches and follows as long as the page is open. */
export function startFeed(): () => void {
  let timer: number | undefined;
  let mine: AbortController | null = null;
  const stopFetching = effect(() => {
    void resyncs.value;
    const wanted = { filter: filter.value, around: around.value };
    if (!arrived.value) return;
    mine?.abort();
    mine = new AbortController();
    const { signal: abort } = mine;
    const first = log.peek() === null;
    const start = setTimeout(() => void begin(wanted.filter, wanted.around, abort), first ? 0 : TYPING_MS);
    abort.addEventListener("abort", () => clearTimeout(start));
  });
  const stopFollowing = effect(() => {
    void recentEvents.value;
    if (paused.value || scrolledAway.value) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      if (!paused.peek() && !scrolledAway.peek()) showWaiting();
    }, LIVE_MS);
  });
  return () => {
    stopFetching();
    stopFollowing();
    clearTimeout(timer);
    mine?.abort();
    batch(() => {
      log.value = null;
      failure.value = null;
      fetching.value = null;
      paused.value = false;
      scrolledAway.value = false;
    });
  };
}

/** Takes in what came live. */
export function showWaiting(): void {
  const known = log.peek();
  if (known === null) return;
  if (hasHole(known, recentEvents.peek())) void newer();
  else log.value = addLive(known, recentEvents.peek(), matcher.peek());
}

async function begin(by: EventFilter, at: number | null, abort: AbortSignal): Promise<void> {
  const query = eventQuery(by);
  query.set("limit", String(PAGE));
  // Some that came after it are shown too.
  const before = at === null ? null : at + PAGE / 4;
  if (before !== null) query.set("before", String(before));
  await fetchPart("start", abort, async () => {
    const page = await calls.events(query, abort);
    return () => (before === null ? newestPage(page) : pastPage(page, before));
  });
}

export async function older(): Promise<void> {
  const known = log.peek();
  const first = known?.items[0]?.seq;
  if (known === null || first === undefined || known.complete || fetching.peek() !== null) return;
  const query = eventQuery(filter.peek());
  query.set("limit", String(PAGE));
  query.set("before", String(first));
  await fetchPart("older", null, async () => {
    const page = await calls.events(query);
    return (now) => addOlder(now, page);
  });
}

export async function newer(): Promise<void> {
  const known = log.peek();
  if (known === null || fetching.peek() !== null) return;
  const query = eventQuery(filter.peek());
  query.set("limit", String(PAGE));
  query.set("after", String(known.upTo));
  await fetchPart("newer", null, async () => {
    const page = await calls.events(query);
    return (now) => addNewer(now, page);
  });
}

/** What is fetched is put to what is known by then, unless that has become another log. */
async function fetchPart(
  which: "start" | "older" | "newer",
  abort: AbortSignal | null,
  work: () => Promise<(now: Log) => Log>,
): Promise<void> {
  const by = eventSearch(filter.peek(), around.peek());
  fetching.value = which;
  try {
    const put = await work();
    if (by !== eventSearch(filter.peek(), around.peek()) || abort?.aborted === true) return;
    const known = log.peek();
    // The page was left meanwhile.
    if (known === null && which !== "start") return;
    batch(() => {
      failure.value = null;
      log.value = put(known ?? { items: [], upTo: 0, complete: false, live: false });
    });
  } catch (error) {
    if (abort?.aborted !== true) failure.value = error;
  } finally {
    if (abort?.aborted !== true && fetching.peek() === which) fetching.value = null;
  }
}

/** One event by its number; null if it is not stored any more. */
export async function oneEvent(seq: number): Promise<FleetEvent | null> {
  const known = log.peek()?.items.find((event) => event.seq === seq);
  if (known !== undefined) return known;
  const page = await calls.events(new URLSearchParams({ before: String(seq + 1), limit: "1" }));
  const found = page.items[0];
  return found?.seq === seq ? found : null;
}
