import { a as r, c as A, h as $, o as x, p as d, s as y, t as a } from "./vendor-preact.js";
import { A as pretty, At as agents, Dt as intend, J as Link, Jt as ended, Nt as dockerReachable, Pt as facts, S as StatusMark, W as clockTime, Xt as run, Y as agentPath, _t as Icon, at as EmptyState, fn as plan$1, gt as IconButton, ht as Button, jt as arrived, k as inert, kt as agent, mn as reconcileOne, ot as Notice, pn as reconcile, pt as Dialog, q as fullTime, sn as statusOf, st as Problem, vn as why } from "./common.js";
// src/views/plan/groups.ts
/** In the order in which an operator asks: what is destroyed, what is made, what is not done. */
var ORDER = [
	"removed",
	"recreated",
	"created",
	"started",
	"failed",
	"unchanged"
];
var WOULD = {
	removed: "Would be removed",
	recreated: "Would be recreated",
	created: "Would be created",
	started: "Would be started",
	failed: "Would fail",
	unchanged: "Would be changed in place"
};
var WAS = {
	removed: "Removed",
	recreated: "Recreated",
	created: "Created",
	started: "Started",
	failed: "Failed",
	unchanged: "Unchanged"
};
var OUTCOME_TONE = {
	removed: "bad",
	recreated: "warn",
	created: "busy",
	started: "ok",
	failed: "bad",
	unchanged: "idle"
};
var acts = ({ action }) => action !== "none";
function toDo(items) {
	return ORDER.map((outcome) => ({
		outcome,
		items: items.filter((item) => acts(item) && item.outcome === outcome)
	})).filter(({ items: found }) => found.length > 0);
}
/** Those for which nothing is done although they are not as their rows ask, by the rule that holds it back. */
function leftAlone(items) {
	const groups = /* @__PURE__ */ new Map();
	for (const item of items) {
		if (acts(item) || SETTLED.includes(item.rule) || FOREIGN.includes(item.rule)) continue;
		groups.set(item.rule, [...groups.get(item.rule) ?? [], item]);
	}
	return [...groups.entries()].map(([rule, found]) => ({
		rule,
		items: found
	}));
}
/** Of whom a container that is not ours has the name: with a row that it keeps from its name, or without. */
function foreign(items) {
	return items.filter((item) => !acts(item) && FOREIGN.includes(item.rule));
}
var FOREIGN = ["name_conflict", "stranger"];
/** Rules by which all is well. */
var SETTLED = [
	"as_desired",
	"host_mode",
	"lazy_asleep",
	"lazy_awake",
	"no_row"
];
function settled(items) {
	return items.filter((item) => !acts(item) && SETTLED.includes(item.rule));
}
/** Rules as titles; one of a newer server is called as the server calls it. */
function ruleWord(rule) {
	const words = rule.replaceAll("_", " ");
	return words.charAt(0).toUpperCase() + words.slice(1);
}
var CUTS = [
	"recreate",
	"restart",
	"stop",
	"remove",
	"clear"
];
/** Running agents that would be stopped or replaced. */
function wouldCut(items, agents) {
	return items.filter((item) => {
		const phase = agents.get(item.instance)?.observed.phase;
		return CUTS.includes(item.action) && (phase === void 0 || phase === "running" || phase === "starting");
	});
}
/** `2 created, 1 started`; of what is unchanged only if nothing else is. */
function reportWords(report) {
	const parts = ORDER.flatMap((outcome) => outcome === "unchanged" || report[outcome].length === 0 ? [] : [`${report[outcome].length} ${outcome}`]);
	return parts.length === 0 ? "nothing was to be done" : parts.join(", ");
}
function reportGroups(report) {
	return [
		"failed",
		"removed",
		"recreated",
		"created",
		"started",
		"unchanged"
	].map((outcome) => ({
		outcome,
		names: report[outcome]
	})).filter(({ names }) => names.length > 0);
}
// src/views/plan/state.ts
/** The plan, asked for anew when the fleet has changed; and doing it. */
var plan = y(null);
var failure = y(null);
var fetching = y(false);
/** When the plan was true, by this computer's clock. */
var plannedAt = y(null);
var applying = y(false);
var report = y(null);
/** What is to be asked before it is done. */
var asked = y(null);
var PAUSE_MS = 1500;
var SOON_MS = 200;
var timer;
var fetchedAt = 0;
var again = false;
/** Keeps the plan up to date as long as the page is open. */
function startPlan() {
	const stop = x(() => {
		agents.value, facts.value?.generation;
		if (arrived.value && dockerReachable.value !== false) soon();
	});
	return () => {
		stop();
		clearTimeout(timer);
		timer = void 0;
		r(() => {
			plan.value = null;
			failure.value = null;
			asked.value = null;
		});
	};
}
function soon() {
	if (fetching.peek()) again = true;
	else timer ??= setTimeout(() => void refresh(), Math.max(SOON_MS, fetchedAt + PAUSE_MS - Date.now()));
}
async function refresh() {
	clearTimeout(timer);
	timer = void 0;
	again = false;
	fetching.value = true;
	try {
		const items = await plan$1();
		r(() => {
			plan.value = items;
			failure.value = null;
			plannedAt.value = Date.now();
		});
	} catch (error) {
		failure.value = error;
	} finally {
		fetchedAt = Date.now();
		fetching.value = false;
		if (again) soon();
	}
}
/** Does the whole plan; `adopt` also takes over what is not ours. */
async function apply(adopt) {
	if (applying.peek()) return;
	asked.value = null;
	applying.value = true;
	report.value = null;
	await run(adopt ? "Adopting and reconciling" : "Applying the plan", "reconciled", ["The fleet"], async () => {
		const answer = await reconcile(adopt);
		report.value = {
			at: Date.now(),
			report: answer
		};
		const [first] = answer.failed;
		const failed = first !== void 0;
		return {
			failed,
			outcome: reportWords(answer),
			detail: failed ? answer.reasons[first] ?? null : null
		};
	});
	applying.value = false;
	soon();
}
function applyOne(name) {
	run(`Reconciling ${name}`, "reconciled", [name], async () => ended(await reconcileOne(name))).then(soon);
}
// src/views/plan/ask.tsx
var SHOWN = 8;
/** Asks before something that runs is replaced, or something of others is taken over. */
function AskDialog() {
	const what = asked.value;
	if (what === null) return null;
	const close = () => {
		asked.value = null;
	};
	const cut = wouldCut(plan.value ?? [], agents.value).map(({ instance }) => instance);
	const adopted = foreign(plan.value ?? []).map(({ instance }) => instance);
	return /* @__PURE__ */ a(Dialog, {
		title: what === "adopt" ? "Adopt the containers of others?" : "Apply the plan?",
		onClose: close,
		onSubmit: () => void apply(what === "adopt"),
		footer: /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Button, {
			onClick: close,
			children: "Cancel"
		}), /* @__PURE__ */ a(Button, {
			type: "submit",
			kind: "primary",
			"data-autofocus": true,
			children: what === "adopt" ? "Adopt and apply" : "Apply"
		})] }),
		children: [what === "adopt" && /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("p", { children: "Each is replaced by a container of ours on the same state volume; those without a row get one, if a declared type has such names. The rest of the plan is done too." }), /* @__PURE__ */ a(Names$1, { names: adopted })] }), cut.length > 0 && /* @__PURE__ */ a(Notice, {
			tone: "warn",
			children: [
				/* @__PURE__ */ a("strong", { children: cut.length === 1 ? "One that may be running is stopped or replaced" : `${cut.length} that may be running are stopped or replaced` }),
				/* @__PURE__ */ a(Names$1, { names: cut }),
				/* @__PURE__ */ a("p", {
					class: "soft",
					children: "Whoever is at work is waited for."
				})
			]
		})]
	});
}
function Names$1({ names }) {
	return /* @__PURE__ */ a("ul", {
		class: "plan-names mono",
		children: [names.slice(0, SHOWN).map((name) => /* @__PURE__ */ a("li", { children: name }, name)), names.length > SHOWN && /* @__PURE__ */ a("li", { children: [
			"and ",
			names.length - SHOWN,
			" more"
		] })]
	});
}
// src/views/plan/item.tsx
/** One agent of the plan: what would be done, by which rule, and what speaks for it. */
function PlanRow({ item }) {
	const [open, setOpen] = d(false);
	const { instance, action, rule, detail } = item;
	const now = agent(instance).value;
	const acts = action !== "none";
	return /* @__PURE__ */ a("li", {
		class: "plan-item",
		children: [/* @__PURE__ */ a("div", {
			class: "plan-line",
			children: [
				/* @__PURE__ */ a(IconButton, {
					icon: open ? "down" : "right",
					label: `Evidence for ${instance}`,
					title: "Rule and evidence",
					"aria-expanded": open,
					onClick: () => setOpen(!open)
				}),
				/* @__PURE__ */ a(Link, {
					class: "plan-name cut",
					href: agentPath(instance),
					children: instance
				}),
				/* @__PURE__ */ a("span", {
					class: "plan-now",
					children: now === null ? /* @__PURE__ */ a("span", {
						class: "soft",
						children: "No row"
					}) : /* @__PURE__ */ a(StatusMark, { status: statusOf(now, dockerReachable.value) })
				}),
				/* @__PURE__ */ a("span", {
					class: "plan-detail",
					children: [acts && /* @__PURE__ */ a("strong", { children: [ruleWord(action), ": "] }), inert(detail)]
				}),
				/* @__PURE__ */ a("code", {
					class: "plan-rule",
					children: rule
				}),
				/* @__PURE__ */ a("span", {
					class: "plan-act",
					children: [acts && /* @__PURE__ */ a(Button, {
						small: true,
						disabled: applying.value,
						"aria-label": `Apply to ${instance}`,
						onClick: () => applyOrAsk(item),
						children: "Apply"
					}), rule === "name_conflict" && /* @__PURE__ */ a(Button, {
						small: true,
						"aria-label": `Adopt ${instance}`,
						onClick: () => intend("adopt", [instance]),
						children: "Adopt…"
					})]
				})
			]
		}), open && /* @__PURE__ */ a(Evidence, { name: instance })]
	});
}
/** A recreate of one that runs is asked for like everywhere else. */
function applyOrAsk({ instance, action }) {
	const runs = agents.peek().get(instance)?.observed.phase === "running";
	if (action === "recreate" && runs) intend("recreate", [instance]);
	else applyOne(instance);
}
function Evidence({ name }) {
	const [why$1, setWhy] = d(null);
	const [error, setError] = d(null);
	const [asked, setAsked] = d(false);
	if (!asked) {
		setAsked(true);
		why(name).then(setWhy, setError);
	}
	if (error !== null) return /* @__PURE__ */ a("div", {
		class: "plan-evidence",
		children: /* @__PURE__ */ a(Problem, { error })
	});
	if (why$1 === null) return /* @__PURE__ */ a("div", {
		class: "plan-evidence soft",
		role: "status",
		children: "Asking…"
	});
	return /* @__PURE__ */ a("div", {
		class: "plan-evidence",
		children: [
			/* @__PURE__ */ a("p", { children: [
				/* @__PURE__ */ a("strong", { children: ruleWord(why$1.rule) }),
				": ",
				inert(why$1.explanation),
				why$1.since !== null && /* @__PURE__ */ a("span", {
					class: "soft num",
					children: [", since ", fullTime(Date.parse(why$1.since))]
				})
			] }),
			why$1.next_action !== null && /* @__PURE__ */ a("p", {
				class: "soft num",
				children: [
					"Next: ",
					inert(why$1.next_action),
					why$1.next_at !== null && ` at ${fullTime(Date.parse(why$1.next_at))}`
				]
			}),
			/* @__PURE__ */ a("pre", {
				class: "plan-json",
				tabIndex: 0,
				role: "region",
				"aria-label": `Evidence for ${name}`,
				children: pretty(why$1.evidence)
			})
		]
	});
}
// src/views/plan/foreign.tsx
/** Containers of others under our names, and what can be done about them. */
function Foreign({ items }) {
	if (items.length === 0) return null;
	return /* @__PURE__ */ a("section", {
		class: "card plan-group dims",
		"aria-labelledby": "plan-foreign",
		children: [/* @__PURE__ */ a("header", { children: [
			/* @__PURE__ */ a("h2", {
				id: "plan-foreign",
				children: "Containers of others"
			}),
			/* @__PURE__ */ a("span", {
				class: "plan-count num",
				children: items.length
			}),
			/* @__PURE__ */ a("p", {
				class: "soft",
				children: "They have names of ours but were not made by us. They are never touched until they are adopted."
			}),
			/* @__PURE__ */ a(Button, {
				small: true,
				onClick: () => asked.value = "adopt",
				children: "Adopt all…"
			})
		] }), /* @__PURE__ */ a("ul", { children: items.map((item) => /* @__PURE__ */ a(PlanRow, { item }, item.instance)) })]
	});
}
// src/views/plan/plan.tsx
/** What reconcile would do and why, before it does it. */
function PlanView() {
	A(startPlan, []);
	const items = plan.value;
	if (dockerReachable.value === false) return /* @__PURE__ */ a("div", {
		class: "plan",
		children: [/* @__PURE__ */ a(Head, { items: null }), /* @__PURE__ */ a("div", {
			class: "card",
			children: /* @__PURE__ */ a(EmptyState, {
				icon: "question",
				title: "There is no plan while docker is away",
				children: "What there is cannot be compared with what the rows ask. The plan is made when docker answers."
			})
		})]
	});
	return /* @__PURE__ */ a("div", {
		class: "plan",
		children: [
			/* @__PURE__ */ a(Head, { items }),
			failure.value !== null && /* @__PURE__ */ a(Problem, { error: failure.value }),
			/* @__PURE__ */ a(Report, {}),
			items === null ? failure.value === null && /* @__PURE__ */ a("div", {
				class: "card plan-skeleton",
				role: "status",
				"aria-label": "Loading the plan"
			}) : /* @__PURE__ */ a(Groups, { items }),
			/* @__PURE__ */ a(AskDialog, {})
		]
	});
}
function Head({ items }) {
	const count = toDo(items ?? []).reduce((sum, { items: found }) => sum + found.length, 0);
	const start = () => {
		if (wouldCut(items ?? [], agents.peek()).length > 0) asked.value = "apply";
		else apply(false);
	};
	return /* @__PURE__ */ a("div", {
		class: "plan-head",
		children: [
			/* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("h1", { children: "Plan" }), /* @__PURE__ */ a("p", {
				class: "soft num",
				children: [/* @__PURE__ */ a("span", {
					role: "status",
					children: items === null ? "What the next reconcile would do" : count === 0 ? "Nothing is to be done" : `${count} of ${items.length} agents would be changed`
				}), items !== null && plannedAt.value !== null && `, as of ${clockTime(plannedAt.value)}`]
			})] }),
			/* @__PURE__ */ a(Button, {
				icon: "restart",
				disabled: dockerReachable.value === false,
				busy: fetching.value && items === null,
				onClick: () => void refresh(),
				children: "Look again"
			}),
			/* @__PURE__ */ a(Button, {
				kind: "primary",
				icon: "play",
				busy: applying.value,
				disabled: items === null || count === 0 || dockerReachable.value === false,
				onClick: start,
				children: applying.value ? "Applying" : items === null ? "Apply" : count === 0 ? "Nothing to apply" : `Apply ${count === 1 ? "1 change" : `${count} changes`}`
			})
		]
	});
}
function Groups({ items }) {
	const changes = toDo(items);
	const alone = leftAlone(items);
	const well = settled(items);
	return /* @__PURE__ */ a($, { children: [
		changes.length === 0 && /* @__PURE__ */ a("div", {
			class: "card",
			children: /* @__PURE__ */ a(EmptyState, {
				icon: "check",
				title: "Nothing to do",
				children: alone.length === 0 ? "Every agent is as its row asks." : "What is not as its row asks waits for somebody, as is said below."
			})
		}),
		changes.map(({ outcome, items: found }) => /* @__PURE__ */ a("section", {
			class: "card plan-group dims",
			"aria-labelledby": `plan-${outcome}`,
			children: [/* @__PURE__ */ a("header", {
				class: `tone-${OUTCOME_TONE[outcome]}`,
				children: [
					/* @__PURE__ */ a("span", { class: "plan-mark" }),
					/* @__PURE__ */ a("h2", {
						id: `plan-${outcome}`,
						children: WOULD[outcome]
					}),
					/* @__PURE__ */ a("span", {
						class: "plan-count num",
						children: found.length
					})
				]
			}), /* @__PURE__ */ a("ul", { children: found.map((item) => /* @__PURE__ */ a(PlanRow, { item }, item.instance)) })]
		}, outcome)),
		/* @__PURE__ */ a(Foreign, { items: foreign(items) }),
		alone.length > 0 && /* @__PURE__ */ a("section", {
			class: "card plan-group dims",
			"aria-labelledby": "plan-alone",
			children: [/* @__PURE__ */ a("header", { children: [
				/* @__PURE__ */ a("h2", {
					id: "plan-alone",
					children: "Left alone"
				}),
				/* @__PURE__ */ a("span", {
					class: "plan-count num",
					children: alone.reduce((sum, { items: found }) => sum + found.length, 0)
				}),
				/* @__PURE__ */ a("p", {
					class: "soft",
					children: "Nothing is done to these now, and why."
				})
			] }), alone.map(({ rule, items: found }) => /* @__PURE__ */ a("ul", {
				"aria-label": ruleWord(rule),
				children: found.map((item) => /* @__PURE__ */ a(PlanRow, { item }, item.instance))
			}, rule))]
		}),
		well.length > 0 && /* @__PURE__ */ a("details", {
			class: "card plan-group plan-well dims",
			children: [/* @__PURE__ */ a("summary", { children: [
				/* @__PURE__ */ a(Icon, { name: "check" }),
				/* @__PURE__ */ a("h2", { children: "As they are to be" }),
				/* @__PURE__ */ a("span", {
					class: "plan-count num",
					children: well.length
				})
			] }), /* @__PURE__ */ a("ul", { children: well.map((item) => /* @__PURE__ */ a(PlanRow, { item }, item.instance)) })]
		})
	] });
}
/** What became of it, by outcome. */
function Report() {
	if (applying.value) return /* @__PURE__ */ a(Notice, {
		tone: "busy",
		children: "The plan is being applied. The states below change as the server tells."
	});
	const ended = report.value;
	if (ended === null) return null;
	const { reasons } = ended.report;
	const failed = ended.report.failed.length > 0;
	return /* @__PURE__ */ a("section", {
		class: "card plan-report",
		"aria-labelledby": "plan-report",
		children: [/* @__PURE__ */ a("header", {
			class: failed ? "tone-bad" : "tone-ok",
			children: [
				/* @__PURE__ */ a(Icon, { name: failed ? "alert" : "check" }),
				/* @__PURE__ */ a("h2", {
					id: "plan-report",
					children: ["Applied at ", clockTime(ended.at)]
				}),
				/* @__PURE__ */ a("span", {
					class: "soft",
					children: reportWords(ended.report)
				}),
				/* @__PURE__ */ a(IconButton, {
					icon: "close",
					label: "Dismiss the report",
					onClick: () => report.value = null
				})
			]
		}), /* @__PURE__ */ a("dl", { children: reportGroups(ended.report).map(({ outcome, names }) => /* @__PURE__ */ a("div", {
			class: `tone-${OUTCOME_TONE[outcome]}`,
			children: [/* @__PURE__ */ a("dt", { children: [
				WAS[outcome],
				" ",
				/* @__PURE__ */ a("span", {
					class: "plan-count num",
					children: names.length
				})
			] }), /* @__PURE__ */ a("dd", { children: outcome === "unchanged" ? /* @__PURE__ */ a("span", {
				class: "soft",
				children: "as they were"
			}) : /* @__PURE__ */ a(Names, {
				names,
				reasons
			}) })]
		}, outcome)) })]
	});
}
function Names({ names, reasons }) {
	return /* @__PURE__ */ a("ul", { children: names.map((name) => {
		const reason = reasons[name];
		return /* @__PURE__ */ a("li", { children: [/* @__PURE__ */ a(Link, {
			class: "text-link",
			href: agentPath(name),
			children: name
		}), reason !== void 0 && /* @__PURE__ */ a("span", {
			class: "soft",
			children: [" ", inert(reason)]
		})] }, name);
	}) });
}
export { PlanView };
