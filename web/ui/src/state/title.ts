/** What the window is called: who needs a person, what is looked at. */

import { effect, signal } from "@preact/signals";

import { totals } from "./store";

/** What a page is about, where it says so. */
export const pageName = signal<string | null>(null);

export function titleOf(name: string | null, human: number): string {
  return `${human > 0 ? `(${human}!) ` : ""}${name === null ? "" : `${name} · `}claude-hooks`;
}

export function startTitle(): void {
  effect(() => {
    document.title = titleOf(pageName.value, totals.value.human);
  });
}
