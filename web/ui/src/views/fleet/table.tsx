import "./table.css";

import { computed } from "@preact/signals";

import { IconButton } from "../../kit/button";
import { Icon } from "../../kit/icons";
import { Menu } from "../../kit/menu";
import type { SortKey } from "../../state/filter";
import { type Intent, intent } from "../../state/intent";
import { select, selected } from "../../state/selection";
import { holds } from "../../state/status";
import { agents } from "../../state/store";
import { type Group, closed, filter, groups, setFilter, toggleGroup, visible } from "./list";
import { FleetRow } from "./row";

interface Column {
  id: string;
  label: string;
  sort?: SortKey;
  /** What is larger or later comes first at the first click. */
  largeFirst?: boolean;
}

const COLUMNS: readonly Column[] = [
  { id: "name", label: "Agent", sort: "name" },
  { id: "status", label: "Status", sort: "status" },
  { id: "lifecycle", label: "Lifecycle" },
  { id: "work", label: "Works for" },
  { id: "since", label: "Since", sort: "since", largeFirst: true },
  { id: "restarts", label: "Restarts", sort: "restarts", largeFirst: true },
  { id: "cpu", label: "CPU", sort: "cpu", largeFirst: true },
  { id: "memory", label: "Memory", sort: "memory", largeFirst: true },
  { id: "image", label: "Image" },
  { id: "retry", label: "Next try" },
];

/** Rows of a group that a window may show at first. */
const FIRST_ROWS = 24;

/**
 * Rows of blocks instead of a `<table>`: on a phone they become cards, and rows out of sight are skipped by the browser
 * (`content-visibility`, which table rows cannot have). The roles say what it is.
 */
export function FleetTable() {
  return (
    <div class="table card dims" role="table" aria-label="Agents" aria-rowcount={visible.value.length + 1}>
      <div role="rowgroup" class="table-head">
        <div class="table-row" role="row">
          <span role="columnheader" class="cell cell-select">
            <SelectAll />
          </span>
          {COLUMNS.map((column) => (
            <HeadCell key={column.id} column={column} />
          ))}
          <span role="columnheader" class="cell cell-menu">
            <span class="hidden-text">Actions</span>
          </span>
        </div>
      </div>
      {groups.value.map((group) => (
        <GroupRows key={group.type} group={group} />
      ))}
    </div>
  );
}

function HeadCell({ column: { id, label, sort, largeFirst = false } }: { column: Column }) {
  const now = filter.value;
  if (sort === undefined) {
    return (
      <span role="columnheader" class={`cell cell-${id}`}>
        {label}
      </span>
    );
  }
  const on = now.sort === sort;
  const descending = on ? !now.descending : largeFirst;
  return (
    <span role="columnheader" class={`cell cell-${id}`} aria-sort={!on ? "none" : now.descending ? "descending" : "ascending"}>
      <button type="button" class="sort" data-on={on} onClick={() => setFilter({ sort, descending })}>
        {label}
        <Icon name={on && !now.descending ? "up" : "down"} />
      </button>
    </span>
  );
}

const chosenHere = computed(() => {
  const chosen = new Set(selected.value);
  return visible.value.filter((name) => chosen.has(name)).length;
});

function SelectAll() {
  const some = chosenHere.value;
  const all = some > 0 && some === visible.value.length;
  return (
    <input
      type="checkbox"
      aria-label="Select all shown"
      checked={all}
      ref={(input) => {
        if (input !== null) input.indeterminate = some > 0 && !all;
      }}
      onChange={() => select(visible.peek(), !all)}
    />
  );
}

function GroupRows({ group: { type, names } }: { group: Group }) {
  const folded = closed.value.has(type);
  return (
    <div role="rowgroup" class="group">
      <div role="row" class="group-row">
        <div role="cell" class="group-cell">
          <button type="button" class="group-toggle" aria-expanded={!folded} onClick={() => toggleGroup(type)}>
            <Icon name={folded ? "right" : "down"} />
            <strong>{type}</strong>
            <span class="count num">{names.length}</span>
          </button>
          <GroupFacts names={names} />
          <Menu label={`Actions on ${type}`} groups={() => [poolActions(type, names), selectActions(names)]} />
          <IconButton icon="plus" label={`New ${type} agent`} onClick={() => open({ kind: "create", type })} />
        </div>
      </div>
      {!folded && names.map((name, index) => <FleetRow key={name} name={name} first={index < FIRST_ROWS} />)}
    </div>
  );
}

function GroupFacts({ names }: { names: readonly string[] }) {
  const all = names.flatMap((name) => agents.value.get(name) ?? []);
  const running = all.filter(({ observed }) => observed.phase === "running").length;
  const working = all.filter(({ lease, task }) => lease !== null || task !== null).length;
  const stale = all.filter((agent) => holds(agent, "stale")).length;
  return (
    <span class="group-facts num">
      {[running > 0 && `${running} running`, working > 0 && `${working} at work`, stale > 0 && `${stale} stale`].filter(Boolean).join(", ")}
    </span>
  );
}

const open = (next: Intent): void => {
  intent.value = next;
};

function poolActions(type: string, names: readonly string[]) {
  const rollOut = { label: "Roll out the image…", icon: "rollout" as const, onSelect: () => open({ kind: "rollout", type }) };
  const hasImages = names.some((name) => agents.peek().get(name)?.host_mode === false);
  return [
    ...(hasImages ? [rollOut] : []),
    { label: "Scale the pool…", icon: "scale" as const, onSelect: () => open({ kind: "scale", type }) },
    { label: "New agent…", icon: "plus" as const, onSelect: () => open({ kind: "create", type }) },
  ];
}

function selectActions(names: readonly string[]) {
  return [{ label: `Select these ${names.length}`, icon: "check" as const, onSelect: () => select(names, true) }];
}
