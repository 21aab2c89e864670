import { useEffect, useRef, useState } from "preact/hooks";

export interface Loaded<T> {
  /** The last that came, also while it is asked for anew. */
  value: T | null;
  error: unknown;
  loading: boolean;
  reload: () => void;
}

/** Asks when it is first shown and whenever `key` differs. An answer to an older question is dropped. */
export function useLoad<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value: T | null; error: unknown; loading: boolean }>({
    key,
    value: null,
    error: null,
    loading: true,
  });
  const turn = useRef(0);
  const reload = (): void => {
    turn.current += 1;
    const mine = turn.current;
    setState((before) => ({ key, value: before.key === key ? before.value : null, error: before.error, loading: true }));
    load().then(
      (value) => mine === turn.current && setState({ key, value, error: null, loading: false }),
      (error: unknown) => mine === turn.current && setState((before) => ({ ...before, error, loading: false })),
    );
  };
  useEffect(() => {
    reload();
    return () => void (turn.current += 1);
  }, [key]);
  const mine = state.key === key;
  return { value: mine ? state.value : null, error: mine ? state.error : null, loading: state.loading, reload };
}
