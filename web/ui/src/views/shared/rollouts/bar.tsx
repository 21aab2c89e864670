import "./bar.css";

import type { Rollout } from "../../../api/rollouts";
import { PARTS, countsOf, progressWords } from "./words";

/** How far a rollout is: done, in trouble, under way, and what is left as the ground. */
export function RolloutBar({ rollout }: { rollout: Rollout }) {
  const counts = countsOf(rollout);
  return (
    <span class="rollout-bar" role="progressbar" aria-valuemin={0} aria-valuemax={Math.max(1, rollout.members.length)} aria-valuenow={counts.done} aria-valuetext={progressWords(rollout)} aria-label="Progress">
      {PARTS.filter((part) => counts[part] > 0).map((part) => (
        <span key={part} class={`rollout-bar-${part}`} style={{ flexGrow: counts[part] }} />
      ))}
    </span>
  );
}
