import { useEffect } from "preact/hooks";

import { intent } from "../state/intent";

/** Keys that work everywhere. A view adds its own with {@link useKeys}. */
export function useGlobalKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        intent.value = intent.peek()?.kind === "palette" ? null : { kind: "palette" };
      } else if (event.key === "?" && isFree(event)) {
        intent.value = { kind: "keys" };
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

/** Single keys of a view, while no dialog is open and nothing is being typed. */
export function useKeys(handle: (event: KeyboardEvent) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isFree(event)) handle(event);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [handle]);
}

function isFree(event: KeyboardEvent): boolean {
  if (event.metaKey || event.ctrlKey || event.altKey || intent.peek() !== null) return false;
  const { target } = event;
  return !(target instanceof HTMLElement) || !target.closest("input:not([type=checkbox]), textarea, select, dialog, [role=menu]");
}
