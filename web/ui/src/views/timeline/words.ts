/** What is pointed at, in words. Pure. */

import { kindWord } from "../../state/event-kinds";
import { inert } from "../../state/inert";
import { phaseStatus } from "../../state/status";
import { clockTime, duration, fullTime } from "../../state/time";
import type { GapData, Lanes, MarkData, SpanData } from "./lanes";
import type { Hit } from "./layout";

export const GAP_WORDS: Record<GapData["why"], string> = {
  docker_unreachable: "Docker could not be asked",
  supervisor_down: "The supervisor was not running",
};

export function phaseWord({ phase }: SpanData): string {
  return phaseStatus(phase).word;
}

/** Why nothing is known of a span, where that is so. */
export function gapOf(span: SpanData, gaps: readonly GapData[]): GapData | null {
  if (span.phase !== "unknown") return null;
  return gaps.find((gap) => gap.from < span.to && gap.to > span.from) ?? null;
}

export function markWords({ kind, cause, detail }: MarkData): string {
  return [kindWord(kind), cause, detail].flatMap((part) => (part === null ? [] : inert(part))).join(", ");
}

/** How long it lasted, as far as is known: it may have begun before what was fetched, and may not have ended. */
export function lasting(span: SpanData, known: Lanes, now: number): { length: string; times: string } {
  const early = span.from === known.from && span.seq === null;
  const open = span.to === known.to && now - known.to < PRESENT_MS;
  const cut = span.to === known.to && !open;
  const end = open ? now : span.to;
  const length = `${early || cut ? "at least " : ""}${duration(end - span.from)}${open ? " so far" : ""}`;
  const begin = `${early ? "before " : ""}${fullTime(span.from)}`;
  const until = open ? "now" : `${cut ? "after " : ""}${sameDay(span.from, end) ? clockTime(end) : fullTime(end)}`;
  return { length, times: `${begin} – ${until}` };
}

/** What was fetched that long ago still counts as the present: it is told anew when something happens. */
const PRESENT_MS = 10 * 60_000;

const sameDay = (a: number, b: number): boolean => fullTime(a).slice(0, 10) === fullTime(b).slice(0, 10);

/** For a screen reader. */
export function spoken(instance: string, hit: Hit, known: Lanes, now: number): string {
  if (hit.kind === "cluster") {
    const [mark] = hit.cluster.marks;
    const more = hit.cluster.marks.length - 1;
    if (mark === undefined) return instance;
    return `${instance}: ${markWords(mark)}, ${clockTime(mark.at)}${more > 0 ? `, and ${more} more` : ""}`;
  }
  const { span } = hit;
  const gap = gapOf(span, known.gaps);
  const why = gap === null ? "" : `, ${GAP_WORDS[gap.why]}`;
  const { length, times } = lasting(span, known, now);
  return `${instance}: ${phaseWord(span)}, ${length}, ${times}${why}`;
}
