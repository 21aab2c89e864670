import { useEffect } from "preact/hooks";

import { HIDDEN_MS } from "../../../state/connection";
import type { Feed } from "./feed";

/** Reads as long as it is shown. A tab that nobody sees gives its connection back, and goes on when it is seen again. */
export function useFeed(feed: Feed): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const turned = (): void => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      if (document.hidden) timer = setTimeout(() => feed.rest(), HIDDEN_MS);
      else if (feed.standing.peek().kind === "resting") feed.connect();
    };
    feed.connect();
    document.addEventListener("visibilitychange", turned);
    return () => {
      document.removeEventListener("visibilitychange", turned);
      if (timer !== null) clearTimeout(timer);
      feed.close();
    };
  }, [feed]);
}
