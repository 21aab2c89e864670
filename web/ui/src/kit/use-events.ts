import { useEffect, useRef } from "preact/hooks";

import type { FleetEvent } from "../api/types";
import { recentEvents } from "../state/store";

const SOON_MS = 200;

/** Calls soon after an event that is meant; many events are one call. */
export function useEvents(isMeant: (event: FleetEvent) => boolean, call: () => void): void {
  const latest = useRef({ isMeant, call });
  latest.current = { isMeant, call };
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let seen = recentEvents.peek().at(-1)?.seq ?? 0;
    const stop = recentEvents.subscribe((events) => {
      const fresh = events.filter(({ seq }) => seq > seen);
      seen = events.at(-1)?.seq ?? seen;
      if (timer !== null || !fresh.some((event) => latest.current.isMeant(event))) return;
      timer = setTimeout(() => {
        timer = null;
        latest.current.call();
      }, SOON_MS);
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, []);
}
