/** What is where on a lane, in pixels. Pure. */

import type { Phase } from "../../api/types";
import { SEVERITIES, type Severity, severityOf } from "../../state/event-kinds";
import type { LaneData, MarkData, SpanData } from "./lanes";
import { type View, xOf } from "./scale";

export interface Segment {
  x: number;
  width: number;
  span: SpanData;
}

export interface Cluster {
  x: number;
  severity: Severity;
  /** Oldest first. */
  marks: readonly MarkData[];
}

/** Which of those that share a pixel is shown: what an operator must not overlook. */
const RANK: Record<Phase, number> = {
  backoff: 9,
  recreating: 6,
  creating: 6,
  starting: 6,
  stopping: 5,
  removing: 5,
  unknown: 4,
  absent: 3,
  stopped: 2,
  running: 1,
  host: 0,
};

/** Never more than one per pixel, however many spans there are. */
export function segments(spans: readonly SpanData[], view: View, width: number): Segment[] {
  const found: Segment[] = [];
  for (let index = firstAfter(spans, view.from); index < spans.length; index += 1) {
    const span = spans[index];
    if (span === undefined || span.from >= view.to) break;
    const begin = Math.max(0, Math.floor(xOf(view, width, span.from)));
    const end = Math.min(width, Math.max(begin + 1, Math.floor(xOf(view, width, span.to))));
    const last = found.at(-1);
    const taken = last === undefined ? 0 : last.x + last.width;
    if (end > taken) {
      const x = Math.max(begin, taken);
      found.push({ x, width: end - x, span });
    } else if (last !== undefined && last.width === 1 && RANK[span.phase] > RANK[last.span.phase]) {
      last.span = span;
    }
  }
  return found;
}

/** The first that ends after `at`. */
function firstAfter(spans: readonly SpanData[], at: number): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.to ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Marks that would cover each other stand as one. */
export function clusters(marks: readonly MarkData[], view: View, width: number, room = 11): Cluster[] {
  const found: { x: number; severity: Severity; marks: MarkData[] }[] = [];
  for (const mark of marks) {
    if (mark.at < view.from || mark.at > view.to) continue;
    const x = xOf(view, width, mark.at);
    const severity = severityOf(mark);
    const last = found.at(-1);
    if (last === undefined || x - last.x > room) {
      found.push({ x, severity, marks: [mark] });
    } else {
      last.marks.push(mark);
      if (SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(last.severity)) last.severity = severity;
    }
  }
  return found;
}

export type Hit = { kind: "cluster"; cluster: Cluster } | { kind: "span"; span: SpanData };

/** What the pointer means: a mark that is near, else the span under it. */
export function hit(lane: LaneData, view: View, width: number, x: number, reach = 8): Hit | null {
  let nearest: Cluster | null = null;
  for (const cluster of clusters(lane.marks, view, width)) {
    const distance = Math.abs(cluster.x - x);
    if (distance <= reach && (nearest === null || distance < Math.abs(nearest.x - x))) nearest = cluster;
  }
  if (nearest !== null) return { kind: "cluster", cluster: nearest };
  const segment = segments(lane.spans, view, width).find((one) => x >= one.x && x < one.x + one.width);
  return segment === undefined ? null : { kind: "span", span: segment.span };
}

/** Where the keyboard stops on a lane: where spans begin and marks are. */
export interface Stop {
  at: number;
  hit: Hit;
}

export function stops(lane: LaneData, view: View): Stop[] {
  const ofSpans = lane.spans.map((span): Stop => ({ at: Math.max(span.from, view.from), hit: { kind: "span", span } }));
  const ofMarks = lane.marks.map((mark): Stop => {
    const cluster: Cluster = { x: 0, severity: severityOf(mark), marks: [mark] };
    return { at: mark.at, hit: { kind: "cluster", cluster } };
  });
  const inside = ofSpans.filter(({ hit: one }) => one.kind === "span" && one.span.to > view.from);
  return [...inside, ...ofMarks]
    .filter(({ at }) => at >= view.from && at <= view.to)
    .sort((a, b) => a.at - b.at || (a.hit.kind === "span" ? -1 : 1));
}
