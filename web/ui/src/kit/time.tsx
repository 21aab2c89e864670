import { useComputed } from "@preact/signals";

import { now } from "../state/clock";
import { countdown, duration, fullTime } from "../state/time";

/** How long ago, ticking; the text alone is painted anew. */
export function Ago({ at }: { at: number | null }) {
  return at === null ? <Dash /> : <Ticking key={at} at={at} words={(time) => duration(time - at)} />;
}

/** How long until then. */
export function Until({ at }: { at: number | null }) {
  return at === null ? <Dash /> : <Ticking key={at} at={at} words={(time) => countdown(at - time)} />;
}

function Ticking({ at, words }: { at: number; words: (now: number) => string }) {
  const text = useComputed(() => words(now.value));
  return (
    <time class="num" dateTime={new Date(at).toISOString()} title={fullTime(at)}>
      {text}
    </time>
  );
}

/** Nothing to say. */
export function Dash() {
  return (
    <span class="dash" aria-label="none">
      –
    </span>
  );
}
