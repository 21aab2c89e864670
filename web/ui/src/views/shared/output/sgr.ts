/**
 * Terminal output as text with classes. Pure.
 *
 * Colours and weights (SGR) become names of classes. All other escapes are taken out, so that nothing a container prints
 * moves a cursor, sets a title or opens a link.
 */

export interface Piece {
  text: string;
  /** Names of classes, or empty. */
  style: string;
}

export interface Style {
  fg: number | null;
  bg: number | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
}

export const PLAIN: Style = { fg: null, bg: null, bold: false, dim: false, italic: false, underline: false, inverse: false };

/** CSI with its letter, OSC and the other strings with their end, character sets, and what else follows an escape. */
const ESCAPE =
  /\x1b\[([0-9;:?<=>!]*)[ -/]*([@-~])|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]/g;

/** The pieces of one line, and the style in which the next one begins. */
export function parseLine(line: string, from: Style = PLAIN): { pieces: Piece[]; text: string; style: Style } {
  const shown = lastDrawn(line);
  const pieces: Piece[] = [];
  let style = from;
  let at = 0;
  let text = "";
  const add = (part: string): void => {
    if (part === "") return;
    text += part;
    const names = classesOf(style);
    const last = pieces.at(-1);
    if (last !== undefined && last.style === names) last.text += part;
    else pieces.push({ text: part, style: names });
  };
  for (const match of shown.matchAll(ESCAPE)) {
    add(shown.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[2] === "m") style = applySgr(style, match[1] ?? "");
  }
  add(shown.slice(at));
  return { pieces, text, style };
}

/** A progress bar goes back to the beginning of its line: only what it drew last is shown. */
function lastDrawn(line: string): string {
  const trimmed = line.replace(/\r+$/, "");
  return trimmed.slice(trimmed.lastIndexOf("\r") + 1);
}

function applySgr(before: Style, parameters: string): Style {
  if (/[?<=>!]/.test(parameters)) return before;
  const codes = parameters.split(/[;:]/).map((part) => (part === "" ? 0 : Number(part)));
  let style = { ...before };
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      const indexed = codes[index + 1] === 5;
      const colour = indexed ? codes[index + 2] : undefined;
      const known = colour !== undefined && colour < 16 ? colour : null;
      if (code === 38) style.fg = known;
      else style.bg = known;
      index += indexed ? 2 : 4;
    } else style = applyCode(style, code);
  }
  return style;
}

function applyCode(style: Style, code: number): Style {
  if (code >= 30 && code <= 37) return { ...style, fg: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, fg: code - 90 + 8 };
  if (code >= 40 && code <= 47) return { ...style, bg: code - 40 };
  if (code >= 100 && code <= 107) return { ...style, bg: code - 100 + 8 };
  switch (code) {
    case 0:
      return PLAIN;
    case 1:
      return { ...style, bold: true };
    case 2:
      return { ...style, dim: true };
    case 3:
      return { ...style, italic: true };
    case 4:
      return { ...style, underline: true };
    case 7:
      return { ...style, inverse: true };
    case 22:
      return { ...style, bold: false, dim: false };
    case 23:
      return { ...style, italic: false };
    case 24:
      return { ...style, underline: false };
    case 27:
      return { ...style, inverse: false };
    case 39:
      return { ...style, fg: null };
    case 49:
      return { ...style, bg: null };
    default:
      return style;
  }
}

function classesOf({ fg, bg, bold, dim, italic, underline, inverse }: Style): string {
  const names: string[] = [];
  if (fg !== null) names.push(`fg-${fg % 8}`);
  if (bg !== null) names.push(`bg-${bg % 8}`);
  if (bold) names.push("sgr-bold");
  if (dim) names.push("sgr-dim");
  if (italic) names.push("sgr-italic");
  if (underline) names.push("sgr-underline");
  if (inverse) names.push("sgr-inverse");
  return names.join(" ");
}
