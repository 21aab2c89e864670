/** Which agents are shown, in which order; kept in the address. Pure. */

import type { Agent, Lifecycle } from "../api/types";
import { inTrouble } from "./attention";
import { byName } from "./picture";
import { holds, sinceWhen, statusOf } from "./status";
import { BUCKETS, type Bucket, bucketOf } from "./totals";

export type SortKey = "name" | "status" | "since" | "restarts" | "cpu" | "memory";
const SORTS: readonly SortKey[] = ["name", "status", "since", "restarts", "cpu", "memory"];

export interface Filter {
  text: string;
  states: Bucket[];
  types: string[];
  lifecycles: Lifecycle[];
  /** Also of a newer server. */
  conditions: string[];
  /** Only those in trouble, in need of a person, with a task, with a lease. */
  only: Only[];
  sort: SortKey;
  descending: boolean;
}

export type Only = "trouble" | "human" | "tasks" | "leases";
const ONLY: readonly Only[] = ["trouble", "human", "tasks", "leases"];

export const NO_FILTER: Filter = {
  text: "",
  states: [],
  types: [],
  lifecycles: [],
  conditions: [],
  only: [],
  sort: "name",
  descending: false,
};

export function parseFilter(search: string): Filter {
  const params = new URLSearchParams(search);
  const list = (key: string): string[] => (params.get(key) ?? "").split(",").filter((part) => part !== "");
  const known = <T extends string>(key: string, values: readonly T[]): T[] =>
    values.filter((value) => list(key).includes(value));
  const sort = params.get("sort") ?? "name";
  const key = sort.replace(/^-/, "");
  return {
    text: params.get("q") ?? "",
    states: known("state", BUCKETS),
    types: list("type"),
    lifecycles: known("lifecycle", ["hot", "lazy"] as const),
    conditions: list("condition"),
    only: known("only", ONLY),
    sort: SORTS.find((known) => known === key) ?? "name",
    descending: sort.startsWith("-"),
  };
}

export function filterSearch(filter: Filter): string {
  const params = new URLSearchParams();
  const put = (key: string, values: readonly string[]): void => {
    if (values.length > 0) params.set(key, values.join(","));
  };
  if (filter.text !== "") params.set("q", filter.text);
  put("state", filter.states);
  put("type", filter.types);
  put("lifecycle", filter.lifecycles);
  put("condition", filter.conditions);
  put("only", filter.only);
  if (filter.sort !== "name" || filter.descending) params.set("sort", `${filter.descending ? "-" : ""}${filter.sort}`);
  // Commas are read more easily as they are, and need no escape in a query.
  const search = params.toString().replaceAll("%2C", ",");
  return search === "" ? "" : `?${search}`;
}

export function isFiltering(filter: Filter): boolean {
  return filterSearch({ ...filter, sort: "name", descending: false }) !== "";
}

export function matches(filter: Filter, agent: Agent, dockerReachable: boolean | null): boolean {
  const any = <T>(wanted: readonly T[], has: (value: T) => boolean): boolean => wanted.length === 0 || wanted.some(has);
  const words = filter.text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const haystack = (): string =>
    [
      agent.name,
      agent.type,
      agent.desired.image,
      agent.lease?.holder,
      statusOf(agent, dockerReachable).word,
      agent.parked?.reason,
      agent.needs_human?.reason,
      agent.progress?.text,
    ]
      .join(" ")
      .toLowerCase();
  return (
    any(filter.states, (state) => bucketOf(agent, dockerReachable) === state) &&
    any(filter.types, (type) => agent.type === type) &&
    any(filter.lifecycles, (lifecycle) => agent.lifecycle === lifecycle && !agent.host_mode) &&
    any(filter.conditions, (wanted) => agent.conditions.some(({ type, status }) => status && type === wanted)) &&
    any(filter.only, (only) => isOnly(only, agent)) &&
    (words.length === 0 || words.every((word) => haystack().includes(word)))
  );
}

function isOnly(only: Only, agent: Agent): boolean {
  switch (only) {
    case "trouble":
      return inTrouble(agent);
    case "human":
      return holds(agent, "needs_human");
    case "tasks":
      return agent.task !== null;
    case "leases":
      return agent.lease !== null;
  }
}

/** What is measured of an agent, for sorting. */
export interface Measured {
  cpu: number | null;
  memory: number | null;
}

export function order(filter: Filter, dockerReachable: boolean | null, measured: (name: string) => Measured) {
  const key = (agent: Agent): number | string => {
    switch (filter.sort) {
      case "name":
        return 0;
      case "status":
        return statusOf(agent, dockerReachable).word;
      case "since":
        return sinceWhen(agent) ?? Number.NEGATIVE_INFINITY;
      case "restarts":
        return agent.observed.restart_count ?? -1;
      case "cpu":
        return measured(agent.name).cpu ?? -1;
      case "memory":
        return measured(agent.name).memory ?? -1;
    }
  };
  const sign = filter.descending ? -1 : 1;
  return (a: Agent, b: Agent): number => {
    const [left, right] = [key(a), key(b)];
    const compared = left < right ? -1 : left > right ? 1 : 0;
    return sign * (compared || byName(a.name, b.name));
  };
}
