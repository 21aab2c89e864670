/** A list of tasks as pages and refreshes paint it. Pure. */

import type { Task, TaskState } from "../../../api/tasks";
import type { Status } from "../../../state/status";

export interface TaskList {
  /** Newest first. */
  tasks: readonly Task[];
  /** There are no older ones. */
  complete: boolean;
}

/** A page of the newest ones: what it covers is replaced, what is older stays. */
export function withNewest(before: TaskList, page: readonly Task[], limit: number): TaskList {
  const last = page.at(-1);
  if (page.length < limit || last === undefined) return { tasks: kept(before, page), complete: true };
  const fresh = kept(before, page);
  // Ids begin with their time.
  const older = before.tasks.filter(({ id }) => id < last.id);
  return { tasks: [...fresh, ...older], complete: older.length > 0 && before.complete };
}

/** A page of those before the last known one. */
export function withOlder(before: TaskList, page: readonly Task[], limit: number): TaskList {
  const known = new Set(before.tasks.map(({ id }) => id));
  return { tasks: [...before.tasks, ...page.filter(({ id }) => !known.has(id))], complete: page.length < limit };
}

/** Those that do not differ stay the same objects. */
function kept(before: TaskList, page: readonly Task[]): Task[] {
  const known = new Map(before.tasks.map((task) => [task.id, task]));
  return page.map((task) => {
    const old = known.get(task.id);
    return old !== undefined && JSON.stringify(old) === JSON.stringify(task) ? old : task;
  });
}

export function isFinal(state: TaskState): boolean {
  return !["queued", "waking", "running", "interrupted"].includes(state);
}

export const TASK_STATUS: Record<TaskState, Status> = {
  queued: { word: "Queued", tone: "idle", shape: "ring" },
  waking: { word: "Waking", tone: "busy", shape: "spin" },
  running: { word: "Running", tone: "busy", shape: "spin" },
  interrupted: { word: "Interrupted", tone: "warn", shape: "alert" },
  succeeded: { word: "Succeeded", tone: "ok", shape: "check" },
  failed: { word: "Failed", tone: "bad", shape: "alert" },
  timed_out: { word: "Timed out", tone: "bad", shape: "alert" },
  cancelled: { word: "Cancelled", tone: "idle", shape: "square" },
  lost: { word: "Lost", tone: "unknown", shape: "question" },
};

export function statusOfTask(task: Task): Status {
  if (task.cancelling && !isFinal(task.state)) return { word: "Cancelling", tone: "busy", shape: "spin" };
  return TASK_STATUS[task.state];
}

/** The words as they would be typed, for people only. */
export function commandLine(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

/** How long it ran, or has been running. */
export function ranFor({ started_at, ended_at }: Task, now: number): number | null {
  if (started_at === null) return null;
  return (ended_at === null ? now : Date.parse(ended_at)) - Date.parse(started_at);
}
