import "./toolbar.css";

import { useEffect, useRef, useState } from "preact/hooks";

import { CONDITIONS } from "../../api/types";
import { Button } from "../../kit/button";
import { Icon } from "../../kit/icons";
import { Kbd } from "../../kit/kbd";
import { Menu, type MenuItem } from "../../kit/menu";
import { type Filter, NO_FILTER } from "../../state/filter";
import { intent } from "../../state/intent";
import { CONDITION_WORDS } from "../../state/status";
import { names, typeNames } from "../../state/store";
import { BUCKETS, type Bucket } from "../../state/totals";
import { filter, filtering, groups, setFilter } from "./list";

const STATE_WORDS: Record<Bucket, string> = {
  running: "Running",
  moving: "Changing",
  asleep: "Asleep",
  down: "Down",
  unknown: "Unknown",
  host: "On the host",
};

/** Search, filters and what makes new agents. */
export function Toolbar() {
  const now = filter.value;
  const shown = groups.value.reduce((sum, { names }) => sum + names.length, 0);
  return (
    <div class="toolbar" role="search">
      <Search />
      <div class="toolbar-filters">
        <Choice label="State" member="states" all={BUCKETS} word={(state) => STATE_WORDS[state]} now={now} />
        <Choice label="Type" member="types" all={typeNames.value} word={(type) => type} now={now} />
        <Choice label="Lifecycle" member="lifecycles" all={["hot", "lazy"]} word={(lifecycle) => lifecycle} now={now} />
        <Choice
          label="Condition"
          member="conditions"
          all={CONDITIONS.filter((condition) => condition !== "ready")}
          word={(condition) => CONDITION_WORDS[condition]}
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

function Search() {
  const input = useRef<HTMLInputElement>(null);
  const outside = filter.value.text;
  const [text, setText] = useState(outside);
  useEffect(() => setText(outside), [outside]);
  return (
    <label class="search">
      <Icon name="search" />
      <span class="hidden-text">Search agents</span>
      <input
        ref={input}
        id="fleet-search"
        type="text"
        inputMode="search"
        placeholder="Name, type, image, holder"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setFilter({ text: event.currentTarget.value });
        }}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (text === "") input.current?.blur();
          setFilter({ text: "" });
        }}
      />
      <Kbd>/</Kbd>
    </label>
  );
}

type ListKey = "states" | "types" | "lifecycles" | "conditions";

interface ChoiceProps<K extends ListKey> {
  label: string;
  member: K;
  all: readonly Filter[K][number][];
  word: (value: Filter[K][number]) => string;
  now: Filter;
}

/** A filter of several values; which are chosen stands on its button. */
function Choice<K extends ListKey>({ label, member, all, word, now }: ChoiceProps<K>) {
  const chosen: readonly string[] = now[member];
  const items = (): MenuItem[] => {
    const present: readonly string[] = filter.peek()[member];
    return all.map((value) => ({
      label: word(value),
      checked: present.includes(value),
      onSelect: () => {
        const next = present.includes(value) ? present.filter((other) => other !== value) : [...present, value];
        setFilter({ [member]: next } as Partial<Filter>);
      },
    }));
  };
  const words = all.filter((value) => chosen.includes(value)).map(word);
  const text = words.length > 2 ? `${words.length} chosen` : words.join(", ");
  return (
    <Menu
      label={words.length === 0 ? `Filter by ${label.toLowerCase()}` : `${label} ${text}`}
      keepOpen
      groups={() => [items()]}
      triggerClass={chosen.length > 0 ? "filter-chip filter-on" : "filter-chip"}
      trigger={
        <>
          <span>{label}</span>
          {words.length > 0 && <strong> {text}</strong>}
          <Icon name="down" />
        </>
      }
    />
  );
}

