const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/create.js","assets/vendor-preact.js","assets/common.js","assets/common.css","assets/draft.js","assets/scale.js","assets/scale.css","assets/edit.js","assets/shared.js","assets/shared.css","assets/edit.css","assets/wipe.js","assets/park.js","assets/roll-out.js","assets/roll-out-draft.js","assets/roll-out.css","assets/run-task.js","assets/run-task.css","assets/palette.js","assets/palette.css","assets/key-help.js","assets/key-help.css","assets/agent.js","assets/agent.css","assets/tasks.js","assets/tasks.css","assets/task.js","assets/task.css","assets/rollouts.js","assets/rollouts.css","assets/rollout.js","assets/rollout.css","assets/timeline.js","assets/timeline.css","assets/plan.js","assets/plan.css","assets/events.js","assets/events.css","assets/sign-in.js","assets/sign-in.css"])))=>i.map(i=>d[i]);
import { c as A, d as T, f as b, g as Q, h as $, i as O, l as F, o as x, p as d, s as y, t as a } from "./vendor-preact.js";
import { $ as route, $t as fitting, At as agents, B as Kbd, Bt as totals, C as StatusShape, D as selected, Dt as intend, E as select, F as session, Ft as names, Gt as byName, H as Dash, Ht as typeNames, J as Link, Kt as act, L as signOut, M as setTheme, Mt as dockerAwaySince, N as startTheme, Nt as dockerReachable, O as toggle, Ot as intent, P as theme, Pt as facts, Qt as atWork, R as startSession, Rt as samples, S as StatusMark, T as isSelected, Tt as startClock, U as Until, Ut as BUCKETS, V as Ago, Vt as troubles, W as clockTime, Wt as together, X as go, Y as agentPath, Yt as operations, Zt as VERBS, _t as Icon, a as SearchField, at as EmptyState, b as Sparkline, bt as startLive, c as filterSearch, ct as Checkbox, d as order, en as conditionOf, et as search, f as parseFilter, g as percent, gt as IconButton, h as bytes, ht as Button, in as nextRetry, j as shortIds, jt as arrived, k as inert, kt as agent, l as isFiltering, m as useKeys, n as startTitle, nn as conditionWord, nt as startRouter, o as CONDITIONS, on as sinceWhen, ot as Notice, p as useGlobalKeys, pt as Dialog, qt as dismiss, r as ChoiceMenu, rn as holds, rt as taskPath, s as NO_FILTER, sn as statusOf, tt as signInPath, u as matches, v as reopensAt, vt as isLive, w as clearSelection, x as Chip, xt as tell, y as saidOf, yt as standing, z as Menu, zt as stable } from "./common.js";
// src/dialogs/verb.tsx
/** Asks before something is destroyed or somebody's work is cut. */
function VerbDialog({ intent, onClose }) {
	const [force, setForce] = d(false);
	if (intent.kind !== "verb" || intent.verb === "park") return null;
	const { verb: name, names } = intent;
	const verb = VERBS[name];
	const chosen = names.flatMap((one) => agents.value.get(one) ?? []);
	const busy = atWork(verb, chosen);
	const whom = names.length === 1 ? names[0] : `${names.length} agents`;
	const submit = () => {
		onClose();
		act(name, names, force);
	};
	return /* @__PURE__ */ a(Dialog, {
		title: `${verb.label} ${whom}?`,
		onClose,
		onSubmit: submit,
		footer: /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Button, {
			onClick: onClose,
			"data-autofocus": verb.danger,
			children: "Cancel"
		}), /* @__PURE__ */ a(Button, {
			type: "submit",
			kind: verb.danger || force ? "danger" : "primary",
			"data-autofocus": !verb.danger,
			children: force ? `${verb.label} and cut the work` : verb.label
		})] }),
		children: [
			/* @__PURE__ */ a("p", { children: verb.meaning }),
			names.length > 1 && /* @__PURE__ */ a("ul", {
				class: "verb-names",
				children: names.map((one) => /* @__PURE__ */ a("li", {
					class: "mono",
					children: one
				}, one))
			}),
			busy.length > 0 && /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Notice, {
				tone: "warn",
				children: [/* @__PURE__ */ a("strong", { children: busy.length === 1 ? `${busy[0]?.name} is at work` : `${busy.length} of them are at work` }), /* @__PURE__ */ a("ul", {
					class: "verb-busy",
					children: [busy.slice(0, 6).map(({ name: one, lease, task }) => /* @__PURE__ */ a("li", { children: [
						busy.length > 1 && /* @__PURE__ */ a("span", {
							class: "mono",
							children: [one, ": "]
						}),
						lease === null ? "a task" : `${lease.holder} holds it`,
						lease !== null && task !== null && ", a task runs"
					] }, one)), busy.length > 6 && /* @__PURE__ */ a("li", { children: [
						"and ",
						busy.length - 6,
						" more"
					] })]
				})]
			}), /* @__PURE__ */ a(Checkbox, {
				checked: force,
				onChange: (event) => setForce(event.currentTarget.checked),
				label: "Do it at once and cut the work. Otherwise the server waits for the work to end, or refuses and says why."
			})] })
		]
	});
}
// \0vite/preload-helper.js
var scriptRel = /* @__PURE__ */ (function detectScriptRel() {
	const relList = typeof document !== "undefined" && document.createElement("link").relList;
	return relList && relList.supports && relList.supports("modulepreload") ? "modulepreload" : "preload";
})();
var assetsURL = function(dep) {
	return "/" + dep;
};
var seen = {};
var isCssPreloadUrl = function isCssPreloadUrl(url) {
	return url.pathname.endsWith(".css");
};
var preloadOnce = function preloadOnce(seen, href, preload) {
	if (href in seen) return seen[href];
	const promise = preload();
	if (!promise) {
		seen[href] = void 0;
		return;
	}
	const preloadPromise = promise.then(() => {
		seen[href] = void 0;
	}, (err) => {
		seen[href] = void 0;
		throw err;
	});
	seen[href] = preloadPromise;
	return preloadPromise;
};
var __vitePreload = function preload(baseModule, deps, importerUrl) {
	let promise = Promise.resolve();
	if (deps && deps.length > 0) {
		let preloadedHrefs;
		const cspNonceMeta = document.querySelector("meta[property=csp-nonce]");
		const cspNonce = cspNonceMeta?.nonce || cspNonceMeta?.getAttribute("nonce");
		function allSettled(promises) {
			return Promise.all(promises.map((p) => Promise.resolve(p).then((value) => ({
				status: "fulfilled",
				value
			}), (reason) => ({
				status: "rejected",
				reason
			}))));
		}
		function importMetaResolve(specifier) {
			if (import.meta.resolve) return new URL(import.meta.resolve(specifier));
			return new URL(
				specifier,
				/** #__KEEP__ */
				import.meta.url
			);
		}
		promise = allSettled(deps.map((depString) => {
			depString = assetsURL(depString, importerUrl);
			const dep = importMetaResolve(depString);
			const isCss = isCssPreloadUrl(dep);
			return preloadOnce(seen, dep.href, () => {
				if (preloadedHrefs === void 0) {
					preloadedHrefs = {
						all: /* @__PURE__ */ new Set(),
						styles: /* @__PURE__ */ new Set()
					};
					const links = document.getElementsByTagName("link");
					for (let i = links.length - 1; i >= 0; i--) {
						const link = links[i];
						preloadedHrefs.all.add(link.href);
						if (link.rel === "stylesheet") preloadedHrefs.styles.add(link.href);
					}
				}
				if ((isCss ? preloadedHrefs.styles : preloadedHrefs.all).has(dep.href)) return;
				const link = document.createElement("link");
				link.rel = isCss ? "stylesheet" : scriptRel;
				if (!isCss) link.as = "script";
				link.crossOrigin = "";
				link.href = dep.href;
				if (cspNonce) link.setAttribute("nonce", cspNonce);
				document.head.appendChild(link);
				if (isCss) return new Promise((res, rej) => {
					const handleSettle = (e) => {
						link.removeEventListener("load", handleSettle);
						link.removeEventListener("error", handleSettle);
						if (e.type === "error") rej(/* @__PURE__ */ new Error(`Unable to preload CSS for ${dep}`));
						else res(e);
					};
					link.addEventListener("load", handleSettle);
					link.addEventListener("error", handleSettle);
				});
			});
		}).filter((p) => p !== void 0));
	}
	function handlePreloadError(err) {
		const e = new Event("vite:preloadError", { cancelable: true });
		e.payload = err;
		window.dispatchEvent(e);
		if (!e.defaultPrevented) throw err;
	}
	return promise.then((res) => {
		for (const item of res || []) {
			if (item.status !== "rejected") continue;
			handlePreloadError(item.reason);
		}
		return baseModule().catch(handlePreloadError);
	});
};
// src/dialogs/dialogs.tsx
/**
* The dialog that is open, if one is. All but the confirmation are fetched apart: when they are first opened, or as soon as
* the fleet is shown, so that they are there too when the server is not.
*/
var LOADERS = {
	create: async () => (await __vitePreload(async () => {
		const { CreateDialog } = await import("./create.js");
		return { CreateDialog };
	}, __vite__mapDeps([0,1,2,3,4]))).CreateDialog,
	scale: async () => (await __vitePreload(async () => {
		const { ScaleDialog } = await import("./scale.js");
		return { ScaleDialog };
	}, __vite__mapDeps([5,1,2,3,6]))).ScaleDialog,
	edit: async () => (await __vitePreload(async () => {
		const { EditDialog } = await import("./edit.js");
		return { EditDialog };
	}, __vite__mapDeps([7,1,8,2,3,9,10]))).EditDialog,
	wipe: async () => (await __vitePreload(async () => {
		const { WipeDialog } = await import("./wipe.js");
		return { WipeDialog };
	}, __vite__mapDeps([11,1,8,2,3,9]))).WipeDialog,
	park: async () => (await __vitePreload(async () => {
		const { ParkDialog } = await import("./park.js");
		return { ParkDialog };
	}, __vite__mapDeps([12,1,2,3]))).ParkDialog,
	rollout: async () => (await __vitePreload(async () => {
		const { RolloutDialog } = await import("./roll-out.js");
		return { RolloutDialog };
	}, __vite__mapDeps([13,1,2,3,8,9,14,15]))).RolloutDialog,
	"run-task": async () => (await __vitePreload(async () => {
		const { RunTaskDialog } = await import("./run-task.js");
		return { RunTaskDialog };
	}, __vite__mapDeps([16,1,2,3,8,9,4,17]))).RunTaskDialog,
	palette: async () => (await __vitePreload(async () => {
		const { Palette } = await import("./palette.js");
		return { Palette };
	}, __vite__mapDeps([18,1,2,3,14,19]))).Palette,
	keys: async () => (await __vitePreload(async () => {
		const { KeyHelp } = await import("./key-help.js");
		return { KeyHelp };
	}, __vite__mapDeps([20,2,1,3,21]))).KeyHelp
};
var loaded$1 = y(/* @__PURE__ */ new Map([["verb", VerbDialog]]));
var close = () => {
	intent.value = null;
};
async function load(kind) {
	if (kind === "verb" || loaded$1.peek().has(kind)) return;
	const dialog = await LOADERS[kind]();
	loaded$1.value = new Map(loaded$1.peek()).set(kind, dialog);
}
function Dialogs() {
	const open = intent.value;
	const kind = open?.kind;
	A(() => {
		if (kind !== void 0) load(kind).catch(close);
	}, [kind]);
	const reachable = arrived.value && isLive.value;
	A(() => {
		if (!reachable) return;
		for (const one of Object.keys(LOADERS)) load(one).catch(() => {});
	}, [reachable]);
	const Dialog = kind === void 0 ? void 0 : loaded$1.value.get(kind);
	if (open === null || Dialog === void 0) return null;
	return /* @__PURE__ */ a(Dialog, {
		intent: open,
		onClose: close
	}, kind);
}
// src/shell/banner.tsx
/** What holds for the whole fleet and must not be overlooked. */
function Banner() {
	const fleet = facts.value;
	if (fleet === null) return null;
	const since = dockerAwaySince.value;
	if (since !== null) return /* @__PURE__ */ a("div", {
		class: "banner",
		children: /* @__PURE__ */ a(Notice, {
			tone: "bad",
			children: [
				/* @__PURE__ */ a("strong", { children: ["Docker cannot be reached since ", clockTime(since)] }),
				" (",
				/* @__PURE__ */ a(Ago, { at: since }),
				"). What the containers do is unknown; nothing is done until it answers.",
				fleet.docker_error !== null && /* @__PURE__ */ a("p", {
					class: "mono soft",
					children: fleet.docker_error
				})
			]
		})
	});
	if (fleet.suspended !== null) return /* @__PURE__ */ a("div", {
		class: "banner",
		children: /* @__PURE__ */ a(Notice, {
			tone: "bad",
			children: [
				/* @__PURE__ */ a("strong", { children: "The supervisor is suspended" }),
				": ",
				fleet.suspended
			]
		})
	});
	if (fleet.booted) return null;
	return /* @__PURE__ */ a("div", {
		class: "banner",
		children: /* @__PURE__ */ a(Notice, {
			tone: "busy",
			children: "The supervisor has just started and is looking at the whole fleet for the first time."
		})
	});
}
// src/views/fleet/attention.tsx
/** More than that are folded away. */
var SHOWN = 5;
/** What is wrong, worst first, each with what helps. Not there at all while nothing is. */
function Attention() {
	const [all, setAll] = d(false);
	const found = troubles.value;
	if (found.length === 0) return null;
	const { single, stale } = together(found);
	const shown = all ? single : single.slice(0, SHOWN);
	return /* @__PURE__ */ a("section", {
		class: "attention card",
		"aria-labelledby": "attention-title",
		children: [
			/* @__PURE__ */ a("header", {
				class: "attention-head",
				children: [/* @__PURE__ */ a("h2", {
					id: "attention-title",
					children: "Needs attention"
				}), /* @__PURE__ */ a("span", {
					class: "count num",
					children: found.length
				})]
			}),
			/* @__PURE__ */ a("ul", {
				class: "dims",
				children: [shown.map((trouble) => /* @__PURE__ */ a(Row, { trouble }, `${trouble.agent} ${trouble.type}`)), stale.length > 0 && /* @__PURE__ */ a(Stale, { of: stale })]
			}),
			single.length > SHOWN && /* @__PURE__ */ a("button", {
				type: "button",
				class: "attention-more",
				"aria-expanded": all,
				onClick: () => setAll(!all),
				children: all ? "Show less" : `Show ${single.length - SHOWN} more`
			})
		]
	});
}
function Row({ trouble }) {
	const { agent, type, severity, reason, since, retryAt, helps } = trouble;
	return /* @__PURE__ */ a("li", {
		class: `attention-row tone-${severity}`,
		children: [
			/* @__PURE__ */ a("span", {
				class: "attention-kind",
				children: [/* @__PURE__ */ a(Icon, { name: type === "needs_human" ? "person" : "alert" }), conditionWord(type)]
			}),
			/* @__PURE__ */ a(Link, {
				class: "attention-name cut",
				href: agentPath(agent),
				children: agent
			}),
			/* @__PURE__ */ a("span", {
				class: "attention-reason",
				title: inert(reason),
				children: shortIds(inert(reason))
			}),
			/* @__PURE__ */ a("span", {
				class: "attention-when soft",
				children: retryAt === null ? /* @__PURE__ */ a($, { children: ["for ", /* @__PURE__ */ a(Ago, { at: since })] }) : /* @__PURE__ */ a($, { children: ["next try ", /* @__PURE__ */ a(Until, { at: retryAt })] })
			}),
			/* @__PURE__ */ a("span", {
				class: "attention-act",
				children: helps === null ? /* @__PURE__ */ a(Link, {
					class: "button button-small",
					href: agentPath(agent),
					children: "Look at it"
				}) : /* @__PURE__ */ a(Button, {
					small: true,
					onClick: () => intend(helps, [agent]),
					"aria-label": `${label(helps, type)} ${agent}`,
					children: label(helps, type)
				})
			})
		]
	});
}
/** Those that run an old image, as one: a rollout is for all of them. */
function Stale({ of }) {
	const types = [...new Set(of.flatMap(({ agent }) => agents.value.get(agent)?.type ?? []))];
	const names = of.map(({ agent }) => agent).join(", ");
	return /* @__PURE__ */ a("li", {
		class: "attention-row tone-warn",
		children: [
			/* @__PURE__ */ a("span", {
				class: "attention-kind",
				children: [/* @__PURE__ */ a(Icon, { name: "alert" }), conditionWord("stale")]
			}),
			/* @__PURE__ */ a(Link, {
				class: "attention-name cut",
				href: "/?condition=stale",
				children: [of.length, " agents are stale"]
			}),
			/* @__PURE__ */ a("span", {
				class: "attention-reason",
				title: names,
				children: ["Their images have newer versions: ", names]
			}),
			/* @__PURE__ */ a("span", {
				class: "attention-when soft",
				children: ["since ", /* @__PURE__ */ a(Ago, { at: Math.min(...of.map(({ since }) => since)) })]
			}),
			/* @__PURE__ */ a("span", {
				class: "attention-act",
				children: /* @__PURE__ */ a(Button, {
					small: true,
					onClick: () => intent.value = {
						kind: "rollout",
						type: types.length === 1 ? types[0] ?? null : null
					},
					children: "Roll out…"
				})
			})
		]
	});
}
function label(verb, type) {
	if (verb === "resolve") return "Resolved";
	return verb === "start" && type === "effect_failing" ? "Try now" : VERBS[verb].label;
}
// src/views/fleet/near.ts
var told = /* @__PURE__ */ new WeakMap();
var observer = typeof IntersectionObserver === "undefined" ? null : new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => told.get(target)?.(isIntersecting)), { rootMargin: "100% 0px" });
function useNear(element, atFirst) {
	const [near, setNear] = d(atFirst || observer === null);
	F(() => {
		const target = element.current;
		if (target === null || observer === null) return;
		told.set(target, setNear);
		observer.observe(target);
		return () => observer.unobserve(target);
	}, []);
	return near;
}
// src/views/fleet/row.tsx
/**
* One agent. It is painted anew when that agent changes, and not when another one does. Far from the window only its
* name and status are there: rows by the hundred, each with a menu and a chart, would take long to make and to keep.
*/
function FleetRow({ name, first }) {
	const agent$1 = agent(name).value;
	const row = T(null);
	const near = useNear(row, first);
	if (agent$1 === null) return null;
	const chosen = isSelected(name);
	const status = statusOf(agent$1, dockerReachable.value);
	const attributes = {
		ref: row,
		role: "row",
		"data-name": name,
		"data-chosen": chosen,
		"aria-selected": chosen
	};
	if (!near) return /* @__PURE__ */ a("div", {
		...attributes,
		class: "table-row agent-row",
		children: [
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "cell cell-select"
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "cell cell-name",
				children: /* @__PURE__ */ a(Link, {
					class: "row-link cut",
					href: agentPath(name),
					children: name
				})
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "cell cell-status",
				children: status.word
			})
		]
	});
	const retry = nextRetry(agent$1);
	return /* @__PURE__ */ a("div", {
		...attributes,
		class: "table-row agent-row",
		children: [
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "cell cell-select",
				children: /* @__PURE__ */ a("input", {
					type: "checkbox",
					tabIndex: -1,
					checked: chosen,
					onChange: () => toggle(name),
					"aria-label": `Select ${name}`
				})
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "cell cell-name",
				children: [/* @__PURE__ */ a(Link, {
					class: "row-link cut",
					href: agentPath(name),
					children: name
				}), /* @__PURE__ */ a(Marks, { agent: agent$1 })]
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "cell cell-status",
				children: /* @__PURE__ */ a(StatusMark, { status })
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "cell cell-lifecycle",
				children: /* @__PURE__ */ a(Life, { agent: agent$1 })
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "cell cell-work",
				children: /* @__PURE__ */ a(Work, { agent: agent$1 })
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "cell cell-since",
				children: /* @__PURE__ */ a(Ago, { at: status.tone === "unknown" ? null : sinceWhen(agent$1) })
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "cell cell-restarts num",
				"data-zero": (agent$1.observed.restart_count ?? 0) === 0,
				children: agent$1.observed.restart_count ?? /* @__PURE__ */ a(Dash, {})
			}),
			/* @__PURE__ */ a(Usage, {
				name,
				running: agent$1.observed.phase === "running"
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "cell cell-image",
				children: /* @__PURE__ */ a(Image, { agent: agent$1 })
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "cell cell-retry",
				"data-none": retry === null,
				children: /* @__PURE__ */ a(Until, { at: retry })
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "cell cell-menu",
				children: /* @__PURE__ */ a(Menu, {
					label: `Actions on ${name}`,
					groups: () => rowActions(agent$1)
				})
			})
		]
	});
}
/** What an operator set by hand, and what waits. */
function Marks({ agent }) {
	const { observed } = agent;
	return /* @__PURE__ */ a($, { children: [
		holds(agent, "needs_human") && /* @__PURE__ */ a(Chip, {
			tone: "bad",
			title: agent.needs_human?.reason ?? "",
			children: "needs a person"
		}),
		holds(agent, "parked") && observed.phase !== "stopped" && observed.phase !== "absent" && /* @__PURE__ */ a(Chip, {
			tone: "warn",
			title: agent.parked?.reason ?? "",
			children: "parked"
		}),
		holds(agent, "unhealthy") && /* @__PURE__ */ a(Chip, {
			tone: "bad",
			title: conditionOf(agent, "unhealthy")?.reason ?? "",
			children: "unhealthy"
		}),
		holds(agent, "limit_near") && /* @__PURE__ */ a(Chip, {
			tone: "warn",
			title: conditionOf(agent, "limit_near")?.reason ?? "",
			children: "near a limit"
		}),
		holds(agent, "cordoned") && /* @__PURE__ */ a(Chip, {
			tone: "warn",
			title: conditionOf(agent, "cordoned")?.reason ?? "",
			children: "cordoned"
		}),
		holds(agent, "kept_awake") && /* @__PURE__ */ a(Chip, {
			tone: "busy",
			title: conditionOf(agent, "kept_awake")?.reason ?? "",
			children: "kept awake"
		}),
		holds(agent, "draining") && /* @__PURE__ */ a(Chip, {
			tone: "busy",
			title: conditionOf(agent, "draining")?.reason ?? "",
			children: "draining"
		})
	] });
}
function Life({ agent }) {
	if (agent.host_mode) return /* @__PURE__ */ a(Dash, {});
	const hot = agent.lifecycle === "hot";
	return /* @__PURE__ */ a("span", {
		class: "life",
		title: hot ? "Always running" : "Sleeps until there is work",
		children: [/* @__PURE__ */ a(Icon, { name: hot ? "flame" : "moon" }), agent.lifecycle]
	});
}
/** Whom it works for, and what it says of its work or why it gets none. */
function Work({ agent }) {
	const said = saidOf(agent);
	const works = agent.task !== null || agent.lease !== null;
	if (!works && said === null) return /* @__PURE__ */ a(Dash, {});
	return /* @__PURE__ */ a("span", {
		class: "works",
		children: [works ? /* @__PURE__ */ a(Holder, { agent }) : agent.parked && /* @__PURE__ */ a(Reopens, { agent }), said !== null && /* @__PURE__ */ a("span", {
			class: "said cut",
			title: said.text,
			children: [
				works && agent.parked && /* @__PURE__ */ a(ReopensWords, { agent }),
				works && agent.parked && ": ",
				said.text
			]
		})]
	});
}
function Reopens({ agent }) {
	return /* @__PURE__ */ a("span", {
		class: "work",
		children: [/* @__PURE__ */ a(Icon, { name: "clock" }), /* @__PURE__ */ a("span", {
			class: "cut",
			children: /* @__PURE__ */ a(ReopensWords, { agent })
		})]
	});
}
function ReopensWords({ agent }) {
	const at = reopensAt(agent);
	return at === null ? /* @__PURE__ */ a($, { children: "until it is reopened" }) : /* @__PURE__ */ a($, { children: ["reopens ", /* @__PURE__ */ a(Until, { at })] });
}
function Holder({ agent }) {
	const { task } = agent;
	const own = task !== null && (agent.lease === null || agent.lease.holder === `task:${task}`);
	const holder = own ? `task …${task.slice(-6)}` : agent.lease?.holder ?? "";
	return /* @__PURE__ */ a("span", {
		class: "work",
		children: [/* @__PURE__ */ a(Icon, { name: task === null ? "link" : "task" }), task === null ? /* @__PURE__ */ a("span", {
			class: "cut",
			title: `${holder} holds a lease`,
			children: holder
		}) : /* @__PURE__ */ a(Link, {
			class: "cut",
			href: taskPath(task),
			title: own ? `task ${task}` : `${holder}: task ${task}`,
			children: holder
		})]
	});
}
/** Apart from the row: measurements come every few seconds. */
function Usage({ name, running }) {
	const past = samples(name).value;
	const last = running ? past.at(-1) : void 0;
	if (last === void 0) return /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("span", {
		role: "cell",
		class: "cell cell-cpu",
		"data-none": "true",
		children: /* @__PURE__ */ a(Dash, {})
	}), /* @__PURE__ */ a("span", {
		role: "cell",
		class: "cell cell-memory",
		"data-none": "true",
		children: /* @__PURE__ */ a(Dash, {})
	})] });
	const share = last.memory !== null && last.memoryLimit ? Math.min(1, last.memory / last.memoryLimit) : null;
	return /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("span", {
		role: "cell",
		class: "cell cell-cpu num",
		children: [/* @__PURE__ */ a(Sparkline, {
			values: past.map(({ cpu }) => cpu),
			room: 60,
			top: 25
		}), /* @__PURE__ */ a("span", {
			class: "cpu-number",
			children: last.cpu === null ? /* @__PURE__ */ a(Dash, {}) : percent(last.cpu)
		})]
	}), /* @__PURE__ */ a("span", {
		role: "cell",
		class: "cell cell-memory num",
		title: last.memoryLimit === null ? void 0 : `of ${bytes(last.memoryLimit)}`,
		children: [/* @__PURE__ */ a("span", { children: last.memory === null ? /* @__PURE__ */ a(Dash, {}) : bytes(last.memory) }), share !== null && /* @__PURE__ */ a("span", {
			class: "bar",
			"data-high": share > .9,
			"aria-hidden": "true",
			children: /* @__PURE__ */ a("span", { style: { width: `${(share * 100).toFixed(0)}%` } })
		})]
	})] });
}
function Image({ agent }) {
	const { image } = agent.desired;
	if (image === null) return /* @__PURE__ */ a(Dash, {});
	const stale = conditionOf(agent, "stale");
	const drift = conditionOf(agent, "drift");
	return /* @__PURE__ */ a($, { children: [
		/* @__PURE__ */ a("span", {
			class: "cut mono",
			title: image,
			children: image.slice(image.lastIndexOf("/") + 1)
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
		})
	] });
}
var VERB_ICONS = {
	start: "play",
	stop: "square",
	restart: "restart",
	recreate: "recreate",
	adopt: "link",
	recover: "restart",
	cordon: "shield",
	uncordon: "unshield",
	hold: "sun",
	unhold: "moon",
	park: "pause",
	reopen: "play",
	resolve: "person",
	delete: "trash"
};
function rowActions(agent) {
	const item = ({ name, label, danger, confirm }) => ({
		label: confirm ? `${label}…` : label,
		icon: VERB_ICONS[name],
		danger,
		onSelect: () => intend(name, [agent.name])
	});
	const verbs = fitting(agent);
	return [verbs.filter(({ danger }) => !danger).map(item), verbs.filter(({ danger }) => danger).map(item)];
}
// src/views/fleet/bulk.tsx
var OFFERED = [
	"start",
	"stop",
	"restart",
	"recreate",
	"cordon",
	"uncordon",
	"park",
	"reopen",
	"resolve",
	"delete"
];
/** What can be done with the selected agents; each verb goes to those that it fits. */
function Bulk() {
	const chosen = selected.value.flatMap((name) => agents.value.get(name) ?? []);
	if (chosen.length === 0) return null;
	return /* @__PURE__ */ a("div", {
		class: "bulk",
		role: "toolbar",
		"aria-label": "Actions on the selected agents",
		children: [
			/* @__PURE__ */ a("span", {
				class: "bulk-count num",
				children: [chosen.length, " selected"]
			}),
			/* @__PURE__ */ a("div", {
				class: "bulk-verbs",
				children: OFFERED.map((name) => {
					const fit = chosen.filter((agent) => VERBS[name].fits(agent)).map((agent) => agent.name);
					if (fit.length === 0) return null;
					return /* @__PURE__ */ a(Button, {
						kind: "quiet",
						small: true,
						icon: VERB_ICONS[name],
						onClick: () => intend(name, fit),
						children: [VERBS[name].label, fit.length < chosen.length && /* @__PURE__ */ a("span", {
							class: "num soft",
							children: [" ", fit.length]
						})]
					}, name);
				})
			}),
			/* @__PURE__ */ a(IconButton, {
				icon: "close",
				label: "Clear the selection",
				onClick: clearSelection
			})
		]
	});
}
// src/views/fleet/list.ts
/** Which rows the fleet view shows: the store seen through the address. */
var filter = stable(() => route.value.view === "fleet" ? parseFilter(search.value) : NO_FILTER, (a, b) => filterSearch(a) === filterSearch(b));
var filtering = O(() => isFiltering(filter.value));
/** Changes the filter, and so the address. */
function setFilter(part) {
	go(`/${filterSearch({
		...filter.peek(),
		...part
	})}`, { replace: true });
}
/** By type; the order within a type is the filter's. The same object while nothing differs. */
var groups = stable(() => {
	const wanted = filter.value;
	const docker = dockerReachable.value;
	const known = agents.value;
	const shown = names.value.flatMap((name) => known.get(name) ?? []).filter((agent) => matches(wanted, agent, docker));
	if (wanted.sort !== "name" || wanted.descending) shown.sort(order(wanted, docker, measured));
	const byType = /* @__PURE__ */ new Map();
	for (const { type, name } of shown) {
		const others = byType.get(type);
		if (others === void 0) byType.set(type, [name]);
		else others.push(name);
	}
	return [...byType].sort(([a], [b]) => byName(a, b)).map(([type, names]) => ({
		type,
		names
	}));
}, (a, b) => JSON.stringify(a) === JSON.stringify(b));
function measured(name) {
	const { sort } = filter.peek();
	const last = sort === "cpu" || sort === "memory" ? samples(name).value.at(-1) : void 0;
	return {
		cpu: last?.cpu ?? null,
		memory: last?.memory ?? null
	};
}
var CLOSED = "closed-groups";
function storedClosed() {
	try {
		return new Set((localStorage.getItem(CLOSED) ?? "").split(",").filter((type) => type !== ""));
	} catch {
		return /* @__PURE__ */ new Set();
	}
}
/** Types whose rows are folded away. */
var closed = y(storedClosed());
x(() => {
	try {
		localStorage.setItem(CLOSED, [...closed.value].join());
	} catch {}
});
function toggleGroup(type) {
	const next = new Set(closed.peek());
	if (!next.delete(type)) next.add(type);
	closed.value = next;
}
var visible = O(() => groups.value.flatMap(({ type, names }) => closed.value.has(type) ? [] : names));
// src/views/fleet/keys.ts
/** j, k and the arrows go from row to row, Enter opens, x selects, / searches, Escape lets go. */
function useFleetKeys() {
	useKeys(b(onKey, []));
}
function onKey(event) {
	switch (event.key) {
		case "/":
			event.preventDefault();
			document.getElementById("fleet-search")?.focus();
			break;
		case "j":
		case "ArrowDown":
			move(1, event);
			break;
		case "k":
		case "ArrowUp":
			move(-1, event);
			break;
		case "x": {
			const name = focused();
			if (name !== null) toggle(name);
			break;
		}
		case "o": {
			const name = focused();
			if (name !== null) go(agentPath(name));
			break;
		}
		case "Escape": if (selected.peek().length > 0) clearSelection();
	}
}
function focused() {
	return document.activeElement?.closest("[data-name]")?.dataset["name"] ?? null;
}
function move(by, event) {
	const rows = visible.peek();
	const at = focused();
	if (at === null && event.key.startsWith("Arrow")) return;
	const to = at === null ? 0 : rows.indexOf(at) + by;
	const name = rows[Math.max(0, Math.min(rows.length - 1, to))];
	if (name === void 0) return;
	event.preventDefault();
	const row = document.querySelector(`[data-name="${CSS.escape(name)}"]`);
	row?.querySelector(".row-link")?.focus({ preventScroll: true });
	row?.scrollIntoView({ block: "nearest" });
}
// src/views/fleet/table.tsx
var COLUMNS = [
	{
		id: "name",
		label: "Agent",
		sort: "name"
	},
	{
		id: "status",
		label: "Status",
		sort: "status"
	},
	{
		id: "lifecycle",
		label: "Lifecycle"
	},
	{
		id: "work",
		label: "Works for"
	},
	{
		id: "since",
		label: "Since",
		sort: "since",
		largeFirst: true
	},
	{
		id: "restarts",
		label: "Restarts",
		sort: "restarts",
		largeFirst: true
	},
	{
		id: "cpu",
		label: "CPU",
		sort: "cpu",
		largeFirst: true
	},
	{
		id: "memory",
		label: "Memory",
		sort: "memory",
		largeFirst: true
	},
	{
		id: "image",
		label: "Image"
	},
	{
		id: "retry",
		label: "Next try"
	}
];
/** Rows of a group that a window may show at first. */
var FIRST_ROWS = 24;
/**
* Rows of blocks instead of a `<table>`: on a phone they become cards, and rows out of sight are skipped by the browser
* (`content-visibility`, which table rows cannot have). The roles say what it is.
*/
function FleetTable() {
	return /* @__PURE__ */ a("div", {
		class: "table card dims",
		role: "table",
		"aria-label": "Agents",
		"aria-rowcount": visible.value.length + 1,
		children: [/* @__PURE__ */ a("div", {
			role: "rowgroup",
			class: "table-head",
			children: /* @__PURE__ */ a("div", {
				class: "table-row",
				role: "row",
				children: [
					/* @__PURE__ */ a("span", {
						role: "columnheader",
						class: "cell cell-select",
						children: /* @__PURE__ */ a(SelectAll, {})
					}),
					COLUMNS.map((column) => /* @__PURE__ */ a(HeadCell, { column }, column.id)),
					/* @__PURE__ */ a("span", {
						role: "columnheader",
						class: "cell cell-menu",
						children: /* @__PURE__ */ a("span", {
							class: "hidden-text",
							children: "Actions"
						})
					})
				]
			})
		}), groups.value.map((group) => /* @__PURE__ */ a(GroupRows, { group }, group.type))]
	});
}
function HeadCell({ column: { id, label, sort, largeFirst = false } }) {
	const now = filter.value;
	if (sort === void 0) return /* @__PURE__ */ a("span", {
		role: "columnheader",
		class: `cell cell-${id}`,
		children: label
	});
	const on = now.sort === sort;
	const descending = on ? !now.descending : largeFirst;
	return /* @__PURE__ */ a("span", {
		role: "columnheader",
		class: `cell cell-${id}`,
		"aria-sort": !on ? "none" : now.descending ? "descending" : "ascending",
		children: /* @__PURE__ */ a("button", {
			type: "button",
			class: "sort",
			"data-on": on,
			onClick: () => setFilter({
				sort,
				descending
			}),
			children: [label, /* @__PURE__ */ a(Icon, { name: on && !now.descending ? "up" : "down" })]
		})
	});
}
var chosenHere = O(() => {
	const chosen = new Set(selected.value);
	return visible.value.filter((name) => chosen.has(name)).length;
});
function SelectAll() {
	const some = chosenHere.value;
	const all = some > 0 && some === visible.value.length;
	return /* @__PURE__ */ a("input", {
		type: "checkbox",
		"aria-label": "Select all shown",
		checked: all,
		ref: (input) => {
			if (input !== null) input.indeterminate = some > 0 && !all;
		},
		onChange: () => select(visible.peek(), !all)
	});
}
function GroupRows({ group: { type, names } }) {
	const folded = closed.value.has(type);
	return /* @__PURE__ */ a("div", {
		role: "rowgroup",
		class: "group",
		children: [/* @__PURE__ */ a("div", {
			role: "row",
			class: "group-row",
			children: /* @__PURE__ */ a("div", {
				role: "cell",
				class: "group-cell",
				children: [
					/* @__PURE__ */ a("button", {
						type: "button",
						class: "group-toggle",
						"aria-expanded": !folded,
						onClick: () => toggleGroup(type),
						children: [
							/* @__PURE__ */ a(Icon, { name: folded ? "right" : "down" }),
							/* @__PURE__ */ a("strong", { children: type }),
							/* @__PURE__ */ a("span", {
								class: "count num",
								children: names.length
							})
						]
					}),
					/* @__PURE__ */ a(GroupFacts, { names }),
					/* @__PURE__ */ a(Menu, {
						label: `Actions on ${type}`,
						groups: () => [poolActions(type, names), selectActions(names)]
					}),
					/* @__PURE__ */ a(IconButton, {
						icon: "plus",
						label: `New ${type} agent`,
						onClick: () => open({
							kind: "create",
							type
						})
					})
				]
			})
		}), !folded && names.map((name, index) => /* @__PURE__ */ a(FleetRow, {
			name,
			first: index < FIRST_ROWS
		}, name))]
	});
}
function GroupFacts({ names }) {
	const all = names.flatMap((name) => agents.value.get(name) ?? []);
	const running = all.filter(({ observed }) => observed.phase === "running").length;
	const working = all.filter(({ lease, task }) => lease !== null || task !== null).length;
	const stale = all.filter((agent) => holds(agent, "stale")).length;
	return /* @__PURE__ */ a("span", {
		class: "group-facts num",
		children: [
			running > 0 && `${running} running`,
			working > 0 && `${working} at work`,
			stale > 0 && `${stale} stale`
		].filter(Boolean).join(", ")
	});
}
var open = (next) => {
	intent.value = next;
};
function poolActions(type, names) {
	return [
		...names.some((name) => agents.peek().get(name)?.host_mode === false) ? [{
			label: "Roll out the image…",
			icon: "rollout",
			onSelect: () => open({
				kind: "rollout",
				type
			})
		}] : [],
		{
			label: "Scale the pool…",
			icon: "scale",
			onSelect: () => open({
				kind: "scale",
				type
			})
		},
		{
			label: "New agent…",
			icon: "plus",
			onSelect: () => open({
				kind: "create",
				type
			})
		}
	];
}
function selectActions(names) {
	return [{
		label: `Select these ${names.length}`,
		icon: "check",
		onSelect: () => select(names, true)
	}];
}
// src/views/fleet/toolbar.tsx
var STATE_WORDS = {
	running: "Running",
	moving: "Changing",
	asleep: "Asleep",
	parked: "Parked",
	down: "Down",
	unknown: "Unknown",
	host: "On the host"
};
/** How many agents are in each condition. */
var held = O(() => {
	const counts = /* @__PURE__ */ new Map();
	for (const agent of agents.value.values()) for (const { type, status } of agent.conditions) if (status) counts.set(type, (counts.get(type) ?? 0) + 1);
	return counts;
});
/** Those that there are, a newer server's and those of the address too. */
var conditions = O(() => {
	const all = [
		...CONDITIONS,
		...held.value.keys(),
		...filter.value.conditions
	];
	return [...new Set(all)].filter((condition) => condition !== "ready");
});
/** Search, filters and what makes new agents. */
function Toolbar() {
	const now = filter.value;
	const shown = groups.value.reduce((sum, { names }) => sum + names.length, 0);
	return /* @__PURE__ */ a("div", {
		class: "toolbar",
		role: "search",
		children: [
			/* @__PURE__ */ a(SearchField, {
				id: "fleet-search",
				label: "Search agents",
				placeholder: "Name, type, image, holder",
				value: now.text,
				onChange: (text) => setFilter({ text })
			}),
			/* @__PURE__ */ a("div", {
				class: "toolbar-filters",
				children: [
					/* @__PURE__ */ a(Choice, {
						label: "State",
						member: "states",
						all: BUCKETS,
						word: (state) => STATE_WORDS[state],
						now
					}),
					/* @__PURE__ */ a(Choice, {
						label: "Type",
						member: "types",
						all: typeNames.value,
						word: (type) => type,
						now
					}),
					/* @__PURE__ */ a(Choice, {
						label: "Lifecycle",
						member: "lifecycles",
						all: ["hot", "lazy"],
						word: (lifecycle) => lifecycle,
						now
					}),
					/* @__PURE__ */ a(Choice, {
						label: "Condition",
						member: "conditions",
						all: conditions.value,
						word: conditionWord,
						note: (condition) => held.value.get(condition),
						now
					}),
					filtering.value && /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Button, {
						kind: "quiet",
						small: true,
						icon: "close",
						onClick: () => setFilter(NO_FILTER),
						children: "Clear"
					}), /* @__PURE__ */ a("span", {
						class: "soft num",
						role: "status",
						children: [
							shown,
							" of ",
							names.value.length
						]
					})] })
				]
			}),
			/* @__PURE__ */ a("div", {
				class: "toolbar-end",
				children: [
					/* @__PURE__ */ a(Button, {
						icon: "rollout",
						onClick: () => intent.value = {
							kind: "rollout",
							type: null
						},
						children: "Roll out"
					}),
					/* @__PURE__ */ a(Button, {
						icon: "scale",
						onClick: () => intent.value = {
							kind: "scale",
							type: null
						},
						children: "Scale"
					}),
					/* @__PURE__ */ a(Button, {
						kind: "primary",
						icon: "plus",
						onClick: () => intent.value = {
							kind: "create",
							type: null
						},
						children: "New agent"
					})
				]
			})
		]
	});
}
/** A filter of several values of one kind. */
function Choice({ label, member, all, word, note, now }) {
	const chosen = now[member];
	const items = () => {
		const present = filter.peek()[member];
		return all.map((value) => ({
			label: word(value),
			...note?.(value) === void 0 ? {} : { note: String(note(value)) },
			checked: present.includes(value),
			onSelect: () => {
				const next = present.includes(value) ? present.filter((other) => other !== value) : [...present, value];
				setFilter({ [member]: next });
			}
		}));
	};
	const words = all.filter((value) => chosen.includes(value)).map(word);
	return /* @__PURE__ */ a(ChoiceMenu, {
		label,
		chosen: words,
		groups: () => [items()]
	});
}
// src/views/fleet/totals.tsx
var TILES = [
	{
		bucket: "running",
		label: "Running",
		tone: "ok",
		shape: "play"
	},
	{
		bucket: "asleep",
		label: "Asleep",
		tone: "idle",
		shape: "moon"
	},
	{
		bucket: "parked",
		label: "Parked",
		tone: "warn",
		shape: "pause",
		rare: true
	},
	{
		bucket: "moving",
		label: "Changing",
		tone: "busy",
		shape: "spin"
	},
	{
		bucket: "down",
		label: "Down",
		tone: "warn",
		shape: "square"
	},
	{
		bucket: "unknown",
		label: "Unknown",
		tone: "unknown",
		shape: "question",
		rare: true
	},
	{
		bucket: "host",
		label: "On the host",
		tone: "idle",
		shape: "desk",
		rare: true
	}
];
/** The fleet in numbers; each is a switch of the filter. */
function Totals() {
	const numbers = totals.value;
	const { states, only } = filter.value;
	const known = arrived.value;
	const toggleState = (bucket) => {
		setFilter({ states: states.includes(bucket) ? states.filter((state) => state !== bucket) : [...states, bucket] });
	};
	const toggleOnly = (key) => {
		setFilter({ only: only.includes(key) ? only.filter((other) => other !== key) : [...only, key] });
	};
	return /* @__PURE__ */ a("section", {
		class: "totals card dims",
		"aria-label": "Totals",
		children: [
			/* @__PURE__ */ a("div", {
				class: "totals-all",
				children: [
					/* @__PURE__ */ a("span", {
						class: "totals-number num",
						children: known ? numbers.all : "–"
					}),
					/* @__PURE__ */ a("span", {
						class: "totals-label",
						children: numbers.all === 1 ? "agent" : "agents"
					}),
					/* @__PURE__ */ a(Share, {})
				]
			}),
			/* @__PURE__ */ a("ul", {
				class: "totals-states",
				children: TILES.filter(({ bucket, rare }) => rare !== true || numbers[bucket] > 0).map(({ bucket, label, tone, shape }) => /* @__PURE__ */ a("li", { children: /* @__PURE__ */ a("button", {
					type: "button",
					class: "tile",
					"aria-pressed": states.includes(bucket),
					onClick: () => toggleState(bucket),
					children: [
						/* @__PURE__ */ a(StatusShape, {
							tone: numbers[bucket] === 0 ? "idle" : tone,
							shape: shape === "spin" ? "ring" : shape
						}),
						/* @__PURE__ */ a("span", {
							class: "tile-number num",
							"data-zero": numbers[bucket] === 0,
							children: known ? numbers[bucket] : "–"
						}),
						/* @__PURE__ */ a("span", {
							class: "tile-label",
							children: label
						})
					]
				}) }, bucket))
			}),
			/* @__PURE__ */ a("ul", {
				class: "totals-more",
				children: [
					(numbers.human > 0 || only.includes("human")) && /* @__PURE__ */ a(More$1, {
						label: numbers.human === 1 ? "needs a person" : "need a person",
						count: numbers.human,
						on: only.includes("human"),
						bad: numbers.human > 0,
						onClick: () => toggleOnly("human")
					}),
					/* @__PURE__ */ a(More$1, {
						label: "in trouble",
						count: numbers.trouble,
						on: only.includes("trouble"),
						bad: numbers.trouble > 0,
						onClick: () => toggleOnly("trouble")
					}),
					/* @__PURE__ */ a(More$1, {
						label: numbers.tasks === 1 ? "task running" : "tasks running",
						count: numbers.tasks,
						on: only.includes("tasks"),
						onClick: () => toggleOnly("tasks")
					}),
					/* @__PURE__ */ a(More$1, {
						label: numbers.leases === 1 ? "lease" : "leases",
						count: numbers.leases,
						on: only.includes("leases"),
						onClick: () => toggleOnly("leases")
					})
				]
			})
		]
	});
}
function More$1({ label, count, on, bad = false, onClick }) {
	return /* @__PURE__ */ a("li", { children: /* @__PURE__ */ a("button", {
		type: "button",
		class: "tile tile-more",
		"data-bad": bad,
		"aria-pressed": on,
		onClick,
		children: [/* @__PURE__ */ a("span", {
			class: "tile-number num",
			"data-zero": count === 0,
			children: arrived.value ? count : "–"
		}), /* @__PURE__ */ a("span", {
			class: "tile-label",
			children: label
		})]
	}) });
}
/** The states as shares of one bar. */
function Share() {
	const numbers = totals.value;
	return /* @__PURE__ */ a("div", {
		class: "share",
		"aria-hidden": "true",
		children: TILES.filter(({ bucket }) => numbers[bucket] > 0).map(({ bucket, tone }) => /* @__PURE__ */ a("span", {
			class: `share-part tone-${tone}`,
			style: { flexGrow: numbers[bucket] }
		}, bucket))
	});
}
// src/views/fleet/fleet.tsx
/** The fleet at a glance: what is wrong first, then everybody. */
function FleetView() {
	useFleetKeys();
	return /* @__PURE__ */ a("div", {
		class: "fleet",
		children: [
			/* @__PURE__ */ a("h1", {
				class: "hidden-text",
				children: "Fleet"
			}),
			/* @__PURE__ */ a(Totals, {}),
			/* @__PURE__ */ a(Attention, {}),
			/* @__PURE__ */ a("section", {
				class: "fleet-list",
				"aria-label": "Agents",
				children: [/* @__PURE__ */ a(Toolbar, {}), /* @__PURE__ */ a(Rows, {})]
			}),
			/* @__PURE__ */ a(Bulk, {})
		]
	});
}
function Rows() {
	if (!arrived.value) return /* @__PURE__ */ a(Skeleton, {});
	if (agents.value.size === 0) return /* @__PURE__ */ a("div", {
		class: "card",
		children: /* @__PURE__ */ a(EmptyState, {
			icon: "plus",
			title: "There are no agents yet",
			actions: /* @__PURE__ */ a(Button, {
				kind: "primary",
				icon: "plus",
				onClick: () => intent.value = {
					kind: "create",
					type: null
				},
				children: "New agent"
			}),
			children: "An agent is one long-lived container with a state of its own. Its type says which image it runs."
		})
	});
	if (groups.value.length === 0) return /* @__PURE__ */ a("div", {
		class: "card",
		children: /* @__PURE__ */ a(EmptyState, {
			icon: "filter",
			title: "No agent fits the filter",
			actions: /* @__PURE__ */ a(Button, {
				onClick: () => setFilter(NO_FILTER),
				children: ["Show all ", agents.value.size]
			})
		})
	});
	return /* @__PURE__ */ a(FleetTable, {});
}
/** Before the first picture, in the shape of what will come. */
function Skeleton() {
	return /* @__PURE__ */ a("div", {
		class: "card skeleton",
		role: "status",
		"aria-label": "Loading the fleet",
		children: Array.from({ length: 8 }, (_, index) => /* @__PURE__ */ a("div", { class: "skeleton-row" }, index))
	});
}
// src/views.ts
var FIRST = FleetView;
var LAZY = {
	agent: async () => (await __vitePreload(async () => {
		const { AgentView } = await import("./agent.js");
		return { AgentView };
	}, __vite__mapDeps([22,8,1,2,3,9,23]))).AgentView,
	tasks: async () => (await __vitePreload(async () => {
		const { TasksView } = await import("./tasks.js");
		return { TasksView };
	}, __vite__mapDeps([24,8,1,2,3,9,25]))).TasksView,
	task: async () => (await __vitePreload(async () => {
		const { TaskView } = await import("./task.js");
		return { TaskView };
	}, __vite__mapDeps([26,8,1,2,3,9,27]))).TaskView,
	rollouts: async () => (await __vitePreload(async () => {
		const { RolloutsView } = await import("./rollouts.js");
		return { RolloutsView };
	}, __vite__mapDeps([28,8,1,2,3,9,29]))).RolloutsView,
	rollout: async () => (await __vitePreload(async () => {
		const { RolloutView } = await import("./rollout.js");
		return { RolloutView };
	}, __vite__mapDeps([30,8,1,2,3,9,31]))).RolloutView,
	timeline: async () => (await __vitePreload(async () => {
		const { TimelineView } = await import("./timeline.js");
		return { TimelineView };
	}, __vite__mapDeps([32,1,2,3,8,9,33]))).TimelineView,
	plan: async () => (await __vitePreload(async () => {
		const { PlanView } = await import("./plan.js");
		return { PlanView };
	}, __vite__mapDeps([34,1,2,3,35]))).PlanView,
	events: async () => (await __vitePreload(async () => {
		const { EventsView } = await import("./events.js");
		return { EventsView };
	}, __vite__mapDeps([36,1,2,3,8,9,37]))).EventsView,
	"sign-in": async () => (await __vitePreload(async () => {
		const { SignInView } = await import("./sign-in.js");
		return { SignInView };
	}, __vite__mapDeps([38,1,2,3,39]))).SignInView
};
// src/shell/nav.tsx
var ENTRIES = [
	{
		label: "Fleet",
		href: "/",
		views: ["fleet", "agent"]
	},
	{
		label: "Tasks",
		href: "/tasks",
		views: ["tasks", "task"]
	},
	{
		label: "Rollouts",
		href: "/rollouts",
		views: ["rollouts", "rollout"]
	},
	{
		label: "Timeline",
		href: "/timeline",
		views: ["timeline"]
	},
	{
		label: "Events",
		href: "/events",
		views: ["events"]
	},
	{
		label: "Plan",
		href: "/plan",
		views: ["plan"]
	}
];
/** The pages there are. */
var entries = () => ENTRIES.filter(({ views: [own = "fleet"] }) => own === "fleet" || LAZY[own] !== void 0);
function Nav() {
	const here = route.value.view;
	return /* @__PURE__ */ a("nav", {
		class: "nav",
		"aria-label": "Pages",
		children: entries().map(({ label, href, views }) => /* @__PURE__ */ a(Link, {
			class: "nav-link",
			href,
			"aria-current": views.includes(here) ? "page" : void 0,
			children: label
		}, href))
	});
}
// src/shell/state-line.tsx
/** Whether what is shown is the present: live, on its way back, or as of when. */
function StateLine() {
	const now = standing.value;
	const { tone, mark, text, title } = words(now);
	const waits = now.kind === "reconnecting" || now.kind === "stale" || now.kind === "paused";
	return /* @__PURE__ */ a("div", {
		class: `state-line tone-${tone}`,
		title,
		children: [
			mark,
			/* @__PURE__ */ a("span", { children: text }),
			/* @__PURE__ */ a("span", {
				class: "hidden-text",
				role: "status",
				children: spoken(now)
			}),
			waits && /* @__PURE__ */ a("button", {
				type: "button",
				onClick: () => tell({ kind: "retry" }),
				children: "Retry"
			}),
			now.kind === "signed_out" && /* @__PURE__ */ a(Link, {
				href: signInPath(),
				children: "Sign in"
			})
		]
	});
}
function words(now) {
	const dot = /* @__PURE__ */ a("span", { class: "state-dot" });
	switch (now.kind) {
		case "live": return {
			tone: "ok",
			mark: dot,
			text: "Live",
			title: "Changes are shown within a second"
		};
		case "connecting": return {
			tone: "busy",
			mark: /* @__PURE__ */ a(Icon, {
				name: "spin",
				class: "spinning"
			}),
			text: `Connecting${asOf(now.as_of)}`
		};
		case "reconnecting": return {
			tone: "warn",
			mark: /* @__PURE__ */ a(Icon, { name: "restart" }),
			text: `Reconnecting in ${now.in_s} s${asOf(now.as_of)}`,
			title: now.reason ?? void 0
		};
		case "stale": return {
			tone: "bad",
			mark: /* @__PURE__ */ a(Icon, { name: "alert" }),
			text: `Stale since ${clockTime(now.since)}${now.in_s === null ? "" : ` · retry in ${now.in_s} s`}`,
			title: now.reason ?? void 0
		};
		case "paused": return {
			tone: "idle",
			mark: /* @__PURE__ */ a(Icon, { name: "square" }),
			text: `Paused${asOf(now.as_of)}`
		};
		case "signed_out": return {
			tone: "warn",
			mark: /* @__PURE__ */ a(Icon, { name: "key" }),
			text: "Signed out"
		};
	}
}
function asOf(at) {
	return at === null ? "" : ` · as of ${clockTime(at)}`;
}
function spoken(now) {
	switch (now.kind) {
		case "live": return "Connected, live";
		case "connecting":
		case "reconnecting": return "Connection lost, reconnecting";
		case "stale": return `What is shown is stale since ${clockTime(now.since)}`;
		case "paused": return "Paused";
		case "signed_out": return "Signed out";
	}
}
// src/shell/head.tsx
/** The page's head: where one is, whether what is shown is the present, and what is always at hand. */
function Head() {
	return /* @__PURE__ */ a("header", {
		class: "head",
		children: /* @__PURE__ */ a("div", {
			class: "head-inner",
			children: [
				/* @__PURE__ */ a(Link, {
					class: "brand",
					href: "/",
					"aria-label": "claude-hooks: the fleet",
					children: [/* @__PURE__ */ a(Mark, {}), /* @__PURE__ */ a("span", {
						class: "brand-name",
						children: "claude-hooks"
					})]
				}),
				/* @__PURE__ */ a(Nav, {}),
				/* @__PURE__ */ a("div", {
					class: "head-end",
					children: [
						/* @__PURE__ */ a(NeedsPerson, {}),
						/* @__PURE__ */ a(StateLine, {}),
						/* @__PURE__ */ a("button", {
							type: "button",
							class: "palette-button",
							title: "Search and commands",
							onClick: () => intent.value = { kind: "palette" },
							children: [
								/* @__PURE__ */ a(Icon, { name: "search" }),
								/* @__PURE__ */ a("span", {
									class: "palette-words",
									children: "Go to…"
								}),
								/* @__PURE__ */ a(Kbd, { children: [isMac() ? "⌘" : "Ctrl", " K"] })
							]
						}),
						/* @__PURE__ */ a(IconButton, {
							icon: "plus",
							label: "New agent",
							onClick: () => intent.value = {
								kind: "create",
								type: null
							}
						}),
						/* @__PURE__ */ a(More, {})
					]
				})
			]
		})
	});
}
/** On every page: somebody waits for a person. */
function NeedsPerson() {
	const { human } = totals.value;
	return /* @__PURE__ */ a("span", {
		class: "needs-person",
		role: "status",
		children: human > 0 && /* @__PURE__ */ a(Link, {
			href: "/?only=human",
			title: "Show who needs a person",
			children: [
				/* @__PURE__ */ a(Icon, { name: "person" }),
				/* @__PURE__ */ a("span", {
					class: "num",
					children: human
				}),
				/* @__PURE__ */ a("span", {
					class: "needs-words",
					children: [" ", human === 1 ? "needs a person" : "need a person"]
				})
			]
		})
	});
}
function More() {
	const groups = () => [
		[
			{
				label: "As the system",
				checked: theme.value === "system",
				onSelect: () => setTheme("system")
			},
			{
				label: "Light",
				checked: theme.value === "light",
				onSelect: () => setTheme("light")
			},
			{
				label: "Dark",
				checked: theme.value === "dark",
				onSelect: () => setTheme("dark")
			}
		],
		[{
			label: "Scale a pool…",
			icon: "scale",
			onSelect: () => intent.value = {
				kind: "scale",
				type: null
			}
		}, {
			label: "Keyboard shortcuts",
			icon: "command",
			note: "?",
			onSelect: () => intent.value = { kind: "keys" }
		}],
		[{
			label: "Sign out",
			icon: "signout",
			...session.value === null ? {} : { note: session.value.version },
			onSelect: () => void signOut()
		}]
	];
	return /* @__PURE__ */ a(Menu, {
		label: "More",
		groups
	});
}
function Mark() {
	return /* @__PURE__ */ a("svg", {
		class: "mark",
		viewBox: "0 0 32 32",
		width: "22",
		height: "22",
		"aria-hidden": "true",
		children: [
			/* @__PURE__ */ a("rect", {
				width: "32",
				height: "32",
				rx: "7"
			}),
			/* @__PURE__ */ a("path", { d: "M9 10.5h14M9 16h14M9 21.5h8" }),
			/* @__PURE__ */ a("circle", {
				cx: "22",
				cy: "21.5",
				r: "2.6"
			})
		]
	});
}
function isMac() {
	return /Mac|iPhone|iPad/.test(navigator.userAgent);
}
// src/shell/tray.tsx
var GONE_AFTER_MS = 6e3;
/** What was asked for, how far it is, and what became of it. A success goes by itself, a failure stays. */
function Tray() {
	return /* @__PURE__ */ a("section", {
		class: "tray",
		"aria-label": "Actions under way",
		children: /* @__PURE__ */ a("ol", { children: operations.value.map((operation) => /* @__PURE__ */ a(Card, { operation }, operation.id)) })
	});
}
function Card({ operation }) {
	const { id, steps, endedAt } = operation;
	const failed = steps.filter(({ state }) => state === "failed");
	const ended = steps.filter(({ state }) => state === "done" || state === "failed").length;
	const [held, setHeld] = d(false);
	const [open, setOpen] = d(false);
	A(() => {
		if (endedAt === null || failed.length > 0 || held || open) return;
		const timer = setTimeout(() => dismiss(id), GONE_AFTER_MS);
		return () => clearTimeout(timer);
	}, [
		endedAt,
		failed.length,
		held,
		open
	]);
	const tone = endedAt === null ? "busy" : failed.length > 0 ? "bad" : "ok";
	const only = steps.length === 1 ? steps[0] : void 0;
	return /* @__PURE__ */ a("li", {
		class: `tray-card tone-${tone}`,
		onMouseEnter: () => setHeld(true),
		onMouseLeave: () => setHeld(false),
		children: [
			/* @__PURE__ */ a("div", {
				class: "tray-line",
				children: [
					/* @__PURE__ */ a(Icon, {
						name: tone === "busy" ? "spin" : tone === "bad" ? "alert" : "check",
						class: tone === "busy" ? "spinning" : ""
					}),
					/* @__PURE__ */ a("strong", {
						class: "tray-title",
						role: tone === "bad" ? "alert" : "status",
						children: summary(operation, failed.length)
					}),
					steps.length > 1 && /* @__PURE__ */ a("span", {
						class: "num soft",
						children: [
							ended,
							"/",
							steps.length
						]
					}),
					steps.length > 1 && /* @__PURE__ */ a(IconButton, {
						icon: open ? "up" : "down",
						label: open ? "Hide each" : "Show each",
						"aria-expanded": open,
						onClick: () => setOpen(!open)
					}),
					endedAt !== null && /* @__PURE__ */ a(IconButton, {
						icon: "close",
						label: "Dismiss",
						onClick: () => dismiss(id)
					})
				]
			}),
			steps.length > 1 && endedAt === null && /* @__PURE__ */ a("progress", {
				class: "tray-progress",
				max: steps.length,
				value: ended,
				"aria-label": "Progress"
			}),
			only !== void 0 && /* @__PURE__ */ a(Detail, { step: only }),
			steps.length > 1 && (open || failed.length > 0) && /* @__PURE__ */ a("ul", {
				class: "tray-steps",
				children: (open ? steps : failed).map((step) => /* @__PURE__ */ a("li", { children: [/* @__PURE__ */ a("span", {
					class: `tray-step tone-${STEP_TONE[step.state]}`,
					children: [
						/* @__PURE__ */ a(Icon, {
							name: STEP_ICON[step.state],
							class: step.state === "running" ? "spinning" : ""
						}),
						/* @__PURE__ */ a(Link, {
							class: "cut",
							href: agentPath(step.name),
							children: step.name
						}),
						/* @__PURE__ */ a("span", {
							class: "tray-outcome",
							children: step.outcome ?? STEP_WORD[step.state]
						})
					]
				}), /* @__PURE__ */ a(Detail, { step })] }, step.name))
			}),
			operation.again !== null && /* @__PURE__ */ a("div", {
				class: "tray-actions",
				children: /* @__PURE__ */ a(Button, {
					small: true,
					icon: "restart",
					onClick: operation.again,
					children: "Try again"
				})
			})
		]
	});
}
function Detail({ step }) {
	if (step.detail === null && step.help === null) return null;
	return /* @__PURE__ */ a("p", {
		class: "tray-detail",
		children: [step.detail, step.help !== null && /* @__PURE__ */ a("span", {
			class: "soft",
			children: [" ", step.help]
		})]
	});
}
function summary({ title, done, steps, endedAt }, failed) {
	if (endedAt === null) return `${title}…`;
	const only = steps.length === 1 ? steps[0] : void 0;
	if (only !== void 0) return only.state === "failed" ? `${only.name}: ${(only.outcome ?? "failed").toLowerCase()}` : `${only.name}: ${only.outcome ?? done}`;
	if (failed === 0) return `${steps.length} ${done}`;
	return `${failed} of ${steps.length} failed`;
}
var STEP_TONE = {
	waiting: "idle",
	running: "busy",
	done: "ok",
	failed: "bad"
};
var STEP_ICON = {
	waiting: "ring",
	running: "spin",
	done: "check",
	failed: "alert"
};
var STEP_WORD = {
	waiting: "waiting",
	running: "under way",
	done: "done",
	failed: "failed"
};
// src/app.tsx
function App() {
	useGlobalKeys();
	const at = route.value;
	const old = arrived.value && !isLive.value && at.view !== "sign-in";
	return /* @__PURE__ */ a($, { children: [
		/* @__PURE__ */ a("a", {
			class: "skip",
			href: "#main",
			children: "Skip to the content"
		}),
		at.view !== "sign-in" && /* @__PURE__ */ a(Head, {}),
		at.view !== "sign-in" && /* @__PURE__ */ a(Banner, {}),
		/* @__PURE__ */ a("main", {
			id: "main",
			tabIndex: -1,
			class: "main",
			"data-old": old,
			"data-docker": dockerReachable.value ?? void 0,
			children: /* @__PURE__ */ a(Page, { route: at })
		}),
		/* @__PURE__ */ a(Tray, {}),
		/* @__PURE__ */ a(Dialogs, {})
	] });
}
var loaded = /* @__PURE__ */ new Map([["fleet", FIRST]]);
function Page({ route: at }) {
	const [, repaint] = d(0);
	const [failed, setFailed] = d(null);
	const View = loaded.get(at.view);
	const load = LAZY[at.view];
	const fetchView = () => {
		setFailed(null);
		load?.().then((view) => {
			loaded.set(at.view, view);
			repaint((count) => count + 1);
		}, () => setFailed(at.view));
	};
	A(() => {
		if (View === void 0) fetchView();
	}, [at.view]);
	if (View !== void 0) return /* @__PURE__ */ a(View, { route: at });
	if (load === void 0) return /* @__PURE__ */ a(Nowhere, {});
	if (failed !== at.view) return /* @__PURE__ */ a("div", {
		class: "page-wait",
		role: "status",
		"aria-label": "Loading"
	});
	return /* @__PURE__ */ a(EmptyState, {
		icon: "alert",
		title: "This page could not be fetched",
		whole: true,
		actions: /* @__PURE__ */ a(Button, {
			onClick: fetchView,
			children: "Try again"
		}),
		children: "The server did not deliver it. If the supervisor was updated meanwhile, reload the window."
	});
}
function Nowhere() {
	return /* @__PURE__ */ a(EmptyState, {
		icon: "question",
		title: "There is nothing here",
		whole: true,
		children: /* @__PURE__ */ a(Link, {
			class: "text-link",
			href: "/",
			children: "Go to the fleet"
		})
	});
}
// src/main.tsx
startTheme();
startTitle();
startRouter();
startClock();
startSession();
startLive();
var place = document.getElementById("app");
if (place !== null) Q(/* @__PURE__ */ a(App, {}), place);
export { __vitePreload as a, VERB_ICONS as i, isMac as n, entries as r, Mark as t };
