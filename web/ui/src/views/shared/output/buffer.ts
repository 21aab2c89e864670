/**
 * Lines of output as they come, bounded. Pure: every change gives a new buffer, and blocks that did not change stay the
 * same object, so that only what is new is painted.
 */

import { PLAIN, type Piece, type Style, parseLine } from "./sgr";

/** Lines that are kept; what is older goes, block by block. */
export const MOST_LINES = 5000;
export const BLOCK = 100;
/** A line is shown up to here; output without line breaks must not grow for ever. */
const LONGEST = 16_384;

export type Stream = "stdout" | "stderr" | "both" | "note";

export interface Line {
  id: number;
  stream: Stream;
  /** As docker dated it. */
  at: string | null;
  text: string;
  pieces: readonly Piece[];
}

export interface Block {
  id: number;
  lines: readonly Line[];
}

interface Open {
  raw: string;
  /** The style at its beginning. */
  style: Style;
}

export interface Buffer {
  blocks: readonly Block[];
  count: number;
  /** Lines that were let go. */
  dropped: number;
  nextId: number;
  /** Per stream: what has come of a line whose end has not. */
  open: Readonly<Partial<Record<Stream, Open>>>;
  styles: Readonly<Partial<Record<Stream, Style>>>;
  /** Time of the last line, and how many lines bear it: where a new connection goes on. */
  last: { at: string; lines: number } | null;
}

export const EMPTY: Buffer = { blocks: [], count: 0, dropped: 0, nextId: 1, open: {}, styles: {}, last: null };

export interface Chunk {
  stream: Stream;
  text: string;
}

export interface Reading {
  /** Every line begins with its time. */
  dated: boolean;
}

/** Takes in pieces of output, which need not end with a line. */
export function push(buffer: Buffer, chunks: readonly Chunk[], { dated }: Reading): Buffer {
  let { nextId, last } = buffer;
  const open: Partial<Record<Stream, Open>> = { ...buffer.open };
  const styles: Partial<Record<Stream, Style>> = { ...buffer.styles };
  const fresh: Line[] = [];
  for (const { stream, text } of chunks) {
    const parts = ((open[stream]?.raw ?? "") + text).split("\n");
    const rest = parts.pop() ?? "";
    for (const raw of parts) {
      const { at, body } = dated ? dateOf(raw) : { at: null, body: raw };
      const { pieces, text: shown, style } = parseLine(body.slice(0, LONGEST), styles[stream] ?? PLAIN);
      styles[stream] = style;
      if (at !== null) last = { at, lines: last?.at === at ? last.lines + 1 : 1 };
      fresh.push({ id: nextId, stream, at, text: shown, pieces });
      nextId += 1;
    }
    if (rest === "") delete open[stream];
    else open[stream] = { raw: rest.slice(0, 2 * LONGEST), style: styles[stream] ?? PLAIN };
  }
  return append({ ...buffer, nextId, open, styles, last }, fresh);
}

/** Before a new connection repeats them: lines that had begun. */
export function forgetOpen(buffer: Buffer): Buffer {
  return { ...buffer, open: {} };
}

/** A remark of ours between the lines. */
export function note(buffer: Buffer, text: string): Buffer {
  const line: Line = { id: buffer.nextId, stream: "note", at: null, text, pieces: [{ text, style: "" }] };
  return append({ ...buffer, nextId: buffer.nextId + 1 }, [line]);
}

/** What has come of lines that have not ended: a prompt, a progress bar. */
export function unfinished(buffer: Buffer, { dated }: Reading): Line[] {
  return Object.entries(buffer.open).map(([stream, { raw, style }], index) => {
    const { at, body } = dated ? dateOf(raw) : { at: null, body: raw };
    const { pieces, text } = parseLine(body.slice(0, LONGEST), style);
    return { id: -1 - index, stream: stream as Stream, at, text, pieces };
  });
}

function append(buffer: Buffer, fresh: readonly Line[]): Buffer {
  if (fresh.length === 0) return buffer;
  const blocks = [...buffer.blocks];
  let from = 0;
  const tail = blocks.at(-1);
  if (tail !== undefined && tail.lines.length < BLOCK) {
    from = BLOCK - tail.lines.length;
    blocks[blocks.length - 1] = { id: tail.id, lines: [...tail.lines, ...fresh.slice(0, from)] };
  }
  for (let at = from; at < fresh.length; at += BLOCK) {
    const lines = fresh.slice(at, at + BLOCK);
    blocks.push({ id: lines[0]?.id ?? 0, lines });
  }
  let count = buffer.count + fresh.length;
  let { dropped } = buffer;
  let first = blocks[0];
  while (first !== undefined && count - first.lines.length >= MOST_LINES) {
    count -= first.lines.length;
    dropped += first.lines.length;
    blocks.shift();
    first = blocks[0];
  }
  return { ...buffer, blocks, count, dropped };
}

const DATE = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ?/;

function dateOf(raw: string): { at: string | null; body: string } {
  const match = DATE.exec(raw);
  return match === null ? { at: null, body: raw } : { at: match[1] ?? null, body: raw.slice(match[0].length) };
}

/**
 * Lets through only what is newer than what was read, when a connection begins anew and repeats its last lines. Several
 * lines may bear the same time, so those of the last time are counted.
 */
export class Overlap {
  private rest: Partial<Record<Stream, string>> = {};
  private passed = false;
  private atLast = 0;

  constructor(private readonly last: Buffer["last"]) {
    this.passed = last === null;
  }

  filter({ stream, text }: Chunk): Chunk | null {
    if (this.passed) {
      const before = this.rest[stream] ?? "";
      delete this.rest[stream];
      return { stream, text: before + text };
    }
    const parts = ((this.rest[stream] ?? "") + text).split("\n");
    const rest = parts.pop() ?? "";
    this.rest[stream] = rest;
    const fresh = parts.filter((line) => this.isNew(line));
    if (fresh.length === 0) return null;
    delete this.rest[stream];
    return { stream, text: [...fresh, rest].join("\n") };
  }

  private isNew(line: string): boolean {
    if (this.passed || this.last === null) return true;
    const { at } = dateOf(line);
    if (at === null || at < this.last.at) return false;
    if (at === this.last.at) {
      this.atLast += 1;
      if (this.atLast <= this.last.lines) return false;
    }
    this.passed = true;
    return true;
  }
}

/** All lines as text, as they are copied. */
export function textOf(buffer: Buffer, reading: Reading): string {
  const lines = [...buffer.blocks.flatMap(({ lines }) => lines), ...unfinished(buffer, reading)];
  return lines.filter(({ stream }) => stream !== "note").map(({ text }) => text).join("\n");
}
