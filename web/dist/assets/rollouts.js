import { $ as rolloutStatus, B as KINDS, G as hasEnded, J as lasted, N as useLoad, Q as rolloutName, Z as progressWords, n as RolloutBar, q as kindOf, s as useEvents, st as rollouts, t as useRowKeys } from "./shared.js";
import { c as A, p as d, t as a } from "./vendor-preact.js";
import { H as Dash, Ht as typeNames, J as Link, K as duration, Lt as resyncs, Ot as intent, Q as rolloutPath, S as StatusMark, V as Ago, X as go, at as EmptyState, et as search, ht as Button, k as inert, st as Problem, vt as isLive } from "./common.js";
// src/views/rollouts/filter.ts
var inAddress = (kind) => kind.replace(" ", "-");
function parseRolloutFilter(search) {
	const params = new URLSearchParams(search);
	return {
		kind: KINDS.find((kind) => inAddress(kind) === params.get("state")) ?? null,
		type: params.get("type") || null
	};
}
function rolloutSearch({ kind, type }) {
	const parts = [...kind === null ? [] : [`state=${inAddress(kind)}`], ...type === null ? [] : [`type=${encodeURIComponent(type)}`]];
	return parts.length === 0 ? "" : `?${parts.join("&")}`;
}
function fits({ kind, type }, rollout) {
	return (type === null || rollout.type === type || rollout.members.some((member) => member.type === type)) && (kind === null || kindOf(rollout) === kind);
}
// src/views/rollouts/rollouts.tsx
var PAGE = 50;
/** The server answers no more at once. */
var MOST = 200;
/** Every rollout, newest first. */
function RolloutsView() {
	useRowKeys();
	const filter = parseRolloutFilter(search.value);
	const [limit, setLimit] = d(PAGE);
	const { value, error, loading, reload } = useLoad("rollouts", () => rollouts(limit));
	useEvents(({ kind }) => kind.startsWith("rollout_"), reload);
	A(() => {
		if (value !== null) reload();
	}, [
		limit,
		resyncs.value,
		isLive.value
	]);
	const set = (part) => go(`/rollouts${rolloutSearch({
		...filter,
		...part
	})}`, { replace: true });
	const shown = value?.filter((rollout) => fits(filter, rollout)) ?? [];
	return /* @__PURE__ */ a("div", {
		class: "rollouts",
		children: [
			/* @__PURE__ */ a("div", {
				class: "rollouts-head",
				children: [
					/* @__PURE__ */ a("h1", { children: "Rollouts" }),
					/* @__PURE__ */ a(Filters, {
						filter,
						set
					}),
					/* @__PURE__ */ a(Button, {
						kind: "primary",
						icon: "rollout",
						onClick: () => intent.value = {
							kind: "rollout",
							type: filter.type
						},
						children: "Roll out"
					})
				]
			}),
			error !== null && /* @__PURE__ */ a(Problem, { error }),
			value === null ? error === null && /* @__PURE__ */ a("div", {
				class: "page-wait",
				role: "status",
				"aria-label": "Loading rollouts"
			}) : shown.length === 0 ? /* @__PURE__ */ a(None, {
				filtering: value.length > 0,
				clear: () => go("/rollouts", { replace: true })
			}) : /* @__PURE__ */ a(Table, { rollouts: shown }),
			value !== null && value.length >= limit && limit < MOST && /* @__PURE__ */ a("div", {
				class: "rollouts-more",
				children: /* @__PURE__ */ a(Button, {
					onClick: () => setLimit(limit + PAGE),
					busy: loading,
					children: "Show older ones"
				})
			})
		]
	});
}
function None({ filtering, clear }) {
	return /* @__PURE__ */ a("div", {
		class: "card",
		children: filtering ? /* @__PURE__ */ a(EmptyState, {
			icon: "filter",
			title: "No rollout fits the filter",
			actions: /* @__PURE__ */ a(Button, {
				onClick: clear,
				children: "Show all"
			})
		}) : /* @__PURE__ */ a(EmptyState, {
			icon: "rollout",
			title: "There has been no rollout yet",
			children: "A rollout gives agents the image that its name means now, one after the other: the canaries first, and back again if one does not come up."
		})
	});
}
function Filters({ filter, set }) {
	const types = [.../* @__PURE__ */ new Set([...typeNames.value, ...filter.type === null ? [] : [filter.type]])];
	return /* @__PURE__ */ a("div", {
		class: "rollouts-filters",
		role: "group",
		"aria-label": "Filter",
		children: [/* @__PURE__ */ a("div", {
			class: "segments",
			children: [null, ...KINDS].map((kind) => /* @__PURE__ */ a("button", {
				type: "button",
				"aria-pressed": filter.kind === kind,
				onClick: () => set({ kind }),
				children: kind === null ? "All" : kind.charAt(0).toUpperCase() + kind.slice(1)
			}, kind))
		}), /* @__PURE__ */ a("select", {
			class: "rollouts-type",
			"aria-label": "Of one type",
			value: filter.type ?? "",
			onChange: (event) => set({ type: event.currentTarget.value || null }),
			children: [/* @__PURE__ */ a("option", {
				value: "",
				children: "Any type"
			}), types.map((type) => /* @__PURE__ */ a("option", {
				value: type,
				children: type
			}, type))]
		})]
	});
}
function Table({ rollouts }) {
	return /* @__PURE__ */ a("div", {
		class: "card rollout-table dims",
		role: "table",
		"aria-label": "Rollouts",
		children: [/* @__PURE__ */ a("div", {
			role: "rowgroup",
			class: "rollout-table-head",
			children: /* @__PURE__ */ a("div", {
				role: "row",
				class: "rollout-row",
				children: [
					/* @__PURE__ */ a("span", {
						role: "columnheader",
						children: "State"
					}),
					/* @__PURE__ */ a("span", {
						role: "columnheader",
						children: "Agents"
					}),
					/* @__PURE__ */ a("span", {
						role: "columnheader",
						children: "Progress"
					}),
					/* @__PURE__ */ a("span", {
						role: "columnheader",
						children: "Why"
					}),
					/* @__PURE__ */ a("span", {
						role: "columnheader",
						children: "Begun"
					}),
					/* @__PURE__ */ a("span", {
						role: "columnheader",
						children: "Took"
					})
				]
			})
		}), /* @__PURE__ */ a("div", {
			role: "rowgroup",
			children: rollouts.map((rollout) => /* @__PURE__ */ a(Row, { rollout }, rollout.id))
		})]
	});
}
function Row({ rollout }) {
	const begun = Date.parse(rollout.created_at);
	const reason = rollout.reason === null ? "" : inert(rollout.reason);
	return /* @__PURE__ */ a("div", {
		role: "row",
		class: "rollout-row rollout-line",
		children: [
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "rollout-state",
				children: /* @__PURE__ */ a(StatusMark, { status: rolloutStatus(rollout.state) })
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "rollout-type",
				children: /* @__PURE__ */ a(Link, {
					class: "row-link cut",
					href: rolloutPath(rollout.id),
					children: rolloutName(rollout)
				})
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "rollout-progress",
				children: [/* @__PURE__ */ a(RolloutBar, { rollout }), /* @__PURE__ */ a("span", {
					class: "num soft cut",
					children: progressWords(rollout)
				})]
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "rollout-reason soft cut",
				title: reason,
				children: reason
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "rollout-when",
				children: /* @__PURE__ */ a("span", { children: [/* @__PURE__ */ a(Ago, { at: begun }), " ago"] })
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "rollout-took num soft",
				children: hasEnded(rollout) ? duration(lasted(rollout, 0)) : /* @__PURE__ */ a(Dash, {})
			})
		]
	});
}
export { RolloutsView };
