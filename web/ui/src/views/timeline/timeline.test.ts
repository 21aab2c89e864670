import { describe, expect, it } from "vitest";

import { type LaneData, type Lanes, type MarkData, type SpanData, joined } from "./lanes";
import { clusters, hit, segments, stops } from "./layout";
import { parseTimeline, rowsOf, timelineSearch } from "./rows";
import { lasting } from "./words";
import { HOUR, LONGEST, PRESETS, moved, settled, spanOf, ticks, timeAt, xOf, zoomed } from "./scale";

const span = (phase: SpanData["phase"], from: number, to: number, seq: number | null = null): SpanData => ({ phase, from, to, seq });
const mark = (seq: number, at: number, kind = "task_started"): MarkData => ({ seq, at, kind, cause: null, detail: null });
const lane = (instance: string, spans: SpanData[], marks: MarkData[] = [], part: Partial<LaneData> = {}): LaneData => ({
  instance,
  type: "dev",
  deleted: false,
  spans,
  marks,
  omitted: 0,
  ...part,
});
const lanes = (from: number, to: number, list: LaneData[], part: Partial<Lanes> = {}): Lanes => ({
  from,
  to,
  lanes: list,
  gaps: [],
  expiredBefore: null,
  ...part,
});

describe("the window", () => {
  const view = { from: 1000 * HOUR, to: 1001 * HOUR };
  const now = 2000 * HOUR;

  it("keeps what is under the pointer where it is", () => {
    const at = view.from + HOUR / 4;
    for (const factor of [0.5, 0.8, 1.25, 4]) {
      const next = zoomed(view, factor, at, now);
      expect(xOf(next, 1000, at)).toBeCloseTo(250, 3);
      expect(spanOf(next)).toBeCloseTo(HOUR * factor, 3);
    }
    expect(timeAt(view, 1000, xOf(view, 1000, at))).toBeCloseTo(at, 3);
  });

  it("is never in the future, too long or too short", () => {
    expect(moved({ from: now - HOUR, to: now }, 0.5, now)).toEqual({ from: now - HOUR, to: now });
    expect(spanOf(zoomed(view, 1e6, view.to, now))).toBe(LONGEST);
    expect(spanOf(zoomed(view, 1e-9, view.to, now))).toBe(10_000);
    expect(settled({ from: now, to: now + HOUR }, now)).toEqual({ from: now - HOUR, to: now });
  });

  it("is marked at round local times that do not touch", () => {
    for (const offset of [0, HOUR, -3.5 * HOUR, 5.75 * HOUR]) {
      for (const { span: length } of PRESETS) {
        const shown = { from: now + 123_456 - length, to: now + 123_456 };
        const found = ticks(shown, 1200, offset);
        expect(found.length).toBeGreaterThan(2);
        expect(found.length).toBeLessThanOrEqual(1200 / 88 + 1);
        for (const { at, major } of found) {
          expect(at).toBeGreaterThanOrEqual(shown.from);
          expect((at + offset) % 60_000).toBe(0);
          expect(major).toBe((at + offset) % (24 * HOUR) === 0);
        }
      }
    }
    expect(ticks({ from: 0, to: 12 * HOUR }, 700, 0).map(({ label }) => label)).toEqual([
      "Thu 1", "02:00", "04:00", "06:00", "08:00", "10:00", "12:00",
    ]);
  });
});

describe("spans", () => {
  const view = { from: 0, to: 1000 };

  it("adjoin, and a short failure is not hidden", () => {
    const spans = [span("running", -50, 500), span("backoff", 500, 500.4), span("running", 500.4, 900), span("stopped", 900, 2000)];
    const found = segments(spans, view, 100);
    expect(found.map(({ x, width, span: { phase } }) => [x, width, phase])).toEqual([
      [0, 50, "running"],
      [50, 1, "backoff"],
      [51, 39, "running"],
      [90, 10, "stopped"],
    ]);
  });

  it("are never more than there are pixels", () => {
    const many = Array.from({ length: 5000 }, (_, at) => span(at % 97 === 0 ? "backoff" : at % 2 === 0 ? "running" : "stopped", at / 5, (at + 1) / 5));
    const found = segments(many, view, 300);
    expect(found.length).toBeLessThanOrEqual(300);
    expect(found.some(({ span: { phase } }) => phase === "backoff")).toBe(true);
    found.slice(1).forEach((one, index) => expect(one.x).toBe((found[index]?.x ?? 0) + (found[index]?.width ?? 0)));
  });

  it("outside of the window are not shown", () => {
    expect(segments([span("running", -20, -10), span("running", 1000, 1100)], view, 100)).toEqual([]);
  });
});

