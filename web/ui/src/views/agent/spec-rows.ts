/** What a row asks for beside what the container has, field by field. Pure. */

import type { Limits, Overrides, Spec, SpecAnswer } from "../../api/agent";
import { bytes } from "../../state/size";
import { commandLine } from "../shared/tasks/merge";

export interface SpecRow {
  field: string;
  label: string;
  /** One entry per line; null where there is nothing to compare with. */
  desired: readonly string[] | null;
  observed: readonly string[] | null;
  drift: boolean;
  /** Said by the agent's own row, not by its type. */
  own: boolean;
}

export interface SpecGroup {
  title: string;
  rows: SpecRow[];
}

type Show = (spec: Spec) => readonly string[];
const one = (value: string | number | null | undefined): readonly string[] => (value === null || value === undefined ? [] : [String(value)]);
const short = (hash: string | null): readonly string[] => one(hash?.replace(/^sha256:/, "").slice(0, 16));

const FIELDS: readonly (readonly [string, string, readonly (readonly [string, string, Show])[]])[] = [
  [
    "run",
    "What runs",
    [
      ["image", "Image", ({ image }) => one(image)],
      ["image_id", "Image id", ({ image_id }) => short(image_id)],
      ["command", "Command", ({ command }) => (command.length === 0 ? [] : [commandLine(command)])],
      ["user", "User", ({ user }) => one(user)],
      ["lifecycle", "Lifecycle", ({ lifecycle }) => one(lifecycle)],
      ["restart_policy", "Restart policy", ({ restart_policy }) => one(restart_policy)],
    ],
  ],
  [
    "room",
    "Limits and surroundings",
    [
      ["limits.memory_bytes", "Memory", ({ limits }) => one(limits.memory_bytes === null ? null : bytes(limits.memory_bytes))],
      ["limits.milli_cpus", "CPUs", ({ limits }) => one(limits.milli_cpus === null ? null : limits.milli_cpus / 1000)],
      ["limits.pids", "Processes", ({ limits }) => one(limits.pids)],
      ["network", "Network", ({ network }) => one(network)],
      ["mounts", "Mounts", ({ mounts }) => mounts.map(({ source, target, read_only }) => `${source} → ${target}${read_only ? " (read-only)" : ""}`)],
      ["credentials", "Credentials", ({ credentials }) => one(credentials)],
      ["runner", "Task runner", ({ runner }) => one(runner)],
      ["spec_hash", "Spec", ({ spec_hash }) => short(spec_hash)],
    ],
  ],
];

export function specGroups({ desired, observed, drift, overrides }: SpecAnswer): SpecGroup[] {
  const drifted = new Set(drift.map(({ field }) => field));
  const row = (field: string, label: string, show: Show): SpecRow => ({
    field,
    label,
    desired: desired === null ? null : show(desired),
    observed: observed === null ? null : show(observed),
    drift: drifted.has(field),
    own: isOwn(overrides, field),
  });
  const groups = FIELDS.map(([, title, fields]) => ({ title, rows: fields.map(([field, label, show]) => row(field, label, show)) }));
  const names = [...new Set([...Object.keys(desired?.env ?? {}), ...Object.keys(observed?.env ?? {})])].sort();
  const env = names.map((name) => row(`env.${name}`, name, (spec) => (name in spec.env ? [spec.env[name] ?? HIDDEN] : [])));
  return env.length === 0 ? groups : [...groups, { title: "Environment", rows: env }];
}

/** In place of a value that the server does not show. */
export const HIDDEN = "not shown";

function isOwn(overrides: Overrides, field: string): boolean {
  const [head = "", rest] = [field.split(".")[0], field.slice(field.indexOf(".") + 1)];
  switch (head) {
    case "lifecycle":
    case "image":
    case "command":
    case "network":
      return overrides[head] !== null;
    case "mounts":
      return overrides.mounts.length > 0;
    case "env":
      return rest in overrides.env;
    case "limits":
      return overrides.limits[rest as keyof Limits] !== null;
    default:
      return false;
  }
}
