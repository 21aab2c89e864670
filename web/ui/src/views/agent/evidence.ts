/** What a decision was made on, as rows of words. Pure: the server may note whatever it looked at. */

import { shortIds } from "../../state/inert";

export interface EvidencePart {
  name: string | null;
  text: string;
  /** A time, told as how long ago. */
  at: number | null;
  code: boolean;
  /** In full, where the text is cut. */
  full: string | null;
}

export interface Evidence {
  label: string;
  parts: EvidencePart[];
}

const LABELS: Record<string, string> = {
  desired_spec: "Asked spec",
  looked_at: "Looked at",
  foreign_container: "Not our container",
};
/** In this order; what is not named here follows. */
const FIRST = ["row", "container", "foreign_container", "desired_spec"];
const LAST = ["looked_at"];

export function evidenceOf(evidence: Readonly<Record<string, unknown>>): Evidence[] {
  const keys = Object.keys(evidence);
  const rank = (key: string): number => {
    const first = FIRST.indexOf(key);
    if (first >= 0) return first;
    return LAST.includes(key) ? 100 : 50;
  };
  keys.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return keys.map((key) => ({ label: LABELS[key] ?? words(key), parts: partsOf(evidence[key]) }));
}

function partsOf(value: unknown): EvidencePart[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== "object") return [partOf(null, value)];
  if (Array.isArray(value)) return value.map((one) => partOf(null, one));
  const members = Object.entries(value).sort(([a], [b]) => place(a) - place(b));
  return members.flatMap(([key, one]) => {
    if (one === null || isNoise(key, one)) return [];
    return [partOf(key.replaceAll("_", " "), one)];
  });
}

const MEMBERS = ["name", "state", "exit_code", "restart_count", "image"];

function place(key: string): number {
  const at = MEMBERS.indexOf(key);
  return at < 0 ? MEMBERS.length : at;
}

/** What says nothing: no exit code and no restarts. */
function isNoise(key: string, value: unknown): boolean {
  return value === 0 && ["exit_code", "restart_count", "failures_in_a_row"].includes(key);
}

function partOf(name: string | null, value: unknown): EvidencePart {
  const plain = { name, at: null, code: false, full: null };
  if (typeof value === "string") {
    if (/^(sha256:)?[0-9a-f]{64}$/.test(value)) return { ...plain, text: shortIds(value), code: true, full: value };
    if (/^\d{4}-\d\d-\d\dT/.test(value)) {
      const at = Date.parse(value);
      // What is to come is told as it is.
      if (!Number.isNaN(at) && name !== "expires at") return { ...plain, text: value, at };
      return { ...plain, text: value.replace("T", " ").replace(/\.\d+/, "") };
    }
    return { ...plain, text: value };
  }
  if (typeof value === "object" && value !== null) return { ...plain, text: JSON.stringify(value), code: true };
  return { ...plain, text: String(value) };
}

function words(key: string): string {
  const text = key.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
