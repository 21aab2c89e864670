import { useId, useState } from "preact/hooks";

import { Button, IconButton } from "../../kit/button";
import { ChoiceMenu, SearchField } from "../../kit/filter";
import { now } from "../../state/clock";
import { typeNames } from "../../state/store";
import { fullTime } from "../../state/time";
import { moveBy, toPresent, zoomBy } from "./plot-keys";
import { PRESETS, settled, spanOf } from "./scale";
import { filter, following, lanes, look, setFilter, show, view } from "./state";

export function TimelineToolbar() {
  const { text, types, byType, deleted } = filter.value;
  const span = spanOf(view.value);
  const [choosing, setChoosing] = useState(false);
  const isPreset = (length: number): boolean => following.value && Math.abs(span - length) < 1000;
  const typeItems = () => {
    const present = filter.peek().types;
    const all = [...new Set([...typeNames.peek(), ...(lanes.peek()?.lanes.flatMap(({ type }) => type ?? []) ?? [])])].sort();
    return [
      all.map((type) => ({
        label: type,
        checked: present.includes(type),
        onSelect: () => setFilter({ types: present.includes(type) ? present.filter((one) => one !== type) : [...present, type] }),
      })),
    ];
  };
  return (
    <>
      <div class="filters" role="search">
        <SearchField id="timeline-search" label="Search agents" placeholder="Name or type" value={text} onChange={(value) => setFilter({ text: value })} />
        <ChoiceMenu label="Type" chosen={types} groups={typeItems} />
        <button type="button" class={byType ? "choice choice-on" : "choice"} aria-pressed={byType} onClick={() => setFilter({ byType: !byType })}>
          By type
        </button>
        <button type="button" class={deleted ? "choice choice-on" : "choice"} aria-pressed={deleted} onClick={() => setFilter({ deleted: !deleted })}>
          Deleted
        </button>
        <div class="filters-end tl-times">
          <div class="tl-presets" role="group" aria-label="Window of time">
            {PRESETS.map(({ label, title, span: length }) => (
              <button key={label} type="button" title={title} aria-pressed={isPreset(length)} onClick={() => show({ span: length })}>
                {label}
              </button>
            ))}
            <button type="button" aria-expanded={choosing} aria-pressed={!following.value} onClick={() => setChoosing(!choosing)}>
              Custom
            </button>
          </div>
          <span class="tl-moves" role="group" aria-label="Move and zoom">
            <IconButton icon="left" label="Earlier (Shift ←)" onClick={() => moveBy(-0.5)} />
            <IconButton icon="right" label="Later (Shift →)" disabled={following.value} onClick={() => moveBy(0.5)} />
            <IconButton icon="minus" label="Zoom out (−)" onClick={() => zoomBy(1 / 0.6)} />
            <IconButton icon="plus" label="Zoom in (+)" onClick={() => zoomBy(0.6)} />
          </span>
          <Button small kind={following.value ? "quiet" : "plain"} icon="play" disabled={following.value} onClick={toPresent}>
            {following.value ? "Live" : "Now"}
          </Button>
        </div>
      </div>
      {choosing && <Custom onClose={() => setChoosing(false)} />}
      {!following.value && !choosing && (
        <p class="soft num tl-window">
          {fullTime(view.value.from)} – {fullTime(view.value.to)}
        </p>
      )}
    </>
  );
}

/** For the browser's field of date and time, which has no time zone. */
function localText(at: number): string {
  return fullTime(at).replace(" ", "T").slice(0, 16);
}

function Custom({ onClose }: { onClose: () => void }) {
  const id = useId();
  const [from, setFrom] = useState(localText(view.peek().from));
  const [to, setTo] = useState(localText(view.peek().to));
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const wrong = Number.isNaN(begin) || Number.isNaN(end) ? "Both times are needed." : begin >= end ? "The end must be after the beginning." : null;
  return (
    <form
      class="tl-custom"
      onSubmit={(event) => {
        event.preventDefault();
        if (wrong !== null) return;
        look(settled({ from: begin, to: end }, now.peek()));
        onClose();
      }}
    >
      <label for={`${id}-from`}>From</label>
      <input id={`${id}-from`} class="input" type="datetime-local" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
      <label for={`${id}-to`}>to</label>
      <input id={`${id}-to`} class="input" type="datetime-local" value={to} onInput={(event) => setTo(event.currentTarget.value)} />
      <Button type="submit" kind="primary" disabled={wrong !== null}>
        Show
      </Button>
      <Button kind="quiet" onClick={onClose}>
        Cancel
      </Button>
      <span class="tl-custom-wrong" role="alert">
        {wrong}
      </span>
    </form>
  );
}
