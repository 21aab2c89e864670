/** Where the page is: the address as a value, and how to go elsewhere. */

import { computed, signal } from "@preact/signals";

export type Route =
  | { view: "fleet" }
  | { view: "agent"; name: string; tab: string | null }
  | { view: "tasks" }
  | { view: "task"; id: string }
  | { view: "rollouts" }
  | { view: "rollout"; id: string }
  | { view: "timeline" }
  | { view: "events" }
  | { view: "plan" }
  | { view: "sign-in" }
  | { view: "nowhere" };

export type View = Route["view"];

export function parseRoute(path: string): Route {
  const [head = "", second, third, more] = path.split("/").filter((part) => part !== "").map(decode);
  if (more !== undefined) return { view: "nowhere" };
  switch (head) {
    case "":
      return { view: "fleet" };
    case "agents":
      if (second === undefined) return { view: "fleet" };
      return { view: "agent", name: second, tab: third ?? null };
    case "tasks":
      if (third !== undefined) return { view: "nowhere" };
      return second === undefined ? { view: "tasks" } : { view: "task", id: second };
    case "rollouts":
      if (third !== undefined) return { view: "nowhere" };
      return second === undefined ? { view: "rollouts" } : { view: "rollout", id: second };
    case "timeline":
    case "events":
    case "plan":
    case "sign-in":
      return second === undefined ? { view: head } : { view: "nowhere" };
    default:
      return { view: "nowhere" };
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const agentPath = (name: string, tab?: string): string =>
  `/agents/${encodeURIComponent(name)}${tab === undefined ? "" : `/${tab}`}`;
export const rolloutPath = (id: string): string => `/rollouts/${encodeURIComponent(id)}`;
export const taskPath = (id: string): string => `/tasks/${encodeURIComponent(id)}`;

interface Place {
  path: string;
  search: string;
}

const place = signal<Place>({ path: "/", search: "" });

export const path = computed(() => place.value.path);
/** With its `?`, or empty. */
export const search = computed(() => place.value.search);
export const route = computed<Route>(() => parseRoute(place.value.path));

export function startRouter(): void {
  const read = (): void => {
    place.value = { path: location.pathname, search: location.search };
  };
  addEventListener("popstate", read);
  read();
}

/** Goes to an address of this page; `replace` leaves no step to come back to. */
export function go(to: string, { replace = false } = {}): void {
  const url = new URL(to, location.href);
  const there = url.pathname + url.search + url.hash;
  if (there === location.pathname + location.search + location.hash) return;
  const turned = url.pathname !== location.pathname;
  history[replace ? "replaceState" : "pushState"](null, "", there);
  place.value = { path: url.pathname, search: url.search };
  if (turned) scrollTo(0, 0);
}

/** The sign-in page, which leads back to where the page was. */
export function signInPath(): string {
  if (route.peek().view === "sign-in") return location.pathname + location.search + location.hash;
  const back = location.pathname + location.search;
  return back === "/" ? "/sign-in" : `/sign-in?back=${encodeURIComponent(back)}`;
}

/** Where `?back=` leads, if that is an address of this page. */
export function wayBack(search: string): string {
  const back = new URLSearchParams(search).get("back");
  return back !== null && /^\/(?![/\\])/.test(back) ? back : "/";
}
