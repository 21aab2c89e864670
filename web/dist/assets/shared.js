import { _ as x, c as A, d as T, h as $, l as F, m as w, p as d, s as y, t as a } from "./vendor-preact.js";
import { Ct as localNow, G as countdown, H as Dash, It as recentEvents, J as Link, K as duration, Lt as resyncs, S as StatusMark, Sn as ApiError, St as HIDDEN_MS, V as Ago, W as clockTime, Y as agentPath$1, _t as Icon, bn as ask, cn as titled, gt as IconButton, h as bytes, ht as Button, m as useKeys, rt as taskPath, vt as isLive, x as Chip, xn as send, yn as BASE } from "./common.js";
// src/api/agent.ts
/** What the page asks about one agent beyond its row in the fleet: decisions, spec, events, and how it is changed. */
var agentPath = (name, rest = "") => `${BASE}/agents/${encodeURIComponent(name)}${rest}`;
async function why(name, signal) {
	return (await ask(agentPath(name, "/why"), signal === void 0 ? {} : { signal })).body;
}
async function spec(name) {
	return (await ask(agentPath(name, "/spec"))).body;
}
/** What an edit starts from: the overrides, and the tag of a row that is no newer than they are. */
async function editable(name) {
	const { etag } = await ask(agentPath(name));
	return {
		etag: etag ?? "*",
		answer: await spec(name)
	};
}
/** A merge patch of the overrides; null takes one away. Refused when the row is not of this tag any more. */
async function patch(name, etag, body, force) {
	const path = agentPath(name, force ? "?force=1" : "");
	return (await ask(path, {
		method: "PATCH",
		body,
		headers: { "if-match": etag }
	})).body;
}
/** Destroys the state volume of an agent that is deleted. */
async function wipe(name) {
	return (await ask(agentPath(name, "/wipe"), {
		method: "POST",
		body: { confirm: name }
	})).body;
}
/** The newest events before `before`, or the newest of all. */
async function events(name, before, limit) {
	const from = before === null ? "" : `&before=${before}`;
	return (await ask(agentPath(name, `/events?limit=${limit}${from}`))).body;
}
/** The stream of a container's output; every line begins with its time. */
var logPath = (name, tail) => agentPath(name, `/logs?follow=1&timestamps=1&tail=${tail}`);
// src/views/shared/command-words.ts
function splitWords(text) {
	const words = [];
	let word = null;
	let quote = null;
	for (let at = 0; at < text.length; at += 1) {
		const char = text[at] ?? "";
		if (quote === "'") {
			if (char === "'") quote = null;
			else word += char;
		} else if (char === "\\") {
			const next = text[at + 1];
			if (next === void 0) return {
				words: done(words, word),
				problem: "ends with a lone backslash"
			};
			word = (word ?? "") + (quote === "\"" && next !== "\"" && next !== "\\" ? char + next : next);
			at += 1;
		} else if (quote === "\"") {
			if (char === "\"") quote = null;
			else word += char;
		} else if (char === "\"" || char === "'") {
			quote = char;
			word ??= "";
		} else if (/\s/.test(char)) {
			words.push(...done([], word));
			word = null;
		} else word = (word ?? "") + char;
	}
	const all = done(words, word);
	return quote === null ? {
		words: all,
		problem: null
	} : {
		words: all,
		problem: `the quote ${quote} is not closed`
	};
}
function done(words, word) {
	return word === null ? words : [...words, word];
}
/** What looks like a wish to a shell, which there is not. */
function shellHint(words) {
	const found = words.find((word) => /^(\||\|\||&&|;|>|>>|<|2>&1|&)$/.test(word) || /^\$\(|^\$[A-Za-z_{]/.test(word));
	return found === void 0 ? null : `${found} is passed on as it is: no shell is started. If the image has one, run sh -c '…'.`;
}
// src/views/shared/tasks/merge.ts
/** A page of the newest ones: what it covers is replaced, what is older stays. */
function withNewest(before, page, limit) {
	const last = page.at(-1);
	if (page.length < limit || last === void 0) return {
		tasks: kept$1(before, page),
		complete: true
	};
	const fresh = kept$1(before, page);
	const older = before.tasks.filter(({ id }) => id < last.id);
	return {
		tasks: [...fresh, ...older],
		complete: older.length > 0 && before.complete
	};
}
/** A page of those before the last known one. */
function withOlder(before, page, limit) {
	const known = new Set(before.tasks.map(({ id }) => id));
	return {
		tasks: [...before.tasks, ...page.filter(({ id }) => !known.has(id))],
		complete: page.length < limit
	};
}
/** Those that do not differ stay the same objects. */
function kept$1(before, page) {
	const known = new Map(before.tasks.map((task) => [task.id, task]));
	return page.map((task) => {
		const old = known.get(task.id);
		return old !== void 0 && JSON.stringify(old) === JSON.stringify(task) ? old : task;
	});
}
function isFinal(state) {
	return ![
		"queued",
		"waking",
		"running",
		"interrupted"
	].includes(state);
}
var TASK_STATUS = {
	queued: {
		word: "Queued",
		tone: "idle",
		shape: "ring"
	},
	waking: {
		word: "Waking",
		tone: "busy",
		shape: "spin"
	},
	running: {
		word: "Running",
		tone: "busy",
		shape: "spin"
	},
	interrupted: {
		word: "Interrupted",
		tone: "warn",
		shape: "alert"
	},
	succeeded: {
		word: "Succeeded",
		tone: "ok",
		shape: "check"
	},
	failed: {
		word: "Failed",
		tone: "bad",
		shape: "alert"
	},
	timed_out: {
		word: "Timed out",
		tone: "bad",
		shape: "alert"
	},
	cancelled: {
		word: "Cancelled",
		tone: "idle",
		shape: "square"
	},
	lost: {
		word: "Lost",
		tone: "unknown",
		shape: "question"
	}
};
function statusOfTask(task) {
	if (task.cancelling && !isFinal(task.state)) return {
		word: "Cancelling",
		tone: "busy",
		shape: "spin"
	};
	return TASK_STATUS[task.state];
}
/** The words as they would be typed, for people only. */
function commandLine(argv) {
	return argv.map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}
/** How long it ran, or has been running. */
function ranFor({ started_at, ended_at }, now) {
	if (started_at === null) return null;
	return (ended_at === null ? now : Date.parse(ended_at)) - Date.parse(started_at);
}
// src/api/rollouts.ts
/** Rollouts: a new image for many agents, one after the other. */
var path$1 = (id, rest = "") => `${BASE}/rollouts/${encodeURIComponent(id)}${rest}`;
/** Newest first. */
async function rollouts(limit) {
	return (await ask(`${BASE}/rollouts?limit=${limit}`)).body.items;
}
async function rollout(id) {
	return (await ask(path$1(id))).body;
}
/** What it would do; its id is no rollout's. */
async function dryRun(asked, signal) {
	return (await ask(`${BASE}/rollouts?dry_run=1`, {
		method: "POST",
		body: bodyOf(asked),
		signal
	})).body;
}
async function startRollout(asked) {
	return (await ask(`${BASE}/rollouts`, {
		method: "POST",
		body: bodyOf(asked)
	})).body;
}
async function turnRollout(id, verb) {
	return (await ask(path$1(id, `/${verb}`), { method: "POST" })).body;
}
var bodyOf = ({ type, strategy }) => ({
	...type === null ? {} : { type },
	strategy
});
// src/views/shared/rollouts/words.ts
var ROLLOUT_STATUS = {
	running: {
		word: "Running",
		tone: "busy",
		shape: "spin"
	},
	paused: {
		word: "Paused",
		tone: "warn",
		shape: "pause"
	},
	done: {
		word: "Done",
		tone: "ok",
		shape: "check"
	},
	rolled_back: {
		word: "Rolled back",
		tone: "bad",
		shape: "alert"
	},
	aborted: {
		word: "Aborted",
		tone: "idle",
		shape: "square"
	},
	failed: {
		word: "Failed",
		tone: "bad",
		shape: "alert"
	}
};
var MEMBER_STATUS = {
	pending: {
		word: "Pending",
		tone: "idle",
		shape: "ring"
	},
	draining: {
		word: "Draining",
		tone: "busy",
		shape: "spin"
	},
	recreating: {
		word: "Recreating",
		tone: "busy",
		shape: "spin"
	},
	watching: {
		word: "Watching",
		tone: "busy",
		shape: "spin"
	},
	done: {
		word: "Done",
		tone: "ok",
		shape: "check"
	},
	rolling_back: {
		word: "Rolling back",
		tone: "warn",
		shape: "spin"
	},
	rolled_back: {
		word: "Rolled back",
		tone: "bad",
		shape: "alert"
	},
	skipped: {
		word: "Skipped",
		tone: "idle",
		shape: "square"
	},
	failed: {
		word: "Failed",
		tone: "bad",
		shape: "alert"
	}
};
var unknown = (state) => ({
	word: titled(state),
	tone: "unknown",
	shape: "question"
});
/** A state of a newer server is called as the server calls it. */
function rolloutStatus(state) {
	return ROLLOUT_STATUS[state] ?? unknown(state);
}
function memberStatus(state) {
	return MEMBER_STATUS[state] ?? unknown(state);
}
var PARTS = [
	"done",
	"out",
	"trouble",
	"waiting"
];
var PART_WORDS = {
	done: "Done",
	out: "Under way",
	trouble: "In trouble",
	waiting: "Waiting"
};
function partOf({ state }) {
	switch (state) {
		case "done":
		case "skipped": return "done";
		case "rolling_back":
		case "rolled_back":
		case "failed": return "trouble";
		case "pending": return "waiting";
		case "draining":
		case "recreating":
		case "watching": return "out";
		default: return "out";
	}
}
function countsOf({ members }) {
	const counts = {
		done: 0,
		out: 0,
		trouble: 0,
		waiting: 0
	};
	for (const member of members) counts[partOf(member)] += 1;
	return counts;
}
/** `3 of 7 done, 1 under way, 1 in trouble`. */
function progressWords(rollout) {
	const { done, out, trouble } = countsOf(rollout);
	const all = rollout.members.length;
	if (all === 0) return "nobody";
	const more = [...out > 0 ? [`${out} under way`] : [], ...trouble > 0 ? [`${trouble} in trouble`] : []];
	return [`${done} of ${all} done`, ...more].join(", ");
}
var hasEnded = ({ ended_at }) => ended_at !== null;
var rolloutName = ({ type }) => type === null ? "all types" : type;
/** Twelve digits, as docker shows an image. */
var shortId = (id) => id.replace(/^sha256:/, "").slice(0, 12);
/** When a member that is watched is through, if all stays well; the server's times. */
function watchedUntil(member, watchS) {
	return member.state === "watching" ? Date.parse(member.since) + watchS * 1e3 : null;
}
/** The members of a newer answer; those that do not differ stay the same objects, so that they are not painted anew. */
function kept(before, members) {
	const known = new Map(before.map((member) => [member.instance, member]));
	return members.map((member) => {
		const old = known.get(member.instance);
		return old !== void 0 && JSON.stringify(old) === JSON.stringify(member) ? old : member;
	});
}
/** What can be asked of it now. */
function verbsOf({ state }) {
	switch (state) {
		case "running": return ["pause", "abort"];
		case "paused": return ["resume", "abort"];
		default: return [];
	}
}
var VERB_WORDS = {
	pause: {
		label: "Pause",
		doing: "Pausing",
		done: "paused"
	},
	resume: {
		label: "Resume",
		doing: "Resuming",
		done: "resumed"
	},
	abort: {
		label: "Abort",
		doing: "Aborting",
		done: "aborted"
	}
};
/** What comes next, for an operator who looks at it. */
function whatNext(rollout) {
	const back = rollout.members.filter(({ state }) => state === "rolled_back").length;
	switch (rollout.state) {
		case "paused": return `Nobody else begins; who is under way goes on to the end. Resume ${back === 0 ? "goes on where it stands" : `tries ${back === 1 ? "the one that went back" : `the ${back} that went back`} once more`}, abort leaves everything as it is.`;
		case "rolled_back": return "A canary did not come up and has its old image again; nobody else was touched. What went back stays pinned to it until the next rollout.";
		case "aborted": return "Everything is left as it was then: who is done stays so.";
		default: return null;
	}
}
function strategyRows({ width, canary, watch_s, drain_s, pull }) {
	return [
		["At a time", String(width)],
		["Canaries per type", canary === 0 ? "none" : String(canary)],
		["Watched for", duration(watch_s * 1e3)],
		["Drained for", drain_s === null ? "as long as it takes" : `at most ${duration(drain_s * 1e3)}`],
		["Images", pull === null ? "fetched as the types say" : pull ? "fetched first" : "not fetched"]
	];
}
/** How long it took, or has been taking. */
function lasted({ created_at, ended_at }, now) {
	return (ended_at === null ? now : Date.parse(ended_at)) - Date.parse(created_at);
}
var KINDS$1 = [
	"under way",
	"done",
	"ended badly"
];
function kindOf({ state, ended_at }) {
	if (ended_at === null) return "under way";
	return state === "done" ? "done" : "ended badly";
}
// src/api/tasks.ts
/** Tasks: commands run inside agents. */
var TASK_STATES = [
	"queued",
	"waking",
	"running",
	"interrupted",
	"succeeded",
	"failed",
	"timed_out",
	"cancelled",
	"lost"
];
var path = (id, rest = "") => `${BASE}/tasks/${encodeURIComponent(id)}${rest}`;
/** Newest first; `before` is the id of the last one of the page before. */
async function tasks(query, before, limit) {
	const params = new URLSearchParams({ limit: String(limit) });
	if (query.instance !== null) params.set("instance", query.instance);
	if (query.states.length > 0) params.set("state", query.states.join(","));
	if (before !== null) params.set("before", before);
	return (await ask(`${BASE}/tasks?${params}`)).body.items;
}
async function task(id) {
	return (await ask(path(id))).body;
}
async function submit(task) {
	return (await ask(`${BASE}/tasks`, {
		method: "POST",
		body: task
	})).body;
}
async function cancel(id) {
	return (await ask(path(id), { method: "DELETE" })).body;
}
/** Both streams byte for byte, from a byte on, until the task ends. */
var outputPath = (id, offset) => path(id, `/output?follow=1&offset=${offset}`);
// src/kit/tabs.tsx
/** Parts of a page, each with an address of its own, so they are links and not an ARIA tab list. */
function Tabs({ label, tabs, current }) {
	return /* @__PURE__ */ a("nav", {
		class: "tabs",
		"aria-label": label,
		children: tabs.map((tab) => /* @__PURE__ */ a(Link, {
			class: "tab",
			href: tab.href,
			"aria-current": tab.id === current ? "page" : void 0,
			children: [tab.label, tab.count !== void 0 && tab.count !== null && /* @__PURE__ */ a("span", {
				class: "tab-count",
				children: tab.count
			})]
		}, tab.id))
	});
}
// src/kit/use-load.ts
/** Asks when it is first shown and whenever `key` differs. An answer to an older question is dropped. */
function useLoad(key, load) {
	const [state, setState] = d({
		key,
		value: null,
		error: null,
		loading: true
	});
	const turn = T(0);
	const reload = () => {
		turn.current += 1;
		const mine = turn.current;
		setState((before) => ({
			key,
			value: before.key === key ? before.value : null,
			error: before.error,
			loading: true
		}));
		load().then((value) => mine === turn.current && setState({
			key,
			value,
			error: null,
			loading: false
		}), (error) => mine === turn.current && setState((before) => ({
			...before,
			error,
			loading: false
		})));
	};
	A(() => {
		reload();
		return () => void (turn.current += 1);
	}, [key]);
	const mine = state.key === key;
	return {
		value: mine ? state.value : null,
		error: mine ? state.error : null,
		loading: state.loading,
		reload
	};
}
// src/state/event-kinds.ts
var GROUPS = [
	"containers",
	"health",
	"images",
	"instances",
	"work",
	"said",
	"agents",
	"supervisor"
];
var GROUP_WORDS = {
	containers: "Containers",
	health: "Health and limits",
	images: "Images and rollouts",
	instances: "Waking and sleeping",
	work: "Leases and tasks",
	said: "Parked, and what agents say",
	agents: "Rows and state",
	supervisor: "Supervisor and docker"
};
var SEVERITIES = [
	"bad",
	"warn",
	"ok",
	"info"
];
var SEVERITY_WORDS = {
	bad: "Failure",
	warn: "Warning",
	ok: "Success",
	info: "Information"
};
var SEVERITY_TONE = {
	bad: "bad",
	warn: "warn",
	ok: "ok",
	info: "idle"
};
var SEVERITY_ICON = {
	bad: "alert",
	warn: "flame",
	ok: "check",
	info: "info"
};
var kind = (word, group, severity = "info") => ({
	word,
	group,
	severity
});
var KINDS = {
	container_created: kind("Container created", "containers"),
	container_started: kind("Container started", "containers", "ok"),
	container_stopped: kind("Container stopped", "containers"),
	container_missing: kind("Container missing", "containers", "bad"),
	container_recreated: kind("Container recreated", "containers", "ok"),
	container_recreate_failed: kind("Recreate failed", "containers", "bad"),
	container_failed: kind("Action failed", "containers", "bad"),
	container_removed: kind("Container removed", "containers"),
	container_oom: kind("Out of memory", "containers", "bad"),
	container_crash_loop: kind("Crash loop", "containers", "bad"),
	container_stale: kind("Image is stale", "containers", "warn"),
	name_conflict: kind("Name conflict", "containers", "bad"),
	container_unhealthy: kind("Container unhealthy", "health", "bad"),
	container_healthy: kind("Container healthy again", "health", "ok"),
	health_incident: kind("Too many unhealthy", "health", "bad"),
	health_incident_over: kind("Unhealthy ones recovered", "health", "ok"),
	limit_near: kind("Near a limit", "health", "warn"),
	limit_cleared: kind("Limit no longer near", "health", "ok"),
	image_pulling: kind("Pulling image", "images"),
	image_pulled: kind("Image pulled", "images", "ok"),
	image_pull_failed: kind("Pull failed", "images", "bad"),
	rollout_started: kind("Rollout started", "images"),
	rollout_member: kind("Rollout of an agent", "images"),
	rollout_paused: kind("Rollout paused", "images", "warn"),
	rollout_resumed: kind("Rollout resumed", "images"),
	rollout_finished: kind("Rollout finished", "images", "ok"),
	instance_waking: kind("Waking", "instances"),
	instance_starting: kind("Starting", "instances"),
	instance_running: kind("Running", "instances", "ok"),
	instance_idle: kind("Idle", "instances"),
	instance_stopping: kind("Stopping", "instances"),
	lease_acquired: kind("Lease acquired", "work"),
	lease_released: kind("Lease released", "work"),
	lease_expired: kind("Lease expired", "work", "warn"),
	task_started: kind("Task started", "work"),
	task_finished: kind("Task finished", "work", "ok"),
	task_retried: kind("Task retried", "work", "warn"),
	agent_parked: kind("Agent parked", "said", "warn"),
	agent_reopened: kind("Agent reopened", "said", "ok"),
	agent_needs_human: kind("Agent needs a person", "said", "bad"),
	agent_progress: kind("Agent's progress", "said"),
	agent_created: kind("Agent created", "agents"),
	agent_updated: kind("Agent changed", "agents"),
	agent_deleted: kind("Agent deleted", "agents", "warn"),
	agent_unresolvable: kind("Row not resolvable", "agents", "bad"),
	state_lost: kind("State lost", "agents", "bad"),
	state_wiped: kind("State wiped", "agents", "warn"),
	docker_unreachable: kind("Docker unreachable", "supervisor", "bad"),
	docker_recovered: kind("Docker is back", "supervisor", "ok"),
	reconcile_finished: kind("Reconcile finished", "supervisor"),
	actor_restarted: kind("Actor restarted", "supervisor", "warn"),
	clock_jumped: kind("Clock jumped", "supervisor", "warn"),
	database_suspect: kind("Database suspect", "supervisor", "bad"),
	supervisor_started: kind("Supervisor started", "supervisor"),
	supervisor_stopping: kind("Supervisor stopping", "supervisor")
};
var KIND_NAMES = Object.keys(KINDS);
/** Those of which an operator wants to know. */
var TROUBLE_KINDS = KIND_NAMES.filter((name) => ["bad", "warn"].includes(KINDS[name]?.severity ?? ""));
/** A kind of a newer server is called as the server calls it. */
function kindWord(name) {
	return KINDS[name]?.word ?? name.replaceAll("_", " ");
}
function kindsOf(group) {
	return KIND_NAMES.filter((name) => KINDS[name]?.group === group);
}
/** Causes that make bad what is usual otherwise: a stop, the end of a task. */
var BAD_CAUSES = [
	"crashed",
	"oom",
	"killed",
	"unhealthy",
	"failed",
	"timed_out",
	"lost",
	"vanished",
	"error"
];
/** How a rollout, or one agent of it, came on. */
var ROLLOUT_CAUSES = {
	done: "ok",
	rolling_back: "warn",
	rolled_back: "bad",
	aborted: "warn",
	failed: "bad"
};
function severityOf(event) {
	const severity = KINDS[event.kind]?.severity ?? "info";
	if (event.kind === "rollout_member" || event.kind === "rollout_finished") return ROLLOUT_CAUSES[event.cause ?? ""] ?? "info";
	if (event.kind !== "container_stopped" && event.kind !== "task_finished") return severity;
	if (event.cause !== null && BAD_CAUSES.includes(event.cause)) return "bad";
	return event.kind === "task_finished" && exitCode(event.data) > 0 ? "warn" : severity;
}
function exitCode(data) {
	const code = typeof data === "object" && data !== null && "exit_code" in data ? data.exit_code : 0;
	return typeof code === "number" ? code : 0;
}
// src/api/stream.ts
/** A body that comes bit by bit. */
/** The bytes of an answer as they come; ends with it, and throws like any request. */
async function* chunks(path, accept, signal) {
	const reader = (await send(path, {
		headers: { accept },
		credentials: "same-origin",
		cache: "no-store",
		signal
	})).body?.getReader();
	if (reader === void 0) return;
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			yield value;
		}
	} finally {
		reader.cancel().catch(() => {});
	}
}
// src/views/shared/output/sgr.ts
var PLAIN = {
	fg: null,
	bg: null,
	bold: false,
	dim: false,
	italic: false,
	underline: false,
	inverse: false
};
/** CSI with its letter, OSC and the other strings with their end, character sets, and what else follows an escape. */
var ESCAPE = /\x1b\[([0-9;:?<=>!]*)[ -/]*([@-~])|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]/g;
/** The pieces of one line, and the style in which the next one begins. */
function parseLine(line, from = PLAIN) {
	const shown = lastDrawn(line);
	const pieces = [];
	let style = from;
	let at = 0;
	let text = "";
	const add = (part) => {
		if (part === "") return;
		text += part;
		const names = classesOf(style);
		const last = pieces.at(-1);
		if (last !== void 0 && last.style === names) last.text += part;
		else pieces.push({
			text: part,
			style: names
		});
	};
	for (const match of shown.matchAll(ESCAPE)) {
		add(shown.slice(at, match.index));
		at = match.index + match[0].length;
		if (match[2] === "m") style = applySgr(style, match[1] ?? "");
	}
	add(shown.slice(at));
	return {
		pieces,
		text,
		style
	};
}
/** A progress bar goes back to the beginning of its line: only what it drew last is shown. */
function lastDrawn(line) {
	const trimmed = line.replace(/\r+$/, "");
	return trimmed.slice(trimmed.lastIndexOf("\r") + 1);
}
function applySgr(before, parameters) {
	if (/[?<=>!]/.test(parameters)) return before;
	const codes = parameters.split(/[;:]/).map((part) => part === "" ? 0 : Number(part));
	let style = { ...before };
	for (let index = 0; index < codes.length; index += 1) {
		const code = codes[index] ?? 0;
		if (code === 38 || code === 48) {
			const indexed = codes[index + 1] === 5;
			const colour = indexed ? codes[index + 2] : void 0;
			const known = colour !== void 0 && colour < 16 ? colour : null;
			if (code === 38) style.fg = known;
			else style.bg = known;
			index += indexed ? 2 : 4;
		} else style = applyCode(style, code);
	}
	return style;
}
function applyCode(style, code) {
	if (code >= 30 && code <= 37) return {
		...style,
		fg: code - 30
	};
	if (code >= 90 && code <= 97) return {
		...style,
		fg: code - 90 + 8
	};
	if (code >= 40 && code <= 47) return {
		...style,
		bg: code - 40
	};
	if (code >= 100 && code <= 107) return {
		...style,
		bg: code - 100 + 8
	};
	switch (code) {
		case 0: return PLAIN;
		case 1: return {
			...style,
			bold: true
		};
		case 2: return {
			...style,
			dim: true
		};
		case 3: return {
			...style,
			italic: true
		};
		case 4: return {
			...style,
			underline: true
		};
		case 7: return {
			...style,
			inverse: true
		};
		case 22: return {
			...style,
			bold: false,
			dim: false
		};
		case 23: return {
			...style,
			italic: false
		};
		case 24: return {
			...style,
			underline: false
		};
		case 27: return {
			...style,
			inverse: false
		};
		case 39: return {
			...style,
			fg: null
		};
		case 49: return {
			...style,
			bg: null
		};
		default: return style;
	}
}
function classesOf({ fg, bg, bold, dim, italic, underline, inverse }) {
	const names = [];
	if (fg !== null) names.push(`fg-${fg % 8}`);
	if (bg !== null) names.push(`bg-${bg % 8}`);
	if (bold) names.push("sgr-bold");
	if (dim) names.push("sgr-dim");
	if (italic) names.push("sgr-italic");
	if (underline) names.push("sgr-underline");
	if (inverse) names.push("sgr-inverse");
	return names.join(" ");
}
// src/views/shared/output/buffer.ts
/**
* Lines of output as they come, bounded. Pure: every change gives a new buffer, and blocks that did not change stay the
* same object, so that only what is new is painted.
*/
/** Lines that are kept; what is older goes, block by block. */
var MOST_LINES = 5e3;
/** A line is shown up to here; output without line breaks must not grow for ever. */
var LONGEST = 16384;
var EMPTY = {
	blocks: [],
	count: 0,
	dropped: 0,
	nextId: 1,
	open: {},
	styles: {},
	last: null
};
/** Takes in pieces of output, which need not end with a line. */
function push(buffer, chunks, { dated }) {
	let { nextId, last } = buffer;
	const open = { ...buffer.open };
	const styles = { ...buffer.styles };
	const fresh = [];
	for (const { stream, text } of chunks) {
		const parts = ((open[stream]?.raw ?? "") + text).split("\n");
		const rest = parts.pop() ?? "";
		for (const raw of parts) {
			const { at, body } = dated ? dateOf(raw) : {
				at: null,
				body: raw
			};
			const { pieces, text: shown, style } = parseLine(body.slice(0, LONGEST), styles[stream] ?? PLAIN);
			styles[stream] = style;
			if (at !== null) last = {
				at,
				lines: last?.at === at ? last.lines + 1 : 1
			};
			fresh.push({
				id: nextId,
				stream,
				at,
				text: shown,
				pieces
			});
			nextId += 1;
		}
		if (rest === "") delete open[stream];
		else open[stream] = {
			raw: rest.slice(0, 2 * LONGEST),
			style: styles[stream] ?? PLAIN
		};
	}
	return append({
		...buffer,
		nextId,
		open,
		styles,
		last
	}, fresh);
}
/** Before a new connection repeats them: lines that had begun. */
function forgetOpen(buffer) {
	return {
		...buffer,
		open: {}
	};
}
/** A remark of ours between the lines. */
function note(buffer, text) {
	const line = {
		id: buffer.nextId,
		stream: "note",
		at: null,
		text,
		pieces: [{
			text,
			style: ""
		}]
	};
	return append({
		...buffer,
		nextId: buffer.nextId + 1
	}, [line]);
}
/** What has come of lines that have not ended: a prompt, a progress bar. */
function unfinished(buffer, { dated }) {
	return Object.entries(buffer.open).map(([stream, { raw, style }], index) => {
		const { at, body } = dated ? dateOf(raw) : {
			at: null,
			body: raw
		};
		const { pieces, text } = parseLine(body.slice(0, LONGEST), style);
		return {
			id: -1 - index,
			stream,
			at,
			text,
			pieces
		};
	});
}
function append(buffer, fresh) {
	if (fresh.length === 0) return buffer;
	const blocks = [...buffer.blocks];
	let from = 0;
	const tail = blocks.at(-1);
	if (tail !== void 0 && tail.lines.length < 100) {
		from = 100 - tail.lines.length;
		blocks[blocks.length - 1] = {
			id: tail.id,
			lines: [...tail.lines, ...fresh.slice(0, from)]
		};
	}
	for (let at = from; at < fresh.length; at += 100) {
		const lines = fresh.slice(at, at + 100);
		blocks.push({
			id: lines[0]?.id ?? 0,
			lines
		});
	}
	let count = buffer.count + fresh.length;
	let { dropped } = buffer;
	let first = blocks[0];
	while (first !== void 0 && count - first.lines.length >= 5e3) {
		count -= first.lines.length;
		dropped += first.lines.length;
		blocks.shift();
		first = blocks[0];
	}
	return {
		...buffer,
		blocks,
		count,
		dropped
	};
}
var DATE = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ?/;
function dateOf(raw) {
	const match = DATE.exec(raw);
	return match === null ? {
		at: null,
		body: raw
	} : {
		at: match[1] ?? null,
		body: raw.slice(match[0].length)
	};
}
/**
* Lets through only what is newer than what was read, when a connection begins anew and repeats its last lines. Several
* lines may bear the same time, so those of the last time are counted.
*/
var Overlap = class {
	last;
	rest = {};
	passed = false;
	atLast = 0;
	constructor(last) {
		this.last = last;
		this.passed = last === null;
	}
	filter({ stream, text }) {
		if (this.passed) {
			const before = this.rest[stream] ?? "";
			delete this.rest[stream];
			return {
				stream,
				text: before + text
			};
		}
		const parts = ((this.rest[stream] ?? "") + text).split("\n");
		const rest = parts.pop() ?? "";
		this.rest[stream] = rest;
		const fresh = parts.filter((line) => this.isNew(line));
		if (fresh.length === 0) return null;
		delete this.rest[stream];
		return {
			stream,
			text: [...fresh, rest].join("\n")
		};
	}
	isNew(line) {
		if (this.passed || this.last === null) return true;
		const { at } = dateOf(line);
		if (at === null || at < this.last.at) return false;
		if (at === this.last.at) {
			this.atLast += 1;
			if (this.atLast <= this.last.lines) return false;
		}
		this.passed = true;
		return true;
	}
};
/** All lines as text, as they are copied. */
function textOf(buffer, reading) {
	return [...buffer.blocks.flatMap(({ lines }) => lines), ...unfinished(buffer, reading)].filter(({ stream }) => stream !== "note").map(({ text }) => text).join("\n");
}
// src/views/shared/output/feed.ts
/** Output that is being read: the lines so far, and how the reading goes. */
/** Painted at most so often: output may come much faster than anybody reads. */
var PAINT_MS = 80;
var FIRST_RETRY_MS = 1e3;
var LAST_RETRY_MS = 2e4;
var Feed = class {
	reading;
	read;
	lines = y(EMPTY);
	state = y({ kind: "connecting" });
	waiting = [];
	timer = null;
	retry = null;
	connection = null;
	attempt = 0;
	constructor(reading, read) {
		this.reading = reading;
		this.read = read;
	}
	get buffer() {
		return this.lines;
	}
	get standing() {
		return this.state;
	}
	/** Begins, or begins anew. */
	connect() {
		this.close();
		const mine = new AbortController();
		this.connection = mine;
		this.state.value = { kind: "connecting" };
		this.read(this, mine.signal).then(() => this.end(mine, () => ({ kind: "ended" })), (error) => this.end(mine, () => this.failed(error)));
	}
	close() {
		this.connection?.abort();
		this.connection = null;
		if (this.retry !== null) clearTimeout(this.retry);
		this.retry = null;
	}
	/** Gives the connection back until it is connected again; what has ended stays so. */
	rest() {
		const { kind } = this.state.peek();
		if (kind === "ended" || kind === "refused") return;
		this.close();
		this.state.value = { kind: "resting" };
	}
	live() {
		this.attempt = 0;
		this.state.value = { kind: "live" };
	}
	take(chunk) {
		this.waiting.push(chunk);
		this.timer ??= setTimeout(() => this.paint(), PAINT_MS);
	}
	change(how) {
		this.paint();
		this.lines.value = how(this.lines.peek());
	}
	remark(text) {
		this.change((buffer) => note(buffer, text));
	}
	paint() {
		if (this.timer !== null) clearTimeout(this.timer);
		this.timer = null;
		if (this.waiting.length === 0) return;
		const taken = this.waiting;
		this.waiting = [];
		this.lines.value = push(this.lines.peek(), taken, this.reading);
	}
	end(mine, next) {
		if (this.connection !== mine) return;
		this.paint();
		this.connection = null;
		this.state.value = next();
	}
	failed(error) {
		if (error instanceof ApiError && error.status >= 400 && error.status < 500) return {
			kind: "refused",
			error
		};
		const delay = Math.min(FIRST_RETRY_MS * 2 ** this.attempt, LAST_RETRY_MS);
		this.attempt += 1;
		this.retry = setTimeout(() => this.connect(), delay);
		return {
			kind: "waiting",
			retryAt: Date.now() + delay,
			error
		};
	}
};
// src/views/shared/output/copy.ts
/** Puts text on the clipboard, also where the page came over plain HTTP and the browser offers no clipboard. */
async function copyText(text) {
	if (navigator.clipboard !== void 0) return navigator.clipboard.writeText(text);
	const area = document.createElement("textarea");
	area.value = text;
	area.className = "hidden-text";
	(document.querySelector("dialog[open]") ?? document.body).append(area);
	area.select();
	document.execCommand("copy");
	area.remove();
}
// src/views/shared/output/search.ts
/** Without regard to case; matches do not overlap. */
function matchesIn(text, wanted) {
	if (wanted === "") return [];
	const haystack = text.toLowerCase();
	const needle = wanted.toLowerCase();
	if (haystack.length !== text.length) return [];
	const found = [];
	for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + needle.length)) found.push([at, at + needle.length]);
	return found;
}
var ofBlock = /* @__PURE__ */ new WeakMap();
/** In all blocks; those that did not change are not searched again. */
function search(blocks, wanted) {
	if (wanted === "") return [];
	return blocks.flatMap((block) => {
		const known = ofBlock.get(block);
		if (known?.wanted === wanted) return known.matches;
		const matches = block.lines.flatMap((line) => ofLine(line, wanted));
		ofBlock.set(block, {
			wanted,
			matches
		});
		return matches;
	});
}
function ofLine(line, wanted) {
	return matchesIn(line.text, wanted).map(([from, to]) => ({
		line: line.id,
		from,
		to
	}));
}
/** Pieces cut where matches begin and end. */
function mark(pieces, matches) {
	const parts = [];
	let at = 0;
	for (const { text, style } of pieces) {
		const end = at + text.length;
		let from = at;
		for (const [start, stop] of matches) {
			if (stop <= from || start >= end) continue;
			if (start > from) parts.push({
				text: text.slice(from - at, start - at),
				style,
				match: null
			});
			const to = Math.min(stop, end);
			parts.push({
				text: text.slice(Math.max(start, from) - at, to - at),
				style,
				match: start
			});
			from = to;
		}
		if (from < end) parts.push({
			text: text.slice(from - at),
			style,
			match: null
		});
		at = end;
	}
	return parts;
}
// src/kit/memo.tsx
/** Painted anew only when one of its attributes is another one. (`preact/compat` would bring much else along.) */
function memo(Inner) {
	return class Memo extends x {
		shouldComponentUpdate(next) {
			const before = this.props;
			const after = next;
			return [.../* @__PURE__ */ new Set([...Object.keys(before), ...Object.keys(after)])].some((key) => before[key] !== after[key]);
		}
		render() {
			return /* @__PURE__ */ a(Inner, { ...this.props });
		}
	};
}
// src/views/shared/output/lines.tsx
/** A hundred lines, painted once. */
var BlockOfLines = memo(function BlockOfLines({ block, wanted, current }) {
	return /* @__PURE__ */ a("div", {
		class: "output-block",
		children: block.lines.map((line) => /* @__PURE__ */ a(LineRow, {
			line,
			wanted,
			current: current?.line === line.id ? current : null
		}, line.id))
	});
});
function LineRow({ line, wanted, current }) {
	if (line.stream === "note") return /* @__PURE__ */ a("div", {
		class: "output-note",
		children: line.text
	});
	const matches = matchesIn(line.text, wanted);
	return /* @__PURE__ */ a("div", {
		class: "output-line",
		"data-line": line.id,
		"data-stream": line.stream,
		title: line.stream === "stderr" ? "stderr" : void 0,
		children: [line.at !== null && /* @__PURE__ */ a("span", {
			class: "output-time num",
			children: clockTime(Date.parse(line.at))
		}), /* @__PURE__ */ a("span", {
			class: "output-text",
			children: [
				matches.length === 0 ? line.pieces.map(({ text, style }, index) => /* @__PURE__ */ a(Text, {
					text,
					style
				}, index)) : null,
				matches.length > 0 && mark(line.pieces, matches).map(({ text, style, match }, index) => match === null ? /* @__PURE__ */ a(Text, {
					text,
					style
				}, index) : /* @__PURE__ */ a("mark", {
					class: style,
					"data-current": current?.from === match,
					children: text
				}, index)),
				line.text === "" && "​"
			]
		})]
	});
}
function Text({ text, style }) {
	return style === "" ? /* @__PURE__ */ a($, { children: text }) : /* @__PURE__ */ a("span", {
		class: style,
		children: text
	});
}
// src/views/shared/output/pane.tsx
/** Output to read: it follows its end unless one scrolls up, can be paused, searched and copied. */
function OutputPane({ label, buffer, reading, streams, growing, standing, empty, download }) {
	const [paused, setPaused] = d(null);
	const [following, setFollowing] = d(true);
	const [wrap, setWrap] = d(true);
	const [times, setTimes] = d(false);
	const [only, setOnly] = d("all");
	const [wanted, setWanted] = d("");
	const [at, setAt] = d(0);
	const [copied, setCopied] = d(false);
	const pane = T(null);
	const content = T(null);
	const input = T(null);
	const shown = paused ?? buffer;
	const held = paused === null ? 0 : buffer.nextId - paused.nextId;
	const found = w(() => matchesOf(shown, wanted, only), [
		shown,
		wanted,
		only
	]);
	const current = found.length === 0 ? null : found[Math.min(at, found.length - 1)] ?? null;
	const open = unfinished(shown, reading).filter(({ stream }) => only === "all" || stream === only);
	useFollow(pane, content, following);
	const toEnd = () => {
		setFollowing(true);
		const box = pane.current;
		if (box !== null) box.scrollTop = box.scrollHeight;
	};
	const onScroll = () => {
		const box = pane.current;
		if (box !== null) setFollowing(box.scrollHeight - box.scrollTop - box.clientHeight < 32);
	};
	const goTo = (next) => {
		if (found.length === 0) return;
		const index = (next + found.length) % found.length;
		setAt(index);
		setFollowing(false);
		const line = found[index]?.line;
		pane.current?.querySelector(`[data-line="${line}"]`)?.scrollIntoView({ block: "center" });
	};
	useKeys((event) => {
		if (event.key === "/") {
			event.preventDefault();
			input.current?.focus();
		} else if (event.key === "p" && (growing || paused !== null)) setPaused(paused === null ? buffer : null);
		else if (event.key === "w") setWrap(!wrap);
		else if (event.key === "f") toEnd();
	});
	const copy = () => {
		copyText(textOf(shown, reading)).then(() => {
			setCopied(true);
			setTimeout(() => setCopied(false), 1500);
		});
	};
	const nothing = shown.count === 0 && open.length === 0;
	return /* @__PURE__ */ a("section", {
		class: "output card",
		"aria-label": label,
		children: [/* @__PURE__ */ a("div", {
			class: "output-bar",
			children: [
				/* @__PURE__ */ a("div", {
					class: "output-standing",
					children: standing
				}),
				/* @__PURE__ */ a("div", {
					class: "output-search",
					children: [
						/* @__PURE__ */ a(Icon, { name: "search" }),
						/* @__PURE__ */ a("input", {
							ref: input,
							type: "search",
							"aria-label": "Search in the output",
							placeholder: "Search",
							value: wanted,
							onInput: (event) => {
								setWanted(event.currentTarget.value);
								setAt(0);
							},
							onKeyDown: (event) => {
								if (event.key === "Enter") goTo(event.shiftKey ? at - 1 : wanted === "" ? 0 : at + (following ? 0 : 1));
								if (event.key === "Escape") {
									if (wanted === "") event.currentTarget.blur();
									setWanted("");
								}
							}
						}),
						wanted !== "" && /* @__PURE__ */ a($, { children: [
							/* @__PURE__ */ a("span", {
								class: "output-found num",
								role: "status",
								children: found.length === 0 ? "none" : `${Math.min(at, found.length - 1) + 1} of ${found.length}`
							}),
							/* @__PURE__ */ a(IconButton, {
								icon: "up",
								label: "Match before",
								disabled: found.length === 0,
								onClick: () => goTo(at - 1)
							}),
							/* @__PURE__ */ a(IconButton, {
								icon: "down",
								label: "Next match",
								disabled: found.length === 0,
								onClick: () => goTo(at + 1)
							})
						] })
					]
				}),
				/* @__PURE__ */ a("div", {
					class: "output-tools",
					children: [
						streams && /* @__PURE__ */ a("select", {
							class: "output-only",
							"aria-label": "Which stream",
							value: only,
							onChange: (event) => setOnly(event.currentTarget.value),
							children: [
								/* @__PURE__ */ a("option", {
									value: "all",
									children: "Both streams"
								}),
								/* @__PURE__ */ a("option", {
									value: "stdout",
									children: "stdout"
								}),
								/* @__PURE__ */ a("option", {
									value: "stderr",
									children: "stderr"
								})
							]
						}),
						reading.dated && /* @__PURE__ */ a(IconButton, {
							icon: "clock",
							label: "Show times",
							"aria-pressed": times,
							onClick: () => setTimes(!times)
						}),
						/* @__PURE__ */ a(IconButton, {
							icon: "wrap",
							label: "Wrap long lines (w)",
							"aria-pressed": wrap,
							onClick: () => setWrap(!wrap)
						}),
						/* @__PURE__ */ a(IconButton, {
							icon: copied ? "check" : "copy",
							label: copied ? "Copied" : "Copy all lines",
							onClick: copy
						}),
						/* @__PURE__ */ a("a", {
							class: "icon-button",
							href: download.href,
							download: download.name,
							title: "Download",
							"aria-label": "Download",
							children: /* @__PURE__ */ a(Icon, { name: "download" })
						}),
						(growing || paused !== null) && /* @__PURE__ */ a(Button, {
							small: true,
							icon: paused === null ? "pause" : "play",
							"aria-pressed": paused !== null,
							onClick: () => setPaused(paused === null ? buffer : null),
							children: paused === null ? "Pause" : held === 0 ? "Resume" : `Resume, ${held > 5e3 ? `5000+` : held} held`
						})
					]
				})
			]
		}), /* @__PURE__ */ a("div", {
			class: "output-frame",
			children: [/* @__PURE__ */ a("div", {
				ref: pane,
				class: "output-pane dims",
				tabIndex: 0,
				role: "region",
				"aria-label": `${label}: lines`,
				"data-wrap": wrap,
				"data-times": times,
				"data-only": only,
				onScroll,
				children: [/* @__PURE__ */ a("div", {
					ref: content,
					class: "output-lines",
					children: [
						shown.dropped > 0 && /* @__PURE__ */ a("div", {
							class: "output-note",
							children: [shown.dropped, " earlier lines are not kept here"]
						}),
						shown.blocks.map((block) => /* @__PURE__ */ a(BlockOfLines, {
							block,
							wanted,
							current: inBlock(block.lines, current)
						}, block.id)),
						open.map((line) => /* @__PURE__ */ a(LineRow, {
							line,
							wanted: "",
							current: null
						}, line.id))
					]
				}), nothing && /* @__PURE__ */ a("div", {
					class: "output-empty",
					children: empty
				})]
			}), !following && !nothing && /* @__PURE__ */ a(Button, {
				small: true,
				icon: "down",
				class: "output-follow",
				onClick: toEnd,
				children: growing && paused === null ? "Follow" : "To the end"
			})]
		})]
	});
}
function matchesOf(buffer, wanted, only) {
	const found = search(buffer.blocks, wanted);
	if (only === "all") return found;
	const visible = /* @__PURE__ */ new Set();
	for (const { lines } of buffer.blocks) for (const { id, stream } of lines) if (isShown(stream, only)) visible.add(id);
	return found.filter(({ line }) => visible.has(line));
}
var isShown = (stream, only) => only === "all" || stream === only || stream === "note";
/** Blocks that do not hold it keep getting the same null, and are not painted anew. */
function inBlock(lines, match) {
	const first = lines[0]?.id ?? 0;
	const last = lines.at(-1)?.id ?? 0;
	return match !== null && match.line >= first && match.line <= last ? match : null;
}
/** Keeps the end in sight as lines come, and as those in sight are measured. */
function useFollow(pane, content, following) {
	const on = T(following);
	on.current = following;
	const down = () => {
		const box = pane.current;
		if (on.current && box !== null) box.scrollTop = box.scrollHeight;
	};
	F(down);
	A(() => {
		if (content.current === null) return;
		const observer = new ResizeObserver(down);
		observer.observe(content.current);
		return () => observer.disconnect();
	}, []);
}
// src/views/shared/output/standing.tsx
/** How the reading goes, in a word. */
function FeedStanding({ feed, ended }) {
	const standing = feed.standing.value;
	switch (standing.kind) {
		case "connecting": return /* @__PURE__ */ a("span", {
			class: "status tone-busy",
			role: "status",
			children: [/* @__PURE__ */ a(Icon, {
				name: "spin",
				class: "spinning"
			}), "Connecting"]
		});
		case "resting": return /* @__PURE__ */ a("span", {
			class: "status tone-idle",
			children: "Paused"
		});
		case "live": return /* @__PURE__ */ a("span", {
			class: "status tone-ok",
			role: "status",
			children: [/* @__PURE__ */ a(Icon, { name: "play" }), "Live"]
		});
		case "ended": return /* @__PURE__ */ a("span", {
			class: "status tone-idle",
			role: "status",
			children: [/* @__PURE__ */ a(Icon, { name: "square" }), ended]
		});
		case "waiting": return /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("span", {
			class: "status tone-warn",
			children: [
				/* @__PURE__ */ a(Icon, { name: "restart" }),
				"Again ",
				countdown(standing.retryAt - localNow.value)
			]
		}), /* @__PURE__ */ a(Button, {
			small: true,
			onClick: () => feed.connect(),
			children: "Now"
		})] });
		case "refused": return /* @__PURE__ */ a($, { children: [
			/* @__PURE__ */ a("span", {
				class: "status tone-warn",
				role: "status",
				children: [/* @__PURE__ */ a(Icon, { name: "alert" }), "Not readable"]
			}),
			/* @__PURE__ */ a("span", {
				class: "soft cut",
				title: standing.error.message,
				children: standing.error.message
			}),
			/* @__PURE__ */ a(Button, {
				small: true,
				onClick: () => feed.connect(),
				children: "Try again"
			})
		] });
	}
}
// src/views/shared/output/use-feed.ts
/** Reads as long as it is shown. A tab that nobody sees gives its connection back, and goes on when it is seen again. */
function useFeed(feed) {
	A(() => {
		let timer = null;
		const turned = () => {
			if (timer !== null) clearTimeout(timer);
			timer = null;
			if (document.hidden) timer = setTimeout(() => feed.rest(), HIDDEN_MS);
			else if (feed.standing.peek().kind === "resting") feed.connect();
		};
		feed.connect();
		document.addEventListener("visibilitychange", turned);
		return () => {
			document.removeEventListener("visibilitychange", turned);
			if (timer !== null) clearTimeout(timer);
			feed.close();
		};
	}, [feed]);
}
// src/views/shared/tasks/table.tsx
function TaskTable({ label, tasks, instances }) {
	const { list } = tasks;
	if (list === null) return null;
	return /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("div", {
		class: "card task-table dims",
		role: "table",
		"aria-label": label,
		"data-instances": instances,
		children: [/* @__PURE__ */ a("div", {
			role: "rowgroup",
			class: "task-head",
			children: /* @__PURE__ */ a("div", {
				role: "row",
				class: "task-row",
				children: [
					/* @__PURE__ */ a("span", {
						role: "columnheader",
						children: "State"
					}),
					/* @__PURE__ */ a("span", {
						role: "columnheader",
						children: "Command"
					}),
					instances && /* @__PURE__ */ a("span", {
						role: "columnheader",
						children: "Agent"
					}),
					/* @__PURE__ */ a("span", {
						role: "columnheader",
						children: "Queued"
					}),
					/* @__PURE__ */ a("span", {
						role: "columnheader",
						children: "Ran for"
					}),
					/* @__PURE__ */ a("span", {
						role: "columnheader",
						class: "task-end",
						children: "Exit"
					}),
					/* @__PURE__ */ a("span", {
						role: "columnheader",
						class: "task-end",
						children: "Output"
					})
				]
			})
		}), /* @__PURE__ */ a("div", {
			role: "rowgroup",
			children: list.tasks.map((task) => /* @__PURE__ */ a(TaskRow, {
				task,
				instances
			}, task.id))
		})]
	}), !list.complete && /* @__PURE__ */ a("div", {
		class: "task-more",
		children: /* @__PURE__ */ a(Button, {
			onClick: tasks.older,
			busy: tasks.loadingOlder,
			children: "Show older ones"
		})
	})] });
}
var TaskRow = memo(function TaskRow({ task, instances }) {
	const command = commandLine(task.argv);
	return /* @__PURE__ */ a("div", {
		role: "row",
		class: "task-row task-line",
		children: [
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "task-state",
				children: /* @__PURE__ */ a(StatusMark, { status: statusOfTask(task) })
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "task-command",
				children: [/* @__PURE__ */ a(Link, {
					class: "row-link mono cut",
					href: taskPath(task.id),
					title: command,
					children: command
				}), task.attempt > 1 && /* @__PURE__ */ a(Chip, {
					tone: "warn",
					children: `try ${task.attempt}`
				})]
			}),
			instances && /* @__PURE__ */ a("span", {
				role: "cell",
				class: "task-agent",
				children: task.instance === null ? /* @__PURE__ */ a("span", {
					class: "soft",
					children: ["any ", task.type]
				}) : /* @__PURE__ */ a(Link, {
					class: "cut task-agent-link",
					href: agentPath$1(task.instance),
					children: task.instance
				})
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "task-queued soft",
				children: /* @__PURE__ */ a(Ago, { at: Date.parse(task.queued_at) })
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "task-ran num",
				children: /* @__PURE__ */ a(Ran, { task })
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "task-end task-exit num",
				"data-bad": task.exit_code !== null && task.exit_code !== 0,
				children: task.exit_code ?? /* @__PURE__ */ a(Dash, {})
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "task-end task-output num soft",
				children: task.output_bytes === 0 ? /* @__PURE__ */ a(Dash, {}) : bytes(task.output_bytes)
			})
		]
	});
});
function Ran({ task }) {
	if (task.started_at === null) return /* @__PURE__ */ a(Dash, {});
	if (!isFinal(task.state)) return /* @__PURE__ */ a(Ago, { at: Date.parse(task.started_at) });
	if (task.ended_at === null) return /* @__PURE__ */ a(Dash, {});
	return /* @__PURE__ */ a($, { children: shortly(Date.parse(task.ended_at) - Date.parse(task.started_at)) });
}
/** Below ten seconds with its tenths. */
function shortly(ms) {
	return ms < 1e4 ? `${(Math.max(0, ms) / 1e3).toFixed(1)} s` : duration(ms);
}
// src/kit/use-events.ts
var SOON_MS = 200;
/** Calls soon after an event that is meant; many events are one call. */
function useEvents(isMeant, call) {
	const latest = T({
		isMeant,
		call
	});
	latest.current = {
		isMeant,
		call
	};
	A(() => {
		let timer = null;
		let seen = recentEvents.peek().at(-1)?.seq ?? 0;
		const stop = recentEvents.subscribe((events) => {
			const fresh = events.filter(({ seq }) => seq > seen);
			seen = events.at(-1)?.seq ?? seen;
			if (timer !== null || !fresh.some((event) => latest.current.isMeant(event))) return;
			timer = setTimeout(() => {
				timer = null;
				latest.current.call();
			}, SOON_MS);
		});
		return () => {
			stop();
			if (timer !== null) clearTimeout(timer);
		};
	}, []);
}
// src/views/shared/tasks/use-tasks.ts
var PAGE = 100;
/** Not every step of a task is an event: one that waits is looked at again. */
var LOOK_MS = 4e3;
/** The tasks that fit, kept up to date by the fleet's own events. */
function useTasks(query) {
	const key = JSON.stringify(query);
	const [state, setState] = d({
		key,
		list: null,
		error: null
	});
	const [loadingOlder, setLoadingOlder] = d(false);
	const present = T({
		key,
		query,
		alive: true
	});
	present.current = {
		key,
		query,
		alive: true
	};
	const list = state.key === key ? state.list : null;
	const refresh = () => {
		const asked = present.current;
		const mine = () => present.current.alive && present.current.key === asked.key;
		tasks(asked.query, null, PAGE).then((page) => {
			if (!mine()) return;
			setState((before) => {
				const known = before.key === asked.key && before.list !== null ? before.list : {
					tasks: [],
					complete: false
				};
				return {
					key: asked.key,
					list: withNewest(known, page, PAGE),
					error: null
				};
			});
		}, (error) => mine() && setState((before) => ({
			...before,
			key: asked.key,
			list: before.key === asked.key ? before.list : null,
			error
		})));
	};
	const older = () => {
		const last = list?.tasks.at(-1);
		if (last === void 0 || loadingOlder) return;
		const asked = present.current;
		setLoadingOlder(true);
		tasks(asked.query, last.id, PAGE).then((page) => setState((before) => before.key === asked.key && before.list !== null ? {
			...before,
			list: withOlder(before.list, page, PAGE)
		} : before), (error) => setState((before) => ({
			...before,
			error
		}))).finally(() => setLoadingOlder(false));
	};
	A(() => refresh(), [
		key,
		resyncs.value,
		isLive.value
	]);
	A(() => () => void (present.current = {
		...present.current,
		alive: false
	}), []);
	useTaskEvents(query.instance, refresh);
	const waits = list !== null && list.tasks.some(({ state }) => !isFinal(state));
	A(() => {
		if (!waits) return;
		const timer = setInterval(() => {
			if (!document.hidden && isLive.peek()) refresh();
		}, LOOK_MS);
		return () => clearInterval(timer);
	}, [waits, key]);
	return {
		list,
		error: state.key === key ? state.error : null,
		older,
		loadingOlder,
		refresh
	};
}
/** Calls soon after something happened to a task; many events are one call. */
function useTaskEvents(instance, call) {
	useEvents((event) => /^(task|lease)_/.test(event.kind) && (instance === null || event.instance === instance), call);
}
// src/state/day.ts
/** Days by name. Pure. */
var day = new Intl.DateTimeFormat("en-GB", {
	weekday: "long",
	day: "numeric",
	month: "long",
	year: "numeric"
});
/** `Thursday, 1 January 2026`, by this computer's time zone. */
function dayOf(at) {
	return day.format(at);
}
// src/kit/copy-text.tsx
/** Copies a text, which is made when it is asked for, and says so. */
function CopyText({ label, text }) {
	const [state, setState] = d("ready");
	A(() => {
		if (state === "ready") return;
		const timer = setTimeout(() => setState("ready"), 2e3);
		return () => clearTimeout(timer);
	}, [state]);
	const copy = () => {
		write(text()).then(() => setState("done"), () => setState("failed"));
	};
	return /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Button, {
		small: true,
		kind: "quiet",
		icon: state === "done" ? "check" : "copy",
		onClick: copy,
		children: state === "done" ? "Copied" : state === "failed" ? "Not allowed" : label
	}), /* @__PURE__ */ a("span", {
		class: "hidden-text",
		role: "status",
		children: state === "done" ? "Copied" : state === "failed" ? "Copying is not allowed here" : ""
	})] });
}
/** The clipboard is there for pages of this computer and of https only. */
async function write(text) {
	if (navigator.clipboard === void 0) throw new Error("there is no clipboard");
	await navigator.clipboard.writeText(text);
}
// src/views/shared/rollouts/bar.tsx
/** How far a rollout is: done, in trouble, under way, and what is left as the ground. */
function RolloutBar({ rollout }) {
	const counts = countsOf(rollout);
	return /* @__PURE__ */ a("span", {
		class: "rollout-bar",
		role: "progressbar",
		"aria-valuemin": 0,
		"aria-valuemax": Math.max(1, rollout.members.length),
		"aria-valuenow": counts.done,
		"aria-valuetext": progressWords(rollout),
		"aria-label": "Progress",
		children: PARTS.filter((part) => counts[part] > 0).map((part) => /* @__PURE__ */ a("span", {
			class: `rollout-bar-${part}`,
			style: { flexGrow: counts[part] }
		}, part))
	});
}
// src/views/shared/rollouts/keys.ts
/** j and k go from row to row; Enter opens the link that has the focus. */
function useRowKeys() {
	useKeys(onKey);
}
function onKey(event) {
	const by = {
		j: 1,
		k: -1
	}[event.key];
	if (by === void 0) return;
	const links = [...document.querySelectorAll("main .row-link")];
	const row = document.activeElement?.closest("[role=row]");
	const at = links.findIndex((link) => row?.contains(link) === true);
	const next = links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + by))];
	next?.focus({ preventScroll: true });
	next?.closest("[role=row]")?.scrollIntoView({ block: "nearest" });
}
export { rolloutStatus as $, kindWord as A, KINDS$1 as B, GROUP_WORDS as C, wipe as Ct, SEVERITY_TONE as D, SEVERITY_ICON as E, TASK_STATES as F, hasEnded as G, PART_WORDS as H, cancel as I, lasted as J, kept as K, outputPath as L, severityOf as M, useLoad as N, SEVERITY_WORDS as O, Tabs as P, rolloutName as Q, submit as R, GROUPS as S, why as St, SEVERITIES as T, VERB_WORDS as U, PARTS as V, countsOf as W, partOf as X, memberStatus as Y, progressWords as Z, Overlap as _, editable as _t, useTaskEvents as a, dryRun as at, parseLine as b, patch as bt, TaskTable as c, startRollout as ct, FeedStanding as d, commandLine as dt, shortId as et, OutputPane as f, isFinal as ft, MOST_LINES as g, splitWords as gt, Feed as h, shellHint as ht, dayOf as i, whatNext as it, kindsOf as j, TROUBLE_KINDS as k, shortly as l, turnRollout as lt, copyText as m, statusOfTask as mt, RolloutBar as n, verbsOf as nt, useTasks as o, rollout as ot, memo as p, ranFor as pt, kindOf as q, CopyText as r, watchedUntil as rt, useEvents as s, rollouts as st, useRowKeys as t, strategyRows as tt, useFeed as u, TASK_STATUS as ut, forgetOpen as v, events as vt, KIND_NAMES as w, chunks as x, spec as xt, PLAIN as y, logPath as yt, task as z };
