/** Paints the lanes: a phase is told by its pattern and height as well as by its colour. */

import type { Phase } from "../../api/types";
import type { Severity } from "../../state/event-kinds";
import { phaseStatus } from "../../state/status";
import type { Lanes } from "./lanes";
import { type Cluster, clusters, segments } from "./layout";
import type { Row } from "./rows";
import { type View, ticks, xOf } from "./scale";

export const ROW = 30;
export const AXIS = 30;

const COLOURS = ["running", "busy", "idle", "bad", "unknown", "warn", "text", "soft", "faint", "line", "surface", "low", "accent"] as const;
type Colour = (typeof COLOURS)[number];
export type Palette = Record<Colour, string> & { hatch: CanvasPattern | null; expired: CanvasPattern | null; font: string };

/** The colours of the theme, as the browser resolves them. */
export function readPalette(within: HTMLElement): Palette {
  const probe = document.createElement("span");
  within.append(probe);
  const read = (name: Colour): string => {
    probe.style.color = `var(--tl-${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = Object.fromEntries(COLOURS.map((name) => [name, read(name)])) as Record<Colour, string>;
  const font = getComputedStyle(within).fontFamily;
  probe.remove();
  return { ...colours, font, hatch: stripes(colours.unknown, 7, 1), expired: stripes(colours.faint, 9, -1) };
}

/** Stripes as a pattern; `lean` 1 rises to the right, -1 falls. */
function stripes(colour: string, size: number, lean: 1 | -1): CanvasPattern | null {
  const scale = devicePixelRatio;
  const tile = document.createElement("canvas");
  tile.width = tile.height = Math.round(size * scale);
  const context = tile.getContext("2d");
  if (context === null) return null;
  const side = tile.width;
  context.strokeStyle = colour;
  context.lineWidth = scale;
  context.beginPath();
  for (const shift of [-side, 0, side]) {
    context.moveTo(shift, lean === 1 ? side : 0);
    context.lineTo(shift + side, lean === 1 ? 0 : side);
  }
  context.stroke();
  const pattern = context.createPattern(tile, "repeat");
  pattern?.setTransform(new DOMMatrix().scale(1 / scale));
  return pattern;
}

export interface Scene {
  width: number;
  height: number;
  scroll: number;
  view: View;
  lanes: Lanes;
  rows: readonly Row[];
  following: boolean;
  now: number;
  /** Of what is pointed at. */
  mark: { row: number; from: number; to: number } | null;
  /** The part that is being marked with the pointer. */
  band: { from: number; to: number } | null;
  /** The row that the keyboard is on. */
  current: number | null;
}

type Context = CanvasRenderingContext2D;

export function paint(context: Context, palette: Palette, scene: Scene): void {
  const { width, height, view, lanes } = scene;
  context.clearRect(0, 0, width, height);
  context.save();
  context.beginPath();
  context.rect(0, AXIS, width, height - AXIS);
  context.clip();
  grid(context, palette, scene);
  const first = Math.max(0, Math.floor(scene.scroll / ROW));
  const last = Math.min(scene.rows.length, Math.ceil((scene.scroll + height - AXIS) / ROW));
  for (let index = first; index < last; index += 1) {
    const row = scene.rows[index];
    if (row !== undefined) paintRow(context, palette, scene, row, index);
  }
  backdrop(context, palette, scene);
  for (let index = first; index < last; index += 1) {
    const row = scene.rows[index];
    if (row?.kind !== "lane") continue;
    const middle = AXIS + index * ROW - scene.scroll + ROW / 2;
    context.globalAlpha = row.lane.deleted ? 0.55 : 1;
    for (const cluster of clusters(row.lane.marks, view, width)) paintMark(context, palette, cluster, middle);
    context.globalAlpha = 1;
  }
  pointing(context, palette, scene);
  context.restore();
  axis(context, palette, scene, lanes);
}

function grid(context: Context, palette: Palette, { width, height, view }: Scene): void {
  context.fillStyle = palette.line;
  for (const { at } of ticks(view, width, offsetOf(view.to))) context.fillRect(Math.round(xOf(view, width, at)), AXIS, 1, height);
}

/** Local time minus UTC. */
export function offsetOf(at: number): number {
  return -new Date(at).getTimezoneOffset() * 60_000;
}

function paintRow(context: Context, palette: Palette, scene: Scene, row: Row, index: number): void {
  const { width, view, scroll } = scene;
  const top = AXIS + index * ROW - scroll;
  if (row.kind === "group") {
    context.fillStyle = palette.low;
    context.fillRect(0, top, width, ROW);
    return;
  }
  if (scene.current === index) {
    context.fillStyle = palette.low;
    context.fillRect(0, top, width, ROW);
  }
  context.fillStyle = palette.line;
  context.fillRect(0, top + ROW - 1, width, 1);
  context.globalAlpha = row.lane.deleted ? 0.4 : 1;
  const end = scene.following ? xOf(view, width, scene.now) : width;
  const all = segments(row.lane.spans, view, width);
  all.forEach((segment, at) => {
    // The present goes on until something is told.
    const open = scene.following && at === all.length - 1 && segment.span.to === scene.lanes.to;
    const wide = open ? Math.max(segment.width, end - segment.x) : segment.width;
    paintSpan(context, palette, segment.span.phase, segment.x, top + ROW / 2, wide);
  });
  context.globalAlpha = 1;
}

const FILL: Record<Phase, Colour> = {
  running: "running",
  starting: "busy",
  creating: "busy",
  recreating: "busy",
  stopping: "busy",
  removing: "busy",
  stopped: "idle",
  absent: "idle",
  backoff: "bad",
  unknown: "unknown",
  host: "idle",
};

export function paintSpan(context: Context, palette: Palette, of: Phase, x: number, middle: number, width: number): void {
  // One of a newer server has no pattern of its own.
  const phase = of in FILL ? of : "unknown";
  const colour = palette[FILL[phase]];
  const gap = width > 3 ? 1 : 0;
  const box = [x, middle - 7, width - gap, 14] as const;
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  switch (phase) {
    case "running":
      round(context, ...box);
      word(context, palette, phase, x, middle, width, palette.surface);
      break;
    case "stopped":
      context.fillRect(x, middle - 2, width - gap, 4);
      break;
    case "absent":
      for (let at = x; at < x + width - 1; at += 6) context.fillRect(at, middle - 0.5, 2, 1.5);
      break;
    case "host":
      if (width > 2) context.strokeRect(x + 0.5, middle - 2.5, width - gap - 1, 5);
      break;
    case "unknown":
      context.globalAlpha *= 0.9;
      context.fillStyle = palette.hatch ?? colour;
      context.fillRect(...box);
      break;
    case "backoff":
      round(context, ...box);
      lines(context, palette.surface, ...box, 5, 0);
      word(context, palette, phase, x, middle, width, palette.surface, colour);
      break;
    case "starting":
    case "creating":
    case "recreating":
      round(context, ...box);
      lines(context, palette.surface, ...box, 6, 1);
      word(context, palette, phase, x, middle, width, palette.surface, colour);
      break;
    case "stopping":
    case "removing":
      round(context, ...box);
      lines(context, palette.surface, ...box, 6, -1);
      word(context, palette, phase, x, middle, width, palette.surface, colour);
      break;
  }
}

function round(context: Context, x: number, y: number, width: number, height: number): void {
  context.beginPath();
  context.roundRect(x, y, Math.max(1, width), height, Math.min(3, width / 3));
  context.fill();
}

/** Stripes in a box: rising, falling, or upright. */
function lines(context: Context, colour: string, x: number, y: number, width: number, height: number, step: number, lean: number): void {
  if (width < 4) return;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.globalAlpha *= 0.55;
  context.lineWidth = 1.25;
  context.beginPath();
  for (let at = x - height; at < x + width + height; at += step) {
    context.moveTo(at, lean >= 0 ? y + height : y);
    context.lineTo(at + Math.abs(lean) * height, lean >= 0 ? y : y + height);
  }
  context.stroke();
  context.restore();
}

function word(context: Context, palette: Palette, phase: Phase, x: number, middle: number, width: number, colour: string, ground?: string): void {
  const text = phaseStatus(phase).word;
  if (width < 46 + text.length * 5) return;
  context.font = `600 10px ${palette.font}`;
  context.textBaseline = "middle";
  context.textAlign = "left";
  const left = Math.max(x, 0) + 6;
  if (ground !== undefined) {
    context.fillStyle = ground;
    context.fillRect(left - 3, middle - 6, context.measureText(text).width + 6, 12);
  }
  context.fillStyle = colour;
  context.fillText(text, left, middle + 0.5);
}

const MARK_COLOUR: Record<Severity, Colour> = { bad: "bad", warn: "warn", ok: "running", info: "soft" };

/** Failures are triangles, warnings diamonds, the rest dots: on a ground that parts them from the bar. */
function paintMark(context: Context, palette: Palette, { x, severity, marks }: Cluster, middle: number): void {
  context.beginPath();
  const y = middle - 8;
  if (severity === "bad") {
    context.moveTo(x, y - 5);
    context.lineTo(x + 5.5, y + 4.5);
    context.lineTo(x - 5.5, y + 4.5);
    context.closePath();
  } else if (severity === "warn") {
    context.moveTo(x, y - 4.5);
    context.lineTo(x + 4.5, y);
    context.lineTo(x, y + 4.5);
    context.lineTo(x - 4.5, y);
    context.closePath();
  } else {
    context.arc(x, y, marks.length > 1 ? 3.2 : 2.4, 0, 7);
  }
  context.fillStyle = palette[MARK_COLOUR[severity]];
  context.strokeStyle = palette.surface;
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.stroke();
  context.fill();
}

/** When nobody looked, and what has been forgotten. */
function backdrop(context: Context, palette: Palette, { width, height, view, lanes }: Scene): void {
  for (const gap of lanes.gaps) {
    const x = xOf(view, width, gap.from);
    const wide = Math.max(2, xOf(view, width, gap.to) - x);
    if (x > width || x + wide < 0) continue;
    context.globalAlpha = 0.07;
    context.fillStyle = palette.unknown;
    context.fillRect(x, AXIS, wide, height);
    context.globalAlpha = 0.6;
    context.fillRect(x, AXIS, 1, height);
    context.fillRect(x + wide - 1, AXIS, 1, height);
    context.globalAlpha = 1;
  }
  const end = lanes.expiredBefore === null ? 0 : xOf(view, width, lanes.expiredBefore);
  if (end > 0) {
    context.fillStyle = palette.low;
    context.fillRect(0, AXIS, Math.min(end, width), height);
    context.globalAlpha = 0.14;
    context.fillStyle = palette.expired ?? palette.line;
    context.fillRect(0, AXIS, Math.min(end, width), height);
    context.globalAlpha = 1;
    context.fillStyle = palette.faint;
    context.fillRect(end - 1, AXIS, 1, height);
    caption(context, palette, "No history from before", Math.min(end, width), height);
  }
}

/** In the middle of what is empty, as far as there is room. */
function caption(context: Context, palette: Palette, text: string, width: number, height: number): void {
  context.font = `500 12px ${palette.font}`;
  const wide = context.measureText(text).width + 20;
  if (wide > width - 20) return;
  const [x, y] = [width / 2, AXIS + Math.min(height - AXIS, 5 * ROW) / 2];
  context.fillStyle = palette.surface;
  context.beginPath();
  context.roundRect(x - wide / 2, y - 13, wide, 26, 13);
  context.fill();
  context.fillStyle = palette.soft;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y + 0.5);
}

function pointing(context: Context, palette: Palette, scene: Scene): void {
  const { width, height, view, mark, band, now } = scene;
  const present = xOf(view, width, now);
  if (present < width + 1) {
    context.fillStyle = palette.accent;
    context.fillRect(Math.min(width - 1.5, present), AXIS, 1.5, height);
  }
  if (mark !== null) {
    const top = AXIS + mark.row * ROW - scene.scroll;
    const x = xOf(view, width, mark.from);
    const wide = Math.max(0, xOf(view, width, mark.to) - x);
    context.strokeStyle = palette.accent;
    context.lineWidth = 2;
    context.strokeRect(Math.max(1, x - 8), top + 2, Math.min(width - 2, wide + 16), ROW - 4);
  }
  if (band !== null) {
    context.fillStyle = palette.accent;
    context.globalAlpha = 0.16;
    context.fillRect(band.from, AXIS, band.to - band.from, height);
    context.globalAlpha = 1;
    context.fillRect(band.from, AXIS, 1, height);
    context.fillRect(band.to, AXIS, 1, height);
  }
}

function axis(context: Context, palette: Palette, scene: Scene, lanes: Lanes): void {
  const { width, view } = scene;
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, width, AXIS);
  context.fillStyle = palette.line;
  context.fillRect(0, AXIS - 1, width, 1);
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (const { at, label, major } of ticks(view, width, offsetOf(view.to))) {
    const x = Math.round(xOf(view, width, at));
    context.fillStyle = palette.line;
    context.fillRect(x, 4, 1, AXIS - 5);
    context.font = `${major ? 600 : 400} 11px ${palette.font}`;
    context.fillStyle = major ? palette.text : palette.soft;
    if (x + 8 + context.measureText(label).width < width) context.fillText(label, x + 5, AXIS / 2);
  }
  for (const gap of lanes.gaps) {
    const x = Math.max(0, xOf(view, width, gap.from));
    const wide = Math.max(3, xOf(view, width, gap.to) - x);
    if (x > width || x + wide < 0) continue;
    context.fillStyle = palette.unknown;
    context.fillRect(x, AXIS - 5, wide, 4);
  }
}
