/** The server's timeline with times as numbers, and a newer end put to an older beginning. Pure. */

import type { Gap, Phase, Timeline } from "../../api/types";
import type { View } from "./scale";

export interface SpanData extends View {
  phase: Phase;
  seq: number | null;
}

export interface MarkData {
  seq: number;
  at: number;
  kind: string;
  cause: string | null;
  detail: string | null;
}

export interface LaneData {
  instance: string;
  type: string | null;
  deleted: boolean;
  spans: readonly SpanData[];
  marks: readonly MarkData[];
  omitted: number;
}

export interface GapData extends View {
  why: Gap["why"];
}

export interface Lanes extends View {
  lanes: readonly LaneData[];
  gaps: readonly GapData[];
  expiredBefore: number | null;
}

export function parsed(timeline: Timeline): Lanes {
  return {
    from: Date.parse(timeline.from),
    to: Date.parse(timeline.to),
    lanes: timeline.items.map(({ instance, type, deleted, spans, marks, marks_omitted }) => ({
      instance,
      type,
      deleted,
      spans: spans.map(({ phase, from, to, seq }) => ({ phase, from: Date.parse(from), to: Date.parse(to), seq })),
      marks: marks.map((mark) => ({ ...mark, at: Date.parse(mark.at) })),
      omitted: marks_omitted,
    })),
    gaps: timeline.gaps.map(({ from, to, why }) => ({ from: Date.parse(from), to: Date.parse(to), why })),
    expiredBefore: timeline.expired_before === null ? null : Date.parse(timeline.expired_before),
  };
}

/** The newer one from its beginning on, the older one before that. They must touch. */
export function joined(older: Lanes, newer: Lanes): Lanes {
  const seam = newer.from;
  const byName = new Map(newer.lanes.map((lane) => [lane.instance, lane]));
  const lanes = older.lanes.map((before): LaneData => {
    const after = byName.get(before.instance);
    byName.delete(before.instance);
    if (after === undefined) return gone(before, newer);
    return {
      ...after,
      type: after.type ?? before.type,
      spans: joinedSpans(before.spans, after.spans, seam),
      marks: [...before.marks.filter(({ at }) => at < seam), ...after.marks],
      omitted: before.omitted + after.omitted,
    };
  });
  for (const lane of byName.values()) {
    const before: SpanData = { phase: "absent", from: older.from, to: seam, seq: null };
    lanes.push({ ...lane, spans: joinedSpans([before], lane.spans, seam) });
  }
  lanes.sort((a, b) => (a.instance < b.instance ? -1 : 1));
  return {
    from: older.from,
    to: newer.to,
    lanes,
    gaps: joinedGaps(older.gaps, newer.gaps, seam),
    expiredBefore: newer.expiredBefore,
  };
}

/** Nothing is told any more of what was deleted before the newer one began. */
function gone(lane: LaneData, newer: Lanes): LaneData {
  const after: SpanData = { phase: "absent", from: newer.from, to: newer.to, seq: null };
  return {
    ...lane,
    deleted: true,
    spans: joinedSpans(lane.spans, [after], newer.from),
    marks: lane.marks.filter(({ at }) => at < newer.from),
  };
}

function joinedSpans(before: readonly SpanData[], after: readonly SpanData[], seam: number): SpanData[] {
  const spans = before.filter(({ from }) => from < seam).map((span) => (span.to > seam ? { ...span, to: seam } : span));
  const last = spans.at(-1);
  const [first, ...rest] = after;
  if (first === undefined) return spans;
  if (last !== undefined && last.phase === first.phase && last.to === first.from) {
    return [...spans.slice(0, -1), { ...last, to: first.to }, ...rest];
  }
  return [...spans, ...after];
}

function joinedGaps(before: readonly GapData[], after: readonly GapData[], seam: number): GapData[] {
  const gaps = before.filter(({ from }) => from < seam).map((gap) => (gap.to > seam ? { ...gap, to: seam } : gap));
  for (const gap of after) {
    const same = gaps.findIndex((known) => known.why === gap.why && known.to === seam && gap.from === seam);
    const known = gaps[same];
    if (known === undefined) gaps.push(gap);
    else gaps[same] = { ...known, to: gap.to };
  }
  return gaps;
}
