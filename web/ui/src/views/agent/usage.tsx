import "./usage.css";

import { Dash } from "../../kit/time";
import { bytes, percent } from "../../state/size";
import type { Sample } from "../../state/stats";
import { samples } from "../../state/store";
import { Chart } from "./chart";

/** What its container uses, measured while this page is open. */
export function Usage({ name, running }: { name: string; running: boolean }) {
  const past = samples(name).value;
  const last = running ? past.at(-1) : undefined;
  if (!running && past.length < 2) return <p class="card usage soft">What it uses is measured while it runs.</p>;
  const limit = last?.memoryLimit ?? null;
  return (
    <section class="card usage dims" aria-label="Usage">
      <Measure
        title="CPU"
        note="100 % is one core"
        now={last?.cpu == null ? null : percent(last.cpu)}
        past={past}
        value={({ cpu }) => cpu}
        words={percent}
        least={10}
      />
      <Measure
        title="Memory"
        note={limit === null ? "" : `of ${bytes(limit)}`}
        now={last?.memory == null ? null : bytes(last.memory)}
        past={past}
        value={({ memory }) => memory}
        words={bytes}
        least={1024 * 1024}
      />
    </section>
  );
}

interface MeasureProps {
  title: string;
  note: string;
  now: string | null;
  past: readonly Sample[];
  value: (sample: Sample) => number | null;
  words: (value: number) => string;
  /** The top of the picture is no lower. */
  least: number;
}

function Measure({ title, note, now, past, value, words, least }: MeasureProps) {
  const values = past.map(value);
  const most = values.reduce<number>((top, one) => Math.max(top, one ?? 0), 0);
  return (
    <div class="measure">
      <div class="measure-head">
        <h2>{title}</h2>
        <span class="measure-now num">{now ?? <Dash />}</span>
        <span class="soft measure-note">{note}</span>
        {past.length > 1 && <span class="soft num measure-most">highest {words(most)}</span>}
      </div>
      {past.length > 1 ? (
        <Chart times={past.map(({ at }) => at / 1000)} values={values} words={words} binary={words === bytes} least={least} label={`${title}: now ${now ?? "unknown"}, highest ${words(most)}`} />
      ) : (
        <div class="measure-none soft">The first measurements come within seconds.</div>
      )}
    </div>
  );
}
