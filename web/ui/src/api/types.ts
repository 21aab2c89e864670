/** The API's JSON, as far as the page reads it. Names are the server's. */

export const PHASES = [
  "running",
  "starting",
  "creating",
  "recreating",
  "stopping",
  "removing",
  "stopped",
  "absent",
  "backoff",
  "unknown",
  "host",
] as const;
export type Phase = (typeof PHASES)[number];

export const CONDITIONS = [
  "ready",
  "effect_failing",
  "crash_loop",
  "name_conflict",
  "state_lost",
  "drift",
  "stale",
  "unresolvable",
  "docker_unreachable",
  "held_down",
  "cordoned",
  "kept_awake",
  "draining",
  "parked",
  "needs_human",
  "healthy",
  "unhealthy",
  "limit_near",
] as const;
export type ConditionType = (typeof CONDITIONS)[number];

export type Lifecycle = "hot" | "lazy";

export interface Condition {
  /** A {@link ConditionType}, or one that a newer server has. */
  type: string;
  status: boolean;
  reason: string;
  since: string;
  next_retry_at?: string;
}

export interface Lease {
  id: string;
  instance: string;
  container: string;
  fence: number;
  holder: string;
  expires_at: string;
}

/** Given no work and not started until it is reopened. */
export interface Parked {
  kind: string;
  reason: string;
  /** The end that was asked for; null: until somebody reopens it. */
  until: string | null;
  /** When it is reopened: `until`, or a little later where agents of one account would all begin at once. */
  reopens_at: string | null;
  since: string;
  /** `operator`, `dispatcher` or `agent`. */
  by: string;
  holder?: string;
  account?: string;
}

/** It cannot go on without a person. */
export interface HumanNeed {
  reason: string;
  since: string;
  by: string;
}

/** What it last said of its work. */
export interface Progress {
  text: string;
  at: string;
}

/** The image that it has whatever the image's name means. */
export interface Pin {
  image_id: string;
  rollout: string;
  /** Why it went back; null while a rollout tries the image. */
  reason: string | null;
  /** Why the image that a rollout tries could not be had. */
  failed?: string | null;
}

export interface LastStop {
  incarnation: string;
  at: string;
  cause: string;
  exit_code: number | null;
  detail: string | null;
  capsule?: unknown;
}

export interface Agent {
  name: string;
  type: string;
  pool: string;
  lifecycle: Lifecycle;
  host_mode: boolean;
  desired: { power: "on" | "off"; image: string | null; spec_hash: string | null; generation: number };
  observed: {
    phase: Phase;
    container_id: string | null;
    image_id: string | null;
    started_at: string | null;
    restart_count: number | null;
    exit_code: number | null;
    incarnation: string | null;
    observed_at: string | null;
    /** When the phase began. */
    since?: string | null;
    /** As it was named when the container was made. */
    image?: string | null;
  };
  lease: Lease | null;
  /** Id of the task that runs in it. */
  task: string | null;
  conditions: Condition[];
  parked?: Parked | null;
  needs_human?: HumanNeed | null;
  progress?: Progress | null;
  pin?: Pin | null;
  next_action: string | null;
  last_stop: LastStop | null;
}

/** What became of an agent that was acted on: its row with these beside it, or only its name when the row is gone. */
export interface Reconciled extends Partial<Agent> {
  name: string;
  outcome: Outcome;
  reason: string | null;
}

export type Outcome = "created" | "started" | "recreated" | "removed" | "unchanged" | "failed";

export interface AgentType {
  type: string;
  lifecycle: Lifecycle;
  host_mode: boolean;
  image: string | null;
  idle_timeout_s: number;
  count: number;
}

export interface List<T> {
  items: T[];
  generation: number;
}

export interface FleetEvent {
  seq: number;
  at: string;
  kind: string;
  instance: string | null;
  type: string | null;
  incarnation: string | null;
  cause: string | null;
  detail: string | null;
  data: unknown;
  caused_by: number | null;
}

export interface EventPage extends List<FleetEvent> {
  /** Bounds of what is stored. */
  oldest: number;
  newest: number;
}

export interface Timeline {
  from: string;
  to: string;
  items: Lane[];
  gaps: Gap[];
  /** What was before it has been forgotten. */
  expired_before: string | null;
}

/** What one agent went through. */
export interface Lane {
  instance: string;
  type: string | null;
  deleted: boolean;
  /** In order, adjoining. */
  spans: Span[];
  /** Oldest first. */
  marks: Mark[];
  marks_omitted: number;
}

export interface Span {
  phase: Phase;
  from: string;
  to: string;
  /** The event that began it, if it was one. */
  seq: number | null;
}

export interface Mark {
  seq: number;
  at: string;
  kind: string;
  cause: string | null;
  detail: string | null;
}

/** When nobody looked. */
export interface Gap {
  from: string;
  to: string;
  why: "docker_unreachable" | "supervisor_down";
}

export interface PlanItem {
  instance: string;
  /** `create`, `start`, `recreate`, `remove`, `none`, … */
  action: string;
  outcome: Outcome;
  rule: string;
  detail: string;
}

/** Why an agent is as it is. */
export interface Why {
  rule: string;
  explanation: string;
  since: string | null;
  evidence: unknown;
  next_action: string | null;
  next_at: string | null;
}

/** Agents by what became of them. */
export interface ReconcileReport extends Record<Outcome, string[]> {
  reasons: Record<string, string>;
}

/** What is said of the fleet as a whole. */
export interface FleetFacts {
  generation: number;
  /** Null until docker was first asked. */
  docker_reachable: boolean | null;
  docker_error: string | null;
  booted: boolean;
  /** Why nothing is reconciled although docker answers. */
  suspended: string | null;
}

export interface SnapshotFrame extends FleetFacts {
  cursor: number;
  agents: Agent[];
}

export interface PictureFrame extends FleetFacts {
  agents: Agent[];
  gone: string[];
}

export interface Session {
  signed_in: boolean;
  how: string | null;
  version: string;
}

export interface Stat {
  instance: string;
  /** 100 is one core. */
  cpu_percent: number;
  memory_bytes: number;
  memory_limit_bytes: number;
  pids: number | null;
}

export interface StatsFrame {
  at: string;
  /** Of running containers only. */
  items: Stat[];
}

export interface ScaleReport {
  created: Reconciled[];
  removed: Reconciled[];
  unchanged: number;
}
