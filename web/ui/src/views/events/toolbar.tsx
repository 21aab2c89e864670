import { useComputed } from "@preact/signals";

import { Button } from "../../kit/button";
import { CopyText } from "../../kit/copy-text";
import { ChoiceMenu, NamesField, SearchField } from "../../kit/filter";
import type { MenuGroups } from "../../kit/menu";
import { go } from "../../route";
import { GROUPS, GROUP_WORDS, KIND_NAMES, kindWord, kindsOf } from "../../state/event-kinds";
import { names, typeNames } from "../../state/store";
import { around, filter, log, paused, setFilter } from "./feed";
import { type EventFilter, NO_FILTER, isFiltering } from "./filter";

export function EventToolbar() {
  const now = filter.value;
  const causes = useComputed(() => [...new Set(log.value?.items.flatMap(({ cause }) => cause ?? []))].sort());
  return (
    <div class="filters" role="search">
      <SearchField
        id="event-search"
        label="Search events"
        placeholder="Kind, agent, cause, detail"
        value={now.text}
        onChange={(text) => setFilter({ text })}
      />
      <ChoiceMenu label="Kind" chosen={chosenKinds(now)} groups={kindItems} />
      <ChoiceMenu label="Type" chosen={now.types} groups={typeItems} />
      <NamesField label="Agent" values={now.instances} known={names.value} onChange={(instances) => setFilter({ instances })} />
      <NamesField label="Cause" values={now.causes} known={causes.value} onChange={(chosen) => setFilter({ causes: chosen })} />
      {isFiltering(now) && (
        <Button kind="quiet" small icon="close" onClick={() => setFilter(NO_FILTER)}>
          Clear
        </Button>
      )}
      <div class="filters-end">
        <CopyText label="Copy as JSON" text={() => JSON.stringify(log.peek()?.items ?? [], null, 2)} />
        {around.value === null ? (
          <Button
            icon={paused.value ? "play" : "pause"}
            aria-pressed={paused.value}
            onClick={() => (paused.value = !paused.value)}
          >
            {paused.value ? "Go on" : "Pause"}
          </Button>
        ) : (
          <Button icon="play" onClick={() => go("/events")}>
            Back to live
          </Button>
        )}
      </div>
    </div>
  );
}

function chosenKinds({ trouble, groups, kinds }: EventFilter): string[] {
  return [...(trouble ? ["Trouble"] : []), ...groups.map((group) => GROUP_WORDS[group]), ...kinds.map(kindWord)];
}

const turned = <T,>(list: readonly T[], value: T): T[] =>
  list.includes(value) ? list.filter((other) => other !== value) : [...list, value];

function kindItems(): MenuGroups {
  const now = filter.peek();
  const trouble = { label: "Trouble only", checked: now.trouble, onSelect: () => setFilter({ trouble: !now.trouble }) };
  const choice = (kind: string) => ({
    label: kindWord(kind),
    checked: now.kinds.includes(kind),
    onSelect: () => setFilter({ kinds: turned(now.kinds, kind) }),
  });
  const groups = GROUPS.map((group) => [
    {
      label: `All: ${GROUP_WORDS[group].toLowerCase()}`,
      checked: now.groups.includes(group),
      onSelect: () => setFilter({ groups: turned(now.groups, group) }),
    },
    ...kindsOf(group).map(choice),
  ]);
  // What a newer server tells.
  const seen = [...(log.peek()?.items ?? []).map(({ kind }) => kind), ...now.kinds];
  const others = [...new Set(seen)].filter((kind) => !KIND_NAMES.includes(kind)).sort();
  return [[trouble], ...groups, others.map(choice)];
}

function typeItems(): MenuGroups {
  const now = filter.peek();
  const all = [...new Set([...typeNames.peek(), ...now.types])];
  return [all.map((type) => ({ label: type, checked: now.types.includes(type), onSelect: () => setFilter({ types: turned(now.types, type) }) }))];
}
