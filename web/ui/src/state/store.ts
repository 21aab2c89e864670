/**
 * The fleet as signals: one per agent, so that a change of one paints one row.
 *
 * Written by `live.ts` only.
 */

import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";

import type { Agent, FleetEvent, FleetFacts, PictureFrame, SnapshotFrame, StatsFrame } from "../api/types";
import { EMPTY, type Picture, applyPicture, applySnapshot, byName } from "./picture";
import { type Sample, addSample } from "./stats";
import { totalsOf } from "./totals";
import { troubles as troublesOf } from "./attention";

const picture = signal<Picture>(EMPTY);
const agentSignals = new Map<string, Signal<Agent | null>>();
const statSignals = new Map<string, Signal<readonly Sample[]>>();

export const facts: ReadonlySignal<FleetFacts | null> = computed(() => picture.value.facts);
/** Null until the first picture came. */
export const agents: ReadonlySignal<ReadonlyMap<string, Agent>> = computed(() => picture.value.agents);
export const arrived = computed(() => picture.value.facts !== null);
export const dockerReachable = computed(() => facts.value?.docker_reachable ?? null);
/** When docker was first found away, by the server's clock. */
export const dockerAwaySince = signal<number | null>(null);
/** Of the fleet, oldest first; as many as a page that was just opened has seen. */
export const recentEvents = signal<readonly FleetEvent[]>([]);
/** Raised with every resync: what a view has fetched by itself may have holes. */
export const resyncs = signal(0);

let sorted: readonly string[] = [];
/** In order. The same object while they are the same: to sort them with every change of an agent would take long. */
export const names = computed(() => {
  const known = agents.value;
  if (known.size !== sorted.length || !sorted.every((name) => known.has(name))) sorted = [...known.keys()].sort(byName);
  return sorted;
});
export const typeNames = stable(
  () => [...new Set([...agents.value.values()].map((agent) => agent.type))].sort(byName),
  (a, b) => a.join() === b.join(),
);
export const totals = computed(() => totalsOf(agents.value.values(), dockerReachable.value));
export const troubles = computed(() => troublesOf(agents.value.values()));

/** One agent, live; null while there is none of this name. */
export function agent(name: string): ReadonlySignal<Agent | null> {
  let known = agentSignals.get(name);
  if (known === undefined) {
    known = signal(agents.peek().get(name) ?? null);
    agentSignals.set(name, known);
  }
  return known;
}

/** What one agent uses, oldest first. */
export function samples(name: string): ReadonlySignal<readonly Sample[]> {
  return samplesOf(name);
}

function samplesOf(name: string): Signal<readonly Sample[]> {
  let known = statSignals.get(name);
  if (known === undefined) {
    known = signal<readonly Sample[]>([]);
    statSignals.set(name, known);
  }
  return known;
}

/** A computed value that stays the same object while it is equal. */
export function stable<T>(compute: () => T, equal: (a: T, b: T) => boolean): ReadonlySignal<T> {
  let last: T | undefined;
  return computed(() => {
    const value = compute();
    if (last === undefined || !equal(last, value)) last = value;
    return last;
  });
}

export function takeSnapshot(frame: SnapshotFrame): void {
  show(applySnapshot(picture.peek(), frame));
}

export function takePicture(frame: PictureFrame): void {
  show(applyPicture(picture.peek(), frame));
}

function show(next: Picture): void {
  batch(() => {
    picture.value = next;
    for (const [name, shown] of agentSignals) shown.value = next.agents.get(name) ?? null;
    const away = next.facts?.docker_reachable === false;
    if (!away) dockerAwaySince.value = null;
    else dockerAwaySince.value ??= awaySince(next);
  });
}

/** What the agents say of it; it was away before this page was opened, perhaps. */
function awaySince({ agents }: Picture): number {
  const times = [...agents.values()].flatMap((agent) =>
    agent.conditions.filter(({ type }) => type === "docker_unreachable").map(({ since }) => Date.parse(since)),
  );
  return times.length === 0 ? Date.now() : Math.min(...times);
}

export function takeStats(frame: StatsFrame): void {
  batch(() => {
    const at = Date.parse(frame.at);
    for (const stat of frame.items) {
      const known = samplesOf(stat.instance);
      known.value = addSample(known.peek(), {
        at,
        cpu: stat.cpu_percent,
        memory: stat.memory_bytes,
        memoryLimit: stat.memory_limit_bytes,
      });
    }
  });
}

const EVENTS_KEPT = 500;

export function takeEvent(event: FleetEvent): void {
  recentEvents.value = [...recentEvents.peek().slice(-(EVENTS_KEPT - 1)), event];
}

/** The log behind the events is another one now, or has a hole. */
export function takeResync(): void {
  batch(() => {
    recentEvents.value = [];
    resyncs.value += 1;
  });
}
