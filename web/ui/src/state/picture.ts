/**
 * The picture of the fleet as frames paint it. Pure.
 *
 * `snapshot` replaces everything, `picture` says what differs. An agent that does not differ stays the same object, so
 * that whoever compares by identity sees only what changed.
 */

import type { Agent, FleetFacts, PictureFrame, SnapshotFrame } from "../api/types";

export interface Picture {
  facts: FleetFacts | null;
  agents: ReadonlyMap<string, Agent>;
}

export const EMPTY: Picture = { facts: null, agents: new Map() };

export function applySnapshot(before: Picture, frame: SnapshotFrame): Picture {
  const agents = new Map<string, Agent>();
  for (const agent of frame.agents) {
    const known = before.agents.get(agent.name);
    agents.set(agent.name, known !== undefined && same(known, agent) ? known : agent);
  }
  return { facts: factsOf(frame), agents };
}

export function applyPicture(before: Picture, frame: PictureFrame): Picture {
  if (frame.agents.length === 0 && frame.gone.length === 0) return { facts: factsOf(frame), agents: before.agents };
  const agents = new Map(before.agents);
  for (const name of frame.gone) agents.delete(name);
  for (const agent of frame.agents) agents.set(agent.name, agent);
  return { facts: factsOf(frame), agents };
}

function factsOf({ generation, docker_reachable, docker_error, booted, suspended }: FleetFacts): FleetFacts {
  return { generation, docker_reachable, docker_error, booted, suspended };
}

function same(a: Agent, b: Agent): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** `dev-2` before `dev-10`, and a pool's `-default` before its numbers. */
export function byName(a: string, b: string): number {
  return collator.compare(a.replace(/-default$/, "-0"), b.replace(/-default$/, "-0"));
}

const collator = new Intl.Collator("en", { numeric: true });
