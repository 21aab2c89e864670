import { now } from "../../state/clock";
import { type Stop, stops } from "./layout";
import type { LaneData } from "./lanes";
import { AXIS, ROW } from "./paint";
import { moved, spanOf, xOf, zoomed } from "./scale";
import { lanes, listed, look, pointed, rows, show, view } from "./state";

const ZOOM = 0.6;

export function zoomBy(factor: number): void {
  const shown = view.peek();
  const point = pointed.peek();
  // By the end while it is the present, so that it stays in sight; else by what is pointed at, or the middle.
  const middle = (shown.from + shown.to) / 2;
  const anchor = shown.to >= now.peek() - 1000 ? shown.to : middle;
  look(zoomed(shown, factor, point?.by === "keyboard" ? at(point) : anchor, now.peek()));
}

export function moveBy(share: number): void {
  look(moved(view.peek(), share, now.peek()));
}

export function toPresent(): void {
  show({ span: spanOf(view.peek()) });
}

/** Keys while the plot has the focus. */
export function onPlotKey(event: KeyboardEvent, width: number, reveal: (row: number) => void): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = (): void => {
    switch (event.key) {
      case "+":
      case "=":
        return zoomBy(ZOOM);
      case "-":
        return zoomBy(1 / ZOOM);
      case "0":
        return toPresent();
      case "ArrowLeft":
        return event.shiftKey ? moveBy(-0.25) : step(-1, width);
      case "ArrowRight":
        return event.shiftKey ? moveBy(0.25) : step(1, width);
      case "ArrowUp":
        return toRow(-1, width, reveal);
      case "ArrowDown":
        return toRow(1, width, reveal);
      case "Home":
        return toEnd(0, width);
      case "End":
        return toEnd(-1, width);
      case "Enter":
      case " ":
        if (pointed.peek() !== null) pointed.value = { ...(pointed.peek() as NonNullable<typeof pointed.value>), pinned: true };
        return;
      case "l": {
        const instance = pointed.peek()?.instance ?? null;
        listed.value = listed.peek() === instance ? null : instance;
        return;
      }
      case "Escape":
        pointed.value = null;
    }
  };
  const keys = ["+", "=", "-", "0", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Enter", " ", "l", "Escape"];
  if (!keys.includes(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

function at({ hit }: NonNullable<typeof pointed.value>): number {
  if (hit.kind === "cluster") return hit.cluster.marks[0]?.at ?? 0;
  return Math.max(hit.span.from, view.peek().from);
}

function current(): { index: number; lane: LaneData } | null {
  const all = rows.peek();
  const name = pointed.peek()?.instance;
  const index = all.findIndex((row) => row.kind === "lane" && (name === undefined || row.lane.instance === name));
  const row = all[index];
  return row?.kind === "lane" ? { index, lane: row.lane } : null;
}

function point(lane: LaneData, index: number, stop: Stop, width: number): void {
  const x = Math.max(0, Math.min(width, xOf(view.peek(), width, stop.at)));
  pointed.value = { instance: lane.instance, hit: stop.hit, x, y: AXIS + index * ROW, pinned: false, by: "keyboard" };
}

/** To the next event of the lane. */
function step(by: 1 | -1, width: number): void {
  const here = current();
  if (here === null) return;
  const all = stored(here.lane);
  const point_ = pointed.peek();
  if (point_ === null) return toEnd(-1, width);
  const known = all.findIndex(({ hit }) => same(hit, point_.hit));
  const next = all[known < 0 ? nearest(all, at(point_)) : known + by];
  if (next !== undefined) point(here.lane, here.index, next, width);
}

/** Where to stop, as far as the log reaches back. */
function stored(lane: LaneData): Stop[] {
  const begin = lanes.peek()?.expiredBefore ?? Number.NEGATIVE_INFINITY;
  return stops(lane, view.peek()).filter(({ at: time, hit }) => time >= begin || (hit.kind === "span" && hit.span.to > begin));
}

function same(a: Stop["hit"], b: Stop["hit"]): boolean {
  if (a.kind === "span") return b.kind === "span" && a.span.from === b.span.from;
  return b.kind === "cluster" && a.cluster.marks[0]?.seq === b.cluster.marks[0]?.seq;
}

function nearest(all: readonly Stop[], time: number): number {
  let best = 0;
  all.forEach((stop, index) => {
    if (Math.abs(stop.at - time) < Math.abs((all[best]?.at ?? 0) - time)) best = index;
  });
  return best;
}

/** To another lane, to what is nearest in time. */
function toRow(by: 1 | -1, width: number, reveal: (row: number) => void): void {
  const all = rows.peek();
  const point_ = pointed.peek();
  const here = current();
  if (here === null) return;
  let index = point_ === null ? here.index : here.index + by;
  while (all[index]?.kind === "group") index += by;
  const row = all[index];
  if (row?.kind !== "lane") return;
  const its = stored(row.lane);
  const stop = its[point_ === null ? its.length - 1 : nearest(its, at(point_))];
  if (stop === undefined) return;
  reveal(index);
  point(row.lane, index, stop, width);
}

function toEnd(index: 0 | -1, width: number): void {
  const here = current();
  if (here === null) return;
  const stop = stored(here.lane).at(index);
  if (stop !== undefined) point(here.lane, here.index, stop, width);
}
