const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/uplot.js","assets/vendor-uplot.js","assets/vendor-uplot.css","assets/common.js","assets/vendor-preact.js","assets/common.css"])))=>i.map(i=>d[i]);
import { A as kindWord, D as SEVERITY_TONE, M as severityOf, N as useLoad, P as Tabs, St as why, _ as Overlap, b as parseLine, c as TaskTable, d as FeedStanding, dt as commandLine, f as OutputPane, g as MOST_LINES, h as Feed, m as copyText, o as useTasks, u as useFeed, v as forgetOpen, vt as events, x as chunks, xt as spec, y as PLAIN, yt as logPath } from "./shared.js";
import { c as A, d as T, h as $, m as w, p as d, t as a } from "./vendor-preact.js";
import { $t as fitting, At as agents, C as StatusShape, Cn as problemOf, Dt as intend, Et as FrameReader, H as Dash, It as recentEvents, J as Link, Lt as resyncs, Nt as dockerReachable, Ot as intent, P as theme, Q as rolloutPath, Rt as samples, S as StatusMark, Sn as ApiError, U as Until, V as Ago, W as clockTime, Y as agentPath, _ as parkKindWord, _t as Icon, at as EmptyState, cn as titled, en as conditionOf, g as percent, gt as IconButton, h as bytes, ht as Button, j as shortIds, jt as arrived, k as inert, kt as agent, nn as conditionWord, on as sinceWhen, ot as Notice, q as fullTime, rn as holds, rt as taskPath, sn as statusOf, st as Problem, t as pageName, tn as conditionTone, v as reopensAt, vt as isLive, x as Chip, yn as BASE, z as Menu } from "./common.js";
import { a as __vitePreload, i as VERB_ICONS } from "./index.js";
// src/views/agent/spec-rows.ts
var one = (value) => value === null || value === void 0 ? [] : [String(value)];
var short = (hash) => one(hash?.replace(/^sha256:/, "").slice(0, 16));
var FIELDS = [[
	"run",
	"What runs",
	[
		[
			"image",
			"Image",
			({ image }) => one(image)
		],
		[
			"image_id",
			"Image id",
			({ image_id }) => short(image_id)
		],
		[
			"command",
			"Command",
			({ command }) => command.length === 0 ? [] : [commandLine(command)]
		],
		[
			"user",
			"User",
			({ user }) => one(user)
		],
		[
			"lifecycle",
			"Lifecycle",
			({ lifecycle }) => one(lifecycle)
		],
		[
			"restart_policy",
			"Restart policy",
			({ restart_policy }) => one(restart_policy)
		]
	]
], [
	"room",
	"Limits and surroundings",
	[
		[
			"limits.memory_bytes",
			"Memory",
			({ limits }) => one(limits.memory_bytes === null ? null : bytes(limits.memory_bytes))
		],
		[
			"limits.milli_cpus",
			"CPUs",
			({ limits }) => one(limits.milli_cpus === null ? null : limits.milli_cpus / 1e3)
		],
		[
			"limits.pids",
			"Processes",
			({ limits }) => one(limits.pids)
		],
		[
			"network",
			"Network",
			({ network }) => one(network)
		],
		[
			"mounts",
			"Mounts",
			({ mounts }) => mounts.map(({ source, target, read_only }) => `${source} → ${target}${read_only ? " (read-only)" : ""}`)
		],
		[
			"credentials",
			"Credentials",
			({ credentials }) => one(credentials)
		],
		[
			"runner",
			"Task runner",
			({ runner }) => one(runner)
		],
		[
			"spec_hash",
			"Spec",
			({ spec_hash }) => short(spec_hash)
		]
	]
]];
function specGroups({ desired, observed, drift, overrides }) {
	const drifted = new Set(drift.map(({ field }) => field));
	const row = (field, label, show) => ({
		field,
		label,
		desired: desired === null ? null : show(desired),
		observed: observed === null ? null : show(observed),
		drift: drifted.has(field),
		own: isOwn(overrides, field)
	});
	const groups = FIELDS.map(([, title, fields]) => ({
		title,
		rows: fields.map(([field, label, show]) => row(field, label, show))
	}));
	const env = [.../* @__PURE__ */ new Set([...Object.keys(desired?.env ?? {}), ...Object.keys(observed?.env ?? {})])].sort().map((name) => row(`env.${name}`, name, (spec) => name in spec.env ? [spec.env[name] ?? "not shown"] : []));
	return env.length === 0 ? groups : [...groups, {
		title: "Environment",
		rows: env
	}];
}
function isOwn(overrides, field) {
	const [head = "", rest] = [field.split(".")[0], field.slice(field.indexOf(".") + 1)];
	switch (head) {
		case "lifecycle":
		case "image":
		case "command":
		case "network": return overrides[head] !== null;
		case "mounts": return overrides.mounts.length > 0;
		case "env": return rest in overrides.env;
		case "limits": return overrides.limits[rest] !== null;
		default: return false;
	}
}
// src/views/agent/configuration.tsx
/** What the row asks for, what the container was made with, and where they differ. */
function Configuration({ agent }) {
	const { name, desired, observed } = agent;
	const loaded = useLoad(name, () => spec(name));
	const [only, setOnly] = d(false);
	const state = JSON.stringify([
		desired.generation,
		desired.spec_hash,
		observed.container_id,
		observed.phase
	]);
	A(() => {
		if (loaded.value !== null) loaded.reload();
	}, [state]);
	const answer = loaded.value;
	const edit = !agent.host_mode && /* @__PURE__ */ a(Button, {
		icon: "edit",
		onClick: () => intent.value = {
			kind: "edit",
			name
		},
		children: "Edit"
	});
	return /* @__PURE__ */ a("section", {
		"aria-label": `Configuration of ${name}`,
		class: "config",
		children: [
			loaded.error !== null && /* @__PURE__ */ a(Problem, { error: loaded.error }),
			answer === null && loaded.error === null && /* @__PURE__ */ a("div", {
				class: "tab-wait",
				role: "status",
				"aria-label": "Loading the configuration"
			}),
			answer !== null && /* @__PURE__ */ a($, { children: [
				/* @__PURE__ */ a("div", {
					class: "tab-bar",
					children: [/* @__PURE__ */ a(Summary, { answer }), /* @__PURE__ */ a("div", {
						class: "config-actions",
						children: [answer.drift.length > 0 && /* @__PURE__ */ a(Button, {
							"aria-pressed": only,
							onClick: () => setOnly(!only),
							children: only ? "Show all fields" : "Only what differs"
						}), edit]
					})]
				}),
				answer.desired === null && answer.explanation !== null && /* @__PURE__ */ a(Notice, {
					tone: "warn",
					children: answer.explanation
				}),
				(answer.desired !== null || answer.observed !== null) && /* @__PURE__ */ a(Fields, {
					groups: specGroups(answer),
					only
				})
			] })
		]
	});
}
function Summary({ answer }) {
	const { desired, observed, drift, explanation, stale } = answer;
	if (desired === null) return /* @__PURE__ */ a("span", {});
	const count = drift.filter(({ field }) => field !== "spec_hash").length;
	return /* @__PURE__ */ a("p", {
		class: "config-summary",
		role: "status",
		children: [
			observed === null && /* @__PURE__ */ a("span", {
				class: "soft",
				children: "There is no container: what it will be made with."
			}),
			observed !== null && drift.length === 0 && !stale && /* @__PURE__ */ a(Chip, {
				tone: "ok",
				children: "as the row asks"
			}),
			drift.length > 0 && /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Chip, {
				tone: "warn",
				children: "drift"
			}), /* @__PURE__ */ a("span", { children: explanation ?? `${count === 1 ? "One field differs" : `${count} fields differ`}; a recreate brings it over.` })] }),
			stale && /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Chip, {
				tone: "warn",
				children: "stale image"
			}), /* @__PURE__ */ a("span", { children: "The image's name means another image now." })] })
		]
	});
}
function Fields({ groups, only }) {
	const shown = groups.map(({ title, rows }) => ({
		title,
		rows: only ? rows.filter(({ drift }) => drift) : rows
	}));
	return /* @__PURE__ */ a("div", {
		class: "card config-table dims",
		children: /* @__PURE__ */ a("table", { children: [/* @__PURE__ */ a("thead", { children: /* @__PURE__ */ a("tr", { children: [
			/* @__PURE__ */ a("th", {
				scope: "col",
				children: "Field"
			}),
			/* @__PURE__ */ a("th", {
				scope: "col",
				children: "The row asks for"
			}),
			/* @__PURE__ */ a("th", {
				scope: "col",
				children: "The container has"
			})
		] }) }), shown.filter(({ rows }) => rows.length > 0).map(({ title, rows }) => /* @__PURE__ */ a("tbody", { children: [/* @__PURE__ */ a("tr", { children: /* @__PURE__ */ a("th", {
			scope: "rowgroup",
			colSpan: 3,
			class: "config-group",
			children: title
		}) }), rows.map((row) => /* @__PURE__ */ a(FieldRow, { row }, row.field))] }, title))] })
	});
}
function FieldRow({ row }) {
	return /* @__PURE__ */ a("tr", {
		class: row.drift ? "config-drift" : void 0,
		children: [
			/* @__PURE__ */ a("th", {
				scope: "row",
				class: row.field.startsWith("env.") ? "mono" : void 0,
				children: [row.label, row.drift && /* @__PURE__ */ a(Chip, {
					tone: "warn",
					children: "differs"
				})]
			}),
			/* @__PURE__ */ a("td", { children: [/* @__PURE__ */ a(Value, { lines: row.desired }), row.own && /* @__PURE__ */ a(Chip, {
				tone: "busy",
				title: "Set for this agent; the others of its type follow the type",
				children: "own"
			})] }),
			/* @__PURE__ */ a("td", { children: /* @__PURE__ */ a(Value, { lines: row.observed }) })
		]
	});
}
function Value({ lines }) {
	if (lines === null || lines.length === 0) return /* @__PURE__ */ a(Dash, {});
	return /* @__PURE__ */ a("span", {
		class: "config-value",
		children: lines.map((line, index) => /* @__PURE__ */ a("span", {
			class: line === "not shown" ? "soft" : "mono",
			children: line
		}, index))
	});
}
// src/views/agent/event-list.ts
/** Oldest first, each once. */
function mergeEvents(known, more) {
	const have = new Set(known.map(({ seq }) => seq));
	const fresh = more.filter(({ seq }) => !have.has(seq));
	if (fresh.length === 0) return known;
	return [...known, ...fresh].sort((a, b) => a.seq - b.seq);
}
/** Its day, where it differs from that of the event before. */
function dayOf(at) {
	return new Date(at).toLocaleDateString("en-GB", {
		weekday: "long",
		day: "numeric",
		month: "long",
		year: "numeric"
	});
}
// src/views/agent/events.tsx
var PAGE = 100;
/** What happened to it, newest first; older ones on demand, new ones as they happen. */
function AgentEvents({ name }) {
	return /* @__PURE__ */ a(EventLog, {
		name,
		log: useAgentEvents(name)
	});
}
function EventLog({ name, log }) {
	const { events, complete, error, loading, older } = log;
	if (events === null) return error === null ? /* @__PURE__ */ a("div", {
		class: "tab-wait",
		role: "status",
		"aria-label": "Loading events"
	}) : /* @__PURE__ */ a(Problem, { error });
	if (events.length === 0) return /* @__PURE__ */ a("div", {
		class: "card",
		children: /* @__PURE__ */ a(EmptyState, {
			icon: "clock",
			title: "Nothing has happened to it",
			children: "Events are kept for a limited time."
		})
	});
	const newest = [...events].reverse();
	return /* @__PURE__ */ a("section", {
		"aria-label": `Events of ${name}`,
		children: [
			error !== null && /* @__PURE__ */ a(Problem, { error }),
			/* @__PURE__ */ a("ol", {
				class: "card events dims",
				children: newest.map((event, index) => {
					const day = dayOf(event.at);
					const before = newest[index - 1];
					return /* @__PURE__ */ a("li", { children: [(before === void 0 || dayOf(before.at) !== day) && /* @__PURE__ */ a("div", {
						class: "event-day",
						children: day
					}), /* @__PURE__ */ a(EventRow, { event })] }, event.seq);
				})
			}),
			/* @__PURE__ */ a("div", {
				class: "events-end",
				children: complete ? /* @__PURE__ */ a("span", {
					class: "soft",
					children: "The beginning of what is kept"
				}) : /* @__PURE__ */ a(Button, {
					onClick: older,
					busy: loading,
					children: "Show older ones"
				})
			})
		]
	});
}
function useAgentEvents(name) {
	const [events$1, setEvents] = d(null);
	const [complete, setComplete] = d(false);
	const [error, setError] = d(null);
	const [loading, setLoading] = d(false);
	const load = (before, fresh) => {
		setLoading(true);
		events(name, before, PAGE).then(({ items }) => {
			setEvents((known) => mergeEvents(fresh ? [] : known ?? [], items));
			setComplete(items.length < PAGE);
			setError(null);
		}, setError).finally(() => setLoading(false));
	};
	A(() => load(null, true), [name, resyncs.value]);
	A(() => {
		const live = recentEvents.value.filter(({ instance }) => instance === name);
		if (live.length > 0) setEvents((known) => known === null ? known : mergeEvents(known, live));
	}, [
		name,
		recentEvents.value,
		isLive.value,
		events$1 === null
	]);
	return {
		events: events$1,
		complete,
		error,
		loading,
		older: () => load(events$1?.[0]?.seq ?? null, false)
	};
}
function EventRow({ event }) {
	const [open, setOpen] = d(false);
	const { kind, at, cause, detail, data, incarnation, caused_by, seq } = event;
	const task = taskOf(data);
	const facts = [
		["Event", String(seq)],
		...caused_by === null ? [] : [["Caused by event", String(caused_by)]],
		...incarnation === null ? [] : [["Incarnation", incarnation]],
		...factsOf(data)
	];
	return /* @__PURE__ */ a("div", {
		class: `event tone-${SEVERITY_TONE[severityOf(event)]}`,
		children: [/* @__PURE__ */ a("button", {
			type: "button",
			class: "event-line",
			"aria-expanded": open,
			onClick: () => setOpen(!open),
			children: [
				/* @__PURE__ */ a("time", {
					class: "num soft",
					dateTime: at,
					title: fullTime(Date.parse(at)),
					children: clockTime(Date.parse(at))
				}),
				/* @__PURE__ */ a("span", { class: "event-dot" }),
				/* @__PURE__ */ a("span", {
					class: "event-kind",
					children: kindWord(kind)
				}),
				cause !== null && /* @__PURE__ */ a("span", {
					class: "event-cause",
					children: inert(cause.replaceAll("_", " "))
				}),
				/* @__PURE__ */ a("span", {
					class: "event-detail cut soft",
					children: detail !== null && inert(detail)
				}),
				/* @__PURE__ */ a(Icon, { name: open ? "up" : "down" })
			]
		}), open && /* @__PURE__ */ a("dl", {
			class: "event-facts",
			children: [
				detail !== null && /* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("dt", { children: "Detail" }), /* @__PURE__ */ a("dd", { children: inert(detail) })] }),
				/* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("dt", { children: "At" }), /* @__PURE__ */ a("dd", {
					class: "num",
					children: at
				})] }),
				facts.map(([label, value]) => /* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("dt", { children: label }), /* @__PURE__ */ a("dd", {
					class: "mono",
					children: value
				})] }, label)),
				task !== null && /* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("dt", { children: "Task" }), /* @__PURE__ */ a("dd", { children: /* @__PURE__ */ a(Link, {
					class: "text-link",
					href: taskPath(task),
					children: task
				}) })] })
			]
		})]
	});
}
function taskOf(data) {
	if (typeof data !== "object" || data === null || !("task" in data)) return null;
	return typeof data.task === "string" ? data.task : null;
}
function factsOf(data) {
	if (data === null || data === void 0) return [];
	if (typeof data !== "object" || Array.isArray(data)) return [["Data", JSON.stringify(data)]];
	return Object.entries(data).filter(([key, value]) => value !== null && !(key === "task" && typeof value === "string")).map(([key, value]) => [titled(key), inert(typeof value === "string" ? value : JSON.stringify(value))]);
}
// src/views/agent/what-is-left.ts
/** What the history says is left of it. */
function whatIsLeft(events) {
	const deleted = events.findLast(({ kind }) => kind === "agent_deleted");
	const wiped = events.findLast(({ kind }) => kind === "state_wiped");
	return {
		deletedAt: deleted === void 0 ? null : Date.parse(deleted.at),
		wiped: wiped !== void 0 && (deleted === void 0 || wiped.seq > deleted.seq)
	};
}
// src/views/agent/gone.tsx
/** A name that no agent has: one that was deleted, or that there never was. */
function Gone({ name }) {
	const log = useAgentEvents(name);
	const { events, error } = log;
	if (events === null) {
		if (error === null) return /* @__PURE__ */ a("div", {
			class: "page-wait",
			role: "status",
			"aria-label": "Loading its history"
		});
		return error instanceof ApiError && error.status < 500 && error.status > 0 ? /* @__PURE__ */ a(Never, { name }) : /* @__PURE__ */ a(Problem, { error });
	}
	const left = whatIsLeft(events);
	const type = events.findLast(({ type }) => type !== null)?.type ?? null;
	return /* @__PURE__ */ a("div", {
		class: "agent",
		children: [
			/* @__PURE__ */ a("header", {
				class: "agent-head",
				children: [/* @__PURE__ */ a("div", {
					class: "agent-title",
					children: [/* @__PURE__ */ a(Link, {
						class: "crumb",
						href: "/",
						children: "Fleet"
					}), /* @__PURE__ */ a("div", {
						class: "agent-name",
						children: [/* @__PURE__ */ a("h1", { children: name }), /* @__PURE__ */ a(Chip, {
							tone: left.deletedAt === null ? "unknown" : "idle",
							children: left.deletedAt === null ? "no such agent" : "deleted"
						})]
					})]
				}), /* @__PURE__ */ a("div", {
					class: "agent-actions",
					children: [/* @__PURE__ */ a(Button, {
						icon: "plus",
						onClick: () => intent.value = {
							kind: "create",
							type
						},
						children: "New agent"
					}), !left.wiped && /* @__PURE__ */ a(Button, {
						kind: "danger",
						icon: "trash",
						onClick: () => intent.value = {
							kind: "wipe",
							name
						},
						children: "Wipe its state…"
					})]
				})]
			}),
			/* @__PURE__ */ a("div", {
				class: "card gone",
				children: /* @__PURE__ */ a("p", { children: [
					left.deletedAt === null ? /* @__PURE__ */ a($, { children: "There is no agent of this name now." }) : /* @__PURE__ */ a($, { children: [
						"This agent was deleted ",
						/* @__PURE__ */ a(Ago, { at: left.deletedAt }),
						" ago."
					] }),
					" ",
					left.wiped ? "Its state volume was wiped: nothing of it is left but its history." : "Its state volume is kept until it is wiped: an agent of the same name takes it over."
				] })
			}),
			/* @__PURE__ */ a(EventLog, {
				name,
				log
			})
		]
	});
}
function Never({ name }) {
	const actions = /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Link, {
		class: "button",
		href: "/",
		children: "Go to the fleet"
	}), /* @__PURE__ */ a(Button, {
		kind: "primary",
		icon: "plus",
		onClick: () => intent.value = {
			kind: "create",
			type: null
		},
		children: "New agent"
	})] });
	return /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("h1", {
		class: "hidden-text",
		children: name
	}), /* @__PURE__ */ a(EmptyState, {
		icon: "question",
		title: `There is no agent ${name}`,
		whole: true,
		actions,
		children: "There is no history of one either: there never was one of this name, or it is too long ago."
	})] });
}
// src/views/agent/by-word.ts
/** Who said something of an agent, in words. Pure. */
var BY_WORDS = {
	operator: "an operator",
	dispatcher: "the dispatcher",
	agent: "the agent itself"
};
/** Who said it. */
function byWord(by, holder) {
	const word = BY_WORDS[by] ?? by.replaceAll("_", " ");
	return holder === void 0 || holder === "" ? word : `${word} (${inert(holder)})`;
}
// src/views/agent/standing.tsx
/** What an operator should know before all else, each with what can be done; and what it says of its work. */
function Standing({ agent }) {
	const { parked, needs_human, progress, pin } = agent;
	if (!parked && !needs_human && !progress && !pin && !holds(agent, "stale")) return null;
	return /* @__PURE__ */ a("div", {
		class: "standing",
		children: [
			/* @__PURE__ */ a(Human, { agent }),
			/* @__PURE__ */ a(ParkedNotice, { agent }),
			/* @__PURE__ */ a(OldImage, { agent }),
			progress && /* @__PURE__ */ a("p", {
				class: "standing-said",
				children: [/* @__PURE__ */ a(Icon, { name: "info" }), /* @__PURE__ */ a("span", { children: [
					"It says: ",
					/* @__PURE__ */ a("q", { children: inert(progress.text) }),
					" ",
					/* @__PURE__ */ a(Ago, { at: Date.parse(progress.at) }),
					" ago"
				] })]
			})
		]
	});
}
function Act({ children }) {
	return /* @__PURE__ */ a("span", {
		class: "standing-act",
		children
	});
}
function Human({ agent }) {
	const need = agent.needs_human;
	if (!need) return null;
	return /* @__PURE__ */ a(Notice, {
		tone: "bad",
		children: [/* @__PURE__ */ a("p", {
			class: "standing-words",
			children: [
				/* @__PURE__ */ a("strong", { children: ["It needs a person: ", inert(need.reason)] }),
				" ",
				/* @__PURE__ */ a("span", {
					class: "soft",
					children: [
						"Said by ",
						byWord(need.by, void 0),
						" ",
						/* @__PURE__ */ a(Ago, { at: Date.parse(need.since) }),
						" ago."
					]
				})
			]
		}), /* @__PURE__ */ a(Act, { children: /* @__PURE__ */ a(Button, {
			small: true,
			icon: "check",
			onClick: () => intend("resolve", [agent.name]),
			children: "It is resolved"
		}) })]
	});
}
function ParkedNotice({ agent }) {
	const { parked } = agent;
	if (!parked) return null;
	const at = reopensAt(agent);
	const asked = parked.until === null ? null : Date.parse(parked.until);
	return /* @__PURE__ */ a(Notice, {
		tone: "warn",
		children: [/* @__PURE__ */ a("p", {
			class: "standing-words",
			children: [
				/* @__PURE__ */ a("strong", { children: [
					"Parked: ",
					parkKindWord(parked.kind),
					parked.reason !== "" && `: ${inert(parked.reason)}`,
					"."
				] }),
				" ",
				at === null ? /* @__PURE__ */ a($, { children: "It is given no work and not started until somebody reopens it." }) : /* @__PURE__ */ a($, { children: [
					"Reopens ",
					/* @__PURE__ */ a(Until, { at }),
					" ",
					/* @__PURE__ */ a("span", {
						class: "soft",
						children: [
							"(",
							fullTime(at),
							")"
						]
					}),
					asked !== null && at > asked && /* @__PURE__ */ a("span", {
						class: "soft",
						children: [", not all of its account at once, so later than ", clockTime(asked)]
					}),
					"."
				] }),
				" ",
				/* @__PURE__ */ a("span", {
					class: "soft",
					children: [
						"By ",
						byWord(parked.by, parked.holder),
						" ",
						/* @__PURE__ */ a(Ago, { at: Date.parse(parked.since) }),
						" ago",
						parked.account !== void 0 && /* @__PURE__ */ a($, { children: [", account ", inert(parked.account)] }),
						"."
					]
				})
			]
		}), /* @__PURE__ */ a(Act, { children: [/* @__PURE__ */ a(Button, {
			small: true,
			icon: "play",
			onClick: () => intend("reopen", [agent.name]),
			children: "Reopen now"
		}), /* @__PURE__ */ a(Button, {
			small: true,
			onClick: () => intend("park", [agent.name]),
			children: "Change…"
		})] })]
	});
}
/** A stale image, and one that it is held to. */
function OldImage({ agent }) {
	const { pin, type, name } = agent;
	const stale = conditionOf(agent, "stale");
	if (stale === null && !pin) return null;
	const others = [...agents.value.values()].filter((other) => other.type === type && holds(other, "stale")).length;
	const tried = pin && pin.reason === null;
	return /* @__PURE__ */ a(Notice, {
		tone: tried ? "busy" : "warn",
		children: [/* @__PURE__ */ a("p", {
			class: "standing-words",
			children: [stale !== null && /* @__PURE__ */ a($, { children: [
				/* @__PURE__ */ a("strong", { children: "Its image is stale:" }),
				" ",
				shortIds(inert(stale.reason)),
				".",
				" "
			] }), pin && /* @__PURE__ */ a(Pinned, {
				pin,
				stale: stale !== null
			})]
		}), !tried && /* @__PURE__ */ a(Act, { children: [!agent.host_mode && /* @__PURE__ */ a(Button, {
			small: true,
			icon: "recreate",
			onClick: () => intend("recreate", [name]),
			children: "Recreate"
		}), /* @__PURE__ */ a(Button, {
			small: true,
			icon: "rollout",
			onClick: () => intent.value = {
				kind: "rollout",
				type
			},
			children: others > 1 ? `Roll out to all ${others}…` : "Roll out…"
		})] })]
	});
}
/** The image that it is held to, and by which rollout. */
function Pinned({ pin, stale }) {
	return /* @__PURE__ */ a($, { children: [
		pin.reason === null ? "A rollout tries the image " : "It is pinned to the image ",
		/* @__PURE__ */ a("code", {
			title: pin.image_id,
			children: shortIds(pin.image_id)
		}),
		pin.reason !== null && !stale && /* @__PURE__ */ a($, { children: [", to which it went back: ", inert(pin.reason)] }),
		pin.failed && /* @__PURE__ */ a($, { children: [", which could not be had: ", inert(pin.failed)] }),
		".",
		" ",
		/* @__PURE__ */ a(Link, {
			class: "text-link",
			href: rolloutPath(pin.rollout),
			children: "The rollout"
		})
	] });
}
// src/views/agent/head.tsx
/** Who it is, how it is, and what can be done. */
function AgentHead({ agent }) {
	const { name } = agent;
	return /* @__PURE__ */ a("header", {
		class: "agent-head",
		children: [
			/* @__PURE__ */ a("div", {
				class: "agent-title",
				children: [/* @__PURE__ */ a(Link, {
					class: "crumb",
					href: "/",
					children: "Fleet"
				}), /* @__PURE__ */ a("div", {
					class: "agent-name",
					children: [
						/* @__PURE__ */ a("h1", { children: name }),
						/* @__PURE__ */ a(StatusMark, { status: statusOf(agent, dockerReachable.value) }),
						/* @__PURE__ */ a(Marks, { agent })
					]
				})]
			}),
			/* @__PURE__ */ a(Actions, { agent }),
			/* @__PURE__ */ a(Standing, { agent }),
			/* @__PURE__ */ a(Facts, { agent })
		]
	});
}
var MARKS = [
	"needs_human",
	"unhealthy",
	"limit_near",
	"parked",
	"cordoned",
	"kept_awake",
	"draining"
];
var MARK_WORDS = {
	needs_human: "needs a person",
	unhealthy: "unhealthy",
	limit_near: "near a limit",
	parked: "parked",
	cordoned: "cordoned",
	kept_awake: "kept awake",
	draining: "draining"
};
function Marks({ agent }) {
	return /* @__PURE__ */ a($, { children: MARKS.map((type) => {
		const condition = conditionOf(agent, type);
		return condition !== null && /* @__PURE__ */ a(Chip, {
			tone: conditionTone(type),
			title: inert(condition.reason),
			children: MARK_WORDS[type]
		}, type);
	}) });
}
/** As buttons where there is room; the others are in the menu. */
var AT_HAND = [
	"adopt",
	"recover",
	"start",
	"stop",
	"restart"
];
function Actions({ agent }) {
	const verbs = fitting(agent);
	const label = ({ label, confirm }) => confirm ? `${label}…` : label;
	const item = (verb) => ({
		label: label(verb),
		icon: VERB_ICONS[verb.name],
		danger: verb.danger,
		onSelect: () => intend(verb.name, [agent.name])
	});
	const rest = verbs.filter(({ name }) => !AT_HAND.includes(name));
	const groups = () => [
		rest.filter(({ danger }) => !danger).map(item),
		agent.host_mode ? [] : [{
			label: "Edit…",
			icon: "edit",
			onSelect: () => intent.value = {
				kind: "edit",
				name: agent.name
			}
		}],
		rest.filter(({ danger }) => danger).map(item)
	];
	return /* @__PURE__ */ a("div", {
		class: "agent-actions",
		role: "group",
		"aria-label": `Actions on ${agent.name}`,
		children: [
			verbs.filter(({ name }) => AT_HAND.includes(name)).map((verb) => /* @__PURE__ */ a(Button, {
				icon: VERB_ICONS[verb.name],
				onClick: () => intend(verb.name, [agent.name]),
				children: label(verb)
			}, verb.name)),
			!agent.host_mode && /* @__PURE__ */ a(Button, {
				icon: "task",
				onClick: () => intent.value = {
					kind: "run-task",
					name: agent.name
				},
				children: "Run a task"
			}),
			/* @__PURE__ */ a(Menu, {
				label: `More actions on ${agent.name}`,
				groups,
				trigger: /* @__PURE__ */ a(Icon, { name: "more" }),
				triggerClass: "button agent-more"
			})
		]
	});
}
function Facts({ agent }) {
	const { observed, lease, task } = agent;
	const status = statusOf(agent, dockerReachable.value);
	const unknown = status.tone === "unknown";
	const holder = lease === null || task !== null && lease.holder.startsWith("task:") ? null : lease.holder;
	const running = observed.phase === "running" && !unknown;
	return /* @__PURE__ */ a("dl", {
		class: "facts card dims",
		children: [
			/* @__PURE__ */ a(Fact, {
				label: "Type",
				children: [agent.type, agent.pool !== agent.type && /* @__PURE__ */ a("span", {
					class: "soft",
					children: ["pool ", agent.pool]
				})]
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Lifecycle",
				children: agent.host_mode ? "on the host" : /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Icon, { name: agent.lifecycle === "hot" ? "flame" : "moon" }), agent.lifecycle] })
			}),
			/* @__PURE__ */ a(Fact, {
				label: `${status.word} for`,
				children: /* @__PURE__ */ a(Ago, { at: unknown ? null : sinceWhen(agent) })
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Uptime",
				children: /* @__PURE__ */ a(Ago, { at: running && observed.started_at !== null ? Date.parse(observed.started_at) : null })
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Works for",
				children: [
					lease === null && task === null && /* @__PURE__ */ a(Dash, {}),
					holder !== null && /* @__PURE__ */ a("span", {
						class: "cut",
						title: holder,
						children: holder
					}),
					task !== null && /* @__PURE__ */ a(Link, {
						class: "text-link",
						href: taskPath(task),
						children: "a task"
					})
				]
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Restarts",
				children: /* @__PURE__ */ a("span", {
					class: "num",
					children: observed.restart_count ?? /* @__PURE__ */ a(Dash, {})
				})
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Container",
				children: observed.container_id === null ? /* @__PURE__ */ a(Dash, {}) : /* @__PURE__ */ a("span", {
					class: "mono",
					title: observed.incarnation ?? observed.container_id,
					children: observed.container_id.slice(0, 12)
				})
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Image",
				wide: true,
				children: /* @__PURE__ */ a(Image, { agent })
			})
		]
	});
}
function Image({ agent }) {
	const name = agent.observed.image ?? agent.desired.image;
	if (name === null) return /* @__PURE__ */ a(Dash, {});
	const stale = conditionOf(agent, "stale");
	const drift = conditionOf(agent, "drift");
	return /* @__PURE__ */ a($, { children: [
		/* @__PURE__ */ a("span", {
			class: "mono cut",
			title: `${name} ${agent.observed.image_id ?? ""}`,
			children: name
		}),
		stale !== null && /* @__PURE__ */ a(Chip, {
			tone: "warn",
			title: stale.reason,
			children: "stale"
		}),
		drift !== null && /* @__PURE__ */ a(Chip, {
			tone: "busy",
			title: drift.reason,
			children: "drift"
		}),
		stale === null && drift === null && agent.observed.container_id !== null && /* @__PURE__ */ a(Chip, {
			tone: "ok",
			title: "The container runs the image that this name means now",
			children: "current"
		})
	] });
}
function Fact({ label, wide = false, children }) {
	return /* @__PURE__ */ a("div", {
		class: wide ? "fact-wide" : void 0,
		children: [/* @__PURE__ */ a("dt", { children: label }), /* @__PURE__ */ a("dd", { children })]
	});
}
// src/views/agent/log.tsx
/** Lines that are asked for when the log is first opened. */
var TAIL = 1e3;
/** What its container prints, live; it goes on by itself when the container is started again. */
function AgentLog({ agent }) {
	const { name } = agent;
	const feed = w(() => logOf(name), [name]);
	useFeed(feed);
	const incarnation = agent.observed.phase === "running" ? agent.observed.incarnation : null;
	const read = T(null);
	A(() => {
		const { kind } = feed.standing.peek();
		const another = read.current !== null && incarnation !== null && read.current !== incarnation;
		if (incarnation !== null) read.current = incarnation;
		if (another) feed.remark("the container was started again");
		if (incarnation !== null && (another || kind === "ended" || kind === "refused")) feed.connect();
	}, [incarnation, feed]);
	const standing = feed.standing.value;
	return /* @__PURE__ */ a(OutputPane, {
		label: `Log of ${name}`,
		buffer: feed.buffer.value,
		reading: feed.reading,
		streams: true,
		growing: standing.kind !== "ended" && standing.kind !== "refused",
		standing: /* @__PURE__ */ a(FeedStanding, {
			feed,
			ended: "The container does not run"
		}),
		empty: standing.kind === "refused" ? "There is nothing to read now." : "It has printed nothing.",
		download: {
			href: `${BASE}/agents/${encodeURIComponent(name)}/logs?tail=100000`,
			name: `${name}.log`
		}
	});
}
function logOf(name) {
	return new Feed({ dated: true }, async (feed, signal) => {
		const { last } = feed.buffer.peek();
		feed.change(forgetOpen);
		const overlap = new Overlap(last);
		const frames = new FrameReader();
		const text = new TextDecoder();
		for await (const bytes of chunks(logPath(name, last === null ? TAIL : MOST_LINES), "text/event-stream", signal)) {
			if (feed.standing.peek().kind !== "live") feed.live();
			for (const { event, data } of frames.push(text.decode(bytes, { stream: true }))) {
				if (event === "end") return;
				if (event === "error") throw unstable(data);
				if (event !== "log") continue;
				const chunk = overlap.filter(JSON.parse(data));
				if (chunk !== null) feed.take(chunk);
			}
		}
		throw ApiError.unreachable(null);
	});
}
/** A failure on the way passes, whatever its kind, so it is tried again. */
function unstable(data) {
	const told = problemOf(502, data);
	return new ApiError(502, told.kind, told.title, told.message);
}
// src/views/agent/evidence.ts
/** What a decision was made on, as rows of words. Pure: the server may note whatever it looked at. */
var LABELS = {
	desired_spec: "Asked spec",
	looked_at: "Looked at",
	foreign_container: "Not our container"
};
/** In this order; what is not named here follows. */
var FIRST = [
	"row",
	"container",
	"foreign_container",
	"desired_spec"
];
var LAST = ["looked_at"];
function evidenceOf(evidence) {
	const keys = Object.keys(evidence);
	const rank = (key) => {
		const first = FIRST.indexOf(key);
		if (first >= 0) return first;
		return LAST.includes(key) ? 100 : 50;
	};
	keys.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
	return keys.map((key) => ({
		label: LABELS[key] ?? words(key),
		parts: partsOf(evidence[key])
	}));
}
function partsOf(value) {
	if (value === null || value === void 0) return [];
	if (typeof value !== "object") return [partOf(null, value)];
	if (Array.isArray(value)) return value.map((one) => partOf(null, one));
	return Object.entries(value).sort(([a], [b]) => place(a) - place(b)).flatMap(([key, one]) => {
		if (one === null || isNoise(key, one)) return [];
		return [partOf(key.replaceAll("_", " "), one)];
	});
}
var MEMBERS = [
	"name",
	"state",
	"exit_code",
	"restart_count",
	"image"
];
function place(key) {
	const at = MEMBERS.indexOf(key);
	return at < 0 ? MEMBERS.length : at;
}
/** What says nothing: no exit code and no restarts. */
function isNoise(key, value) {
	return value === 0 && [
		"exit_code",
		"restart_count",
		"failures_in_a_row"
	].includes(key);
}
function partOf(name, value) {
	const plain = {
		name,
		at: null,
		code: false,
		full: null
	};
	if (typeof value === "string") {
		if (/^(sha256:)?[0-9a-f]{64}$/.test(value)) return {
			...plain,
			text: shortIds(value),
			code: true,
			full: value
		};
		if (/^\d{4}-\d\d-\d\dT/.test(value)) {
			const at = Date.parse(value);
			if (!Number.isNaN(at) && name !== "expires at") return {
				...plain,
				text: value,
				at
			};
			return {
				...plain,
				text: value.replace("T", " ").replace(/\.\d+/, "")
			};
		}
		return {
			...plain,
			text: value
		};
	}
	if (typeof value === "object" && value !== null) return {
		...plain,
		text: JSON.stringify(value),
		code: true
	};
	return {
		...plain,
		text: String(value)
	};
}
function words(key) {
	const text = key.replaceAll("_", " ");
	return text.charAt(0).toUpperCase() + text.slice(1);
}
// src/views/agent/why.tsx
/** Looked at again no more often than this, however fast the agent changes. */
var SOON_MS = 400;
/** How the supervisor came to what it does with this agent: state, rule, evidence, what comes next. */
function WhyCard({ agent }) {
	const loaded = useLoad(agent.name, () => why(agent.name));
	const first = T(true);
	A(() => {
		if (first.current) {
			first.current = false;
			return;
		}
		const timer = setTimeout(loaded.reload, SOON_MS);
		return () => clearTimeout(timer);
	}, [agent]);
	const why$1 = loaded.value;
	return /* @__PURE__ */ a("section", {
		class: "card why dims",
		"aria-labelledby": "why-title",
		children: [
			/* @__PURE__ */ a("h2", {
				id: "why-title",
				children: "Why"
			}),
			loaded.error !== null && /* @__PURE__ */ a(Problem, { error: loaded.error }),
			why$1 === null ? loaded.error === null && /* @__PURE__ */ a("div", {
				class: "why-wait",
				role: "status",
				"aria-label": "Loading the decision"
			}) : /* @__PURE__ */ a(Chain, {
				why: why$1,
				agent
			}),
			/* @__PURE__ */ a(Conditions, { conditions: agent.conditions })
		]
	});
}
function Chain({ why, agent }) {
	return /* @__PURE__ */ a("ol", {
		class: "chain",
		children: [
			/* @__PURE__ */ a(Step, {
				label: "State",
				children: /* @__PURE__ */ a(StatusMark, { status: statusOf(agent, dockerReachable.value) })
			}),
			/* @__PURE__ */ a(Step, {
				label: "Because",
				children: [/* @__PURE__ */ a("p", {
					class: "why-words",
					children: sentence(why.explanation)
				}), /* @__PURE__ */ a("p", {
					class: "soft",
					children: [
						"Rule ",
						/* @__PURE__ */ a("code", { children: why.rule }),
						", held for ",
						/* @__PURE__ */ a(Ago, { at: Date.parse(why.since) })
					]
				})]
			}),
			/* @__PURE__ */ a(Step, {
				label: "Evidence",
				children: /* @__PURE__ */ a("dl", {
					class: "evidence",
					children: evidenceOf(why.evidence).map((item) => /* @__PURE__ */ a(EvidenceRow, { item }, item.label))
				})
			}),
			/* @__PURE__ */ a(Step, {
				label: "Next",
				children: why.next_action === null ? /* @__PURE__ */ a("span", {
					class: "soft",
					children: "Nothing until something changes"
				}) : /* @__PURE__ */ a("span", {
					class: "why-next",
					children: [
						/* @__PURE__ */ a(Icon, { name: "right" }),
						/* @__PURE__ */ a("strong", { children: sentence(why.next_action.replaceAll("_", " ")) }),
						why.next_at !== null && /* @__PURE__ */ a(Until, { at: Date.parse(why.next_at) })
					]
				})
			})
		]
	});
}
function Step({ label, children }) {
	return /* @__PURE__ */ a("li", {
		class: "chain-step",
		children: [/* @__PURE__ */ a("h3", { children: label }), /* @__PURE__ */ a("div", { children })]
	});
}
function EvidenceRow({ item }) {
	return /* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("dt", { children: item.label }), /* @__PURE__ */ a("dd", { children: [item.parts.length === 0 && /* @__PURE__ */ a(Dash, {}), item.parts.map((part, index) => /* @__PURE__ */ a("span", {
		class: "evidence-part",
		children: [part.name !== null && /* @__PURE__ */ a("span", {
			class: "soft",
			children: [part.name, " "]
		}), part.at === null ? /* @__PURE__ */ a("span", {
			class: part.code ? "mono" : void 0,
			title: part.full ?? void 0,
			children: part.text
		}) : /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Ago, { at: part.at }), " ago"] })]
	}, index))] })] });
}
function Conditions({ conditions }) {
	return /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("h2", {
		class: "conditions-title",
		children: "Conditions"
	}), /* @__PURE__ */ a("ul", {
		class: "conditions",
		children: [conditions.map((condition) => /* @__PURE__ */ a(ConditionRow, { condition }, condition.type)), conditions.length === 0 && /* @__PURE__ */ a("li", {
			class: "soft",
			children: "None"
		})]
	})] });
}
function ConditionRow({ condition }) {
	const { type, status, reason, since, next_retry_at } = condition;
	const tone = status ? conditionTone(type) : "idle";
	const word = conditionWord(type);
	const said = shortIds(inert(/^\w+$/.test(reason) ? reason.replaceAll("_", " ") : reason));
	return /* @__PURE__ */ a("li", {
		class: "condition",
		children: [
			/* @__PURE__ */ a(StatusShape, {
				tone,
				shape: !status ? "ring" : tone === "ok" ? "check" : tone === "busy" ? "square" : "alert"
			}),
			/* @__PURE__ */ a("div", {
				class: "condition-words",
				children: [/* @__PURE__ */ a("strong", { children: status ? word : `Not ${word.toLowerCase()}` }), /* @__PURE__ */ a("p", {
					class: "soft",
					children: sentence(said)
				})]
			}),
			/* @__PURE__ */ a("div", {
				class: "condition-times",
				children: [/* @__PURE__ */ a("span", { children: ["for ", /* @__PURE__ */ a(Ago, { at: Date.parse(since) })] }), status && next_retry_at !== void 0 && /* @__PURE__ */ a("span", {
					class: type === "parked" ? void 0 : "condition-retry",
					children: [
						type === "parked" ? "reopens" : type === "unhealthy" ? "restart" : "next try",
						" ",
						/* @__PURE__ */ a(Until, { at: Date.parse(next_retry_at) })
					]
				})]
			})
		]
	});
}
function sentence(text) {
	return text === "" ? text : text[0]?.toUpperCase() + text.slice(1);
}
// src/views/agent/last-death.tsx
var CAUSE_WORDS = {
	requested: "as it was asked to",
	exited: "ended by itself",
	crashed: "crashed",
	oom: "out of memory",
	killed: "killed by somebody else",
	unhealthy: "restarted, as its health checks failed",
	start_failed: "could not be started",
	vanished: "its container vanished"
};
var WALL_WORDS = {
	memory: "memory",
	cpu: "CPU",
	pids: "processes",
	disk: "disk"
};
/** What is known of how its container last died. */
function LastDeath({ stop }) {
	const capsule = stop.capsule;
	const calm = stop.cause === "requested" || stop.cause === "exited";
	return /* @__PURE__ */ a("section", {
		class: "card death dims",
		"aria-labelledby": "death-title",
		children: [
			/* @__PURE__ */ a("div", {
				class: "death-head",
				children: [
					/* @__PURE__ */ a("h2", {
						id: "death-title",
						children: "Last stop"
					}),
					/* @__PURE__ */ a(Chip, {
						tone: calm ? "idle" : "bad",
						children: CAUSE_WORDS[stop.cause] ?? stop.cause.replaceAll("_", " ")
					}),
					/* @__PURE__ */ a("span", {
						class: "soft",
						title: fullTime(Date.parse(stop.at)),
						children: [/* @__PURE__ */ a(Ago, { at: Date.parse(stop.at) }), " ago"]
					})
				]
			}),
			stop.detail !== null && /* @__PURE__ */ a("p", { children: sentence(stop.detail) }),
			/* @__PURE__ */ a("dl", {
				class: "facts death-facts",
				children: [
					/* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("dt", { children: "Exit code" }), /* @__PURE__ */ a("dd", {
						class: "num",
						children: stop.exit_code ?? /* @__PURE__ */ a(Dash, {})
					})] }),
					capsule != null && /* @__PURE__ */ a(Saved, { capsule }),
					/* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("dt", { children: "Container" }), /* @__PURE__ */ a("dd", { children: /* @__PURE__ */ a("span", {
						class: "mono",
						title: stop.incarnation,
						children: stop.incarnation.slice(0, 12)
					}) })] })
				]
			}),
			capsule != null && /* @__PURE__ */ a(LogTail, { text: capsule.log_tail })
		]
	});
}
/** What could be saved before docker let go of it; nobody saves anything where the stop was asked for. */
function Saved({ capsule }) {
	const { oom_killed, task, disk, wall, usage } = capsule;
	const pids = usage?.limits?.pids ?? null;
	return /* @__PURE__ */ a($, { children: [
		wall != null && /* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("dt", { children: "Ran against" }), /* @__PURE__ */ a("dd", { children: /* @__PURE__ */ a(Chip, {
			tone: "bad",
			children: `its limit of ${WALL_WORDS[wall] ?? wall}`
		}) })] }),
		usage != null && /* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("dt", { children: "Used at last" }), /* @__PURE__ */ a("dd", {
			class: "num",
			children: [
				bytes(usage.memory_bytes),
				" of ",
				bytes(usage.memory_limit_bytes),
				", ",
				usage.pids,
				pids !== null && ` of ${pids}`,
				" ",
				usage.pids === 1 && pids === null ? "process" : "processes"
			]
		})] }),
		/* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("dt", { children: "Out of memory" }), /* @__PURE__ */ a("dd", { children: oom_killed ? /* @__PURE__ */ a(Chip, {
			tone: "bad",
			children: "killed by the kernel"
		}) : "no sign of it" })] }),
		/* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("dt", { children: "Task" }), /* @__PURE__ */ a("dd", { children: task === null ? /* @__PURE__ */ a(Dash, {}) : /* @__PURE__ */ a(Link, {
			class: "text-link",
			href: taskPath(task),
			children: "was running"
		}) })] }),
		/* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("dt", { children: "Disk of its state" }), /* @__PURE__ */ a("dd", {
			class: "num",
			children: disk === null ? /* @__PURE__ */ a(Dash, {}) : `${bytes(disk.free)} of ${bytes(disk.total)} free`
		})] })
	] });
}
function LogTail({ text }) {
	if (text === "") return /* @__PURE__ */ a("p", {
		class: "soft",
		children: "It left no last words: it printed nothing, or its output was gone."
	});
	let style = PLAIN;
	const lines = text.replace(/\n$/, "").split("\n").map((raw) => {
		const parsed = parseLine(raw, style);
		({style} = parsed);
		return parsed.pieces;
	});
	return /* @__PURE__ */ a("div", {
		class: "death-words",
		children: [/* @__PURE__ */ a("div", {
			class: "death-words-head",
			children: [/* @__PURE__ */ a("h3", { children: "Its last words" }), /* @__PURE__ */ a(IconButton, {
				icon: "copy",
				label: "Copy the last words",
				onClick: () => void copyText(text)
			})]
		}), /* @__PURE__ */ a("pre", {
			class: "log-tail",
			tabIndex: 0,
			role: "region",
			"aria-label": "Last lines of its log",
			children: lines.map((pieces, index) => /* @__PURE__ */ a("div", {
				class: "output-text",
				children: [pieces.map((piece, at) => /* @__PURE__ */ a("span", {
					class: piece.style === "" ? void 0 : piece.style,
					children: piece.text
				}, at)), pieces.length === 0 && "​"]
			}, index))
		})]
	});
}
// src/views/agent/chart.tsx
var HEIGHT = 136;
/** One line over time. The library is fetched when the first one is drawn. */
function Chart({ times, values, words, binary, least, label }) {
	const place = T(null);
	const drawn = T(null);
	const [read, setRead] = d(null);
	const data = T([[], []]);
	data.current = [[...times], [...values]];
	const dark = useDark();
	A(() => {
		let gone = false;
		const box = place.current;
		if (box === null) return;
		__vitePreload(async () => {
			const { draw } = await import("./uplot.js");
			return { draw };
		}, __vite__mapDeps([0,1,2,3,4,5])).then(({ draw }) => {
			if (gone) return;
			const onRead = (index) => {
				const at = index === null ? void 0 : data.current[0][index];
				const value = index === null ? null : data.current[1][index] ?? null;
				setRead(at === void 0 || value === null ? null : `${clockTime(at * 1e3)}  ${words(value)}`);
			};
			drawn.current = draw({
				box,
				height: HEIGHT,
				data: data.current,
				words,
				binary,
				least,
				onRead
			});
		});
		const observer = new ResizeObserver(() => drawn.current?.setSize({
			width: box.clientWidth,
			height: HEIGHT
		}));
		observer.observe(box);
		return () => {
			gone = true;
			observer.disconnect();
			drawn.current?.destroy();
			drawn.current = null;
		};
	}, [dark]);
	A(() => {
		drawn.current?.setData(data.current);
	}, [times.at(-1), values.length]);
	return /* @__PURE__ */ a("div", {
		class: "chart",
		role: "img",
		"aria-label": label,
		children: [/* @__PURE__ */ a("div", { ref: place }), read !== null && /* @__PURE__ */ a("span", {
			class: "chart-read num",
			children: read
		})]
	});
}
/** Whether the page is dark, so that what cannot follow by itself is drawn anew. */
function useDark() {
	const system = matchMedia("(prefers-color-scheme: dark)");
	const [systemDark, setSystemDark] = d(system.matches);
	A(() => {
		const changed = () => setSystemDark(system.matches);
		system.addEventListener("change", changed);
		return () => system.removeEventListener("change", changed);
	}, []);
	return theme.value === "system" ? systemDark : theme.value === "dark";
}
// src/views/agent/usage.tsx
/** What its container uses, measured while this page is open. */
function Usage({ name, running }) {
	const past = samples(name).value;
	const last = running ? past.at(-1) : void 0;
	if (!running && past.length < 2) return /* @__PURE__ */ a("p", {
		class: "card usage soft",
		children: "What it uses is measured while it runs."
	});
	const limit = last?.memoryLimit ?? null;
	return /* @__PURE__ */ a("section", {
		class: "card usage dims",
		"aria-label": "Usage",
		children: [/* @__PURE__ */ a(Measure, {
			title: "CPU",
			note: "100 % is one core",
			now: last?.cpu == null ? null : percent(last.cpu),
			past,
			value: ({ cpu }) => cpu,
			words: percent,
			least: 10
		}), /* @__PURE__ */ a(Measure, {
			title: "Memory",
			note: limit === null ? "" : `of ${bytes(limit)}`,
			now: last?.memory == null ? null : bytes(last.memory),
			past,
			value: ({ memory }) => memory,
			words: bytes,
			least: 1048576
		})]
	});
}
function Measure({ title, note, now, past, value, words, least }) {
	const values = past.map(value);
	const most = values.reduce((top, one) => Math.max(top, one ?? 0), 0);
	return /* @__PURE__ */ a("div", {
		class: "measure",
		children: [/* @__PURE__ */ a("div", {
			class: "measure-head",
			children: [
				/* @__PURE__ */ a("h2", { children: title }),
				/* @__PURE__ */ a("span", {
					class: "measure-now num",
					children: now ?? /* @__PURE__ */ a(Dash, {})
				}),
				/* @__PURE__ */ a("span", {
					class: "soft measure-note",
					children: note
				}),
				past.length > 1 && /* @__PURE__ */ a("span", {
					class: "soft num measure-most",
					children: ["highest ", words(most)]
				})
			]
		}), past.length > 1 ? /* @__PURE__ */ a(Chart, {
			times: past.map(({ at }) => at / 1e3),
			values,
			words,
			binary: words === bytes,
			least,
			label: `${title}: now ${now ?? "unknown"}, highest ${words(most)}`
		}) : /* @__PURE__ */ a("div", {
			class: "measure-none soft",
			children: "The first measurements come within seconds."
		})]
	});
}
// src/views/agent/overview.tsx
function Overview({ agent }) {
	return /* @__PURE__ */ a("div", {
		class: "overview",
		children: [
			/* @__PURE__ */ a(WhyCard, { agent }),
			!agent.host_mode && /* @__PURE__ */ a(Usage, {
				name: agent.name,
				running: agent.observed.phase === "running"
			}),
			agent.last_stop !== null && /* @__PURE__ */ a(LastDeath, { stop: agent.last_stop })
		]
	});
}
// src/views/agent/tasks.tsx
function AgentTasks({ name }) {
	const tasks = useTasks({
		instance: name,
		states: []
	});
	const ask = () => {
		intent.value = {
			kind: "run-task",
			name
		};
	};
	const { list, error } = tasks;
	return /* @__PURE__ */ a("section", {
		"aria-label": `Tasks of ${name}`,
		children: [
			error !== null && /* @__PURE__ */ a(Problem, { error }),
			list === null && error === null && /* @__PURE__ */ a("div", {
				class: "tab-wait",
				role: "status",
				"aria-label": "Loading tasks"
			}),
			list !== null && list.tasks.length === 0 && /* @__PURE__ */ a("div", {
				class: "card",
				children: /* @__PURE__ */ a(EmptyState, {
					icon: "task",
					title: "It has run no task yet",
					actions: /* @__PURE__ */ a(Button, {
						icon: "task",
						onClick: ask,
						children: "Run a task"
					})
				})
			}),
			list !== null && list.tasks.length > 0 && /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("div", {
				class: "tab-bar",
				children: [/* @__PURE__ */ a("span", {
					class: "soft num",
					children: list.complete ? `${list.tasks.length} in all` : `The newest ${list.tasks.length}`
				}), /* @__PURE__ */ a(Link, {
					class: "text-link",
					href: `/tasks?instance=${encodeURIComponent(name)}`,
					children: "Filter them"
				})]
			}), /* @__PURE__ */ a(TaskTable, {
				label: `Tasks of ${name}`,
				tasks,
				instances: false
			})] })
		]
	});
}
// src/views/agent/agent.tsx
var TABS = [
	{
		id: "overview",
		label: "Overview"
	},
	{
		id: "log",
		label: "Log"
	},
	{
		id: "tasks",
		label: "Tasks"
	},
	{
		id: "events",
		label: "Events"
	},
	{
		id: "config",
		label: "Configuration"
	}
];
/** One agent: what it does and why, what it prints, what it is to be. */
function AgentView({ route }) {
	const name = route.view === "agent" ? route.name : "";
	const wanted = route.view === "agent" ? route.tab : null;
	const agent$1 = agent(name).value;
	A(() => {
		pageName.value = name;
		return () => {
			pageName.value = null;
		};
	}, [name]);
	if (agent$1 === null) return arrived.value ? /* @__PURE__ */ a(Gone, { name }, name) : /* @__PURE__ */ a("div", {
		class: "page-wait",
		role: "status",
		"aria-label": "Loading the agent"
	});
	const current = TABS.find(({ id }) => id === wanted)?.id ?? "overview";
	const tabs = TABS.filter(({ id }) => !agent$1.host_mode || id !== "log" && id !== "tasks");
	return /* @__PURE__ */ a("div", {
		class: "agent",
		children: [
			/* @__PURE__ */ a(AgentHead, { agent: agent$1 }),
			/* @__PURE__ */ a(Tabs, {
				label: `Parts of ${name}`,
				current,
				tabs: tabs.map(({ id, label }) => ({
					id,
					label,
					href: id === "overview" ? agentPath(name) : agentPath(name, id)
				}))
			}),
			/* @__PURE__ */ a(TabBody, {
				tab: current,
				agent: agent$1
			})
		]
	}, name);
}
function TabBody({ tab, agent }) {
	switch (tab) {
		case "overview": return /* @__PURE__ */ a(Overview, { agent });
		case "log": return /* @__PURE__ */ a(AgentLog, { agent });
		case "tasks": return /* @__PURE__ */ a(AgentTasks, { name: agent.name });
		case "events": return /* @__PURE__ */ a(AgentEvents, { name: agent.name });
		case "config": return /* @__PURE__ */ a(Configuration, { agent });
	}
}
export { AgentView };
