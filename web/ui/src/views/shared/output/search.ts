/** Finding text in lines. Pure. */

import type { Block, Line } from "./buffer";
import type { Piece } from "./sgr";

export interface Match {
  line: number;
  from: number;
  to: number;
}

/** Without regard to case; matches do not overlap. */
export function matchesIn(text: string, wanted: string): readonly (readonly [number, number])[] {
  if (wanted === "") return [];
  const haystack = text.toLowerCase();
  const needle = wanted.toLowerCase();
  // Few letters change their length with their case; where one does, places would be wrong.
  if (haystack.length !== text.length) return [];
  const found: [number, number][] = [];
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + needle.length)) {
    found.push([at, at + needle.length]);
  }
  return found;
}

const ofBlock = new WeakMap<Block, { wanted: string; matches: readonly Match[] }>();

/** In all blocks; those that did not change are not searched again. */
export function search(blocks: readonly Block[], wanted: string): Match[] {
  if (wanted === "") return [];
  return blocks.flatMap((block) => {
    const known = ofBlock.get(block);
    if (known?.wanted === wanted) return known.matches;
    const matches = block.lines.flatMap((line) => ofLine(line, wanted));
    ofBlock.set(block, { wanted, matches });
    return matches;
  });
}

function ofLine(line: Line, wanted: string): Match[] {
  return matchesIn(line.text, wanted).map(([from, to]) => ({ line: line.id, from, to }));
}

export interface Part extends Piece {
  /** Belongs to the match that begins here. */
  match: number | null;
}

/** Pieces cut where matches begin and end. */
export function mark(pieces: readonly Piece[], matches: readonly (readonly [number, number])[]): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const { text, style } of pieces) {
    const end = at + text.length;
    let from = at;
    for (const [start, stop] of matches) {
      if (stop <= from || start >= end) continue;
      if (start > from) parts.push({ text: text.slice(from - at, start - at), style, match: null });
      const to = Math.min(stop, end);
      parts.push({ text: text.slice(Math.max(start, from) - at, to - at), style, match: start });
      from = to;
    }
    if (from < end) parts.push({ text: text.slice(from - at), style, match: null });
    at = end;
  }
  return parts;
}
