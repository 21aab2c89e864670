import { a as r, c as A, d as T, h as $, i as O, l as F, n as useComputed, o as x, p as d, s as y, t as a, u as P } from "./vendor-preact.js";
// src/api/problem.ts
/** A refusal or failure of the server as a value: RFC 9457 problem documents, and what comes without one. */
var PREFIX = "urn:claude-hooks:problem:";
var ApiError = class ApiError extends Error {
	/** 0 when no answer came. */
	status;
	/** Stable name of the kind, like `generation-mismatch`. */
	kind;
	title;
	/** Path of the member, header or parameter that was wrong. */
	field;
	help;
	document;
	constructor(status, kind, title, detail, document = {}) {
		super(detail);
		this.name = "ApiError";
		this.status = status;
		this.kind = kind;
		this.title = title;
		this.field = text(document["field"]);
		this.help = text(document["help"]);
		this.document = document;
	}
	static unreachable(cause) {
		const detail = cause instanceof Error && cause.message !== "" ? cause.message : "no answer";
		return new ApiError(0, "unreachable", "The supervisor does not answer", detail, { help: "see whether the daemon runs; what was asked may or may not have been done" });
	}
};
/** Reads the body of an answer that is no success, whatever it is. */
function problemOf(status, body) {
	let parsed;
	try {
		parsed = JSON.parse(body);
	} catch {
		parsed = null;
	}
	if (!isObject(parsed)) return new ApiError(status, "unknown", `The server answered ${status}`, body.slice(0, 300) || "without a word");
	const type = text(parsed["type"]) ?? "unknown";
	const kind = type.startsWith(PREFIX) ? type.slice(25) : type;
	const title = text(parsed["title"]) ?? `The server answered ${status}`;
	return new ApiError(status, kind, title, text(parsed["detail"]) ?? title, parsed);
}
function text(value) {
	return typeof value === "string" ? value : null;
}
function isObject(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
// src/api/http.ts
/** One request to the server. The session's cookie goes along by itself. */
var BASE = "/api/v1";
var onUnauthorized = () => {};
/** What is done when any request finds the session gone. */
function whenUnauthorized(handler) {
	onUnauthorized = handler;
}
async function ask(path, { method = "GET", body, headers, signal } = {}) {
	const response = await send(path, {
		method,
		credentials: "same-origin",
		cache: "no-store",
		headers: {
			accept: "application/json",
			...method !== "GET" ? { "content-type": "application/json" } : {},
			...headers
		},
		...body === void 0 ? {} : { body: JSON.stringify(body) },
		...signal === void 0 ? {} : { signal }
	});
	const text = await response.text();
	return {
		body: text === "" ? null : JSON.parse(text),
		etag: response.headers.get("etag")
	};
}
/** Throws an {@link ApiError} for whatever is no success. */
async function send(path, init) {
	let response;
	try {
		response = await fetch(path, init);
	} catch (error) {
		if (init.signal?.aborted === true) throw error;
		throw ApiError.unreachable(error);
	}
	if (response.ok) return response;
	const problem = problemOf(response.status, await response.text().catch(() => ""));
	if (response.status === 401 && path !== "/session") onUnauthorized();
	throw problem;
}
// src/api/calls.ts
/** What the page asks of the server, by name. */
var agentPath$1 = (name, verb = "") => `${BASE}/agents/${encodeURIComponent(name)}${verb}`;
/** One of the idempotent verbs; `force` cuts whoever works with the agent. */
async function command(name, verb, force, body) {
	return (await ask(agentPath$1(name, `/${verb}${force ? "?force=1" : ""}`), {
		method: "POST",
		body
	})).body;
}
async function setCordoned(name, cordoned) {
	return (await ask(agentPath$1(name, cordoned ? "/cordon" : "/uncordon"), { method: "POST" })).body;
}
/** Wakes a lazy agent and keeps it awake for so long; null lets it sleep again. */
async function hold(name, seconds) {
	if (seconds === null) return (await ask(agentPath$1(name, "/hold"), { method: "DELETE" })).body;
	return (await ask(agentPath$1(name, "/hold"), {
		method: "POST",
		body: { ttl_s: seconds }
	})).body;
}
/** Gives it no work and does not start it for a time. */
async function park(name, parking) {
	return (await ask(agentPath$1(name, "/park"), {
		method: "POST",
		body: parking
	})).body;
}
async function reopen(name) {
	return (await ask(agentPath$1(name, "/park"), { method: "DELETE" })).body;
}
/** What it needed a person for is done. */
async function resolve(name) {
	return (await ask(agentPath$1(name, "/need-human"), { method: "DELETE" })).body;
}
async function remove(name, force) {
	return (await ask(agentPath$1(name, force ? "?force=1" : ""), { method: "DELETE" })).body;
}
async function create(agent) {
	return (await ask(`${BASE}/agents`, {
		method: "POST",
		body: agent
	})).body;
}
async function types() {
	return (await ask(`${BASE}/types`)).body.items;
}
async function scale(type, count, force) {
	return (await ask(`${BASE}/types/${encodeURIComponent(type)}/scale${force ? "?force=1" : ""}`, {
		method: "POST",
		body: { count }
	})).body;
}
/** A page of the log, oldest first; `query` narrows it. */
async function events(query, signal) {
	return (await ask(`${BASE}/events?${query}`, signal === void 0 ? {} : { signal })).body;
}
/** What the agents went through; the times in ms. */
async function timeline(from, to, signal) {
	const query = new URLSearchParams({ from: new Date(from).toISOString() });
	if (to !== null) query.set("to", new Date(to).toISOString());
	return (await ask(`${BASE}/timeline?${query}`, signal === void 0 ? {} : { signal })).body;
}
async function plan() {
	return (await ask(`${BASE}/plan`)).body.items;
}
async function why(name) {
	return (await ask(agentPath$1(name, "/why"))).body;
}
/** Makes the fleet as its rows ask; `adopt` also takes over the containers of others that have our names. */
async function reconcile(adopt) {
	const body = adopt ? { adopt: true } : void 0;
	return (await ask(`${BASE}/reconcile`, {
		method: "POST",
		body
	})).body;
}
async function reconcileOne(name) {
	return (await ask(`${BASE}/reconcile`, {
		method: "POST",
		body: { instance: name }
	})).body;
}
async function session$1() {
	return (await ask("/session")).body;
}
/** By the token of the data directory, or by a code that the command line printed. */
async function signIn$1(by) {
	await ask("/session", {
		method: "POST",
		body: by
	});
	return session$1();
}
async function signOut$1() {
	await ask("/session", { method: "DELETE" });
}
// src/state/status.ts
function statusOf(agent, dockerReachable) {
	if (!agent.host_mode && dockerReachable === false) return {
		word: "Unknown",
		tone: "unknown",
		shape: "question"
	};
	return named(agent) ?? phaseStatus(agent.observed.phase);
}
/** Where the phase alone says too little. */
function named(agent) {
	const { phase } = agent.observed;
	if (phase === "unknown" || phase === "host") return null;
	if (holds(agent, "state_lost")) return {
		word: "State lost",
		tone: "bad",
		shape: "alert"
	};
	if (holds(agent, "name_conflict")) return {
		word: "Name conflict",
		tone: "bad",
		shape: "alert"
	};
	if (holds(agent, "crash_loop")) return {
		word: "Crash loop",
		tone: "bad",
		shape: "alert"
	};
	if ((phase === "stopped" || phase === "absent") && holds(agent, "parked")) return {
		word: "Parked",
		tone: "warn",
		shape: "pause"
	};
	if (phase !== "stopped") return null;
	if (holds(agent, "held_down")) return {
		word: "Held down",
		tone: "idle",
		shape: "square"
	};
	return agent.lifecycle === "lazy" ? {
		word: "Asleep",
		tone: "idle",
		shape: "moon"
	} : null;
}
var PHASE_STATUS = {
	running: {
		word: "Running",
		tone: "ok",
		shape: "play"
	},
	starting: {
		word: "Starting",
		tone: "busy",
		shape: "spin"
	},
	creating: {
		word: "Creating",
		tone: "busy",
		shape: "spin"
	},
	recreating: {
		word: "Recreating",
		tone: "busy",
		shape: "spin"
	},
	stopping: {
		word: "Stopping",
		tone: "busy",
		shape: "spin"
	},
	removing: {
		word: "Removing",
		tone: "busy",
		shape: "spin"
	},
	stopped: {
		word: "Stopped",
		tone: "warn",
		shape: "square"
	},
	absent: {
		word: "Absent",
		tone: "warn",
		shape: "ring"
	},
	backoff: {
		word: "Backing off",
		tone: "bad",
		shape: "alert"
	},
	unknown: {
		word: "Unknown",
		tone: "unknown",
		shape: "question"
	},
	host: {
		word: "On the host",
		tone: "idle",
		shape: "desk"
	}
};
/** A phase of a newer server is called as the server calls it. */
function phaseStatus(phase) {
	return PHASE_STATUS[phase] ?? {
		word: titled(phase),
		tone: "unknown",
		shape: "question"
	};
}
/** `crash_loop` as `Crash loop`. */
function titled(name) {
	const words = name.replaceAll("_", " ");
	return words.charAt(0).toUpperCase() + words.slice(1);
}
function conditionOf(agent, type) {
	return agent.conditions.find((condition) => condition.type === type && condition.status) ?? null;
}
function holds(agent, type) {
	return conditionOf(agent, type) !== null;
}
/** The earliest time at which something is tried again. */
function nextRetry(agent) {
	const times = agent.conditions.flatMap(({ type, status, next_retry_at }) => status && next_retry_at !== void 0 && type !== "parked" ? [Date.parse(next_retry_at)] : []);
	return times.length === 0 ? null : Math.min(...times);
}
/** Since when it is in its phase. */
function sinceWhen(agent) {
	const { phase, since, started_at } = agent.observed;
	if (since !== void 0) return since === null ? null : Date.parse(since);
	if (phase === "running" && started_at !== null) return Date.parse(started_at);
	const ready = agent.conditions.find((condition) => condition.type === "ready");
	if (phase === "stopped" && agent.last_stop !== null) return Date.parse(agent.last_stop.at);
	return ready === void 0 ? null : Date.parse(ready.since);
}
/** As the page calls the conditions. */
var CONDITION_WORDS = {
	ready: "Ready",
	effect_failing: "Failing",
	crash_loop: "Crash loop",
	name_conflict: "Name conflict",
	state_lost: "State lost",
	drift: "Drift",
	stale: "Stale image",
	unresolvable: "Not resolvable",
	docker_unreachable: "Docker unreachable",
	held_down: "Held down",
	cordoned: "Cordoned",
	kept_awake: "Kept awake",
	draining: "Draining",
	parked: "Parked",
	needs_human: "Needs a person",
	healthy: "Healthy",
	unhealthy: "Unhealthy",
	limit_near: "Near a limit"
};
/** A condition of a newer server is called as the server calls it. */
function conditionWord(type) {
	return CONDITION_WORDS[type] ?? titled(type);
}
var CONDITION_TONE = {
	ready: "ok",
	healthy: "ok",
	needs_human: "bad",
	state_lost: "bad",
	name_conflict: "bad",
	unresolvable: "bad",
	crash_loop: "bad",
	effect_failing: "bad",
	unhealthy: "bad",
	docker_unreachable: "bad",
	limit_near: "warn",
	stale: "warn",
	parked: "warn",
	cordoned: "warn"
};
function conditionTone(type) {
	return CONDITION_TONE[type] ?? "busy";
}
// src/state/verbs.ts
var down = (agent) => [
	"stopped",
	"absent",
	"backoff"
].includes(agent.observed.phase);
var contained = (agent) => !agent.host_mode;
var VERBS = {
	start: {
		name: "start",
		label: "Start",
		doing: "Starting",
		done: "started",
		meaning: "It is started now; a crash loop or a pause before the next try is forgotten.",
		cuts: false,
		confirm: false,
		danger: false,
		fits: (agent) => contained(agent) && (down(agent) || holds(agent, "crash_loop") || holds(agent, "effect_failing"))
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
		fits: (agent) => contained(agent) && agent.observed.phase !== "stopped" && agent.observed.phase !== "absent"
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
		fits: (agent) => contained(agent) && agent.observed.phase === "running"
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
		fits: contained
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
		fits: (agent) => holds(agent, "name_conflict")
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
		fits: (agent) => holds(agent, "state_lost")
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
		fits: (agent) => contained(agent) && !holds(agent, "cordoned")
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
		fits: (agent) => holds(agent, "cordoned")
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
		fits: (agent) => contained(agent) && agent.lifecycle === "lazy" && !holds(agent, "kept_awake")
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
		fits: (agent) => holds(agent, "kept_awake")
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
		fits: (agent) => contained(agent) && !holds(agent, "parked")
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
		fits: (agent) => holds(agent, "parked")
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
		fits: (agent) => holds(agent, "needs_human")
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
		fits: () => true
	}
};
/** In the order in which menus show them. */
var VERB_ORDER = [
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
	"delete"
];
function fitting(agent) {
	return VERB_ORDER.map((name) => VERBS[name]).filter((verb) => verb.fits(agent));
}
/** Who would be cut short by it. */
function atWork(verb, agents) {
	return verb.cuts ? agents.filter((agent) => agent.lease !== null || agent.task !== null) : [];
}
// src/state/operations.ts
/**
* What the operator asked for, how far it is and what became of it. Nothing is shown as done before the server says so.
*/
var operations = y([]);
/** A browser has six connections per origin; one is the stream's, one stays free for reads. */
var AT_ONCE = 4;
var nextId = 1;
/** Runs `work` for every name, a few at a time, and shows it. Resolves when all have ended; never throws. */
async function run(title, done, names, work) {
	const id = nextId;
	nextId += 1;
	const steps = names.map((name) => ({
		name,
		state: "waiting",
		outcome: null,
		detail: null,
		help: null
	}));
	const started = {
		id,
		title,
		done,
		startedAt: Date.now(),
		endedAt: null,
		steps,
		again: null
	};
	operations.value = [...operations.peek().slice(-19), started];
	const queue = [...names];
	const worker = async () => {
		for (let name = queue.shift(); name !== void 0; name = queue.shift()) {
			change(id, name, { state: "running" });
			change(id, name, await attempt(work, name));
		}
	};
	await Promise.all(Array.from({ length: Math.min(AT_ONCE, names.length) }, worker));
	const ended = {
		...find(id) ?? started,
		endedAt: Date.now()
	};
	const failed = ended.steps.filter(({ state }) => state === "failed").map(({ name }) => name);
	if (failed.length > 0) ended.again = () => {
		dismiss(id);
		run(title, done, failed, work);
	};
	operations.value = operations.peek().map((operation) => operation.id === id ? ended : operation);
	return ended;
}
async function attempt(work, name) {
	try {
		const { failed, outcome, detail } = await work(name);
		return {
			state: failed ? "failed" : "done",
			outcome,
			detail
		};
	} catch (error) {
		if (error instanceof ApiError) return {
			state: "failed",
			outcome: error.title,
			detail: error.message,
			help: error.help
		};
		return {
			state: "failed",
			outcome: "Failed",
			detail: error instanceof Error ? error.message : String(error)
		};
	}
}
function find(id) {
	return operations.peek().find((operation) => operation.id === id);
}
function change(id, name, part) {
	operations.value = operations.peek().map((operation) => {
		if (operation.id !== id) return operation;
		const steps = operation.steps.map((step) => step.name === name ? {
			...step,
			...part
		} : step);
		return {
			...operation,
			steps
		};
	});
}
function dismiss(id) {
	operations.value = operations.peek().filter((operation) => operation.id !== id);
}
/** A verb on some agents. `force` takes them from whoever works with them. */
function act(verb, names, force = false) {
	const { doing, done } = VERBS[verb];
	return run(`${doing} ${names.length === 1 ? names[0] : `${names.length} agents`}`, done, names, async (name) => ended(await request(verb, name, force), done));
}
async function request(verb, name, force) {
	switch (verb) {
		case "start":
		case "stop":
		case "restart":
		case "recreate":
		case "adopt": return command(name, verb, force);
		case "recover": return command(name, verb, force, { accept_state_loss: true });
		case "cordon": return setCordoned(name, true);
		case "uncordon": return setCordoned(name, false);
		case "hold": return hold(name, 3600);
		case "unhold": return hold(name, null);
		case "reopen": return reopen(name);
		case "resolve": return resolve(name);
		case "delete": return remove(name, force);
	}
}
/** The end of a step, from the server's answer. */
function ended(answer, done) {
	if (!("outcome" in answer)) return {
		failed: false,
		outcome: [done, answer.observed.phase].filter((word) => word !== void 0).join(", "),
		detail: null
	};
	const outcome = answer.outcome;
	const phase = answer.observed?.phase;
	const words = outcome === "unchanged" && phase !== void 0 ? `unchanged, ${phase}` : outcome;
	return {
		failed: outcome === "failed",
		outcome: words,
		detail: answer.reason
	};
}
// src/state/picture.ts
var EMPTY = {
	facts: null,
	agents: /* @__PURE__ */ new Map()
};
function applySnapshot(before, frame) {
	const agents = /* @__PURE__ */ new Map();
	for (const agent of frame.agents) {
		const known = before.agents.get(agent.name);
		agents.set(agent.name, known !== void 0 && same(known, agent) ? known : agent);
	}
	return {
		facts: factsOf(frame),
		agents
	};
}
function applyPicture(before, frame) {
	if (frame.agents.length === 0 && frame.gone.length === 0) return {
		facts: factsOf(frame),
		agents: before.agents
	};
	const agents = new Map(before.agents);
	for (const name of frame.gone) agents.delete(name);
	for (const agent of frame.agents) agents.set(agent.name, agent);
	return {
		facts: factsOf(frame),
		agents
	};
}
function factsOf({ generation, docker_reachable, docker_error, booted, suspended }) {
	return {
		generation,
		docker_reachable,
		docker_error,
		booted,
		suspended
	};
}
function same(a, b) {
	return JSON.stringify(a) === JSON.stringify(b);
}
/** `dev-2` before `dev-10`, and a pool's `-default` before its numbers. */
function byName(a, b) {
	return collator.compare(a.replace(/-default$/, "-0"), b.replace(/-default$/, "-0"));
}
var collator = new Intl.Collator("en", { numeric: true });
// src/state/stats.ts
function addSample(samples, sample) {
	const last = samples.at(-1);
	if (last !== void 0 && sample.at <= last.at) return samples;
	return [...samples.slice(-59), sample];
}
// src/state/attention.ts
/** Conditions that want an operator. The others are his own wish, or pass by themselves. */
var RULES = {
	needs_human: {
		severity: "bad",
		rank: 0,
		helps: "resolve"
	},
	state_lost: {
		severity: "bad",
		rank: 1,
		helps: "recover"
	},
	name_conflict: {
		severity: "bad",
		rank: 2,
		helps: "adopt"
	},
	unresolvable: {
		severity: "bad",
		rank: 3,
		helps: null
	},
	crash_loop: {
		severity: "bad",
		rank: 4,
		helps: "start"
	},
	effect_failing: {
		severity: "bad",
		rank: 5,
		helps: "start"
	},
	unhealthy: {
		severity: "bad",
		rank: 6,
		helps: "restart"
	},
	limit_near: {
		severity: "warn",
		rank: 7,
		helps: null
	},
	stale: {
		severity: "warn",
		rank: 8,
		helps: "recreate"
	}
};
var ruleOf = (type) => RULES[type];
function troubles$1(agents) {
	const found = [];
	for (const agent of agents) for (const { type, status, reason, since, next_retry_at } of agent.conditions) {
		const rule = ruleOf(type);
		if (!status || rule === void 0) continue;
		const retryAt = next_retry_at === void 0 ? null : Date.parse(next_retry_at);
		found.push({
			agent: agent.name,
			type,
			reason,
			since: Date.parse(since),
			retryAt,
			...rule
		});
	}
	found.sort((a, b) => a.rank - b.rank || a.since - b.since || byName(a.agent, b.agent));
	return found.map(({ rank: _, ...trouble }) => trouble);
}
function inTrouble(agent) {
	return agent.conditions.some(({ type, status }) => status && ruleOf(type)?.severity === "bad");
}
/** Many that run an old image are one matter, which a rollout mends. */
function together(found) {
	const stale = found.filter(({ type }) => type === "stale");
	return stale.length < 2 ? {
		single: found,
		stale: []
	} : {
		single: found.filter(({ type }) => type !== "stale"),
		stale
	};
}
// src/state/totals.ts
function totalsOf(agents, dockerReachable) {
	const totals = {
		all: 0,
		running: 0,
		moving: 0,
		asleep: 0,
		parked: 0,
		down: 0,
		unknown: 0,
		host: 0,
		trouble: 0,
		human: 0,
		tasks: 0,
		leases: 0
	};
	for (const agent of agents) {
		totals.all += 1;
		totals[bucketOf(agent, dockerReachable)] += 1;
		if (inTrouble(agent)) totals.trouble += 1;
		if (holds(agent, "needs_human")) totals.human += 1;
		if (agent.task !== null) totals.tasks += 1;
		if (agent.lease !== null) totals.leases += 1;
	}
	return totals;
}
var BUCKETS = [
	"running",
	"moving",
	"asleep",
	"parked",
	"down",
	"unknown",
	"host"
];
function bucketOf(agent, dockerReachable) {
	if (agent.host_mode) return "host";
	const { shape } = statusOf(agent, dockerReachable);
	if (shape !== "question" && holds(agent, "parked")) return "parked";
	switch (shape) {
		case "play":
		case "check": return "running";
		case "spin": return "moving";
		case "moon": return "asleep";
		case "pause": return "parked";
		case "question": return "unknown";
		case "desk": return "host";
		case "square":
		case "ring":
		case "alert": return "down";
	}
}
// src/state/store.ts
/**
* The fleet as signals: one per agent, so that a change of one paints one row.
*
* Written by `live.ts` only.
*/
var picture = y(EMPTY);
var agentSignals = /* @__PURE__ */ new Map();
var statSignals = /* @__PURE__ */ new Map();
var facts = O(() => picture.value.facts);
/** Null until the first picture came. */
var agents = O(() => picture.value.agents);
var arrived = O(() => picture.value.facts !== null);
var dockerReachable = O(() => facts.value?.docker_reachable ?? null);
/** When docker was first found away, by the server's clock. */
var dockerAwaySince = y(null);
/** Of the fleet, oldest first; as many as a page that was just opened has seen. */
var recentEvents = y([]);
/** Raised with every resync: what a view has fetched by itself may have holes. */
var resyncs = y(0);
var sorted = [];
/** In order. The same object while they are the same: to sort them with every change of an agent would take long. */
var names = O(() => {
	const known = agents.value;
	if (known.size !== sorted.length || !sorted.every((name) => known.has(name))) sorted = [...known.keys()].sort(byName);
	return sorted;
});
var typeNames = stable(() => [...new Set([...agents.value.values()].map((agent) => agent.type))].sort(byName), (a, b) => a.join() === b.join());
var totals = O(() => totalsOf(agents.value.values(), dockerReachable.value));
var troubles = O(() => troubles$1(agents.value.values()));
/** One agent, live; null while there is none of this name. */
function agent(name) {
	let known = agentSignals.get(name);
	if (known === void 0) {
		known = y(agents.peek().get(name) ?? null);
		agentSignals.set(name, known);
	}
	return known;
}
/** What one agent uses, oldest first. */
function samples(name) {
	return samplesOf(name);
}
function samplesOf(name) {
	let known = statSignals.get(name);
	if (known === void 0) {
		known = y([]);
		statSignals.set(name, known);
	}
	return known;
}
/** A computed value that stays the same object while it is equal. */
function stable(compute, equal) {
	let last;
	return O(() => {
		const value = compute();
		if (last === void 0 || !equal(last, value)) last = value;
		return last;
	});
}
function takeSnapshot(frame) {
	show(applySnapshot(picture.peek(), frame));
}
function takePicture(frame) {
	show(applyPicture(picture.peek(), frame));
}
function show(next) {
	r(() => {
		picture.value = next;
		for (const [name, shown] of agentSignals) shown.value = next.agents.get(name) ?? null;
		if (!(next.facts?.docker_reachable === false)) dockerAwaySince.value = null;
		else dockerAwaySince.value ??= awaySince(next);
	});
}
/** What the agents say of it; it was away before this page was opened, perhaps. */
function awaySince({ agents }) {
	const times = [...agents.values()].flatMap((agent) => agent.conditions.filter(({ type }) => type === "docker_unreachable").map(({ since }) => Date.parse(since)));
	return times.length === 0 ? Date.now() : Math.min(...times);
}
function takeStats(frame) {
	r(() => {
		const at = Date.parse(frame.at);
		for (const stat of frame.items) {
			const known = samplesOf(stat.instance);
			known.value = addSample(known.peek(), {
				at,
				cpu: stat.cpu_percent,
				memory: stat.memory_bytes,
				memoryLimit: stat.memory_limit_bytes
			});
		}
	});
}
function takeEvent(event) {
	recentEvents.value = [...recentEvents.peek().slice(-499), event];
}
/** The log behind the events is another one now, or has a hole. */
function takeResync() {
	r(() => {
		recentEvents.value = [];
		resyncs.value += 1;
	});
}
// src/state/intent.ts
/** What the operator is about to do: a dialog asks, then `operations` does it. One dialog at a time. */
var intent = y(null);
/** Does it at once, or asks first where it destroys something or cuts somebody's work. */
function intend(verb, names) {
	if (names.length === 0) return;
	const chosen = names.flatMap((name) => agents.peek().get(name) ?? []);
	if (verb === "park") intent.value = {
		kind: "park",
		names
	};
	else if (asksFirst(verb, chosen)) intent.value = {
		kind: "verb",
		verb,
		names
	};
	else act(verb, names);
}
function asksFirst(verb, chosen) {
	const stopsMany = chosen.length > 1 && VERBS[verb].cuts;
	return VERBS[verb].confirm || stopsMany || atWork(VERBS[verb], chosen).length > 0;
}
// src/api/sse.ts
var FrameReader = class {
	rest = "";
	event = "";
	data = [];
	id = null;
	/** The frames that `text` completes. */
	push(text) {
		const frames = [];
		this.rest += text;
		for (;;) {
			const match = /\r\n|\n|\r(?!$)/.exec(this.rest);
			if (match === null) return frames;
			const line = this.rest.slice(0, match.index);
			this.rest = this.rest.slice(match.index + match[0].length);
			const frame = this.line(line);
			if (frame !== null) frames.push(frame);
		}
	}
	line(line) {
		if (line === "") return this.dispatch();
		const colon = line.indexOf(":");
		const field = colon < 0 ? line : line.slice(0, colon);
		const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
		if (field === "event") this.event = value;
		else if (field === "data") this.data.push(value);
		else if (field === "id") this.id = value;
		return null;
	}
	dispatch() {
		const frame = {
			event: this.event || "message",
			data: this.data.join("\n"),
			id: this.id
		};
		const empty = this.data.length === 0;
		this.event = "";
		this.data = [];
		return empty ? null : frame;
	}
};
// src/state/clock.ts
/** The time, ticking once a second, as the server has it: what it dates is compared with its own clock. */
var ticking = y(Date.now());
/** How far the server's clock is ahead of this one, in ms. */
var ahead = y(0);
/** This computer's time. */
var localNow = O(() => ticking.value);
/** The server's time. */
var now = O(() => ticking.value + ahead.value);
function startClock() {
	setInterval(() => {
		ticking.value = Date.now();
	}, 1e3);
}
/** Learns the server's clock from the `Date` of an answer, which is cut to the second. */
function learnClock(date) {
	const told = date === null ? NaN : Date.parse(date);
	if (Number.isNaN(told)) return;
	const difference = told + 500 - Date.now();
	ahead.value = Math.abs(difference) < 2e3 ? 0 : difference;
}
/** A browser has six connections per origin, so a tab that nobody sees gives its stream back. */
var HIDDEN_MS = 6e4;
/** Ticks come every second; a gap means that the machine slept. */
var JUMP_MS = 2e4;
var FIRST_RETRY_MS = 1e3;
var LAST_RETRY_MS = 3e4;
function initial(now) {
	return {
		phase: "connecting",
		attempt: 0,
		retryAt: null,
		reason: null,
		lastByteAt: null,
		hiddenSince: null,
		lastTickAt: now
	};
}
function step(state, input, now, random = Math.random()) {
	switch (input.kind) {
		case "opened":
			if (state.phase !== "connecting") return keep(state);
			return keep({
				...state,
				phase: "live",
				attempt: 0,
				reason: null,
				lastByteAt: now
			});
		case "byte": return keep({
			...state,
			lastByteAt: now
		});
		case "closed":
			if (state.phase !== "connecting" && state.phase !== "live") return keep(state);
			return keep(waiting(state, input.reason, now + (input.retryAfterMs ?? delay(state.attempt, random))));
		case "unauthorized":
		case "signed_out": return {
			state: {
				...state,
				phase: "signed_out",
				retryAt: null,
				reason: null
			},
			effect: "close"
		};
		case "signed_in": return state.phase === "signed_out" ? connect({
			...state,
			attempt: 0
		}) : keep(state);
		case "hidden": return keep({
			...state,
			hiddenSince: state.hiddenSince ?? now
		});
		case "seen": return seen({
			...state,
			hiddenSince: null,
			lastTickAt: now
		}, now);
		case "retry": return state.phase === "waiting" ? connect(state) : keep(state);
		case "tick": return tick(state, now);
	}
}
function tick(before, now) {
	const state = {
		...before,
		lastTickAt: now
	};
	const gap = now - before.lastTickAt;
	if (state.hiddenSince !== null) return now - state.hiddenSince >= 6e4 && state.phase !== "signed_out" && state.phase !== "paused" ? {
		state: {
			...state,
			phase: "paused",
			retryAt: null,
			reason: null
		},
		effect: "close"
	} : keep(state);
	if (gap > JUMP_MS && (state.phase === "live" || state.phase === "connecting")) return connect({
		...state,
		reason: "this computer slept"
	});
	if (state.phase === "live" && now - (state.lastByteAt ?? now) > 35e3) return connect({
		...state,
		attempt: 1,
		reason: "the server fell silent"
	});
	if (state.phase === "waiting" && state.retryAt !== null && now >= state.retryAt) return connect(state);
	return keep(state);
}
function seen(state, now) {
	if (state.phase === "paused" || state.phase === "waiting") return connect({
		...state,
		attempt: 0
	});
	if (state.phase === "live" && now - (state.lastByteAt ?? now) > 35e3) return connect(state);
	return keep(state);
}
function connect(state) {
	return {
		state: {
			...state,
			phase: "connecting",
			retryAt: null
		},
		effect: "connect"
	};
}
function waiting(state, reason, retryAt) {
	return {
		...state,
		phase: "waiting",
		attempt: state.attempt + 1,
		retryAt,
		reason
	};
}
function keep(state) {
	return {
		state,
		effect: null
	};
}
/** 1 s doubling to 30 s, a quarter of it by chance, so that many pages do not come back at once. */
function delay(attempt, random) {
	const full = Math.min(FIRST_RETRY_MS * 2 ** attempt, LAST_RETRY_MS);
	return Math.round(full * (.75 + random * .25));
}
function standing$1(state, now) {
	const as_of = state.lastByteAt;
	const in_s = state.retryAt === null ? null : Math.max(0, Math.ceil((state.retryAt - now) / 1e3));
	switch (state.phase) {
		case "live": return { kind: "live" };
		case "paused": return {
			kind: "paused",
			as_of
		};
		case "signed_out": return {
			kind: "signed_out",
			as_of
		};
		case "connecting":
		case "waiting":
			if (as_of !== null && now - as_of > 2e4) return {
				kind: "stale",
				since: as_of,
				in_s,
				reason: state.reason
			};
			if (in_s === null) return {
				kind: "connecting",
				as_of
			};
			return {
				kind: "reconnecting",
				in_s,
				reason: state.reason,
				as_of
			};
	}
}
// src/state/live.ts
/**
* The page's one stream: does what the connection machine says, and hands frames to the store.
*
* By `fetch`, not `EventSource`, which hides the status of a refusal (401 must lead to the sign-in page) and the pings.
*/
var STREAM = `${BASE}/events?stats=1`;
var connection = y(initial(Date.now()));
var standing = O(() => standing$1(connection.value, localNow.value));
/** Whether what is shown is the present. */
var isLive = O(() => connection.value.phase === "live");
O(() => connection.value.phase === "signed_out");
O(() => isLive.value ? null : connection.value.lastByteAt);
/** The stream under way, and where the next one goes on. */
var current = null;
var cursor = null;
function startLive() {
	document.addEventListener("visibilitychange", () => tell({ kind: document.hidden ? "hidden" : "seen" }));
	addEventListener("online", () => tell({ kind: "retry" }));
	setInterval(() => tell({ kind: "tick" }), 1e3);
	if (document.hidden) tell({ kind: "hidden" });
	open();
}
function tell(input) {
	const { state, effect } = step(connection.peek(), input, Date.now());
	connection.value = state;
	if (effect === "connect") open();
	else if (effect === "close") close();
}
function close() {
	current?.abort();
	current = null;
}
function open() {
	close();
	const mine = new AbortController();
	current = mine;
	read(mine).then((end) => {
		if (current === mine) tell(end);
	});
}
/** Reads one stream to its end, and says why it ended. */
async function read(mine) {
	try {
		const headers = { accept: "text/event-stream" };
		if (cursor !== null) headers["last-event-id"] = cursor;
		const response = await send(STREAM, {
			headers,
			credentials: "same-origin",
			cache: "no-store",
			signal: mine.signal
		});
		if (current !== mine) return {
			kind: "closed",
			reason: "replaced"
		};
		learnClock(response.headers.get("date"));
		tell({ kind: "opened" });
		await pump(response, mine);
		return {
			kind: "closed",
			reason: "the server closed the stream"
		};
	} catch (error) {
		if (error instanceof ApiError && error.status === 401) return { kind: "unauthorized" };
		if (error instanceof ApiError) return {
			kind: "closed",
			reason: error.status === 0 ? error.title : error.message
		};
		return {
			kind: "closed",
			reason: "the connection broke"
		};
	}
}
async function pump(response, mine) {
	const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
	if (reader === void 0) return;
	const frames = new FrameReader();
	for (;;) {
		const { done, value } = await reader.read();
		if (done || current !== mine) return;
		tell({ kind: "byte" });
		for (const frame of frames.push(value)) take(frame);
	}
}
function take(frame) {
	switch (frame.event) {
		case "snapshot":
			takeSnapshot(JSON.parse(frame.data));
			break;
		case "picture":
			takePicture(JSON.parse(frame.data));
			break;
		case "stats":
			takeStats(JSON.parse(frame.data));
			break;
		case "resync":
			takeResync();
			break;
		case "error": break;
		default: takeEvent(JSON.parse(frame.data));
	}
	if (frame.id !== null) cursor = frame.id;
}
// src/kit/icons.tsx
var PATHS = {
	play: /* @__PURE__ */ a("path", {
		d: "M5.5 3.8v8.4l7-4.2z",
		fill: "currentColor",
		stroke: "none"
	}),
	moon: /* @__PURE__ */ a("path", { d: "M12.8 9.6A5.3 5.3 0 0 1 6.4 3.2a5.3 5.3 0 1 0 6.4 6.4z" }),
	spin: /* @__PURE__ */ a("path", { d: "M13 8a5 5 0 1 1-3.2-4.7" }),
	square: /* @__PURE__ */ a("rect", {
		x: "4.2",
		y: "4.2",
		width: "7.6",
		height: "7.6",
		rx: "1.2"
	}),
	ring: /* @__PURE__ */ a("circle", {
		cx: "8",
		cy: "8",
		r: "4.6",
		"stroke-dasharray": "2.4 2.4"
	}),
	alert: /* @__PURE__ */ a("path", { d: "M8 2.6 14 13H2zM8 6.6v2.8M8 11.2v.1" }),
	question: /* @__PURE__ */ a("path", { d: "M6.1 6.2A2 2 0 1 1 8.8 8c-.5.2-.8.6-.8 1.1v.3M8 11.4v.1M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z" }),
	desk: /* @__PURE__ */ a("path", { d: "M2.5 3.5h11v7h-11zM6 13h4M8 10.5V13" }),
	more: /* @__PURE__ */ a("path", {
		d: "M3.5 8h.01M8 8h.01M12.5 8h.01",
		"stroke-width": "2"
	}),
	search: /* @__PURE__ */ a("path", { d: "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10.3 10.3 13.5 13.5" }),
	plus: /* @__PURE__ */ a("path", { d: "M8 3.2v9.6M3.2 8h9.6" }),
	close: /* @__PURE__ */ a("path", { d: "m4 4 8 8M12 4l-8 8" }),
	check: /* @__PURE__ */ a("path", { d: "m3.2 8.4 3.2 3.2 6.4-7" }),
	down: /* @__PURE__ */ a("path", { d: "m4 6.2 4 4 4-4" }),
	right: /* @__PURE__ */ a("path", { d: "m6.2 4 4 4-4 4" }),
	up: /* @__PURE__ */ a("path", { d: "m4 9.8 4-4 4 4" }),
	restart: /* @__PURE__ */ a("path", { d: "M13 8a5 5 0 1 1-1.5-3.6M13 2.6v2.6h-2.6" }),
	recreate: /* @__PURE__ */ a("path", { d: "M8 2.2 13 5v6l-5 2.8L3 11V5zM3 5l5 2.8L13 5M8 7.8v6" }),
	trash: /* @__PURE__ */ a("path", { d: "M2.8 4.4h10.4M6.2 4.2V2.8h3.6v1.4M4.2 4.6l.6 8.6h6.4l.6-8.6M6.8 7v3.8M9.2 7v3.8" }),
	minus: /* @__PURE__ */ a("path", { d: "M3.2 8h9.6" }),
	pause: /* @__PURE__ */ a("path", {
		d: "M5.8 3.6v8.800M10.2 3.600v8.800",
		"stroke-width": "2"
	}),
	copy: /* @__PURE__ */ a("path", { d: "M5.6 5.600h7.600v7.600H5.600zM10.4 5.400V2.800H2.800v7.600h2.600" }),
	left: /* @__PURE__ */ a("path", { d: "m9.800 4-4 4 4 4" }),
	info: /* @__PURE__ */ a("path", { d: "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 7.400v3.400M8 5v.1" }),
	shield: /* @__PURE__ */ a("path", { d: "M8 2.2 12.8 4v3.8c0 3-2 5-4.8 6-2.8-1-4.8-3-4.8-6V4zM5.8 8h4.4" }),
	unshield: /* @__PURE__ */ a("path", { d: "M8 2.2 12.8 4v3.800c0 3-2 5-4.8 6-2.8-1-4.8-3-4.8-6V4z" }),
	hand: /* @__PURE__ */ a("path", { d: "M8 4.600V8l2.4 1.400M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z" }),
	person: /* @__PURE__ */ a("path", { d: "M8 8a2.6 2.6 0 1 0 0-5.200A2.600 2.600 0 0 0 8 8zM3 13.400c.5-2.400 2.500-3.600 5-3.600s4.500 1.200 5 3.600" }),
	rollout: /* @__PURE__ */ a("path", { d: "M3 4.500h4.500v4H3zM8.500 7.500H13v4H8.500zM10.800 3.200V5.500M9.400 4.300h2.800M5.200 10.800v2.200M3.800 12h2.800" }),
	link: /* @__PURE__ */ a("path", { d: "M7 9a2.6 2.6 0 0 0 3.7 0l2-2A2.6 2.6 0 0 0 9 3.300l-.6.6M9 7a2.6 2.6 0 0 0-3.7 0l-2 2A2.6 2.6 0 0 0 7 12.700l.6-.6" }),
	filter: /* @__PURE__ */ a("path", { d: "M2.5 4h11M4.5 8h7M6.5 12h3" }),
	scale: /* @__PURE__ */ a("path", { d: "M3 13V9.500M6.3 13V7M9.7 13V4.800M13 13V2.8" }),
	sun: /* @__PURE__ */ a("path", { d: "M8 10.600a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.200zM8 1.800v1.200M8 13v1.200M1.8 8H3M13 8h1.200M3.6 3.600l.9.9M11.5 11.500l.9.9M3.6 12.400l.9-.9M11.5 4.500l.9-.9" }),
	contrast: /* @__PURE__ */ a("path", { d: "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 2v12M8 4.500h4M8 8h6M8 11.500h4" }),
	command: /* @__PURE__ */ a("path", { d: "M6 6H4.400A1.7 1.7 0 1 1 6 4.400zm0 0v4m0-4h4m-4 4v1.600A1.7 1.7 0 1 1 4.4 10zm0 0h4m0 0h1.600a1.7 1.7 0 1 1-1.6 1.600zm0 0V6m0 0V4.400A1.7 1.7 0 1 1 11.6 6z" }),
	flame: /* @__PURE__ */ a("path", { d: "M8 2c.4 2.4 3.8 3.8 3.8 7.200A3.8 3.8 0 0 1 8 13.200a3.8 3.8 0 0 1-3.8-4C4.2 7.4 5.4 6.6 5.8 5.400c.8.6 1 1.2 1.2 1.800C7.8 6 8.2 4 8 2z" }),
	task: /* @__PURE__ */ a("path", { d: "M3 4.2 5 6 3 7.800M7 8.500h5.500M2.5 12.500h11" }),
	key: /* @__PURE__ */ a("path", { d: "M9.7 9.300a3 3 0 1 0-2.9-2.900L2.8 10.400v2.800h2.800v-1.600h1.600V10l.8-.8z" }),
	wrap: /* @__PURE__ */ a("path", { d: "M2.5 3.500h11M2.500 7.500h8.500a2.300 2.300 0 0 1 0 4.600H8.500M10 10.400 8.300 12.100 10 13.800M2.500 12.100h2.500" }),
	download: /* @__PURE__ */ a("path", { d: "M8 2.500v7.500M4.800 7 8 10.200 11.200 7M3 13.500h10" }),
	clock: /* @__PURE__ */ a("path", { d: "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 4.500V8l2.500 1.500" }),
	edit: /* @__PURE__ */ a("path", { d: "m3 13 .6-3L10.800 2.800l2.400 2.400L6 12.400zM9.300 4.300l2.400 2.400" }),
	signout: /* @__PURE__ */ a("path", { d: "M6.5 13.200H3.200V2.800h3.300M10.2 10.8 13 8l-2.8-2.800M13 8H6.2" })
};
function Icon({ name, class: extra }) {
	return /* @__PURE__ */ a(Svg, {
		class: extra,
		children: PATHS[name]
	});
}
function Svg({ children, class: extra }) {
	return /* @__PURE__ */ a("svg", {
		class: extra === void 0 ? "icon" : `icon ${extra}`,
		viewBox: "0 0 16 16",
		width: "16",
		height: "16",
		fill: "none",
		stroke: "currentColor",
		"stroke-width": "1.5",
		"stroke-linecap": "round",
		"stroke-linejoin": "round",
		"aria-hidden": "true",
		focusable: "false",
		children
	});
}
// src/kit/button.tsx
function Button({ icon, kind = "plain", small = false, busy = false, children, class: extra, ...rest }) {
	const names = [
		"button",
		`button-${kind}`,
		small ? "button-small" : "",
		extra ?? ""
	].filter(Boolean).join(" ");
	return /* @__PURE__ */ a("button", {
		type: "button",
		...rest,
		class: names,
		"aria-busy": busy,
		disabled: busy || rest.disabled === true,
		children: [busy ? /* @__PURE__ */ a(Icon, {
			name: "spin",
			class: "spinning"
		}) : icon !== void 0 && /* @__PURE__ */ a(Icon, { name: icon }), /* @__PURE__ */ a("span", { children })]
	});
}
/** A button that is only an icon; its label is read out and shown as a tooltip. */
function IconButton({ icon, label, class: extra, ...rest }) {
	const names = extra === void 0 ? "icon-button" : `icon-button ${String(extra)}`;
	return /* @__PURE__ */ a("button", {
		type: "button",
		title: label,
		...rest,
		class: names,
		"aria-label": label,
		children: /* @__PURE__ */ a(Icon, { name: icon })
	});
}
// src/kit/dialog.tsx
/** A modal dialog of the browser: it keeps the focus, closes by Escape and gives the focus back. */
function Dialog({ title, onClose, children, footer, wide = false, onSubmit }) {
	const ref = useModal(onClose);
	const id = P();
	return /* @__PURE__ */ a("dialog", {
		ref,
		class: wide ? "dialog dialog-wide" : "dialog",
		"aria-labelledby": id,
		children: /* @__PURE__ */ a("form", {
			method: "dialog",
			noValidate: true,
			onSubmit: (event) => {
				event.preventDefault();
				onSubmit?.();
			},
			children: [
				/* @__PURE__ */ a("div", {
					class: "dialog-head",
					children: [/* @__PURE__ */ a("h2", {
						id,
						children: title
					}), /* @__PURE__ */ a(IconButton, {
						icon: "close",
						label: "Close",
						onClick: onClose
					})]
				}),
				/* @__PURE__ */ a("div", {
					class: "dialog-body",
					children
				}),
				footer !== void 0 && /* @__PURE__ */ a("div", {
					class: "dialog-foot",
					children: footer
				})
			]
		})
	});
}
/** Opens a `<dialog>` as modal as long as it is there; a click beside it and Escape close it. */
function useModal(onClose) {
	const ref = T(null);
	const close = T(onClose);
	close.current = onClose;
	F(() => {
		const dialog = ref.current;
		if (dialog === null) return;
		const before = document.activeElement;
		dialog.showModal();
		dialog.querySelector(`[data-autofocus="true"]`)?.focus();
		const cancel = (event) => {
			event.preventDefault();
			close.current();
		};
		const beside = (event) => {
			if (event.target === dialog) close.current();
		};
		dialog.addEventListener("cancel", cancel);
		dialog.addEventListener("mousedown", beside);
		return () => {
			dialog.removeEventListener("cancel", cancel);
			dialog.removeEventListener("mousedown", beside);
			dialog.close();
			if (before instanceof HTMLElement && before.isConnected) before.focus();
		};
	}, []);
	return ref;
}
// src/kit/field.tsx
/** A control with its label, and below it a hint or what is wrong. */
function Field({ label, hint, error = null, children }) {
	const id = P();
	const wrong = error !== null && error !== "";
	return /* @__PURE__ */ a("div", {
		class: "field",
		children: [
			/* @__PURE__ */ a("label", {
				for: id,
				children: label
			}),
			children({
				id,
				"aria-describedby": `${id}-note`,
				"aria-invalid": wrong
			}),
			/* @__PURE__ */ a("div", {
				id: `${id}-note`,
				class: wrong ? "field-error" : "field-hint",
				role: wrong ? "alert" : void 0,
				children: wrong ? error : hint
			})
		]
	});
}
function TextInput(props) {
	return /* @__PURE__ */ a("input", {
		type: "text",
		autocomplete: "off",
		spellcheck: false,
		...props,
		class: "input"
	});
}
function TextArea(props) {
	return /* @__PURE__ */ a("textarea", {
		autocomplete: "off",
		spellcheck: false,
		rows: 3,
		...props,
		class: "input input-area"
	});
}
function Select(props) {
	return /* @__PURE__ */ a("select", {
		...props,
		class: "input input-select"
	});
}
function Checkbox({ label, checked, onChange }) {
	return /* @__PURE__ */ a("label", {
		class: "checkbox",
		children: [/* @__PURE__ */ a("input", {
			type: "checkbox",
			checked,
			onChange
		}), /* @__PURE__ */ a("span", { children: label })]
	});
}
// src/kit/notice.tsx
/** A remark within a page or a dialog. */
function Notice({ tone, children }) {
	return /* @__PURE__ */ a("div", {
		class: `notice tone-${tone}`,
		role: tone === "bad" ? "alert" : "status",
		children: [/* @__PURE__ */ a(Icon, {
			name: tone === "ok" ? "check" : tone === "busy" ? "spin" : "alert",
			class: tone === "busy" ? "spinning" : ""
		}), /* @__PURE__ */ a("div", { children })]
	});
}
/** What the server refused, and what it says to do about it. */
function Problem({ error }) {
	if (!(error instanceof ApiError)) return /* @__PURE__ */ a(Notice, {
		tone: "bad",
		children: error instanceof Error ? error.message : String(error)
	});
	return /* @__PURE__ */ a(Notice, {
		tone: "bad",
		children: [
			/* @__PURE__ */ a("strong", { children: error.title }),
			/* @__PURE__ */ a("p", { children: error.message }),
			error.help !== null && /* @__PURE__ */ a("p", {
				class: "notice-help",
				children: error.help
			})
		]
	});
}
// src/kit/empty.tsx
/** Where there is nothing to show: what that means and what to do. */
function EmptyState({ icon, title, whole = false, children, actions }) {
	return /* @__PURE__ */ a("div", {
		class: "empty",
		children: [
			/* @__PURE__ */ a(Icon, { name: icon }),
			whole ? /* @__PURE__ */ a("h1", { children: title }) : /* @__PURE__ */ a("h2", { children: title }),
			children !== void 0 && /* @__PURE__ */ a("p", { children }),
			actions !== void 0 && /* @__PURE__ */ a("div", {
				class: "empty-actions",
				children: actions
			})
		]
	});
}
// src/route.ts
/** Where the page is: the address as a value, and how to go elsewhere. */
function parseRoute(path) {
	const [head = "", second, third, more] = path.split("/").filter((part) => part !== "").map(decode);
	if (more !== void 0) return { view: "nowhere" };
	switch (head) {
		case "": return { view: "fleet" };
		case "agents":
			if (second === void 0) return { view: "fleet" };
			return {
				view: "agent",
				name: second,
				tab: third ?? null
			};
		case "tasks":
			if (third !== void 0) return { view: "nowhere" };
			return second === void 0 ? { view: "tasks" } : {
				view: "task",
				id: second
			};
		case "rollouts":
			if (third !== void 0) return { view: "nowhere" };
			return second === void 0 ? { view: "rollouts" } : {
				view: "rollout",
				id: second
			};
		case "timeline":
		case "events":
		case "plan":
		case "sign-in": return second === void 0 ? { view: head } : { view: "nowhere" };
		default: return { view: "nowhere" };
	}
}
function decode(part) {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}
var agentPath = (name, tab) => `/agents/${encodeURIComponent(name)}${tab === void 0 ? "" : `/${tab}`}`;
var rolloutPath = (id) => `/rollouts/${encodeURIComponent(id)}`;
var taskPath = (id) => `/tasks/${encodeURIComponent(id)}`;
var place$1 = y({
	path: "/",
	search: ""
});
var path = O(() => place$1.value.path);
/** With its `?`, or empty. */
var search = O(() => place$1.value.search);
var route = O(() => parseRoute(place$1.value.path));
function startRouter() {
	const read = () => {
		place$1.value = {
			path: location.pathname,
			search: location.search
		};
	};
	addEventListener("popstate", read);
	read();
}
/** Goes to an address of this page; `replace` leaves no step to come back to. */
function go(to, { replace = false } = {}) {
	const url = new URL(to, location.href);
	const there = url.pathname + url.search + url.hash;
	if (there === location.pathname + location.search + location.hash) return;
	const turned = url.pathname !== location.pathname;
	history[replace ? "replaceState" : "pushState"](null, "", there);
	place$1.value = {
		path: url.pathname,
		search: url.search
	};
	if (turned) scrollTo(0, 0);
}
/** The sign-in page, which leads back to where the page was. */
function signInPath() {
	if (route.peek().view === "sign-in") return location.pathname + location.search + location.hash;
	const back = location.pathname + location.search;
	return back === "/" ? "/sign-in" : `/sign-in?back=${encodeURIComponent(back)}`;
}
/** Where `?back=` leads, if that is an address of this page. */
function wayBack(search) {
	const back = new URLSearchParams(search).get("back");
	return back !== null && /^\/(?![/\\])/.test(back) ? back : "/";
}
// src/kit/link.tsx
/** A link within the page; a click with a modifier is the browser's. */
function Link({ href, onClick, ...rest }) {
	return /* @__PURE__ */ a("a", {
		...rest,
		href,
		onClick: (event) => {
			onClick?.(event);
			if (event.defaultPrevented || event.button !== 0) return;
			if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
			event.preventDefault();
			go(href);
		}
	});
}
// src/state/time.ts
/** Times as words. Pure. */
var SECOND = 1e3;
var MINUTE = 60 * SECOND;
var HOUR = 60 * MINUTE;
var DAY = 24 * HOUR;
/** `4 s`, `12 min`, `3 h 20 min`, `2 d 4 h`: the two largest units that say something. */
function duration(ms) {
	const span = Math.max(0, ms);
	if (span < MINUTE) return `${Math.floor(span / SECOND)} s`;
	if (span < 10 * MINUTE) return two(span, MINUTE, "m", SECOND, "s");
	if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
	if (span < DAY) return two(span, HOUR, "h", MINUTE, "m");
	if (span < 10 * DAY) return two(span, DAY, "d", HOUR, "h");
	return `${Math.floor(span / DAY)} d`;
}
function two(span, large, largeName, small, smallName) {
	const rest = Math.floor(span % large / small);
	const head = `${Math.floor(span / large)} ${largeName}`;
	return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}
/** `in 12 s`, or `now` when it is due. */
function countdown(ms) {
	return ms <= 0 ? "now" : `in ${duration(ms + 999)}`;
}
/** `14:03:22`, by this computer's time zone. */
function clockTime(at) {
	const date = new Date(at);
	return [
		date.getHours(),
		date.getMinutes(),
		date.getSeconds()
	].map((part) => String(part).padStart(2, "0")).join(":");
}
/** In full, for a tooltip. */
function fullTime(at) {
	const date = new Date(at);
	return `${[
		date.getFullYear(),
		date.getMonth() + 1,
		date.getDate()
	].map((part) => String(part).padStart(2, "0")).join("-")} ${clockTime(at)}`;
}
// src/kit/time.tsx
/** How long ago, ticking; the text alone is painted anew. */
function Ago({ at }) {
	return at === null ? /* @__PURE__ */ a(Dash, {}) : /* @__PURE__ */ a(Ticking, {
		at,
		words: (time) => duration(time - at)
	}, at);
}
/** How long until then. */
function Until({ at }) {
	return at === null ? /* @__PURE__ */ a(Dash, {}) : /* @__PURE__ */ a(Ticking, {
		at,
		words: (time) => countdown(at - time)
	}, at);
}
function Ticking({ at, words }) {
	const text = useComputed(() => words(now.value));
	return /* @__PURE__ */ a("time", {
		class: "num",
		dateTime: new Date(at).toISOString(),
		title: fullTime(at),
		children: text
	});
}
/** Nothing to say. */
function Dash() {
	return /* @__PURE__ */ a("span", {
		class: "dash",
		"aria-label": "none",
		children: "–"
	});
}
// src/kit/kbd.tsx
function Kbd({ children }) {
	return /* @__PURE__ */ a("kbd", {
		class: "kbd",
		children
	});
}
// src/kit/menu.tsx
/** A menu button. The list is in the browser's top layer, so that nothing around it cuts it off. */
function Menu({ label, groups, trigger, triggerClass, keepOpen = false }) {
	const [open, setOpen] = d(false);
	const button = T(null);
	const id = P();
	const toggle = {
		"aria-haspopup": "menu",
		"aria-expanded": open,
		"aria-controls": open ? id : void 0
	};
	return /* @__PURE__ */ a("span", {
		class: "menu-place",
		ref: button,
		children: [trigger === void 0 ? /* @__PURE__ */ a(IconButton, {
			icon: "more",
			label,
			...toggle,
			onClick: () => setOpen(!open)
		}) : /* @__PURE__ */ a("button", {
			type: "button",
			class: triggerClass,
			"aria-label": label,
			...toggle,
			onClick: () => setOpen(!open),
			children: trigger
		}), open && /* @__PURE__ */ a(MenuList, {
			id,
			label,
			groups: groups(),
			keepOpen,
			anchor: () => button.current?.firstElementChild ?? null,
			onClose: (refocus) => {
				setOpen(false);
				if (refocus) button.current?.querySelector("button")?.focus();
			}
		})]
	});
}
function MenuList({ id, label, groups, keepOpen, anchor, onClose }) {
	const ref = T(null);
	A(() => {
		const list = ref.current;
		const from = anchor();
		if (list === null || from === null) return;
		list.showPopover();
		place(list, from.getBoundingClientRect());
		list.querySelector("button")?.focus();
		const outside = (event) => {
			const target = event.target;
			if (!list.contains(target) && !from.contains(target)) onClose(false);
		};
		const moved = (event) => {
			if (!list.contains(event.target)) onClose(false);
		};
		addEventListener("pointerdown", outside, true);
		addEventListener("scroll", moved, true);
		addEventListener("resize", moved);
		return () => {
			removeEventListener("pointerdown", outside, true);
			removeEventListener("scroll", moved, true);
			removeEventListener("resize", moved);
		};
	}, []);
	const onKeyDown = (event) => {
		const items = [...ref.current?.querySelectorAll("button") ?? []];
		const at = items.indexOf(document.activeElement);
		const to = {
			ArrowDown: at + 1,
			ArrowUp: at - 1 + items.length,
			Home: 0,
			End: items.length - 1
		}[event.key];
		event.stopPropagation();
		if (to !== void 0) {
			event.preventDefault();
			items[to % items.length]?.focus();
		} else if (event.key === "Escape" || event.key === "Tab") {
			event.preventDefault();
			onClose(true);
		}
	};
	return /* @__PURE__ */ a("div", {
		ref,
		id,
		popover: "manual",
		class: "menu",
		role: "menu",
		"aria-label": label,
		onKeyDown,
		children: groups.filter((group) => group.length > 0).map((group, index) => /* @__PURE__ */ a("div", {
			role: "group",
			class: "menu-group",
			children: group.map((item) => /* @__PURE__ */ a("button", {
				type: "button",
				role: item.checked === void 0 ? "menuitem" : "menuitemcheckbox",
				"aria-checked": item.checked,
				class: item.danger === true ? "menu-item menu-danger" : "menu-item",
				onClick: () => {
					if (!keepOpen) onClose(true);
					item.onSelect();
				},
				children: [
					/* @__PURE__ */ a("span", {
						class: "menu-icon",
						children: item.checked === true ? /* @__PURE__ */ a(Icon, { name: "check" }) : item.icon !== void 0 && /* @__PURE__ */ a(Icon, { name: item.icon })
					}),
					/* @__PURE__ */ a("span", {
						class: "menu-label",
						children: item.label
					}),
					item.note !== void 0 && /* @__PURE__ */ a("span", {
						class: "menu-note",
						children: item.note
					})
				]
			}, item.label))
		}, index))
	});
}
/** Below the anchor, or above where there is no room, and never beyond the edge of the window. */
function place(list, anchor) {
	const margin = 8;
	const { width, height } = list.getBoundingClientRect();
	const left = anchor.left + width > innerWidth - margin ? anchor.right - width : anchor.left;
	const below = anchor.bottom + 4;
	const top = below + height > innerHeight - margin ? anchor.top - height - 4 : below;
	list.style.left = `${Math.max(margin, left)}px`;
	list.style.top = `${Math.max(margin, top)}px`;
}
// src/state/session.ts
/** Who the page is to the server. */
var session = y(null);
function startSession() {
	whenUnauthorized(() => {
		session.value = null;
		tell({ kind: "unauthorized" });
		go(signInPath(), { replace: true });
	});
	session$1().then((found) => {
		session.value = found;
	}, () => {});
}
async function signIn(by) {
	session.value = await signIn$1(by);
	tell({ kind: "signed_in" });
}
async function signOut() {
	await signOut$1();
	session.value = null;
	tell({ kind: "signed_out" });
	go("/sign-in");
}
// src/state/theme.ts
/** Light, dark, or as the system has it. `public/theme.js` sets it before the first paint. */
function stored() {
	const { theme } = document.documentElement.dataset;
	return theme === "light" || theme === "dark" ? theme : "system";
}
var theme = y("system");
function startTheme() {
	theme.value = stored();
}
function setTheme(next) {
	theme.value = next;
	if (next === "system") delete document.documentElement.dataset["theme"];
	else document.documentElement.dataset["theme"] = next;
	try {
		if (next === "system") localStorage.removeItem("theme");
		else localStorage.setItem("theme", next);
	} catch {}
}
// src/state/inert.ts
/** Text from containers and docker as it may be shown. Pure. */
/** Controls and marks that turn the direction of what follows, as escapes: nothing is hidden and nothing is moved. */
function inert(text) {
	return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, escape);
}
/** Ids of images within a text, as short as docker shows them. */
function shortIds(text) {
	return text.replace(/(?:sha256:)?\b([0-9a-f]{12})[0-9a-f]{52}\b/g, "$1");
}
/** Any value as JSON for reading. */
function pretty(value) {
	return inert(JSON.stringify(value, null, 2) ?? "null");
}
function escape(character) {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
// src/state/selection.ts
/** Which agents are chosen for an action on several. */
var chosen = y(/* @__PURE__ */ new Set());
/** Those that are still there, in the order of names. */
var selected = O(() => names.value.filter((name) => chosen.value.has(name)));
function isSelected(name) {
	return chosen.value.has(name);
}
function toggle(name) {
	const next = new Set(chosen.peek());
	if (!next.delete(name)) next.add(name);
	chosen.value = next;
}
function select(some, on) {
	const next = new Set(chosen.peek());
	for (const name of some) if (on) next.add(name);
	else next.delete(name);
	chosen.value = next;
}
function clearSelection() {
	chosen.value = /* @__PURE__ */ new Set();
}
// src/kit/status.tsx
/** A state by shape and word; the colour only helps. */
function StatusMark({ status }) {
	return /* @__PURE__ */ a("span", {
		class: `status tone-${status.tone}`,
		children: [/* @__PURE__ */ a(StatusShape, {
			tone: status.tone,
			shape: status.shape
		}), /* @__PURE__ */ a("span", { children: status.word })]
	});
}
function StatusShape({ tone, shape }) {
	return /* @__PURE__ */ a("span", {
		class: `status-shape tone-${tone}`,
		children: /* @__PURE__ */ a(Icon, {
			name: shape,
			class: shape === "spin" ? "spinning" : ""
		})
	});
}
/** A short fact in a frame. */
function Chip({ tone = "idle", children, title }) {
	return /* @__PURE__ */ a("span", {
		class: `chip tone-${tone}`,
		title,
		children
	});
}
// src/kit/sparkline.tsx
var WIDTH = 56;
var HEIGHT = 18;
/** A short past as a line. The number stands beside it, so it says nothing to a screen reader. */
function Sparkline({ values, room, top }) {
	const most = Math.max(top, ...values.map((value) => value ?? 0));
	const x = (index) => WIDTH - (values.length - 1 - index) * WIDTH / (room - 1);
	const y = (value) => 16.5 - value / most * 15;
	const points = values.flatMap((value, index) => value === null ? [] : [[x(index), y(value)]]);
	const line = points.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(" ");
	const first = points[0];
	return /* @__PURE__ */ a("svg", {
		class: "sparkline",
		viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
		width: WIDTH,
		height: HEIGHT,
		"aria-hidden": "true",
		children: first !== void 0 && points.length > 1 && /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("polygon", { points: `${first[0].toFixed(1)},${HEIGHT} ${line} ${WIDTH},${HEIGHT}` }), /* @__PURE__ */ a("polyline", { points: line })] })
	});
}
// src/state/parked.ts
var KIND_WORDS = {
	quota: "quota used up",
	auth: "cannot sign in",
	other: "by request"
};
/** Why it is parked, in a few words; a kind of a newer server is called as the server calls it. */
function parkKindWord(kind) {
	return KIND_WORDS[kind] ?? kind.replaceAll("_", " ");
}
/** When it is reopened by itself, if it is. */
function reopensAt({ parked }) {
	const at = parked?.reopens_at ?? parked?.until ?? null;
	return at === null ? null : Date.parse(at);
}
/** What stands beside an agent's work: why it is parked, what it needs, else what it last said. */
function saidOf({ parked, needs_human, progress }) {
	if (needs_human) return {
		text: inert(needs_human.reason),
		at: Date.parse(needs_human.since)
	};
	if (parked) return {
		text: inert(parked.reason === "" ? parkKindWord(parked.kind) : parked.reason),
		at: Date.parse(parked.since)
	};
	return progress ? {
		text: inert(progress.text),
		at: Date.parse(progress.at)
	} : null;
}
// src/state/size.ts
/** Amounts as words. Pure. */
/** `312 MB`, `1.4 GB`: binary units under their usual names, as docker's limits are meant. */
function bytes(amount) {
	const units = [
		"B",
		"KB",
		"MB",
		"GB",
		"TB"
	];
	let value = amount;
	let unit = 0;
	while (value >= 1e3 && unit < units.length - 1) {
		value /= 1024;
		unit += 1;
	}
	const digits = unit > 0 && value < 10 ? 1 : 0;
	return `${value.toFixed(digits)} ${units[unit]}`;
}
/** `0.4 %`, `38 %`; of one core, so 200 % are two. */
function percent(value) {
	return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} %`;
}
// src/shell/keys.ts
/** Keys that work everywhere. A view adds its own with {@link useKeys}. */
function useGlobalKeys() {
	A(() => {
		const onKey = (event) => {
			if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
				event.preventDefault();
				intent.value = intent.peek()?.kind === "palette" ? null : { kind: "palette" };
			} else if (event.key === "?" && isFree(event)) intent.value = { kind: "keys" };
		};
		addEventListener("keydown", onKey);
		return () => removeEventListener("keydown", onKey);
	}, []);
}
/** Single keys of a view, while no dialog is open and nothing is being typed. */
function useKeys(handle) {
	A(() => {
		const onKey = (event) => {
			if (isFree(event)) handle(event);
		};
		addEventListener("keydown", onKey);
		return () => removeEventListener("keydown", onKey);
	}, [handle]);
}
function isFree(event) {
	if (event.metaKey || event.ctrlKey || event.altKey || intent.peek() !== null) return false;
	const { target } = event;
	return !(target instanceof HTMLElement) || !target.closest("input:not([type=checkbox]), textarea, select, dialog, [role=menu]");
}
// src/state/filter.ts
var SORTS = [
	"name",
	"status",
	"since",
	"restarts",
	"cpu",
	"memory"
];
var ONLY = [
	"trouble",
	"human",
	"tasks",
	"leases"
];
var NO_FILTER = {
	text: "",
	states: [],
	types: [],
	lifecycles: [],
	conditions: [],
	only: [],
	sort: "name",
	descending: false
};
function parseFilter(search) {
	const params = new URLSearchParams(search);
	const list = (key) => (params.get(key) ?? "").split(",").filter((part) => part !== "");
	const known = (key, values) => values.filter((value) => list(key).includes(value));
	const sort = params.get("sort") ?? "name";
	const key = sort.replace(/^-/, "");
	return {
		text: params.get("q") ?? "",
		states: known("state", BUCKETS),
		types: list("type"),
		lifecycles: known("lifecycle", ["hot", "lazy"]),
		conditions: list("condition"),
		only: known("only", ONLY),
		sort: SORTS.find((known) => known === key) ?? "name",
		descending: sort.startsWith("-")
	};
}
function filterSearch(filter) {
	const params = new URLSearchParams();
	const put = (key, values) => {
		if (values.length > 0) params.set(key, values.join(","));
	};
	if (filter.text !== "") params.set("q", filter.text);
	put("state", filter.states);
	put("type", filter.types);
	put("lifecycle", filter.lifecycles);
	put("condition", filter.conditions);
	put("only", filter.only);
	if (filter.sort !== "name" || filter.descending) params.set("sort", `${filter.descending ? "-" : ""}${filter.sort}`);
	const search = params.toString().replaceAll("%2C", ",");
	return search === "" ? "" : `?${search}`;
}
function isFiltering(filter) {
	return filterSearch({
		...filter,
		sort: "name",
		descending: false
	}) !== "";
}
function matches(filter, agent, dockerReachable) {
	const any = (wanted, has) => wanted.length === 0 || wanted.some(has);
	const words = filter.text.toLowerCase().split(/\s+/).filter((word) => word !== "");
	const haystack = () => [
		agent.name,
		agent.type,
		agent.desired.image,
		agent.lease?.holder,
		statusOf(agent, dockerReachable).word,
		agent.parked?.reason,
		agent.needs_human?.reason,
		agent.progress?.text
	].join(" ").toLowerCase();
	return any(filter.states, (state) => bucketOf(agent, dockerReachable) === state) && any(filter.types, (type) => agent.type === type) && any(filter.lifecycles, (lifecycle) => agent.lifecycle === lifecycle && !agent.host_mode) && any(filter.conditions, (wanted) => agent.conditions.some(({ type, status }) => status && type === wanted)) && any(filter.only, (only) => isOnly(only, agent)) && (words.length === 0 || words.every((word) => haystack().includes(word)));
}
function isOnly(only, agent) {
	switch (only) {
		case "trouble": return inTrouble(agent);
		case "human": return holds(agent, "needs_human");
		case "tasks": return agent.task !== null;
		case "leases": return agent.lease !== null;
	}
}
function order(filter, dockerReachable, measured) {
	const key = (agent) => {
		switch (filter.sort) {
			case "name": return 0;
			case "status": return statusOf(agent, dockerReachable).word;
			case "since": return sinceWhen(agent) ?? Number.NEGATIVE_INFINITY;
			case "restarts": return agent.observed.restart_count ?? -1;
			case "cpu": return measured(agent.name).cpu ?? -1;
			case "memory": return measured(agent.name).memory ?? -1;
		}
	};
	const sign = filter.descending ? -1 : 1;
	return (a, b) => {
		const [left, right] = [key(a), key(b)];
		return sign * ((left < right ? -1 : left > right ? 1 : 0) || byName(a.name, b.name));
	};
}
// src/api/types.ts
var CONDITIONS = [
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
	"limit_near"
];
// src/kit/filter.tsx
/** A field that searches as one types; `/` leads to it where the view says so. */
function SearchField({ id, label, placeholder, value, onChange }) {
	const input = T(null);
	const [text, setText] = d(value);
	A(() => setText(value), [value]);
	const change = (next) => {
		setText(next);
		onChange(next);
	};
	return /* @__PURE__ */ a("label", {
		class: "search-field",
		children: [
			/* @__PURE__ */ a(Icon, { name: "search" }),
			/* @__PURE__ */ a("span", {
				class: "hidden-text",
				children: label
			}),
			/* @__PURE__ */ a("input", {
				ref: input,
				id,
				type: "text",
				inputMode: "search",
				placeholder,
				autocomplete: "off",
				spellcheck: false,
				value: text,
				onInput: (event) => change(event.currentTarget.value),
				onKeyDown: (event) => {
					if (event.key !== "Escape") return;
					if (text === "") input.current?.blur();
					change("");
				}
			}),
			/* @__PURE__ */ a(Kbd, { children: "/" })
		]
	});
}
/** A filter of several values; which are chosen stands on its button. */
function ChoiceMenu({ label, chosen, groups }) {
	const text = chosen.length > 2 ? `${chosen.length} chosen` : chosen.join(", ");
	return /* @__PURE__ */ a(Menu, {
		label: chosen.length === 0 ? `Filter by ${label.toLowerCase()}` : `${label} ${text}`,
		keepOpen: true,
		groups,
		triggerClass: chosen.length > 0 ? "choice choice-on" : "choice",
		trigger: /* @__PURE__ */ a($, { children: [
			/* @__PURE__ */ a("span", { children: label }),
			chosen.length > 0 && /* @__PURE__ */ a("strong", { children: [" ", text] }),
			/* @__PURE__ */ a(Icon, { name: "down" })
		] })
	});
}
/** A filter by names that are typed, with those that are known to choose from. */
function NamesField({ label, values, known, onChange }) {
	const id = P();
	const [text, setText] = d("");
	const add = (typed) => {
		const name = typed.trim();
		if (name !== "" && !values.includes(name)) onChange([...values, name]);
		setText("");
	};
	return /* @__PURE__ */ a("span", {
		class: values.length > 0 ? "names-field choice-on" : "names-field",
		children: [
			values.map((value) => /* @__PURE__ */ a("button", {
				type: "button",
				class: "names-value",
				"aria-label": `${label} ${value}: remove`,
				onClick: () => onChange(values.filter((other) => other !== value)),
				children: [value, /* @__PURE__ */ a(Icon, { name: "close" })]
			}, value)),
			/* @__PURE__ */ a("input", {
				"aria-label": `Filter by ${label.toLowerCase()}`,
				placeholder: values.length === 0 ? label : "and…",
				list: id,
				autocomplete: "off",
				spellcheck: false,
				value: text,
				onInput: (event) => {
					const typed = event.currentTarget.value;
					if ((!(event instanceof InputEvent) || event.inputType === "insertReplacementText") && known.includes(typed)) add(typed);
					else setText(typed);
				},
				onKeyDown: (event) => {
					if (event.key === "Enter") add(text);
					else if (event.key === "Backspace" && text === "" && values.length > 0) onChange(values.slice(0, -1));
				},
				onBlur: () => add(text)
			}),
			/* @__PURE__ */ a("datalist", {
				id,
				children: known.map((name) => /* @__PURE__ */ a("option", { value: name }, name))
			})
		]
	});
}
// src/state/title.ts
/** What the window is called: who needs a person, what is looked at. */
/** What a page is about, where it says so. */
var pageName = y(null);
function titleOf(name, human) {
	return `${human > 0 ? `(${human}!) ` : ""}${name === null ? "" : `${name} · `}claude-hooks`;
}
function startTitle() {
	x(() => {
		document.title = titleOf(pageName.value, totals.value.human);
	});
}
export { route as $, fitting as $t, pretty as A, agents as At, Kbd as B, totals as Bt, StatusShape as C, problemOf as Cn, localNow as Ct, selected as D, intend as Dt, select as E, FrameReader as Et, session as F, names as Ft, countdown as G, byName as Gt, Dash as H, typeNames as Ht, signIn as I, recentEvents as It, Link as J, ended as Jt, duration as K, act as Kt, signOut as L, resyncs as Lt, setTheme as M, dockerAwaySince as Mt, startTheme as N, dockerReachable as Nt, toggle as O, intent as Ot, theme as P, facts as Pt, rolloutPath as Q, atWork as Qt, startSession as R, samples as Rt, StatusMark as S, ApiError as Sn, HIDDEN_MS as St, isSelected as T, startClock as Tt, Until as U, BUCKETS as Ut, Ago as V, troubles as Vt, clockTime as W, together as Wt, go as X, run as Xt, agentPath as Y, operations as Yt, path as Z, VERBS as Zt, parkKindWord as _, types as _n, Icon as _t, SearchField as a, phaseStatus as an, EmptyState as at, Sparkline as b, ask as bn, startLive as bt, filterSearch as c, titled as cn, Checkbox as ct, order as d, park as dn, TextArea as dt, conditionOf as en, search as et, parseFilter as f, plan as fn, TextInput as ft, percent as g, timeline as gn, IconButton as gt, bytes as h, scale as hn, Button as ht, NamesField as i, nextRetry as in, wayBack as it, shortIds as j, arrived as jt, inert as k, agent as kt, isFiltering as l, create as ln, Field as lt, useKeys as m, reconcileOne as mn, useModal as mt, startTitle as n, conditionWord as nn, startRouter as nt, CONDITIONS as o, sinceWhen as on, Notice as ot, useGlobalKeys as p, reconcile as pn, Dialog as pt, fullTime as q, dismiss as qt, ChoiceMenu as r, holds as rn, taskPath as rt, NO_FILTER as s, statusOf as sn, Problem as st, pageName as t, conditionTone as tn, signInPath as tt, matches as u, events as un, Select as ut, reopensAt as v, why as vn, isLive as vt, clearSelection as w, now as wt, Chip as x, send as xn, tell as xt, saidOf as y, BASE as yn, standing as yt, Menu as z, stable as zt };