describe("marks", () => {
  const view = { from: 0, to: 1000 };

  it("that would cover each other stand as one, as bad as the worst", () => {
    const found = clusters([mark(1, 100), mark(2, 104, "container_oom"), mark(3, 500)], view, 1000);
    expect(found.map(({ severity, marks }) => [severity, marks.length])).toEqual([
      ["bad", 2],
      ["info", 1],
    ]);
  });

  it("are meant before the span they are on", () => {
    const one = lane("dev-2", [span("running", 0, 1000)], [mark(7, 500)]);
    expect(hit(one, view, 1000, 505)).toMatchObject({ kind: "cluster", cluster: { marks: [{ seq: 7 }] } });
    expect(hit(one, view, 1000, 520)).toMatchObject({ kind: "span", span: { phase: "running" } });
    expect(hit(lane("dev-2", []), view, 1000, 5)).toBeNull();
  });

  it("and spans are gone through in order by the keyboard", () => {
    const one = lane("dev-2", [span("running", -10, 300), span("stopped", 300, 1000)], [mark(1, 300), mark(2, 20), mark(3, 2000)]);
    expect(stops(one, view).map(({ at, hit: { kind } }) => [at, kind])).toEqual([
      [0, "span"],
      [20, "cluster"],
      [300, "span"],
      [300, "cluster"],
    ]);
  });
});

describe("a newer end", () => {
  it("takes the place of the old one from its beginning on", () => {
    const older = lanes(0, 100, [lane("dev-2", [span("stopped", 0, 60), span("running", 60, 100, 5)], [mark(5, 60), mark(6, 90)])]);
    const newer = lanes(80, 130, [lane("dev-2", [span("running", 80, 110), span("stopped", 110, 130, 8)], [mark(6, 90), mark(8, 110)])]);
    const both = joined(older, newer);
    expect(both).toMatchObject({ from: 0, to: 130 });
    expect(both.lanes[0]?.spans).toEqual([span("stopped", 0, 60), span("running", 60, 110, 5), span("stopped", 110, 130, 8)]);
    expect(both.lanes[0]?.marks.map(({ seq }) => seq)).toEqual([5, 6, 8]);
  });

  it("brings new agents and keeps those that are gone", () => {
    const older = lanes(0, 100, [lane("gone", [span("running", 0, 100)])]);
    const newer = lanes(90, 120, [lane("fresh", [span("creating", 90, 120)])]);
    const both = joined(older, newer);
    expect(both.lanes.map(({ instance, deleted }) => [instance, deleted])).toEqual([
      ["fresh", false],
      ["gone", true],
    ]);
    expect(both.lanes[0]?.spans[0]).toEqual(span("absent", 0, 90));
    expect(both.lanes[1]?.spans.at(-1)).toEqual(span("absent", 90, 120));
  });

  it("goes on with a gap that has not ended", () => {
    const gap = (from: number, to: number) => ({ from, to, why: "docker_unreachable" as const });
    const both = joined(lanes(0, 100, [], { gaps: [gap(10, 20), gap(50, 100)] }), lanes(90, 120, [], { gaps: [gap(90, 120)] }));
    expect(both.gaps).toEqual([gap(10, 20), gap(50, 120)]);
  });
});

describe("how long something lasted", () => {
  const known = lanes(0, 100 * HOUR, []);
  const words = (one: SpanData, now = 100 * HOUR): string => lasting(one, known, now).length;

  it("is told as far as it is known", () => {
    expect(words(span("running", HOUR, 3 * HOUR))).toBe("2 h");
    expect(words(span("running", 0, 3 * HOUR))).toBe("at least 3 h");
    expect(words(span("running", 98 * HOUR, 100 * HOUR, 3), 100 * HOUR + 60_000)).toBe("2 h 1 m so far");
    expect(words(span("running", 98 * HOUR, 100 * HOUR, 3), 200 * HOUR)).toBe("at least 2 h");
  });
});

describe("lanes", () => {
  const all = [lane("dev-10", []), lane("dev-2", [], [], { deleted: true }), lane("boss", [], [], { type: "boss" })];
  const filter = { text: "", types: [], byType: false, deleted: true };
  const names = (part: object): string[] =>
    rowsOf(all, { ...filter, ...part }).map((row) => (row.kind === "lane" ? row.lane.instance : `${row.type}: ${row.count}`));

  it("are in the order of people, by type if wished", () => {
    expect(names({})).toEqual(["boss", "dev-2", "dev-10"]);
    expect(names({ byType: true })).toEqual(["boss: 1", "boss", "dev: 2", "dev-2", "dev-10"]);
    expect(names({ deleted: false })).toEqual(["boss", "dev-10"]);
    expect(names({ text: "dev 2" })).toEqual(["dev-2"]);
    expect(names({ types: ["boss"] })).toEqual(["boss"]);
  });

  it("and the window are in the address", () => {
    for (const search of ["", "?last=21600", "?from=2026-01-01T00:00:00.000Z&to=2026-01-01T01:00:00.000Z&q=a&type=dev,boss&by=type&deleted=0"]) {
      const { filter: its, window } = parseTimeline(search);
      expect(timelineSearch(its, window)).toBe(search);
    }
    expect(parseTimeline("?from=x&last=-1").window).toEqual({ span: HOUR });
  });
});
