/** What the page asks of the server, by name. */

import { BASE, ask } from "./http";
import type {
  Agent,
  AgentType,
  EventPage,
  List,
  PlanItem,
  Reconciled,
  ReconcileReport,
  ScaleReport,
  Session,
  Timeline,
  Why,
} from "./types";

const agentPath = (name: string, verb = ""): string => `${BASE}/agents/${encodeURIComponent(name)}${verb}`;

export type Verb = "start" | "stop" | "restart" | "recreate" | "recover" | "adopt";

/** One of the idempotent verbs; `force` cuts whoever works with the agent. */
export async function command(name: string, verb: Verb, force: boolean, body?: unknown): Promise<Reconciled> {
  const query = force ? "?force=1" : "";
  return (await ask<Reconciled>(agentPath(name, `/${verb}${query}`), { method: "POST", body })).body;
}

export async function setCordoned(name: string, cordoned: boolean): Promise<Agent> {
  return (await ask<Agent>(agentPath(name, cordoned ? "/cordon" : "/uncordon"), { method: "POST" })).body;
}

/** Wakes a lazy agent and keeps it awake for so long; null lets it sleep again. */
export async function hold(name: string, seconds: number | null): Promise<Agent> {
  if (seconds === null) return (await ask<Agent>(agentPath(name, "/hold"), { method: "DELETE" })).body;
  return (await ask<Agent>(agentPath(name, "/hold"), { method: "POST", body: { ttl_s: seconds } })).body;
}

export interface Parking {
  kind: string;
  reason: string;
  /** Neither: until somebody reopens it. */
  until?: string;
  for_s?: number;
  /** `account`: all agents that sign in as this one does. */
  scope?: "account";
}

/** With the names of all that were parked, where it was the account. */
export type ParkedAgent = Agent & { parked_agents?: string[] };

/** Gives it no work and does not start it for a time. */
export async function park(name: string, parking: Parking): Promise<ParkedAgent> {
  return (await ask<ParkedAgent>(agentPath(name, "/park"), { method: "POST", body: parking })).body;
}

export async function reopen(name: string): Promise<Agent> {
  return (await ask<Agent>(agentPath(name, "/park"), { method: "DELETE" })).body;
}

/** What it needed a person for is done. */
export async function resolve(name: string): Promise<Agent> {
  return (await ask<Agent>(agentPath(name, "/need-human"), { method: "DELETE" })).body;
}

export async function remove(name: string, force: boolean): Promise<Reconciled> {
  return (await ask<Reconciled>(agentPath(name, force ? "?force=1" : ""), { method: "DELETE" })).body;
}

export interface NewAgent {
  name: string;
  type: string;
  lifecycle?: string;
  image?: string;
  env?: Record<string, string>;
  limits?: { memory?: string; cpus?: number; pids?: number };
}

export async function create(agent: NewAgent): Promise<Reconciled> {
  return (await ask<Reconciled>(`${BASE}/agents`, { method: "POST", body: agent })).body;
}

export async function types(): Promise<AgentType[]> {
  return (await ask<List<AgentType>>(`${BASE}/types`)).body.items;
}

export async function scale(type: string, count: number, force: boolean): Promise<ScaleReport> {
  const path = `${BASE}/types/${encodeURIComponent(type)}/scale${force ? "?force=1" : ""}`;
  return (await ask<ScaleReport>(path, { method: "POST", body: { count } })).body;
}

/** A page of the log, oldest first; `query` narrows it. */
export async function events(query: URLSearchParams, signal?: AbortSignal): Promise<EventPage> {
  return (await ask<EventPage>(`${BASE}/events?${query}`, signal === undefined ? {} : { signal })).body;
}

/** What the agents went through; the times in ms. */
export async function timeline(from: number, to: number | null, signal?: AbortSignal): Promise<Timeline> {
  const query = new URLSearchParams({ from: new Date(from).toISOString() });
  if (to !== null) query.set("to", new Date(to).toISOString());
  return (await ask<Timeline>(`${BASE}/timeline?${query}`, signal === undefined ? {} : { signal })).body;
}

export async function plan(): Promise<PlanItem[]> {
  return (await ask<List<PlanItem>>(`${BASE}/plan`)).body.items;
}

export async function why(name: string): Promise<Why> {
  return (await ask<Why>(agentPath(name, "/why"))).body;
}

/** Makes the fleet as its rows ask; `adopt` also takes over the containers of others that have our names. */
export async function reconcile(adopt: boolean): Promise<ReconcileReport> {
  const body = adopt ? { adopt: true } : undefined;
  return (await ask<ReconcileReport>(`${BASE}/reconcile`, { method: "POST", body })).body;
}

export async function reconcileOne(name: string): Promise<Reconciled> {
  return (await ask<Reconciled>(`${BASE}/reconcile`, { method: "POST", body: { instance: name } })).body;
}

export async function session(): Promise<Session> {
  return (await ask<Session>("/session")).body;
}

/** By the token of the data directory, or by a code that the command line printed. */
export async function signIn(by: { token: string } | { code: string }): Promise<Session> {
  await ask("/session", { method: "POST", body: by });
  return session();
}

export async function signOut(): Promise<void> {
  await ask("/session", { method: "DELETE" });
}
