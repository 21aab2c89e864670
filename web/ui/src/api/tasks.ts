/** Tasks: commands run inside agents. */

import { BASE, ask } from "./http";
import type { List } from "./types";

export const TASK_STATES = [
  "queued",
  "waking",
  "running",
  "interrupted",
  "succeeded",
  "failed",
  "timed_out",
  "cancelled",
  "lost",
] as const;
export type TaskState = (typeof TASK_STATES)[number];

export interface Task {
  id: string;
  state: TaskState;
  cause: string | null;
  detail: string | null;
  exit_code: number | null;
  instance: string | null;
  incarnation: string | null;
  type: string;
  argv: string[];
  attempt: number;
  /** A cancel was asked for and is not carried out yet. */
  cancelling: boolean;
  queued_at: string;
  started_at: string | null;
  ended_at: string | null;
  output_bytes: number;
  /** Not all that it printed was kept. */
  truncated: boolean;
}

export interface NewTask {
  argv: string[];
  instance?: string;
  type?: string;
  stdin?: string;
  env?: Record<string, string>;
  workdir?: string;
  timeout_s?: number;
  retry?: boolean;
  idempotency_key?: string;
}

export interface TaskQuery {
  instance: string | null;
  states: readonly TaskState[];
}

const path = (id: string, rest = ""): string => `${BASE}/tasks/${encodeURIComponent(id)}${rest}`;

/** Newest first; `before` is the id of the last one of the page before. */
export async function tasks(query: TaskQuery, before: string | null, limit: number): Promise<Task[]> {
  const params = new URLSearchParams({ limit: String(limit) });
  if (query.instance !== null) params.set("instance", query.instance);
  if (query.states.length > 0) params.set("state", query.states.join(","));
  if (before !== null) params.set("before", before);
  return (await ask<List<Task>>(`${BASE}/tasks?${params}`)).body.items;
}

export async function task(id: string): Promise<Task> {
  return (await ask<Task>(path(id))).body;
}

export async function submit(task: NewTask): Promise<Task> {
  return (await ask<Task>(`${BASE}/tasks`, { method: "POST", body: task })).body;
}

export async function cancel(id: string): Promise<Task> {
  return (await ask<Task>(path(id), { method: "DELETE" })).body;
}

/** Both streams byte for byte, from a byte on, until the task ends. */
export const outputPath = (id: string, offset: number): string => path(id, `/output?follow=1&offset=${offset}`);
