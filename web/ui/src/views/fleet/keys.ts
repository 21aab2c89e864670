import { useCallback } from "preact/hooks";

import { go } from "../../route";
import { useKeys } from "../../shell/keys";
import { clearSelection, selected, toggle } from "../../state/selection";
import { agentPath } from "../../route";
import { visible } from "./list";

/** j, k and the arrows go from row to row, Enter opens, x selects, / searches, Escape lets go. */
export function useFleetKeys(): void {
  useKeys(useCallback(onKey, []));
}

function onKey(event: KeyboardEvent): void {
  switch (event.key) {
    case "/":
      event.preventDefault();
      document.getElementById("fleet-search")?.focus();
      break;
    case "j":
    case "ArrowDown":
      move(1, event);
      break;
    case "k":
    case "ArrowUp":
      move(-1, event);
      break;
    case "x": {
      const name = focused();
      if (name !== null) toggle(name);
      break;
    }
    case "o": {
      const name = focused();
      if (name !== null) go(agentPath(name));
      break;
    }
    case "Escape":
      if (selected.peek().length > 0) clearSelection();
      break;
  }
}

function focused(): string | null {
  return document.activeElement?.closest<HTMLElement>("[data-name]")?.dataset["name"] ?? null;
}

function move(by: 1 | -1, event: KeyboardEvent): void {
  const rows = visible.peek();
  const at = focused();
  // The arrows scroll as long as no row has the focus.
  if (at === null && event.key.startsWith("Arrow")) return;
  const to = at === null ? 0 : rows.indexOf(at) + by;
  const name = rows[Math.max(0, Math.min(rows.length - 1, to))];
  if (name === undefined) return;
  event.preventDefault();
  const row = document.querySelector<HTMLElement>(`[data-name="${CSS.escape(name)}"]`);
  row?.querySelector<HTMLElement>(".row-link")?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}
