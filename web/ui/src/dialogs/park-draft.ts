/** What can be chosen when agents are parked, and what is sent of it. Pure. */

export const PARK_KINDS = ["quota", "auth", "other"] as const;

/** For how long, as the dialog offers it: seconds, or the two that need more. */
export type ParkEnd = "900" | "3600" | "18000" | "86400" | "at" | "open";

export const PARK_ENDS: readonly { value: ParkEnd; label: string }[] = [
  { value: "900", label: "in 15 minutes" },
  { value: "3600", label: "in an hour" },
  { value: "18000", label: "in 5 hours" },
  { value: "86400", label: "in a day" },
  { value: "at", label: "at a time…" },
  { value: "open", label: "when somebody reopens it" },
];

/** The end as the server wants it; null if the time is missing or over. */
export function parkEnd(end: ParkEnd, at: string, now: number): { until?: string; for_s?: number } | null {
  if (end === "open") return {};
  if (end !== "at") return { for_s: Number(end) };
  const time = Date.parse(at);
  return Number.isNaN(time) || time <= now ? null : { until: new Date(time).toISOString() };
}
