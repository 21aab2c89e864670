/** Days by name. Pure. */

const day = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** `Thursday, 1 January 2026`, by this computer's time zone. */
export function dayOf(at: number): string {
  return day.format(at);
}
