/** Which tasks are shown, kept in the address. Pure. */

import { TASK_STATES, type TaskQuery, type TaskState } from "../../api/tasks";

export interface TaskFilter extends TaskQuery {
  instance: string | null;
  states: TaskState[];
}

export function parseTaskFilter(search: string): TaskFilter {
  const params = new URLSearchParams(search);
  const wanted = (params.get("state") ?? "").split(",");
  return { instance: params.get("instance") || null, states: TASK_STATES.filter((state) => wanted.includes(state)) };
}

export function taskSearch({ instance, states }: TaskFilter): string {
  const parts = [
    ...(states.length === 0 ? [] : [`state=${states.join(",")}`]),
    ...(instance === null ? [] : [`instance=${encodeURIComponent(instance)}`]),
  ];
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}
