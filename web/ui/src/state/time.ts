/** Times as words. Pure. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `4 s`, `12 min`, `3 h 20 min`, `2 d 4 h`: the two largest units that say something. */
export function duration(ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < 10 * MINUTE) return two(span, MINUTE, "m", SECOND, "s");
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < DAY) return two(span, HOUR, "h", MINUTE, "m");
  if (span < 10 * DAY) return two(span, DAY, "d", HOUR, "h");
  return `${Math.floor(span / DAY)} d`;
}

function two(span: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((span % large) / small);
  const head = `${Math.floor(span / large)} ${largeName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}

/** `in 12 s`, or `now` when it is due. */
export function countdown(ms: number): string {
  return ms <= 0 ? "now" : `in ${duration(ms + 999)}`;
}

/** `14:03:22`, by this computer's time zone. */
export function clockTime(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

/** In full, for a tooltip. */
export function fullTime(at: number): string {
  const date = new Date(at);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0"));
  return `${day.join("-")} ${clockTime(at)}`;
}
