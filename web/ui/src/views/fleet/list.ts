/** Which rows the fleet view shows: the store seen through the address. */

import { computed, effect, signal } from "@preact/signals";

import { go, route, search } from "../../route";
import { type Filter, NO_FILTER, filterSearch, isFiltering, matches, order, parseFilter } from "../../state/filter";
import { byName } from "../../state/picture";
import { agents, dockerReachable, names, samples, stable } from "../../state/store";

export const filter = stable(
  () => (route.value.view === "fleet" ? parseFilter(search.value) : NO_FILTER),
  (a, b) => filterSearch(a) === filterSearch(b),
);
export const filtering = computed(() => isFiltering(filter.value));

/** Changes the filter, and so the address. */
export function setFilter(part: Partial<Filter>): void {
  go(`/${filterSearch({ ...filter.peek(), ...part })}`, { replace: true });
}

export interface Group {
  type: string;
  names: readonly string[];
}

/** By type; the order within a type is the filter's. The same object while nothing differs. */
export const groups = stable(
  (): readonly Group[] => {
    const wanted = filter.value;
    const docker = dockerReachable.value;
    const known = agents.value;
    const shown = names.value.flatMap((name) => known.get(name) ?? []).filter((agent) => matches(wanted, agent, docker));
    // By name they are already.
    if (wanted.sort !== "name" || wanted.descending) shown.sort(order(wanted, docker, measured));
    const byType = new Map<string, string[]>();
    for (const { type, name } of shown) {
      const others = byType.get(type);
      if (others === undefined) byType.set(type, [name]);
      else others.push(name);
    }
    return [...byType].sort(([a], [b]) => byName(a, b)).map(([type, names]) => ({ type, names }));
  },
  (a, b) => JSON.stringify(a) === JSON.stringify(b),
);

function measured(name: string) {
  const { sort } = filter.peek();
  // Read only where it decides, so that a measurement does not sort anew what is sorted by name.
  const last = sort === "cpu" || sort === "memory" ? samples(name).value.at(-1) : undefined;
  return { cpu: last?.cpu ?? null, memory: last?.memory ?? null };
}

const CLOSED = "closed-groups";

function storedClosed(): ReadonlySet<string> {
  try {
    return new Set((localStorage.getItem(CLOSED) ?? "").split(",").filter((type) => type !== ""));
  } catch {
    return new Set();
  }
}

/** Types whose rows are folded away. */
export const closed = signal<ReadonlySet<string>>(storedClosed());

effect(() => {
  try {
    localStorage.setItem(CLOSED, [...closed.value].join());
  } catch {
    // It holds until the page is left.
  }
});

export function toggleGroup(type: string): void {
  const next = new Set(closed.peek());
  if (!next.delete(type)) next.add(type);
  closed.value = next;
}

export const visible = computed(() =>
  groups.value.flatMap(({ type, names }) => (closed.value.has(type) ? [] : names)),
);
