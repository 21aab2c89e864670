/** What an operator can do to agents: words, when it makes sense, and what it would cut short. Pure. */

import type { Agent } from "../api/types";
import { holds } from "./status";

export type VerbName =
  | "start"
  | "stop"
  | "restart"
  | "recreate"
  | "adopt"
  | "recover"
  | "cordon"
  | "uncordon"
  | "hold"
  | "unhold"
  | "park"
  | "reopen"
  | "resolve"
  | "delete";

export interface Verb {
  name: VerbName;
  /** On the button. */
  label: string;
  /** While it is under way: "Stopping". */
  doing: string;
  /** When it is done: "stopped". */
  done: string;
  /** What it means, for the confirmation. */
  meaning: string;
  /** Whoever works with the agent loses it, so it waits for them or is forced. */
  cuts: boolean;
  /** Asked again before it is done, whoever works with it or not. */
  confirm: boolean;
  danger: boolean;
  /** Whether it makes sense for this agent now. */
  fits: (agent: Agent) => boolean;
}

const down = (agent: Agent): boolean => ["stopped", "absent", "backoff"].includes(agent.observed.phase);
const contained = (agent: Agent): boolean => !agent.host_mode;

export const VERBS: Record<VerbName, Verb> = {
  start: {
    name: "start",
    label: "Start",
    doing: "Starting",
    done: "started",
    meaning: "It is started now; a crash loop or a pause before the next try is forgotten.",
    cuts: false,
    confirm: false,
    danger: false,
    fits: (agent) => contained(agent) && (down(agent) || holds(agent, "crash_loop") || holds(agent, "effect_failing")),
  },
  stop: {
    name: "stop",
    label: "Stop",
    doing: "Stopping",
    done: "stopped",
    meaning: "It is stopped; a hot agent stays down until it is started again.",
    cuts: true,
    confirm: false,
    danger: false,
    fits: (agent) => contained(agent) && agent.observed.phase !== "stopped" && agent.observed.phase !== "absent",
  },
  restart: {
    name: "restart",
    label: "Restart",
    doing: "Restarting",
    done: "restarted",
    meaning: "Its container is stopped and started; image and state stay.",
    cuts: true,
    confirm: false,
    danger: false,
    fits: (agent) => contained(agent) && agent.observed.phase === "running",
  },
  recreate: {
    name: "recreate",
    label: "Recreate",
    doing: "Recreating",
    done: "recreated",
    meaning: "A new container of the present image and settings takes over the state; if it fails, the old one comes back.",
    cuts: true,
    confirm: false,
    danger: false,
    fits: contained,
  },
  adopt: {
    name: "adopt",
    label: "Adopt",
    doing: "Adopting",
    done: "adopted",
    meaning: "The container of this name that somebody else made is replaced by one of ours on the same state volume.",
    cuts: false,
    confirm: true,
    danger: false,
    fits: (agent) => holds(agent, "name_conflict"),
  },
  recover: {
    name: "recover",
    label: "Recover",
    doing: "Recovering",
    done: "recovered",
    meaning: "Its state volume is gone. It begins anew on an empty one; what was on the old volume is given up.",
    cuts: false,
    confirm: true,
    danger: true,
    fits: (agent) => holds(agent, "state_lost"),
  },
  cordon: {
    name: "cordon",
    label: "Cordon",
    doing: "Cordoning",
    done: "cordoned",
    meaning: "It gets no new work; what it works on goes on.",
    cuts: false,
    confirm: false,
    danger: false,
    fits: (agent) => contained(agent) && !holds(agent, "cordoned"),
  },
  uncordon: {
    name: "uncordon",
    label: "Uncordon",
    doing: "Uncordoning",
    done: "uncordoned",
    meaning: "It gets work again.",
    cuts: false,
    confirm: false,
    danger: false,
    fits: (agent) => holds(agent, "cordoned"),
  },
  hold: {
    name: "hold",
    label: "Keep awake for 1 h",
    doing: "Waking",
    done: "kept awake",
    meaning: "It is woken and does not fall asleep for an hour.",
    cuts: false,
    confirm: false,
    danger: false,
    fits: (agent) => contained(agent) && agent.lifecycle === "lazy" && !holds(agent, "kept_awake"),
  },
  unhold: {
    name: "unhold",
    label: "Let sleep",
    doing: "Letting sleep",
    done: "free to sleep",
    meaning: "It falls asleep when it has had no work for its idle time.",
    cuts: false,
    confirm: false,
    danger: false,
    fits: (agent) => holds(agent, "kept_awake"),
  },
  park: {
    name: "park",
    label: "Park",
    doing: "Parking",
    done: "parked",
    meaning: "It gets no new work and is not started until it is reopened; what runs in it goes on.",
    cuts: false,
    confirm: true,
    danger: false,
    fits: (agent) => contained(agent) && !holds(agent, "parked"),
  },
  reopen: {
    name: "reopen",
    label: "Reopen",
    doing: "Reopening",
    done: "reopened",
    meaning: "It may work again, before the time that was set.",
    cuts: false,
    confirm: false,
    danger: false,
    fits: (agent) => holds(agent, "parked"),
  },
  resolve: {
    name: "resolve",
    label: "Mark as resolved",
    doing: "Marking as resolved",
    done: "resolved",
    meaning: "What it needed a person for is done.",
    cuts: false,
    confirm: false,
    danger: false,
    fits: (agent) => holds(agent, "needs_human"),
  },
  delete: {
    name: "delete",
    label: "Delete",
    doing: "Deleting",
    done: "deleted",
    meaning: "Its row and its container go. Its state volume stays, and an agent of the same name takes it over.",
    cuts: true,
    confirm: true,
    danger: true,
    fits: () => true,
  },
};

/** In the order in which menus show them. */
export const VERB_ORDER: readonly VerbName[] = [
  "resolve",
  "reopen",
  "adopt",
  "recover",
  "start",
  "stop",
  "restart",
  "recreate",
  "hold",
  "unhold",
  "cordon",
  "uncordon",
  "park",
  "delete",
];

export function fitting(agent: Agent): Verb[] {
  return VERB_ORDER.map((name) => VERBS[name]).filter((verb) => verb.fits(agent));
}

/** Who would be cut short by it. */
export function atWork(verb: Verb, agents: readonly Agent[]): Agent[] {
  return verb.cuts ? agents.filter((agent) => agent.lease !== null || agent.task !== null) : [];
}
