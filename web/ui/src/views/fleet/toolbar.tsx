import "./toolbar.css";

import { computed } from "@preact/signals";

import { CONDITIONS } from "../../api/types";
import { Button } from "../../kit/button";
import { ChoiceMenu, SearchField } from "../../kit/filter";
import type { MenuItem } from "../../kit/menu";
import { type Filter, NO_FILTER } from "../../state/filter";
import { intent } from "../../state/intent";
import { conditionWord } from "../../state/status";
import { agents, names, typeNames } from "../../state/store";
import { BUCKETS, type Bucket } from "../../state/totals";
import { filter, filtering, groups, setFilter } from "./list";

const STATE_WORDS: Record<Bucket, string> = {
  running: "Running",
  moving: "Changing",
  asleep: "Asleep",
  parked: "Parked",
  down: "Down",
  unknown: "Unknown",
  host: "On the host",
};

/** How many agents are in each condition. */
const held = computed(() => {
  const counts = new Map<string, number>();
  for (const agent of agents.value.values()) {
    for (const { type, status } of agent.conditions) if (status) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
});

/** Those that there are, a newer server's and those of the address too. */
const conditions = computed(() => {
  const all = [...CONDITIONS, ...held.value.keys(), ...filter.value.conditions];
  return [...new Set<string>(all)].filter((condition) => condition !== "ready");
});

/** Search, filters and what makes new agents. */
export function Toolbar() {
  const now = filter.value;
  const shown = groups.value.reduce((sum, { names }) => sum + names.length, 0);
  return (
    <div class="toolbar" role="search">
      <SearchField
        id="fleet-search"
        label="Search agents"
        placeholder="Name, type, image, holder"
        value={now.text}
        onChange={(text) => setFilter({ text })}
      />
      <div class="toolbar-filters">
        <Choice label="State" member="states" all={BUCKETS} word={(state) => STATE_WORDS[state]} now={now} />
        <Choice label="Type" member="types" all={typeNames.value} word={(type) => type} now={now} />
        <Choice label="Lifecycle" member="lifecycles" all={["hot", "lazy"]} word={(lifecycle) => lifecycle} now={now} />
        <Choice
          label="Condition"
          member="conditions"
          all={conditions.value}
          word={conditionWord}
          note={(condition) => held.value.get(condition)}
          now={now}
        />
        {filtering.value && (
          <>
            <Button kind="quiet" small icon="close" onClick={() => setFilter(NO_FILTER)}>
              Clear
            </Button>
            <span class="soft num" role="status">
              {shown} of {names.value.length}
            </span>
          </>
        )}
      </div>
      <div class="toolbar-end">
        <Button icon="rollout" onClick={() => (intent.value = { kind: "rollout", type: null })}>
          Roll out
        </Button>
        <Button icon="scale" onClick={() => (intent.value = { kind: "scale", type: null })}>
          Scale
        </Button>
        <Button kind="primary" icon="plus" onClick={() => (intent.value = { kind: "create", type: null })}>
          New agent
        </Button>
      </div>
    </div>
  );
}

type ListKey = "states" | "types" | "lifecycles" | "conditions";

interface ChoiceProps<K extends ListKey> {
  label: string;
  member: K;
  all: readonly Filter[K][number][];
  word: (value: Filter[K][number]) => string;
  /** How many there are. */
  note?: (value: Filter[K][number]) => number | undefined;
  now: Filter;
}

/** A filter of several values of one kind. */
function Choice<K extends ListKey>({ label, member, all, word, note, now }: ChoiceProps<K>) {
  const chosen: readonly string[] = now[member];
  const items = (): MenuItem[] => {
    const present: readonly string[] = filter.peek()[member];
    return all.map((value) => ({
      label: word(value),
      ...(note?.(value) === undefined ? {} : { note: String(note(value)) }),
      checked: present.includes(value),
      onSelect: () => {
        const next = present.includes(value) ? present.filter((other) => other !== value) : [...present, value];
        setFilter({ [member]: next } as Partial<Filter>);
      },
    }));
  };
  const words = all.filter((value) => chosen.includes(value)).map(word);
  return <ChoiceMenu label={label} chosen={words} groups={() => [items()]} />;
}
