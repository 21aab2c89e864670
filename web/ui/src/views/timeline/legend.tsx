import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";

import type { Phase } from "../../api/types";
import { fullTime } from "../../state/time";
import { theme } from "../../state/theme";
import { paintSpan, readPalette } from "./paint";
import { lanes, view } from "./state";
import { GAP_WORDS } from "./words";

const SHOWN: readonly { phase: Phase; word: string }[] = [
  { phase: "running", word: "Running" },
  { phase: "starting", word: "Coming up" },
  { phase: "stopping", word: "Going down" },
  { phase: "stopped", word: "Stopped" },
  { phase: "absent", word: "No container" },
  { phase: "backoff", word: "Backing off" },
  { phase: "unknown", word: "Not known" },
  { phase: "host", word: "On the host" },
];

/** What the patterns mean, and where nobody looked. */
export function Legend() {
  const known = lanes.value;
  const shown = view.value;
  const gaps = known?.gaps.filter(({ from, to }) => from < shown.to && to > shown.from) ?? [];
  const expired = known?.expiredBefore ?? null;
  const cut = known?.lanes.filter(({ omitted }) => omitted > 0).length ?? 0;
  return (
    <div class="tl-legend">
      <ul aria-label="Legend">
        {SHOWN.map(({ phase, word }) => (
          <li key={phase}>
            <Swatch phase={phase} />
            {word}
          </li>
        ))}
        <li>
          <MarkShape d="M8 3 13 12H3z" tone="bad" />
          Failure
        </li>
        <li>
          <MarkShape d="m8 3.500 4.500 4.500L8 12.500 3.500 8z" tone="warn" />
          Warning
        </li>
        <li>
          <MarkShape d="M8 5.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5z" tone="idle" />
          Other event
        </li>
      </ul>
      {(cut > 0 || gaps.length > 0 || (expired !== null && expired > shown.from)) && (
        <ul class="tl-notes" aria-label="Where nothing is known">
          {expired !== null && expired > shown.from && <li>No history is stored from before {fullTime(expired)}.</li>}
          {gaps.slice(-3).map(({ from, to, why }) => (
            <li key={from}>
              {GAP_WORDS[why]} from {fullTime(from)} to {fullTime(to)}.
            </li>
          ))}
          {cut > 0 && (
            <li>
              Of {cut === 1 ? "one agent" : `${cut} agents`} only the newest events are marked; zoom in to see the others.
            </li>
          )}
          {gaps.length > 3 && <li>And {gaps.length - 3} earlier times like that.</li>}
        </ul>
      )}
    </div>
  );
}

function MarkShape({ d, tone }: { d: string; tone: "bad" | "warn" | "idle" }) {
  return (
    <svg class={`tl-mark tone-${tone}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d={d} />
    </svg>
  );
}

function Swatch({ phase }: { phase: Phase }) {
  const ref = useRef<HTMLCanvasElement>(null);
  useSignalEffect(() => {
    void theme.value;
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (canvas === null || context === null || context === undefined) return;
    const repaint = (): void => {
      const scale = devicePixelRatio;
      canvas.width = 26 * scale;
      canvas.height = 16 * scale;
      context.setTransform(scale, 0, 0, scale, 0, 0);
      paintSpan(context, readPalette(canvas.parentElement ?? document.body), phase, 0, 8, 26);
    };
    repaint();
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", repaint);
    return () => scheme.removeEventListener("change", repaint);
  });
  return <canvas ref={ref} class="tl-swatch" aria-hidden="true" />;
}
