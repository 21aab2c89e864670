import { a as r, c as A, d as T, f as b, h as $, i as O, m as w, n as useComputed, o as x, p as d, s as y, t as a } from "./vendor-preact.js";
import { A as pretty, Ft as names, Ht as typeNames, It as recentEvents, J as Link, Lt as resyncs, Q as rolloutPath, V as Ago, W as clockTime, X as go, Y as agentPath, _t as Icon, a as SearchField, at as EmptyState, et as search, ht as Button, i as NamesField, jt as arrived, k as inert, m as useKeys, q as fullTime, r as ChoiceMenu, st as Problem, un as events, x as Chip, zt as stable } from "./common.js";
import { A as kindWord, C as GROUP_WORDS, D as SEVERITY_TONE, E as SEVERITY_ICON, M as severityOf, O as SEVERITY_WORDS, S as GROUPS, i as dayOf, j as kindsOf, k as TROUBLE_KINDS, r as CopyText, w as KIND_NAMES } from "./shared.js";
// src/views/events/filter.ts
var NO_FILTER = {
	text: "",
	groups: [],
	kinds: [],
	trouble: false,
	instances: [],
	types: [],
	causes: []
};
function parseEventFilter(search) {
	const params = new URLSearchParams(search);
	const list = (key) => (params.get(key) ?? "").split(",").filter((part) => part !== "");
	return {
		text: params.get("q") ?? "",
		groups: GROUPS.filter((group) => list("group").includes(group)),
		kinds: list("kind").filter((kind) => /^[a-z0-9_]+$/.test(kind)),
		trouble: params.get("trouble") === "1",
		instances: list("instance"),
		types: list("type"),
		causes: list("cause")
	};
}
/** With its `?`, or empty. `at` is the event around which the log is shown. */
function eventSearch(filter, at) {
	const params = narrowing(filter);
	if (filter.groups.length > 0) params.set("group", filter.groups.join());
	if (filter.kinds.length > 0) params.set("kind", filter.kinds.join());
	if (filter.trouble) params.set("trouble", "1");
	if (at !== null) params.set("at", String(at));
	const search = params.toString().replaceAll("%2C", ",");
	return search === "" ? "" : `?${search}`;
}
/** What the server is asked for. */
function eventQuery(filter) {
	const params = narrowing(filter);
	const kinds = wantedKinds(filter);
	if (kinds !== null) params.set("kind", kinds.join());
	return params;
}
function narrowing({ text, instances, types, causes }) {
	const params = new URLSearchParams();
	if (text.trim() !== "") params.set("q", text.trim());
	if (instances.length > 0) params.set("instance", instances.join());
	if (types.length > 0) params.set("type", types.join());
	if (causes.length > 0) params.set("cause", causes.join());
	return params;
}
/** Null: all. */
function wantedKinds({ groups, kinds, trouble }) {
	if (groups.length === 0 && kinds.length === 0 && !trouble) return null;
	return [.../* @__PURE__ */ new Set([
		...groups.flatMap(kindsOf),
		...kinds,
		...trouble ? TROUBLE_KINDS : []
	])];
}
/** As the server filters. */
function eventMatcher(filter) {
	const kinds = wantedKinds(filter);
	const text = filter.text.trim().toLowerCase();
	const isOne = (wanted, value) => wanted.length === 0 || value !== null && wanted.includes(value);
	return (event) => (kinds === null || kinds.includes(event.kind)) && isOne(filter.instances, event.instance) && isOne(filter.types, event.type) && isOne(filter.causes, event.cause) && (text === "" || [
		event.kind,
		event.instance,
		event.type,
		event.cause,
		event.detail
	].some((part) => part?.toLowerCase().includes(text)));
}
function isFiltering(filter) {
	return eventSearch(filter, null) !== "";
}
function newestPage(page) {
	return {
		items: page.items,
		upTo: Math.max(page.newest, page.items.at(-1)?.seq ?? 0),
		complete: page.items.length < 100,
		live: true
	};
}
/** A page of what was before an event. */
function pastPage(page, before) {
	const complete = page.items.length < 100;
	if (before > page.newest) return {
		...newestPage(page),
		complete
	};
	return {
		items: page.items,
		upTo: before - 1,
		complete,
		live: false
	};
}
function addOlder(log, page) {
	const first = log.items[0]?.seq ?? Number.POSITIVE_INFINITY;
	const older = page.items.filter(({ seq }) => seq < first);
	return {
		...log,
		items: [...older, ...log.items],
		complete: page.items.length < 100
	};
}
function addNewer(log, page) {
	const newer = page.items.filter(({ seq }) => seq > log.upTo);
	const live = page.items.length < 100;
	const last = newer.at(-1)?.seq ?? log.upTo;
	return trimmed({
		...log,
		items: [...log.items, ...newer],
		upTo: live ? Math.max(last, page.newest) : last,
		live
	});
}
/** Adds what came live. The same log if nothing of it is new. */
function addLive(log, events, matches) {
	const last = events.at(-1)?.seq;
	if (!log.live || last === void 0 || last <= log.upTo) return log;
	const fresh = events.filter((event) => event.seq > log.upTo && matches(event));
	return trimmed({
		...log,
		items: fresh.length === 0 ? log.items : [...log.items, ...fresh],
		upTo: last
	});
}
/** Whether some came between the log and `events` that neither holds: more at once than are kept. */
function hasHole(log, events) {
	const first = events[0]?.seq;
	return log.live && first !== void 0 && first > log.upTo + 1;
}
/** How many of `events` would be added. */
function countNew(log, events, matches) {
	return log.live ? events.filter((event) => event.seq > log.upTo && matches(event)).length : 0;
}
function trimmed(log) {
	if (log.items.length <= 4e3) return log;
	return {
		...log,
		items: log.items.slice(-4e3),
		complete: false
	};
}
// src/views/events/feed.ts
/** The log as the page shows it: fetched, followed live, held still where somebody reads. */
var filter = stable(() => parseEventFilter(search.value), (a, b) => eventSearch(a, null) === eventSearch(b, null));
/** The event around which the log is shown; null: the present. */
var around = O(() => {
	const at = Number(new URLSearchParams(search.value).get("at"));
	return Number.isSafeInteger(at) && at > 0 ? at : null;
});
var matcher = O(() => eventMatcher(filter.value));
var log = y(null);
var failure = y(null);
/** Which end is being fetched. */
var fetching = y(null);
/** By the operator, or because he has scrolled away from the newest. */
var paused = y(false);
var scrolledAway = y(false);
/** How many wait to be shown. */
var waiting = O(() => log.value === null ? 0 : countNew(log.value, recentEvents.value, matcher.value));
function setFilter(part) {
	go(`/events${eventSearch({
		...filter.peek(),
		...part
	}, null)}`, { replace: true });
}
/** Leads to an event, in the list without a filter. */
var eventPath = (seq) => `/events?at=${seq}`;
var LIVE_MS = 100;
var TYPING_MS = 150;
/** Fetches and follows as long as the page is open. */
function startFeed() {
	let timer;
	let mine = null;
	const stopFetching = x(() => {
		resyncs.value;
		const wanted = {
			filter: filter.value,
			around: around.value
		};
		if (!arrived.value) return;
		mine?.abort();
		mine = new AbortController();
		const { signal: abort } = mine;
		const first = log.peek() === null;
		const start = setTimeout(() => void begin(wanted.filter, wanted.around, abort), first ? 0 : TYPING_MS);
		abort.addEventListener("abort", () => clearTimeout(start));
	});
	const stopFollowing = x(() => {
		recentEvents.value;
		if (paused.value || scrolledAway.value) return;
		timer ??= setTimeout(() => {
			timer = void 0;
			if (!paused.peek() && !scrolledAway.peek()) showWaiting();
		}, LIVE_MS);
	});
	return () => {
		stopFetching();
		stopFollowing();
		clearTimeout(timer);
		mine?.abort();
		r(() => {
			log.value = null;
			failure.value = null;
			fetching.value = null;
			paused.value = false;
			scrolledAway.value = false;
		});
	};
}
/** Takes in what came live. */
function showWaiting() {
	const known = log.peek();
	if (known === null) return;
	if (hasHole(known, recentEvents.peek())) newer();
	else log.value = addLive(known, recentEvents.peek(), matcher.peek());
}
async function begin(by, at, abort) {
	const query = eventQuery(by);
	query.set("limit", String(100));
	const before = at === null ? null : at + 25;
	if (before !== null) query.set("before", String(before));
	await fetchPart("start", abort, async () => {
		const page = await events(query, abort);
		return () => before === null ? newestPage(page) : pastPage(page, before);
	});
}
async function older() {
	const known = log.peek();
	const first = known?.items[0]?.seq;
	if (known === null || first === void 0 || known.complete || fetching.peek() !== null) return;
	const query = eventQuery(filter.peek());
	query.set("limit", String(100));
	query.set("before", String(first));
	await fetchPart("older", null, async () => {
		const page = await events(query);
		return (now) => addOlder(now, page);
	});
}
async function newer() {
	const known = log.peek();
	if (known === null || fetching.peek() !== null) return;
	const query = eventQuery(filter.peek());
	query.set("limit", String(100));
	query.set("after", String(known.upTo));
	await fetchPart("newer", null, async () => {
		const page = await events(query);
		return (now) => addNewer(now, page);
	});
}
/** What is fetched is put to what is known by then, unless that has become another log. */
async function fetchPart(which, abort, work) {
	const by = eventSearch(filter.peek(), around.peek());
	fetching.value = which;
	try {
		const put = await work();
		if (by !== eventSearch(filter.peek(), around.peek()) || abort?.aborted === true) return;
		const known = log.peek();
		if (known === null && which !== "start") return;
		r(() => {
			failure.value = null;
			log.value = put(known ?? {
				items: [],
				upTo: 0,
				complete: false,
				live: false
			});
		});
	} catch (error) {
		if (abort?.aborted !== true) failure.value = error;
	} finally {
		if (abort?.aborted !== true && fetching.peek() === which) fetching.value = null;
	}
}
/** One event by its number; null if it is not stored any more. */
async function oneEvent(seq) {
	const known = log.peek()?.items.find((event) => event.seq === seq);
	if (known !== void 0) return known;
	const found = (await events(new URLSearchParams({
		before: String(seq + 1),
		limit: "1"
	}))).items[0];
	return found?.seq === seq ? found : null;
}
// src/views/events/toolbar.tsx
function EventToolbar() {
	const now = filter.value;
	const causes = useComputed(() => [...new Set(log.value?.items.flatMap(({ cause }) => cause ?? []))].sort());
	return /* @__PURE__ */ a("div", {
		class: "filters",
		role: "search",
		children: [
			/* @__PURE__ */ a(SearchField, {
				id: "event-search",
				label: "Search events",
				placeholder: "Kind, agent, cause, detail",
				value: now.text,
				onChange: (text) => setFilter({ text })
			}),
			/* @__PURE__ */ a(ChoiceMenu, {
				label: "Kind",
				chosen: chosenKinds(now),
				groups: kindItems
			}),
			/* @__PURE__ */ a(ChoiceMenu, {
				label: "Type",
				chosen: now.types,
				groups: typeItems
			}),
			/* @__PURE__ */ a(NamesField, {
				label: "Agent",
				values: now.instances,
				known: names.value,
				onChange: (instances) => setFilter({ instances })
			}),
			/* @__PURE__ */ a(NamesField, {
				label: "Cause",
				values: now.causes,
				known: causes.value,
				onChange: (chosen) => setFilter({ causes: chosen })
			}),
			isFiltering(now) && /* @__PURE__ */ a(Button, {
				kind: "quiet",
				small: true,
				icon: "close",
				onClick: () => setFilter(NO_FILTER),
				children: "Clear"
			}),
			/* @__PURE__ */ a("div", {
				class: "filters-end",
				children: [/* @__PURE__ */ a(CopyText, {
					label: "Copy as JSON",
					text: () => JSON.stringify(log.peek()?.items ?? [], null, 2)
				}), around.value === null ? /* @__PURE__ */ a(Button, {
					icon: paused.value ? "play" : "pause",
					"aria-pressed": paused.value,
					onClick: () => paused.value = !paused.value,
					children: paused.value ? "Go on" : "Pause"
				}) : /* @__PURE__ */ a(Button, {
					icon: "play",
					onClick: () => go("/events"),
					children: "Back to live"
				})]
			})
		]
	});
}
function chosenKinds({ trouble, groups, kinds }) {
	return [
		...trouble ? ["Trouble"] : [],
		...groups.map((group) => GROUP_WORDS[group]),
		...kinds.map(kindWord)
	];
}
var turned = (list, value) => list.includes(value) ? list.filter((other) => other !== value) : [...list, value];
function kindItems() {
	const now = filter.peek();
	const trouble = {
		label: "Trouble only",
		checked: now.trouble,
		onSelect: () => setFilter({ trouble: !now.trouble })
	};
	const choice = (kind) => ({
		label: kindWord(kind),
		checked: now.kinds.includes(kind),
		onSelect: () => setFilter({ kinds: turned(now.kinds, kind) })
	});
	const groups = GROUPS.map((group) => [{
		label: `All: ${GROUP_WORDS[group].toLowerCase()}`,
		checked: now.groups.includes(group),
		onSelect: () => setFilter({ groups: turned(now.groups, group) })
	}, ...kindsOf(group).map(choice)]);
	const seen = [...(log.peek()?.items ?? []).map(({ kind }) => kind), ...now.kinds];
	const others = [...new Set(seen)].filter((kind) => !KIND_NAMES.includes(kind)).sort();
	return [
		[trouble],
		...groups,
		others.map(choice)
	];
}
function typeItems() {
	const now = filter.peek();
	return [[.../* @__PURE__ */ new Set([...typeNames.peek(), ...now.types])].map((type) => ({
		label: type,
		checked: now.types.includes(type),
		onSelect: () => setFilter({ types: turned(now.types, type) })
	}))];
}
// src/views/events/keys.ts
/** j and k go from event to event, Enter opens it, / searches, p pauses. */
function useEventKeys() {
	useKeys(b(onKey, []));
}
function onKey(event) {
	switch (event.key) {
		case "/":
			event.preventDefault();
			document.getElementById("event-search")?.focus();
			break;
		case "p":
			paused.value = !paused.peek();
			break;
		case "j":
			move(1);
			break;
		case "k": move(-1);
	}
}
function move(by) {
	const toggles = [...document.querySelectorAll(".event-toggle")];
	const row = document.activeElement?.closest(".event");
	const at = toggles.findIndex((toggle) => row?.contains(toggle) === true);
	const next = toggles[at < 0 ? 0 : Math.max(0, Math.min(toggles.length - 1, at + by))];
	next?.focus({ preventScroll: true });
	next?.closest(".event")?.scrollIntoView({ block: "nearest" });
}
// src/views/events/open.ts
/** Which events are shown with all that is known of them. */
var open = y(/* @__PURE__ */ new Set());
function isOpen(seq) {
	return O(() => open.value.has(seq));
}
function toggleEvent(seq, to) {
	const next = new Set(open.peek());
	if (to ?? !next.has(seq)) next.add(seq);
	else next.delete(seq);
	open.value = next;
}
// src/views/events/details.tsx
/** All that is known of an event, and what led to it. */
function EventDetails({ id, event }) {
	const { instance, type, incarnation, caused_by } = event;
	const rollout = rolloutOf(event.data);
	return /* @__PURE__ */ a("div", {
		id,
		class: "event-details",
		children: [
			event.detail !== null && /* @__PURE__ */ a("p", {
				class: "event-sentence",
				children: inert(event.detail)
			}),
			/* @__PURE__ */ a("dl", {
				class: "event-facts",
				children: [
					/* @__PURE__ */ a("dt", { children: "Time" }),
					/* @__PURE__ */ a("dd", {
						class: "num",
						children: [
							fullTime(Date.parse(event.at)),
							" ",
							/* @__PURE__ */ a("span", {
								class: "soft",
								children: [
									"(",
									event.at,
									")"
								]
							})
						]
					}),
					/* @__PURE__ */ a("dt", { children: "Kind" }),
					/* @__PURE__ */ a("dd", { children: /* @__PURE__ */ a("code", { children: event.kind }) }),
					instance !== null && /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("dt", { children: "Agent" }), /* @__PURE__ */ a("dd", { children: [
						/* @__PURE__ */ a(Link, {
							class: "text-link",
							href: agentPath(instance),
							children: instance
						}),
						type !== null && /* @__PURE__ */ a("span", {
							class: "soft",
							children: [" of type ", type]
						}),
						" ",
						/* @__PURE__ */ a("button", {
							type: "button",
							class: "text-button",
							onClick: () => setFilter({ instances: [instance] }),
							children: "Only its events"
						})
					] })] }),
					incarnation !== null && /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("dt", { children: "Incarnation" }), /* @__PURE__ */ a("dd", { children: /* @__PURE__ */ a("code", { children: incarnation }) })] }),
					rollout !== null && /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("dt", { children: "Rollout" }), /* @__PURE__ */ a("dd", { children: /* @__PURE__ */ a(Link, {
						class: "text-link",
						href: rolloutPath(rollout),
						children: rollout
					}) })] }),
					caused_by !== null && /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("dt", { children: "Because of" }), /* @__PURE__ */ a("dd", { children: /* @__PURE__ */ a(Causes, { seq: caused_by }) })] })
				]
			}),
			event.data !== null && /* @__PURE__ */ a("pre", {
				class: "event-data",
				tabIndex: 0,
				role: "region",
				"aria-label": "Data of the event",
				children: pretty(event.data)
			}),
			/* @__PURE__ */ a("div", {
				class: "event-actions",
				children: [/* @__PURE__ */ a(CopyText, {
					label: "Copy as JSON",
					text: () => JSON.stringify(event, null, 2)
				}), /* @__PURE__ */ a(CopyText, {
					label: "Copy link",
					text: () => location.origin + eventPath(event.seq)
				})]
			})
		]
	});
}
function rolloutOf(data) {
	if (typeof data !== "object" || data === null || !("rollout" in data)) return null;
	return typeof data.rollout === "string" ? data.rollout : null;
}
/** The chain of what led to it, as far as it is stored. */
function Causes({ seq }) {
	const [chain, setChain] = d([]);
	const [error, setError] = d(null);
	A(() => {
		let gone = false;
		const follow = async () => {
			const found = [];
			for (let next = seq; next !== null && found.length < 6;) {
				const event = await oneEvent(next);
				found.push({
					seq: next,
					event
				});
				if (gone) return;
				setChain([...found]);
				next = event?.caused_by ?? null;
			}
		};
		follow().catch((failure) => setError(failure));
		return () => {
			gone = true;
		};
	}, [seq]);
	if (error !== null) return /* @__PURE__ */ a(Problem, { error });
	return /* @__PURE__ */ a("ol", {
		class: "event-chain",
		children: [chain.length === 0 && /* @__PURE__ */ a("li", {
			class: "soft",
			children: ["#", seq]
		}), chain.map(({ seq: its, event }) => event === null ? /* @__PURE__ */ a("li", {
			class: "soft",
			children: [
				"#",
				its,
				" is not stored any more"
			]
		}, its) : /* @__PURE__ */ a("li", { children: [
			/* @__PURE__ */ a(Link, {
				class: "text-link num",
				href: eventPath(event.seq),
				children: [
					"#",
					event.seq,
					" ",
					kindWord(event.kind)
				]
			}),
			" ",
			/* @__PURE__ */ a("span", {
				class: "soft num",
				children: clockTime(Date.parse(event.at))
			}),
			" ",
			event.cause !== null && /* @__PURE__ */ a("code", { children: inert(event.cause) }),
			" ",
			/* @__PURE__ */ a("span", {
				class: "soft",
				children: event.detail !== null && inert(event.detail)
			})
		] }, its))]
	});
}
// src/views/events/row.tsx
/** One event in a line; opened, with all that is known of it. */
function EventRow({ event }) {
	const { seq, instance, cause, caused_by } = event;
	const opened = w(() => isOpen(seq), [seq]).value;
	const severity = severityOf(event);
	const at = Date.parse(event.at);
	const id = `event-${seq}`;
	const onClick = (click) => {
		if (click.target.closest("a, button") !== null || getSelection()?.isCollapsed === false) return;
		toggleEvent(seq);
	};
	return /* @__PURE__ */ a("li", {
		class: "event",
		"data-seq": seq,
		"data-meant": around.value === seq,
		children: [/* @__PURE__ */ a("div", {
			class: "event-line",
			onClick,
			children: [
				/* @__PURE__ */ a("button", {
					type: "button",
					class: "event-toggle",
					"aria-expanded": opened,
					"aria-controls": opened ? id : void 0,
					"aria-label": `Event ${seq}: ${kindWord(event.kind)}${instance === null ? "" : ` of ${instance}`}`,
					onClick: () => toggleEvent(seq),
					children: /* @__PURE__ */ a(Icon, { name: opened ? "down" : "right" })
				}),
				/* @__PURE__ */ a("span", {
					class: `event-severity tone-${SEVERITY_TONE[severity]}`,
					title: SEVERITY_WORDS[severity],
					children: [/* @__PURE__ */ a(Icon, { name: SEVERITY_ICON[severity] }), /* @__PURE__ */ a("span", {
						class: "hidden-text",
						children: SEVERITY_WORDS[severity]
					})]
				}),
				/* @__PURE__ */ a("time", {
					class: "event-time num",
					dateTime: event.at,
					title: fullTime(at),
					children: clockTime(at)
				}),
				/* @__PURE__ */ a("span", {
					class: "event-ago num",
					children: /* @__PURE__ */ a(Ago, { at })
				}),
				/* @__PURE__ */ a("span", {
					class: "event-kind cut",
					children: kindWord(event.kind)
				}),
				/* @__PURE__ */ a("span", {
					class: "event-who cut",
					children: instance !== null && /* @__PURE__ */ a(Link, {
						class: "event-link",
						href: agentPath(instance),
						children: instance
					})
				}),
				/* @__PURE__ */ a("span", {
					class: "event-cause",
					children: cause !== null && /* @__PURE__ */ a("button", {
						type: "button",
						class: "event-cause-button",
						title: `Only with the cause ${cause}`,
						onClick: () => setFilter({ causes: [cause] }),
						children: /* @__PURE__ */ a(Chip, {
							tone: SEVERITY_TONE[severity],
							children: inert(cause)
						})
					})
				}),
				/* @__PURE__ */ a("span", {
					class: "event-detail cut",
					children: event.detail !== null && inert(event.detail)
				}),
				/* @__PURE__ */ a("span", {
					class: "event-because",
					children: caused_by !== null && /* @__PURE__ */ a(Link, {
						class: "event-link num",
						href: eventPath(caused_by),
						title: "Go to the event that caused it",
						children: [
							/* @__PURE__ */ a(Icon, { name: "link" }),
							/* @__PURE__ */ a("span", {
								class: "hidden-text",
								children: "caused by event"
							}),
							"#",
							caused_by
						]
					})
				}),
				/* @__PURE__ */ a("span", {
					class: "event-seq num",
					children: ["#", seq]
				})
			]
		}), opened && /* @__PURE__ */ a(EventDetails, {
			id,
			event
		})]
	});
}
// src/views/events/events.tsx
/** The log: what happened, newest first, as it happens and back to its beginning. */
function EventsView() {
	A(startFeed, []);
	useEventKeys();
	return /* @__PURE__ */ a("div", {
		class: "events",
		children: [
			/* @__PURE__ */ a("div", {
				class: "events-head",
				children: [/* @__PURE__ */ a("h1", { children: "Events" }), /* @__PURE__ */ a(EventToolbar, {})]
			}),
			around.value !== null && /* @__PURE__ */ a("p", {
				class: "events-past",
				children: [
					/* @__PURE__ */ a(Icon, { name: "info" }),
					/* @__PURE__ */ a("span", { children: [
						"The log around event #",
						around.value,
						". What happens now is not shown here."
					] }),
					/* @__PURE__ */ a(Button, {
						small: true,
						onClick: () => go("/events"),
						children: "Back to live"
					})
				]
			}),
			failure.value !== null && /* @__PURE__ */ a(Problem, { error: failure.value }),
			/* @__PURE__ */ a(Waiting, {}),
			/* @__PURE__ */ a(List, {})
		]
	});
}
/** What came while the list is held still. */
function Waiting() {
	const count = waiting.value;
	const held = paused.value || scrolledAway.value;
	const words = `${count} new ${count === 1 ? "event" : "events"}`;
	return /* @__PURE__ */ a("div", {
		class: "events-waiting",
		role: "status",
		"aria-live": "polite",
		children: [held && count > 0 && around.value === null && /* @__PURE__ */ a(Button, {
			small: true,
			kind: "primary",
			icon: "up",
			onClick: () => {
				showWaiting();
				scrollTo({ top: 0 });
			},
			children: words
		}), paused.value && count === 0 && /* @__PURE__ */ a("span", {
			class: "events-paused",
			children: "Paused"
		})]
	});
}
function List() {
	const known = log.value;
	useScrolledAway();
	useMeant();
	if (known === null) {
		if (failure.value !== null) return null;
		return /* @__PURE__ */ a("div", {
			class: "card events-skeleton",
			role: "status",
			"aria-label": "Loading the events"
		});
	}
	if (known.items.length === 0) return /* @__PURE__ */ a(Nothing, {});
	return /* @__PURE__ */ a($, { children: [
		!known.live && /* @__PURE__ */ a("div", {
			class: "events-more",
			children: /* @__PURE__ */ a(Button, {
				small: true,
				icon: "up",
				busy: fetching.value === "newer",
				onClick: () => void newer(),
				children: "Newer events"
			})
		}),
		/* @__PURE__ */ a(Rows, { items: known.items }),
		/* @__PURE__ */ a(End, {
			complete: known.complete,
			count: known.items.length
		})
	] });
}
/** Rows stay the same nodes as long as their event does, so that what comes live paints itself only. */
function Rows({ items }) {
	const nodes = T(/* @__PURE__ */ new WeakMap());
	const rows = [];
	let day = "";
	for (let index = items.length - 1; index >= 0; index -= 1) {
		const event = items[index];
		if (event === void 0) continue;
		const its = dayOf(Date.parse(event.at));
		if (its !== day) {
			day = its;
			rows.push(/* @__PURE__ */ a("li", {
				class: "event-day",
				children: /* @__PURE__ */ a("h2", { children: its })
			}, `day-${its}-${event.seq}`));
		}
		let node = nodes.current.get(event);
		if (node === void 0) {
			node = /* @__PURE__ */ a(EventRow, { event }, event.seq);
			nodes.current.set(event, node);
		}
		rows.push(node);
	}
	return /* @__PURE__ */ a("ol", {
		class: "card event-list dims",
		"aria-label": "Events, newest first",
		children: rows
	});
}
function End({ complete, count }) {
	const ref = T(null);
	A(() => {
		const end = ref.current;
		if (complete || end === null) return;
		const observer = new IntersectionObserver((seen) => seen.some(({ isIntersecting }) => isIntersecting) && void older(), { rootMargin: "600px" });
		observer.observe(end);
		return () => observer.disconnect();
	}, [complete, count]);
	return /* @__PURE__ */ a("div", {
		class: "events-more",
		ref,
		children: complete ? /* @__PURE__ */ a("span", {
			class: "soft num",
			children: [
				count,
				" ",
				count === 1 ? "event" : "events",
				"; nothing older is stored"
			]
		}) : /* @__PURE__ */ a(Button, {
			small: true,
			icon: "down",
			busy: fetching.value === "older",
			onClick: () => void older(),
			children: "Older events"
		})
	});
}
function Nothing() {
	return /* @__PURE__ */ a("div", {
		class: "card",
		children: isFiltering(filter.value) ? /* @__PURE__ */ a(EmptyState, {
			icon: "filter",
			title: "No event fits the filter",
			actions: /* @__PURE__ */ a(Button, {
				onClick: () => setFilter(NO_FILTER),
				children: "Show all"
			}),
			children: "Not among all that are stored. What happens from now on is shown here if it fits."
		}) : /* @__PURE__ */ a(EmptyState, {
			icon: "info",
			title: "Nothing has happened yet",
			children: "What the supervisor does and sees is listed here as it happens."
		})
	});
}
/** Whoever reads further down is not pushed away by what comes. */
function useScrolledAway() {
	A(() => {
		const look = () => {
			scrolledAway.value = scrollY > 120;
		};
		look();
		addEventListener("scroll", look, { passive: true });
		return () => removeEventListener("scroll", look);
	}, []);
}
/** Shows the event that the address names. */
function useMeant() {
	const seq = around.value;
	const there = seq !== null && log.value?.items.some((event) => event.seq === seq) === true;
	A(() => {
		if (seq === null || !there) return;
		toggleEvent(seq, true);
		const row = document.querySelector(`[data-seq="${seq}"]`);
		row?.scrollIntoView({ block: "center" });
		row?.querySelector(".event-toggle")?.focus({ preventScroll: true });
	}, [seq, there]);
}
export { EventsView };
