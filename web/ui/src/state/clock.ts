/** The time, ticking once a second, as the server has it: what it dates is compared with its own clock. */

import { computed, signal } from "@preact/signals";

const ticking = signal(Date.now());
/** How far the server's clock is ahead of this one, in ms. */
const ahead = signal(0);

/** This computer's time. */
export const localNow = computed(() => ticking.value);
/** The server's time. */
export const now = computed(() => ticking.value + ahead.value);

export function startClock(): void {
  setInterval(() => {
    ticking.value = Date.now();
  }, 1000);
}

/** Learns the server's clock from the `Date` of an answer, which is cut to the second. */
export function learnClock(date: string | null): void {
  const told = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(told)) return;
  const difference = told + 500 - Date.now();
  ahead.value = Math.abs(difference) < 2000 ? 0 : difference;
}
