/** What the timeline shows: the window, the lanes that were fetched for it, and what is pointed at. */

import { batch, computed, effect, signal } from "@preact/signals";

import * as calls from "../../api/calls";
import { go, search } from "../../route";
import { now } from "../../state/clock";
import { agents, arrived, recentEvents, resyncs, stable } from "../../state/store";
import { type Lanes, joined, parsed } from "./lanes";
import type { Hit } from "./layout";
import { type LaneFilter, type Window, parseTimeline, rowsOf, timelineSearch } from "./rows";
import { HOUR, LONGEST, type View, settled, spanOf } from "./scale";

const wanted = stable(
  () => parseTimeline(search.value),
  (a, b) => timelineSearch(a.filter, a.window) === timelineSearch(b.filter, b.window),
);
export const filter = computed(() => wanted.value.filter);

export const view = signal<View>({ from: 0, to: 1 });
/** The window ends now, and moves on with it. */
export const following = signal(true);
export const lanes = signal<Lanes | null>(null);
export const failure = signal<unknown>(null);
export const fetching = signal(false);
export const rows = computed(() => (lanes.value === null ? [] : rowsOf(lanes.value.lanes, filter.value)));

/** What is pointed at, by the pointer or the keyboard; pinned, it stays and can be clicked. */
export interface Pointed {
  instance: string;
  hit: Hit;
  /** Within the plot. */
  x: number;
  y: number;
  pinned: boolean;
  by: "pointer" | "keyboard";
}
export const pointed = signal<Pointed | null>(null);
/** The agent whose past is listed below. */
export const listed = signal<string | null>(null);

export function setFilter(part: Partial<LaneFilter>): void {
  address({ ...filter.peek(), ...part }, wanted.peek().window);
}

export function show(window: Window): void {
  address(filter.peek(), window);
}

function address(its: LaneFilter, window: Window): void {
  go(`/timeline${timelineSearch(its, window)}`, { replace: true });
}

const SETTLE_MS = 250;
let settling: ReturnType<typeof setTimeout> | undefined;

/** Shows another window at once; the address follows when it has come to rest. */
export function look(next: View): void {
  batch(() => {
    following.value = next.to >= now.peek() - 1000;
    view.value = next;
  });
  clearTimeout(settling);
  settling = setTimeout(() => show(following.peek() ? { span: spanOf(view.peek()) } : view.peek()), SETTLE_MS);
}

/** Fetches and follows as long as the page is open. */
export function startTimeline(): () => void {
  const stops = [
    effect(() => {
      const { window } = wanted.value;
      const present = now.peek();
      batch(() => {
        following.value = "span" in window;
        view.value = settled("span" in window ? { from: present - window.span, to: present } : window, present);
      });
    }),
    effect(() => {
      const present = now.value;
      if (following.value) view.value = { from: present - spanOf(view.peek()), to: present };
    }),
    effect(() => {
      void view.value;
      if (arrived.value) plan(SETTLE_MS);
    }),
    effect(() => {
      void recentEvents.value;
      // Not all that changes is an event.
      void agents.value;
      if (arrived.value) plan(SETTLE_MS, true);
    }),
    effect(() => {
      void resyncs.value;
      reached = null;
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    clearTimeout(timer);
    clearTimeout(settling);
    timer = undefined;
    mine?.abort();
    batch(() => {
      lanes.value = null;
      failure.value = null;
      fetching.value = false;
      pointed.value = null;
      listed.value = null;
    });
  };
}

/** What is fetched at once beside the window, as a share of it, so that a small move needs no fetch. */
const BESIDE = 0.5;
/** The end of what is known is told anew: a stop is seen later than it was. */
const OVERLAP_MS = 30_000;
const TAIL_LONGEST = HOUR;
const PAUSE_MS = 2500;
/** A server that takes long is asked less often. */
const PAUSE_TIMES = 5;

let timer: ReturnType<typeof setTimeout> | undefined;
let mine: AbortController | null = null;
let restUntil = 0;
let changed = false;
/** What was asked for last; its window may be cut by the server. */
let reached: View | null = null;

/** Fetches soon what is missing; `live` says that something has happened. Not more often than the server likes. */
function plan(delay: number, live = false): void {
  changed ||= live;
  if (timer !== undefined || fetching.peek()) return;
  const rests = live || failure.peek() !== null;
  timer = setTimeout(() => void fetchMissing(), rests ? Math.max(delay, restUntil - Date.now()) : delay);
}

async function fetchMissing(): Promise<void> {
  timer = undefined;
  const known = lanes.peek();
  const shown = view.peek();
  const tail = changed && following.peek();
  const whole = known === null || reached === null || isMissing(shown, known);
  const present = now.peek();
  if (!whole && !(tail && known !== null)) return;
  changed = false;
  const afar = whole || present - known.to > TAIL_LONGEST;
  const own = new AbortController();
  mine = own;
  fetching.value = true;
  const begun = Date.now();
  try {
    const from = afar ? Math.max(shown.from - spanOf(shown) * BESIDE, shown.to - LONGEST + 1000) : Math.max(known.from, known.to - OVERLAP_MS);
    const to = following.peek() ? null : Math.min(present, shown.to + spanOf(shown) * BESIDE, from + LONGEST);
    const answer = parsed(await calls.timeline(from, to, own.signal));
    if (own.signal.aborted) return;
    batch(() => {
      failure.value = null;
      lanes.value = afar ? answer : joined(known, answer);
    });
    if (afar) reached = { from, to: answer.to };
  } catch (error) {
    if (!own.signal.aborted) failure.value = error;
  } finally {
    // The page may have been left, and opened again, meanwhile.
    if (mine === own && !own.signal.aborted) {
      fetching.value = false;
      restUntil = Date.now() + Math.max(PAUSE_MS, PAUSE_TIMES * (Date.now() - begun));
      if (changed || isMissing(view.peek(), lanes.peek())) plan(SETTLE_MS, changed);
    }
  }
}

/** Whether a part of the window is not known, or known too coarsely to show all its marks. */
function isMissing(shown: View, known: Lanes | null): boolean {
  if (known === null) return true;
  const early = shown.from < known.from - 1000;
  const late = !following.peek() && shown.to > known.to + 1000 && known.to < now.peek() - OVERLAP_MS;
  const coarse = spanOf(shown) * 4 < known.to - known.from && known.lanes.some(({ omitted }) => omitted > 0);
  return early || late || coarse;
}
