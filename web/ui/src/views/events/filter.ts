/** Which events are shown: kept in the address, asked of the server, and applied to what comes live. Pure. */

import type { FleetEvent } from "../../api/types";
import { GROUPS, type KindGroup, TROUBLE_KINDS, kindsOf } from "../../state/event-kinds";

export interface EventFilter {
  text: string;
  groups: KindGroup[];
  kinds: string[];
  /** Only what is, or may be, trouble. */
  trouble: boolean;
  instances: string[];
  types: string[];
  causes: string[];
}

export const NO_FILTER: EventFilter = {
  text: "",
  groups: [],
  kinds: [],
  trouble: false,
  instances: [],
  types: [],
  causes: [],
};

export function parseEventFilter(search: string): EventFilter {
  const params = new URLSearchParams(search);
  const list = (key: string): string[] => (params.get(key) ?? "").split(",").filter((part) => part !== "");
  return {
    text: params.get("q") ?? "",
    groups: GROUPS.filter((group) => list("group").includes(group)),
    kinds: list("kind").filter((kind) => /^[a-z0-9_]+$/.test(kind)),
    trouble: params.get("trouble") === "1",
    instances: list("instance"),
    types: list("type"),
    causes: list("cause"),
  };
}

/** With its `?`, or empty. `at` is the event around which the log is shown. */
export function eventSearch(filter: EventFilter, at: number | null): string {
  const params = narrowing(filter);
  if (filter.groups.length > 0) params.set("group", filter.groups.join());
  if (filter.kinds.length > 0) params.set("kind", filter.kinds.join());
  if (filter.trouble) params.set("trouble", "1");
  if (at !== null) params.set("at", String(at));
  const search = params.toString().replaceAll("%2C", ",");
  return search === "" ? "" : `?${search}`;
}

/** What the server is asked for. */
export function eventQuery(filter: EventFilter): URLSearchParams {
  const params = narrowing(filter);
  const kinds = wantedKinds(filter);
  if (kinds !== null) params.set("kind", kinds.join());
  return params;
}

function narrowing({ text, instances, types, causes }: EventFilter): URLSearchParams {
  const params = new URLSearchParams();
  if (text.trim() !== "") params.set("q", text.trim());
  if (instances.length > 0) params.set("instance", instances.join());
  if (types.length > 0) params.set("type", types.join());
  if (causes.length > 0) params.set("cause", causes.join());
  return params;
}

/** Null: all. */
function wantedKinds({ groups, kinds, trouble }: EventFilter): string[] | null {
  if (groups.length === 0 && kinds.length === 0 && !trouble) return null;
  return [...new Set([...groups.flatMap(kindsOf), ...kinds, ...(trouble ? TROUBLE_KINDS : [])])];
}

/** As the server filters. */
export function eventMatcher(filter: EventFilter): (event: FleetEvent) => boolean {
  const kinds = wantedKinds(filter);
  const text = filter.text.trim().toLowerCase();
  const isOne = (wanted: readonly string[], value: string | null): boolean =>
    wanted.length === 0 || (value !== null && wanted.includes(value));
  return (event) =>
    (kinds === null || kinds.includes(event.kind)) &&
    isOne(filter.instances, event.instance) &&
    isOne(filter.types, event.type) &&
    isOne(filter.causes, event.cause) &&
    (text === "" ||
      [event.kind, event.instance, event.type, event.cause, event.detail].some((part) => part?.toLowerCase().includes(text)));
}

export function isFiltering(filter: EventFilter): boolean {
  return eventSearch(filter, null) !== "";
}
