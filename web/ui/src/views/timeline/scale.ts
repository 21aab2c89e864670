/** The window of time that is shown: zoomed, moved, and marked with times. Pure. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface View {
  from: number;
  to: number;
}

/** The server tells no more than 8 days at once, and by its own clock. */
export const LONGEST = 8 * DAY - MINUTE;
const SHORTEST = 10 * SECOND;

export const PRESETS: readonly { label: string; title: string; span: number }[] = [
  { label: "1 h", title: "The last hour", span: HOUR },
  { label: "6 h", title: "The last 6 hours", span: 6 * HOUR },
  { label: "24 h", title: "The last 24 hours", span: DAY },
  { label: "3 d", title: "The last 3 days", span: 3 * DAY },
  { label: "7 d", title: "The last 7 days", span: 7 * DAY },
];

export const spanOf = ({ from, to }: View): number => to - from;
export const xOf = (view: View, width: number, at: number): number => ((at - view.from) / spanOf(view)) * width;
export const timeAt = (view: View, width: number, x: number): number => view.from + (x / width) * spanOf(view);

/** Neither too short nor too long, and not in the future: it is moved to end now. */
export function settled(view: View, now: number): View {
  const span = Math.min(LONGEST, Math.max(SHORTEST, spanOf(view)));
  const middle = (view.from + view.to) / 2;
  const from = span === spanOf(view) ? view.from : middle - span / 2;
  return from + span > now ? { from: now - span, to: now } : { from, to: from + span };
}

/** Shows `factor` times as much; `at` stays where it is. */
export function zoomed(view: View, factor: number, at: number, now: number): View {
  const span = Math.min(LONGEST, Math.max(SHORTEST, spanOf(view) * factor));
  const share = (at - view.from) / spanOf(view);
  const from = at - share * span;
  return settled({ from, to: from + span }, now);
}

/** Moves it by a share of itself. */
export function moved(view: View, share: number, now: number): View {
  const by = spanOf(view) * share;
  return settled({ from: view.from + by, to: view.to + by }, now);
}

export interface Tick {
  at: number;
  label: string;
  /** A new day. */
  major: boolean;
}

const STEPS = [1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND).concat(
  [1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  [1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  [1, 2].map((days) => days * DAY),
);

/** At round local times, at least `room` pixels apart. `offset` is what local time is ahead of UTC, in ms. */
export function ticks(view: View, width: number, offset: number, room = 88): Tick[] {
  const least = (spanOf(view) * room) / Math.max(1, width);
  const step = STEPS.find((candidate) => candidate >= least) ?? 2 * DAY;
  const found: Tick[] = [];
  for (let at = Math.ceil((view.from + offset) / step) * step; at <= view.to + offset; at += step) {
    const major = at % DAY === 0;
    found.push({ at: at - offset, label: major ? dayLabel(at) : timeLabel(at, step), major });
  }
  return found;
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

function dayLabel(local: number): string {
  const date = new Date(local);
  return `${DAYS[date.getUTCDay()]} ${date.getUTCDate()}`;
}

function timeLabel(local: number, step: number): string {
  return new Date(local).toISOString().slice(11, step < MINUTE ? 19 : 16);
}
