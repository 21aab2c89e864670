import { useKeys } from "../../../shell/keys";

/** j and k go from row to row; Enter opens the link that has the focus. */
export function useRowKeys(): void {
  useKeys(onKey);
}

function onKey(event: KeyboardEvent): void {
  const by = { j: 1, k: -1 }[event.key];
  if (by === undefined) return;
  const links = [...document.querySelectorAll<HTMLElement>("main .row-link")];
  const row = document.activeElement?.closest("[role=row]");
  const at = links.findIndex((link) => row?.contains(link) === true);
  const next = links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + by))];
  next?.focus({ preventScroll: true });
  next?.closest("[role=row]")?.scrollIntoView({ block: "nearest" });
}
