/**
 * What is typed into the form of an agent's own settings, what is sent of it, and what becomes of it when the row was
 * changed meanwhile. Pure.
 */

import type { Mount, Overrides } from "../api/agent";
import { ApiError } from "../api/problem";
import { splitWords } from "../views/shared/command-words";
import { commandLine } from "../views/shared/tasks/merge";

export interface EnvRow {
  name: string;
  /** Null: as it is on the server, which does not show it. */
  value: string | null;
}

export interface EditDraft {
  lifecycle: string;
  image: string;
  command: string;
  network: string;
  memory: string;
  cpus: string;
  pids: string;
  env: readonly EnvRow[];
  mounts: readonly Mount[];
}

export function draftOf(overrides: Overrides): EditDraft {
  const { lifecycle, image, command, network, limits, env, mounts } = overrides;
  return {
    lifecycle: lifecycle ?? "",
    image: image ?? "",
    command: command === null ? "" : commandLine(command),
    network: network ?? "",
    memory: limits.memory_bytes === null ? "" : memoryText(limits.memory_bytes),
    cpus: limits.milli_cpus === null ? "" : String(limits.milli_cpus / 1000),
    pids: limits.pids === null ? "" : String(limits.pids),
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    mounts,
  };
}

/** `512m`, `4g`: the largest unit that says it exactly. */
export function memoryText(amount: number): string {
  for (const [unit, size] of [["g", 2 ** 30], ["m", 2 ** 20], ["k", 2 ** 10]] as const) {
    if (amount >= size && amount % size === 0) return `${amount / size}${unit}`;
  }
  return String(amount);
}

/** One text per field, so that drafts can be compared; null for what the server does not show. */
type Flat = ReadonlyMap<string, string | null>;

const SIMPLE = ["lifecycle", "image", "command", "network", "memory", "cpus", "pids"] as const;
type Simple = (typeof SIMPLE)[number];

function flat(draft: EditDraft): Flat {
  const fields = new Map<string, string | null>();
  for (const field of SIMPLE) fields.set(field, draft[field].trim());
  fields.set("mounts", draft.mounts.length === 0 ? "" : JSON.stringify(draft.mounts));
  for (const { name, value } of draft.env) if (name.trim() !== "") fields.set(`env.${name.trim()}`, value);
  return fields;
}

function same(a: Flat, b: Flat, field: string): boolean {
  return a.has(field) === b.has(field) && a.get(field) === b.get(field);
}

/** The fields in which they differ. */
export function changed(base: EditDraft, mine: EditDraft): string[] {
  const [a, b] = [flat(base), flat(mine)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((field) => !same(a, b, field));
}

/** A merge patch with what differs only. Throws like the server for what cannot even be sent. */
export function patchOf(base: EditDraft, mine: EditDraft): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  const limits: Record<string, unknown> = {};
  const env: Record<string, unknown> = {};
  const fields = flat(mine);
  for (const field of changed(base, mine)) {
    const text = fields.get(field) ?? "";
    if (field.startsWith("env.")) env[field.slice(4)] = fields.has(field) ? text : null;
    else if (field === "mounts") patch["mounts"] = mine.mounts.length === 0 ? null : mine.mounts;
    else if (field === "command") patch["command"] = text === "" ? null : wordsOf(text);
    else if (field === "memory") limits["memory"] = text === "" ? null : text;
    else if (field === "cpus" || field === "pids") limits[field] = text === "" ? null : numberOf(field, text);
    else patch[field] = text === "" ? null : text;
  }
  if (Object.keys(limits).length > 0) patch["limits"] = limits;
  if (Object.keys(env).length > 0) patch["env"] = env;
  return patch;
}

function wordsOf(text: string): string[] {
  const { words, problem } = splitWords(text);
  if (problem !== null) throw refused("command", problem);
  return words;
}

function numberOf(field: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw refused(`limits.${field}`, `${JSON.stringify(text)} is not a number`);
  return value;
}

function refused(field: string, detail: string): ApiError {
  return new ApiError(422, "invalid-value", "A value is not valid", detail, { field });
}

export interface Conflict {
  field: string;
  was: string | null;
  theirs: string | null;
  mine: string | null;
  /** Both changed it, and not to the same. */
  clash: boolean;
}

/** What the server's row became while one was typing, beside what was typed. */
export function conflicts(base: EditDraft, mine: EditDraft, theirs: EditDraft): Conflict[] {
  const [was, ours, there] = [flat(base), flat(mine), flat(theirs)];
  return changed(base, theirs).map((field) => ({
    field,
    was: shown(was, field),
    theirs: shown(there, field),
    mine: shown(ours, field),
    clash: !same(was, ours, field) && !same(ours, there, field),
  }));
}

function shown(fields: Flat, field: string): string | null {
  if (!fields.has(field)) return null;
  return fields.get(field) ?? "not shown";
}

export type Choice = "mine" | "theirs";

/** The draft to go on with, on top of theirs: what only one side changed is taken; where both did, the choice decides. */
export function rebase(base: EditDraft, mine: EditDraft, theirs: EditDraft, choose: (field: string) => Choice): EditDraft {
  const [was, ours, there] = [flat(base), flat(mine), flat(theirs)];
  const side = (field: string): EditDraft => {
    if (same(was, ours, field)) return theirs;
    if (same(was, there, field) || same(ours, there, field)) return mine;
    return choose(field) === "mine" ? mine : theirs;
  };
  const simple = Object.fromEntries(SIMPLE.map((field) => [field, side(field)[field]])) as Record<Simple, string>;
  const names = [...new Set([...theirs.env, ...mine.env].map(({ name }) => name.trim()))].filter((name) => name !== "");
  const env = names.flatMap((name) => side(`env.${name}`).env.find((row) => row.name.trim() === name) ?? []);
  return { ...simple, env, mounts: side("mounts").mounts };
}

export const FIELD_WORDS: Record<string, string> = {
  lifecycle: "Lifecycle",
  image: "Image",
  command: "Command",
  network: "Network",
  memory: "Memory",
  cpus: "CPUs",
  pids: "Processes",
  mounts: "Mounts",
};

export const fieldWords = (field: string): string => FIELD_WORDS[field] ?? field.replace(/^env\./, "");
