import { useCallback } from "preact/hooks";

import { useKeys } from "../../shell/keys";
import { paused } from "./feed";

/** j and k go from event to event, Enter opens it, / searches, p pauses. */
export function useEventKeys(): void {
  useKeys(useCallback(onKey, []));
}

function onKey(event: KeyboardEvent): void {
  switch (event.key) {
    case "/":
      event.preventDefault();
      document.getElementById("event-search")?.focus();
      break;
    case "p":
      paused.value = !paused.peek();
      break;
    case "j":
      move(1);
      break;
    case "k":
      move(-1);
      break;
  }
}

function move(by: 1 | -1): void {
  const toggles = [...document.querySelectorAll<HTMLElement>(".event-toggle")];
  const row = document.activeElement?.closest(".event");
  const at = toggles.findIndex((toggle) => row?.contains(toggle) === true);
  const next = toggles[at < 0 ? 0 : Math.max(0, Math.min(toggles.length - 1, at + by))];
  next?.focus({ preventScroll: true });
  next?.closest(".event")?.scrollIntoView({ block: "nearest" });
}
