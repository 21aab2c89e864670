/** Parked agents, and what agents say of themselves, in words. Pure. */

import type { Agent } from "../api/types";
import { inert } from "./inert";

const KIND_WORDS: Readonly<Record<string, string>> = { quota: "quota used up", auth: "cannot sign in", other: "by request" };

/** Why it is parked, in a few words; a kind of a newer server is called as the server calls it. */
export function parkKindWord(kind: string): string {
  return KIND_WORDS[kind] ?? kind.replaceAll("_", " ");
}

/** When it is reopened by itself, if it is. */
export function reopensAt({ parked }: Agent): number | null {
  const at = parked?.reopens_at ?? parked?.until ?? null;
  return at === null ? null : Date.parse(at);
}

export interface Said {
  text: string;
  at: number | null;
}

/** What stands beside an agent's work: why it is parked, what it needs, else what it last said. */
export function saidOf({ parked, needs_human, progress }: Agent): Said | null {
  if (needs_human) return { text: inert(needs_human.reason), at: Date.parse(needs_human.since) };
  if (parked) return { text: inert(parked.reason === "" ? parkKindWord(parked.kind) : parked.reason), at: Date.parse(parked.since) };
  return progress ? { text: inert(progress.text), at: Date.parse(progress.at) } : null;
}
