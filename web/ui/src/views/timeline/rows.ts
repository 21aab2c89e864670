/** Which lanes are shown, and in which order; kept in the address. Pure. */

import { byName } from "../../state/picture";
import type { LaneData } from "./lanes";
import { PRESETS, type View } from "./scale";

export interface LaneFilter {
  text: string;
  types: string[];
  byType: boolean;
  /** Also those that were deleted. */
  deleted: boolean;
}

export type Row = { kind: "group"; type: string; count: number } | { kind: "lane"; lane: LaneData };

export function rowsOf(lanes: readonly LaneData[], filter: LaneFilter): Row[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const shown = lanes.filter(
    ({ instance, type, deleted }) =>
      (filter.deleted || !deleted) &&
      (filter.types.length === 0 || (type !== null && filter.types.includes(type))) &&
      words.every((word) => `${instance} ${type ?? ""}`.toLowerCase().includes(word)),
  );
  shown.sort((a, b) => byName(a.instance, b.instance));
  if (!filter.byType) return shown.map((lane) => ({ kind: "lane", lane }));
  const groups = new Map<string, LaneData[]>();
  for (const lane of shown) {
    const type = lane.type ?? "no type";
    groups.set(type, [...(groups.get(type) ?? []), lane]);
  }
  return [...groups.entries()]
    .sort(([a], [b]) => byName(a, b))
    .flatMap(([type, members]): Row[] => [
      { kind: "group", type, count: members.length },
      ...members.map((lane): Row => ({ kind: "lane", lane })),
    ]);
}

/** A window that ends now and moves on with it, or one that stays. */
export type Window = { span: number } | View;

const DEFAULT_SPAN = PRESETS[0]?.span ?? 0;

export function parseTimeline(search: string): { filter: LaneFilter; window: Window } {
  const params = new URLSearchParams(search);
  const [from, to] = [Date.parse(params.get("from") ?? ""), Date.parse(params.get("to") ?? "")];
  const span = Number(params.get("last")) * 1000;
  return {
    filter: {
      text: params.get("q") ?? "",
      types: (params.get("type") ?? "").split(",").filter((type) => type !== ""),
      byType: params.get("by") === "type",
      deleted: params.get("deleted") !== "0",
    },
    window: from < to ? { from, to } : { span: span > 0 ? span : DEFAULT_SPAN },
  };
}

export function timelineSearch({ text, types, byType, deleted }: LaneFilter, window: Window): string {
  const params = new URLSearchParams();
  if ("from" in window) {
    params.set("from", new Date(window.from).toISOString());
    params.set("to", new Date(window.to).toISOString());
  } else if (window.span !== DEFAULT_SPAN) {
    params.set("last", String(Math.round(window.span / 1000)));
  }
  if (text !== "") params.set("q", text);
  if (types.length > 0) params.set("type", types.join());
  if (byType) params.set("by", "type");
  if (!deleted) params.set("deleted", "0");
  const search = params.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return search === "" ? "" : `?${search}`;
}
