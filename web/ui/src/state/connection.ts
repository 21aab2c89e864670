/**
 * Whether what is shown is the present: the life of the page's one stream, as a pure machine.
 *
 * ```text
 *  connecting ── opened ──▶ live ── closed, 35 s silent, clock jumped ──▶ waiting ── time is up ──▶ connecting
 *      └── refused ───────────────────────────────────────────────────────▲
 *  any ── 401 ──▶ signed_out ── signed in ──▶ connecting      any ── hidden for 60 s ──▶ paused ── seen ──▶ connecting
 * ```
 *
 * The shell around it (`live.ts`) does what `effect` says and tells what happened.
 */

/** The server pings every 15 s: two missed and some grace. */
export const SILENCE_MS = 35_000;
/** A browser has six connections per origin, so a tab that nobody sees gives its stream back. */
export const HIDDEN_MS = 60_000;
/** Not connected for so long, the state line says stale. */
export const STALE_MS = 20_000;
/** Ticks come every second; a gap means that the machine slept. */
const JUMP_MS = 20_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

export type Phase = "connecting" | "live" | "waiting" | "paused" | "signed_out";

export interface Connection {
  phase: Phase;
  /** Failures in a row. */
  attempt: number;
  /** In `waiting`: when the next try is due. */
  retryAt: number | null;
  /** Why there is no stream, in words. */
  reason: string | null;
  /** When the last byte came; what is shown is as of then. */
  lastByteAt: number | null;
  hiddenSince: number | null;
  lastTickAt: number;
}

export type Input =
  | { kind: "opened" }
  | { kind: "byte" }
  | { kind: "closed"; reason: string; retryAfterMs?: number }
  | { kind: "unauthorized" }
  | { kind: "signed_in" }
  | { kind: "signed_out" }
  | { kind: "hidden" }
  | { kind: "seen" }
  | { kind: "retry" }
  | { kind: "tick" };

/** What the shell is to do: open a new stream in place of any old one, or close the one there is. */
export type Effect = "connect" | "close" | null;

export interface Step {
  state: Connection;
  effect: Effect;
}

export function initial(now: number): Connection {
  return {
    phase: "connecting",
    attempt: 0,
    retryAt: null,
    reason: null,
    lastByteAt: null,
    hiddenSince: null,
    lastTickAt: now,
  };
}

export function step(state: Connection, input: Input, now: number, random = Math.random()): Step {
  switch (input.kind) {
    case "opened":
      if (state.phase !== "connecting") return keep(state);
      return keep({ ...state, phase: "live", attempt: 0, reason: null, lastByteAt: now });
    case "byte":
      return keep({ ...state, lastByteAt: now });
    case "closed":
      if (state.phase !== "connecting" && state.phase !== "live") return keep(state);
      return keep(waiting(state, input.reason, now + (input.retryAfterMs ?? delay(state.attempt, random))));
    case "unauthorized":
    case "signed_out":
      return { state: { ...state, phase: "signed_out", retryAt: null, reason: null }, effect: "close" };
    case "signed_in":
      return state.phase === "signed_out" ? connect({ ...state, attempt: 0 }) : keep(state);
    case "hidden":
      return keep({ ...state, hiddenSince: state.hiddenSince ?? now });
    case "seen":
      return seen({ ...state, hiddenSince: null, lastTickAt: now }, now);
    case "retry":
      return state.phase === "waiting" ? connect(state) : keep(state);
    case "tick":
      return tick(state, now);
  }
}

function tick(before: Connection, now: number): Step {
  const state = { ...before, lastTickAt: now };
  const gap = now - before.lastTickAt;
  if (state.hiddenSince !== null) {
    const due = now - state.hiddenSince >= HIDDEN_MS && state.phase !== "signed_out" && state.phase !== "paused";
    return due ? { state: { ...state, phase: "paused", retryAt: null, reason: null }, effect: "close" } : keep(state);
  }
  if (gap > JUMP_MS && (state.phase === "live" || state.phase === "connecting")) {
    return connect({ ...state, reason: "this computer slept" });
  }
  if (state.phase === "live" && now - (state.lastByteAt ?? now) > SILENCE_MS) {
    return connect({ ...state, attempt: 1, reason: "the server fell silent" });
  }
  if (state.phase === "waiting" && state.retryAt !== null && now >= state.retryAt) return connect(state);
  return keep(state);
}

function seen(state: Connection, now: number): Step {
  if (state.phase === "paused" || state.phase === "waiting") return connect({ ...state, attempt: 0 });
  // Its timers were held back while it was hidden: look at the silence now.
  if (state.phase === "live" && now - (state.lastByteAt ?? now) > SILENCE_MS) return connect(state);
  return keep(state);
}

function connect(state: Connection): Step {
  return { state: { ...state, phase: "connecting", retryAt: null }, effect: "connect" };
}

function waiting(state: Connection, reason: string, retryAt: number): Connection {
  return { ...state, phase: "waiting", attempt: state.attempt + 1, retryAt, reason };
}

function keep(state: Connection): Step {
  return { state, effect: null };
}

/** 1 s doubling to 30 s, a quarter of it by chance, so that many pages do not come back at once. */
function delay(attempt: number, random: number): number {
  const full = Math.min(FIRST_RETRY_MS * 2 ** attempt, LAST_RETRY_MS);
  return Math.round(full * (0.75 + random * 0.25));
}

/** What the header says. `as_of` is when what is shown was true, if it is not the present. */
export type Standing =
  | { kind: "live" }
  | { kind: "connecting"; as_of: number | null }
  | { kind: "reconnecting"; in_s: number; reason: string | null; as_of: number | null }
  | { kind: "stale"; since: number; in_s: number | null; reason: string | null }
  | { kind: "paused"; as_of: number | null }
  | { kind: "signed_out"; as_of: number | null };

export function standing(state: Connection, now: number): Standing {
  const as_of = state.lastByteAt;
  const in_s = state.retryAt === null ? null : Math.max(0, Math.ceil((state.retryAt - now) / 1000));
  switch (state.phase) {
    case "live":
      return { kind: "live" };
    case "paused":
      return { kind: "paused", as_of };
    case "signed_out":
      return { kind: "signed_out", as_of };
    case "connecting":
    case "waiting":
      if (as_of !== null && now - as_of > STALE_MS) return { kind: "stale", since: as_of, in_s, reason: state.reason };
      if (in_s === null) return { kind: "connecting", as_of };
      return { kind: "reconnecting", in_s, reason: state.reason, as_of };
  }
}
