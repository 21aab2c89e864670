/** Rollouts, and agents that are parked, need a person, are unhealthy or near a limit: as the daemon would tell them. */

import type { Member, NewRollout, Rollout } from "../../src/api/rollouts";
import type { Agent } from "../../src/api/types";
import type { Adornment } from "./adorned";

const OLD = `sha256:11f00d${"0".repeat(58)}`;
const NEW = `sha256:22beef${"0".repeat(58)}`;
const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();

export const PAUSED = "0198f3c4-0000-7000-8000-000000000002";
export const RUNNING = "0198f3c4-0000-7000-8000-000000000001";
const DEFAULTS = { width: 1, canary: 1, watch_s: 30, drain_s: null, pull: null };

function member(instance: string, state: string, part: Partial<Member> = {}): Member {
  const type = instance.split("-")[0] ?? "";
  return { instance, type, canary: false, state, image: `registry.example/${type}:latest`, from_image_id: OLD, to_image_id: NEW, reason: null, since: ago(7), ...part };
}

const HOSTILE = '<img src=x onerror="window.__owned=1">\u202eturned';

/** One of every state, as the server would list them. */
export function sampleRollouts(): Rollout[] {
  return [
    {
      id: RUNNING,
      type: "dev",
      state: "running",
      strategy: { ...DEFAULTS, width: 2, watch_s: 3600 },
      reason: null,
      created_at: ago(95),
      ended_at: null,
      members: [
        member("dev-default", "done", { canary: true, since: ago(60) }),
        member("dev-2", "watching"),
        member("dev-3", "draining", { reason: "night shift holds it" }),
        member("dev-4", "pending"),
        member("dev-5", "pending"),
        member("dev-6", "skipped", { reason: "its state is lost" }),
      ],
    },
    {
      id: PAUSED,
      type: null,
      state: "paused",
      strategy: { ...DEFAULTS, drain_s: 600, pull: true },
      reason: `dev-2 did not come up: ${HOSTILE}`,
      created_at: ago(7200),
      ended_at: null,
      members: [
        member("dev-default", "done", { canary: true }),
        member("dev-2", "rolled_back", { reason: `exited with 1: ${HOSTILE}` }),
        member("dev-3", "rolling_back"),
        member("dev-4", "failed", { reason: "docker could not start the old container either" }),
        member("dev-5", "recreating"),
        member("dev-6", "dancing", { to_image_id: null }),
      ],
    },
    ...(["done", "rolled_back", "aborted", "failed", "half_baked"] as const).map(
      (state, index): Rollout => ({
        id: `0198f3c4-0000-7000-8000-0000000001${index}0`,
        type: index % 2 === 0 ? "dev" : "reviewer",
        state,
        strategy: DEFAULTS,
        reason: state === "done" ? "nobody was stale" : state === "aborted" ? null : `because of ${HOSTILE}`,
        created_at: ago(90_000 * (index + 1)),
        ended_at: ago(90_000 * (index + 1) - 300),
        members: state === "done" ? [] : [member("dev-2", state === "failed" ? "failed" : "rolled_back", { canary: true }), member("dev-3", "pending")],
      }),
    ),
  ];
}

/** Answers as the server does, of what it keeps; `told` is called when something became of one. */
export function rolloutAnswers(kept: Rollout[], told: (rollout: Rollout, kind: string) => void): NonNullable<Adornment["answer"]> {
  return (method, url, body) => {
    const [, id, verb] = /^\/api\/v1\/rollouts(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    if (!url.pathname.startsWith("/api/v1/rollouts")) return null;
    if (id === undefined && method === "GET") return { status: 200, body: { items: kept.slice(0, Number(url.searchParams.get("limit") ?? 50)), generation: 1 } };
    if (id === undefined) return begin(kept, body as NewRollout, url.searchParams.has("dry_run"), told);
    const found = kept.find((rollout) => rollout.id === id);
    if (found === undefined) return { status: 404, body: { type: "urn:claude-hooks:problem:rollout-not-found", title: "There is no such rollout", status: 404, detail: id } };
    const next = { pause: "paused", resume: "running", abort: "aborted" }[verb ?? ""];
    if (next !== undefined) {
      found.state = next;
      found.ended_at = next === "aborted" ? ago(0) : null;
      if (next === "running") found.reason = null;
      told(found, { paused: "rollout_paused", running: "rollout_resumed", aborted: "rollout_finished" }[next] ?? "");
    }
    return { status: 200, body: found };
  };
}

function begin(kept: Rollout[], { type, strategy }: NewRollout, dry: boolean, told: (rollout: Rollout, kind: string) => void) {
  const other = kept.find((one) => one.ended_at === null && (one.type === null || type == null || one.type === type));
  if (!dry && other !== undefined) {
    const detail = "a rollout of the same agents has not ended";
    return { status: 409, body: { type: "urn:claude-hooks:problem:rollout-under-way", title: "A rollout is under way", status: 409, detail, rollout: other.id } };
  }
  const rollout: Rollout = {
    id: `0198f3c4-0000-7000-8000-00000000020${kept.length}`,
    type: type ?? null,
    state: "running",
    strategy,
    reason: null,
    created_at: ago(0),
    ended_at: null,
    members: type === "boss" ? [] : ["dev-default", "dev-2", "dev-3"].map((name, index) => member(name, "pending", { canary: index < strategy.canary, since: ago(0) })),
  };
  if (!dry) {
    kept.unshift(rollout);
    told(rollout, "rollout_started");
  }
  return { status: dry ? 200 : 201, body: rollout };
}

/** What happens to agents of these names, wherever they are shown. */
export function inTrouble(agent: Agent): void {
  const hold = (type: string, reason: string, next_retry_at?: string): void => {
    agent.conditions.push({ type, status: true, reason, since: ago(300), ...(next_retry_at === undefined ? {} : { next_retry_at }) });
  };
  const later = new Date(Date.now() + 4 * 3600_000).toISOString();
  switch (agent.name) {
    case "dev-2":
      agent.parked = { kind: "quota", reason: `the weekly limit is reached ${HOSTILE}`, until: later, reopens_at: later, since: ago(300), by: "agent", account: "team-a" };
      hold("parked", "it is parked (quota)", later);
      break;
    case "dev-3":
      agent.parked = { kind: "auth", reason: "", until: null, reopens_at: null, since: ago(300), by: "dispatcher", holder: "night shift" };
      agent.observed.phase = "stopped";
      hold("parked", "it is parked (auth)");
      break;
    case "dev-4":
      agent.needs_human = { reason: `which of the two migrations is meant? ${HOSTILE}`, since: ago(120), by: "agent" };
      hold("needs_human", agent.needs_human.reason);
      agent.progress = { text: "waits for an answer", at: ago(120) };
      break;
    case "dev-5":
      agent.progress = { text: `reads ${HOSTILE} and many other files of which the names are long`, at: ago(12) };
      hold("unhealthy", "its health check fails: connection refused", later);
      break;
    case "dev-6":
      hold("limit_near", "memory: 61 MB of 64 MB");
      hold("sun_struck", "of a newer server");
      agent.pin = { image_id: OLD, rollout: PAUSED, reason: "exited with 1", failed: null };
      hold("stale", `the image's name means ${NEW} now; the rollout ${PAUSED} went back because exited with 1: the next rollout or a recreate tries again`);
      break;
    case "dev-7":
      agent.pin = { image_id: NEW, rollout: RUNNING, reason: null };
      break;
  }
}
