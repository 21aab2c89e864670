import { useEffect, useRef, useState } from "preact/hooks";

import { type TaskQuery, tasks as fetchTasks } from "../../../api/tasks";
import { useEvents } from "../../../kit/use-events";
import { isLive } from "../../../state/live";
import { resyncs } from "../../../state/store";
import { type TaskList, isFinal, withNewest, withOlder } from "./merge";

const PAGE = 100;
/** Not every step of a task is an event: one that waits is looked at again. */
const LOOK_MS = 4000;

export interface Tasks {
  list: TaskList | null;
  error: unknown;
  older: () => void;
  loadingOlder: boolean;
  refresh: () => void;
}

/** The tasks that fit, kept up to date by the fleet's own events. */
export function useTasks(query: TaskQuery): Tasks {
  const key = JSON.stringify(query);
  const [state, setState] = useState<{ key: string; list: TaskList | null; error: unknown }>({ key, list: null, error: null });
  const [loadingOlder, setLoadingOlder] = useState(false);
  const present = useRef({ key, query, alive: true });
  present.current = { key, query, alive: true };
  const list = state.key === key ? state.list : null;

  const refresh = (): void => {
    const asked = present.current;
    const mine = (): boolean => present.current.alive && present.current.key === asked.key;
    fetchTasks(asked.query, null, PAGE).then(
      (page) => {
        if (!mine()) return;
        setState((before) => {
          const known = before.key === asked.key && before.list !== null ? before.list : { tasks: [], complete: false };
          return { key: asked.key, list: withNewest(known, page, PAGE), error: null };
        });
      },
      (error: unknown) => mine() && setState((before) => ({ ...before, key: asked.key, list: before.key === asked.key ? before.list : null, error })),
    );
  };
  const older = (): void => {
    const last = list?.tasks.at(-1);
    if (last === undefined || loadingOlder) return;
    const asked = present.current;
    setLoadingOlder(true);
    fetchTasks(asked.query, last.id, PAGE)
      .then(
        (page) =>
          setState((before) => (before.key === asked.key && before.list !== null ? { ...before, list: withOlder(before.list, page, PAGE) } : before)),
        (error: unknown) => setState((before) => ({ ...before, error })),
      )
      .finally(() => setLoadingOlder(false));
  };

  useEffect(() => refresh(), [key, resyncs.value, isLive.value]);
  useEffect(() => () => void (present.current = { ...present.current, alive: false }), []);
  useTaskEvents(query.instance, refresh);
  const waits = list !== null && list.tasks.some(({ state }) => !isFinal(state));
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => {
      if (!document.hidden && isLive.peek()) refresh();
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [waits, key]);
  return { list, error: state.key === key ? state.error : null, older, loadingOlder, refresh };
}

/** Calls soon after something happened to a task; many events are one call. */
export function useTaskEvents(instance: string | null, call: () => void): void {
  useEvents((event) => /^(task|lease)_/.test(event.kind) && (instance === null || event.instance === instance), call);
}
