/** What is typed into the form of a new agent, and what is sent of it. Pure. */

import type { NewAgent } from "../api/calls";
import { ApiError } from "../api/problem";

export interface Draft {
  name: string;
  type: string;
  lifecycle: string;
  image: string;
  memory: string;
  cpus: string;
  env: string;
}

export const EMPTY_DRAFT: Draft = { name: "", type: "", lifecycle: "", image: "", memory: "", cpus: "", env: "" };

/** What is left empty follows the type, so it is not sent. Throws like the server for what cannot even be sent. */
export function bodyOf(draft: Draft): NewAgent {
  const env = envOf(draft.env);
  const memory = draft.memory.trim();
  const cpus = draft.cpus.trim();
  if (cpus !== "" && !Number.isFinite(Number(cpus))) throw refused("limits.cpus", `${JSON.stringify(cpus)} is not a number`);
  const limits = { ...(memory === "" ? {} : { memory }), ...(cpus === "" ? {} : { cpus: Number(cpus) }) };
  return {
    name: draft.name.trim(),
    type: draft.type,
    ...(draft.lifecycle === "" ? {} : { lifecycle: draft.lifecycle }),
    ...(draft.image.trim() === "" ? {} : { image: draft.image.trim() }),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  };
}

/** `NAME=value` lines; the value may hold further equal signs. */
export function envOf(text: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const at = line.indexOf("=");
    if (at < 1) throw refused("env", `${JSON.stringify(line.trim())} is not NAME=value`);
    env[line.slice(0, at).trim()] = line.slice(at + 1);
  }
  return env;
}

/** `dev-default`, then `dev-2`, `dev-3` and so on, as the server names the members of a pool. */
export function freeName(type: string, taken: readonly string[]): string {
  if (type === "") return "";
  const used = new Set(taken);
  if (!used.has(`${type}-default`)) return `${type}-default`;
  let number = 2;
  while (used.has(`${type}-${number}`)) number += 1;
  return `${type}-${number}`;
}

function refused(field: string, detail: string): ApiError {
  return new ApiError(422, "invalid-value", "A value is not valid", detail, { field });
}
