import "./totals.css";

import { StatusShape } from "../../kit/status";
import type { Shape, Tone } from "../../state/status";
import type { Only } from "../../state/filter";
import type { Bucket } from "../../state/totals";
import { arrived, totals } from "../../state/store";
import { filter, setFilter } from "./list";

interface Tile {
  bucket: Bucket;
  label: string;
  tone: Tone;
  shape: Shape;
  /** Left out while there is none of it. */
  rare?: boolean;
}

const TILES: readonly Tile[] = [
  { bucket: "running", label: "Running", tone: "ok", shape: "play" },
  { bucket: "asleep", label: "Asleep", tone: "idle", shape: "moon" },
  { bucket: "parked", label: "Parked", tone: "warn", shape: "pause", rare: true },
  { bucket: "moving", label: "Changing", tone: "busy", shape: "spin" },
  { bucket: "down", label: "Down", tone: "warn", shape: "square" },
  { bucket: "unknown", label: "Unknown", tone: "unknown", shape: "question", rare: true },
  { bucket: "host", label: "On the host", tone: "idle", shape: "desk", rare: true },
];

/** The fleet in numbers; each is a switch of the filter. */
export function Totals() {
  const numbers = totals.value;
  const { states, only } = filter.value;
  const known = arrived.value;
  const toggleState = (bucket: Bucket): void => {
    setFilter({ states: states.includes(bucket) ? states.filter((state) => state !== bucket) : [...states, bucket] });
  };
  const toggleOnly = (key: Only): void => {
    setFilter({ only: only.includes(key) ? only.filter((other) => other !== key) : [...only, key] });
  };
  return (
    <section class="totals card dims" aria-label="Totals">
      <div class="totals-all">
        <span class="totals-number num">{known ? numbers.all : "–"}</span>
        <span class="totals-label">{numbers.all === 1 ? "agent" : "agents"}</span>
        <Share />
      </div>
      <ul class="totals-states">
        {TILES.filter(({ bucket, rare }) => rare !== true || numbers[bucket] > 0).map(({ bucket, label, tone, shape }) => (
          <li key={bucket}>
            <button type="button" class="tile" aria-pressed={states.includes(bucket)} onClick={() => toggleState(bucket)}>
              <StatusShape tone={numbers[bucket] === 0 ? "idle" : tone} shape={shape === "spin" ? "ring" : shape} />
              <span class="tile-number num" data-zero={numbers[bucket] === 0}>
                {known ? numbers[bucket] : "–"}
              </span>
              <span class="tile-label">{label}</span>
            </button>
          </li>
        ))}
      </ul>
      <ul class="totals-more">
        {(numbers.human > 0 || only.includes("human")) && (
          <More
            label={numbers.human === 1 ? "needs a person" : "need a person"}
            count={numbers.human}
            on={only.includes("human")}
            bad={numbers.human > 0}
            onClick={() => toggleOnly("human")}
          />
        )}
        <More label="in trouble" count={numbers.trouble} on={only.includes("trouble")} bad={numbers.trouble > 0} onClick={() => toggleOnly("trouble")} />
        <More label={numbers.tasks === 1 ? "task running" : "tasks running"} count={numbers.tasks} on={only.includes("tasks")} onClick={() => toggleOnly("tasks")} />
        <More label={numbers.leases === 1 ? "lease" : "leases"} count={numbers.leases} on={only.includes("leases")} onClick={() => toggleOnly("leases")} />
      </ul>
    </section>
  );
}

interface MoreProps {
  label: string;
  count: number;
  on: boolean;
  bad?: boolean;
  onClick: () => void;
}

function More({ label, count, on, bad = false, onClick }: MoreProps) {
  return (
    <li>
      <button type="button" class="tile tile-more" data-bad={bad} aria-pressed={on} onClick={onClick}>
        <span class="tile-number num" data-zero={count === 0}>
          {arrived.value ? count : "–"}
        </span>
        <span class="tile-label">{label}</span>
      </button>
    </li>
  );
}

/** The states as shares of one bar. */
function Share() {
  const numbers = totals.value;
  return (
    <div class="share" aria-hidden="true">
      {TILES.filter(({ bucket }) => numbers[bucket] > 0).map(({ bucket, tone }) => (
        <span key={bucket} class={`share-part tone-${tone}`} style={{ flexGrow: numbers[bucket] }} />
      ))}
    </div>
  );
}
