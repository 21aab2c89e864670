import { $ as rolloutStatus, G as hasEnded, H as PART_WORDS, J as lasted, K as kept, N as useLoad, Q as rolloutName, U as VERB_WORDS, V as PARTS, W as countsOf, X as partOf, Y as memberStatus, Z as progressWords, et as shortId, it as whatNext, lt as turnRollout, n as RolloutBar, nt as verbsOf, ot as rollout, p as memo, rt as watchedUntil, s as useEvents, t as useRowKeys, tt as strategyRows } from "./shared.js";
import { c as A, d as T, h as $, p as d, t as a } from "./vendor-preact.js";
import { J as Link, K as duration, Lt as resyncs, Ot as intent, S as StatusMark, Sn as ApiError, U as Until, V as Ago, X as go, Xt as run, Y as agentPath, Z as path, at as EmptyState, et as search, ht as Button, k as inert, ot as Notice, pt as Dialog, st as Problem, vt as isLive, x as Chip } from "./common.js";
// src/views/rollout/members.tsx
/** Who gets the image, in the order in which they are taken. */
function Members({ rollout }) {
	const wanted = new URLSearchParams(search.value).get("member");
	const part = PARTS.find((one) => one === wanted) ?? null;
	const counts = countsOf(rollout);
	const last = T([]);
	last.current = kept(last.current, rollout.members);
	const shown = last.current.filter((member) => part === null || partOf(member) === part);
	const set = (next) => go(`${path.peek()}${next === null ? "" : `?member=${next}`}`, { replace: true });
	if (rollout.members.length === 0) return /* @__PURE__ */ a("div", {
		class: "card",
		children: /* @__PURE__ */ a(EmptyState, {
			icon: "check",
			title: "Nobody is in it",
			children: "No agent needed another image."
		})
	});
	return /* @__PURE__ */ a("section", {
		"aria-labelledby": "members-title",
		children: [/* @__PURE__ */ a("div", {
			class: "members-head",
			children: [/* @__PURE__ */ a("h2", {
				id: "members-title",
				children: "Agents"
			}), /* @__PURE__ */ a("div", {
				class: "segments",
				role: "group",
				"aria-label": "Filter",
				children: [/* @__PURE__ */ a("button", {
					type: "button",
					"aria-pressed": part === null,
					onClick: () => set(null),
					children: ["All ", /* @__PURE__ */ a("span", {
						class: "num",
						children: rollout.members.length
					})]
				}), PARTS.filter((one) => counts[one] > 0 || one === part).map((one) => /* @__PURE__ */ a("button", {
					type: "button",
					"aria-pressed": part === one,
					onClick: () => set(one),
					children: [
						one === "waiting" && hasEnded(rollout) ? "Not touched" : PART_WORDS[one],
						" ",
						/* @__PURE__ */ a("span", {
							class: "num",
							children: counts[one]
						})
					]
				}, one))]
			})]
		}), shown.length === 0 ? /* @__PURE__ */ a("div", {
			class: "card",
			children: /* @__PURE__ */ a(EmptyState, {
				icon: "filter",
				title: "None is like that now",
				actions: /* @__PURE__ */ a(Button, {
					onClick: () => set(null),
					children: "Show all"
				})
			})
		}) : /* @__PURE__ */ a("div", {
			class: "card member-table dims",
			role: "table",
			"aria-label": "Agents of the rollout",
			children: [/* @__PURE__ */ a("div", {
				role: "rowgroup",
				class: "member-table-head",
				children: /* @__PURE__ */ a("div", {
					role: "row",
					class: "member-row",
					children: [
						/* @__PURE__ */ a("span", {
							role: "columnheader",
							children: "State"
						}),
						/* @__PURE__ */ a("span", {
							role: "columnheader",
							children: "Agent"
						}),
						/* @__PURE__ */ a("span", {
							role: "columnheader",
							children: "Image"
						}),
						/* @__PURE__ */ a("span", {
							role: "columnheader",
							children: "From → to"
						}),
						/* @__PURE__ */ a("span", {
							role: "columnheader",
							children: "Since"
						}),
						/* @__PURE__ */ a("span", {
							role: "columnheader",
							children: "Why"
						})
					]
				})
			}), /* @__PURE__ */ a("div", {
				role: "rowgroup",
				children: shown.map((member) => /* @__PURE__ */ a(MemberRow, {
					member,
					watchS: rollout.strategy.watch_s
				}, member.instance))
			})]
		})]
	});
}
var MemberRow = memo(function MemberRow({ member, watchS }) {
	const until = watchedUntil(member, watchS);
	const reason = member.reason === null ? "" : inert(member.reason);
	return /* @__PURE__ */ a("div", {
		role: "row",
		class: "member-row member-line",
		children: [
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "member-state",
				children: /* @__PURE__ */ a(StatusMark, { status: memberStatus(member.state) })
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "member-agent",
				children: [/* @__PURE__ */ a(Link, {
					class: "row-link cut",
					href: agentPath(member.instance),
					children: member.instance
				}), member.canary && /* @__PURE__ */ a(Chip, {
					tone: "busy",
					children: "canary"
				})]
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "member-image mono cut",
				title: member.image,
				children: inert(member.image.slice(member.image.lastIndexOf("/") + 1))
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "member-ids mono",
				title: `${member.from_image_id} → ${member.to_image_id ?? "not known yet"}`,
				children: [
					shortId(member.from_image_id),
					" → ",
					member.to_image_id === null ? "?" : shortId(member.to_image_id)
				]
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "member-since",
				children: /* @__PURE__ */ a(Ago, { at: Date.parse(member.since) })
			}),
			/* @__PURE__ */ a("span", {
				role: "cell",
				class: "member-why soft",
				children: [until !== null && /* @__PURE__ */ a($, { children: [
					"well so far, through ",
					/* @__PURE__ */ a(Until, { at: until }),
					reason !== "" && ". "
				] }), reason]
			})
		]
	});
});
// src/views/rollout/rollout.tsx
/** One rollout: how far it is, who is next, and what can be done about it. */
function RolloutView({ route }) {
	const id = route.view === "rollout" ? route.id : "";
	useRowKeys();
	const loaded = useLoad(id, () => rollout(id));
	const { value: rollout$1, error } = loaded;
	useEvents((event) => concerns(event, id), loaded.reload);
	A(() => {
		if (rollout$1 !== null && isLive.value) loaded.reload();
	}, [resyncs.value, isLive.value]);
	if (rollout$1 === null) return /* @__PURE__ */ a(Nothing, {
		id,
		loaded
	});
	const next = whatNext(rollout$1);
	return /* @__PURE__ */ a("div", {
		class: "rollout",
		children: [
			/* @__PURE__ */ a(Head, {
				rollout: rollout$1,
				reload: loaded.reload
			}),
			error !== null && /* @__PURE__ */ a(Problem, { error }),
			(rollout$1.reason !== null || next !== null) && /* @__PURE__ */ a(Notice, {
				tone: rollout$1.state === "done" ? "ok" : ["running", "aborted"].includes(rollout$1.state) ? "busy" : "warn",
				children: [rollout$1.reason !== null && /* @__PURE__ */ a("strong", { children: inert(rollout$1.reason) }), next !== null && /* @__PURE__ */ a("p", { children: next })]
			}),
			/* @__PURE__ */ a(Facts, { rollout: rollout$1 }),
			/* @__PURE__ */ a(Members, { rollout: rollout$1 })
		]
	}, id);
}
function concerns({ kind, data }, id) {
	if (!kind.startsWith("rollout_")) return false;
	return typeof data !== "object" || data === null || !("rollout" in data) || data.rollout === id;
}
function Nothing({ id, loaded }) {
	const { error } = loaded;
	if (error === null) return /* @__PURE__ */ a("div", {
		class: "page-wait",
		role: "status",
		"aria-label": "Loading the rollout"
	});
	if (!(error instanceof ApiError) || error.status !== 404 && error.status !== 422) return /* @__PURE__ */ a(Problem, { error });
	return /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("h1", {
		class: "hidden-text",
		children: ["Rollout ", id]
	}), /* @__PURE__ */ a(EmptyState, {
		icon: "question",
		title: "There is no such rollout",
		whole: true,
		actions: /* @__PURE__ */ a(Link, {
			class: "text-link",
			href: "/rollouts",
			children: "All rollouts"
		}),
		children: [/* @__PURE__ */ a("span", {
			class: "mono",
			children: id
		}), " was never begun, or is so old that it is not kept any more."]
	})] });
}
var VERB_ICONS = {
	pause: "pause",
	resume: "play",
	abort: "close"
};
function Head({ rollout, reload }) {
	const [asking, setAsking] = d(false);
	const name = `rollout of ${rolloutName(rollout)}`;
	const turn = (verb) => {
		setAsking(false);
		run(`${VERB_WORDS[verb].doing} the ${name}`, VERB_WORDS[verb].done, [name], async () => {
			const { state, reason } = await turnRollout(rollout.id, verb);
			return {
				failed: false,
				outcome: rolloutStatus(state).word.toLowerCase(),
				detail: reason === null ? null : inert(reason)
			};
		}).then(reload);
	};
	return /* @__PURE__ */ a("header", {
		class: "rollout-top",
		children: [
			/* @__PURE__ */ a("div", {
				class: "rollout-title",
				children: [/* @__PURE__ */ a(Link, {
					class: "crumb",
					href: "/rollouts",
					children: "Rollouts"
				}), /* @__PURE__ */ a("div", {
					class: "rollout-name",
					children: [/* @__PURE__ */ a("h1", { children: ["Rollout of ", rolloutName(rollout)] }), /* @__PURE__ */ a(StatusMark, { status: rolloutStatus(rollout.state) })]
				})]
			}),
			/* @__PURE__ */ a("div", {
				class: "rollout-actions",
				role: "group",
				"aria-label": "Actions on the rollout",
				children: [verbsOf(rollout).map((verb) => /* @__PURE__ */ a(Button, {
					icon: VERB_ICONS[verb],
					onClick: () => verb === "abort" ? setAsking(true) : turn(verb),
					children: verb === "abort" ? "Abort…" : VERB_WORDS[verb].label
				}, verb)), hasEnded(rollout) && /* @__PURE__ */ a(Button, {
					icon: "rollout",
					onClick: () => intent.value = {
						kind: "rollout",
						type: rollout.type
					},
					children: "Roll out again"
				})]
			}),
			asking && /* @__PURE__ */ a(Dialog, {
				title: `Abort the ${name}?`,
				onClose: () => setAsking(false),
				onSubmit: () => turn("abort"),
				footer: /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Button, {
					onClick: () => setAsking(false),
					"data-autofocus": true,
					children: "Let it go on"
				}), /* @__PURE__ */ a(Button, {
					type: "submit",
					kind: "danger",
					children: "Abort"
				})] }),
				children: /* @__PURE__ */ a("p", { children: "It ends for good. Who has the new image keeps it, who has not is left as it is." })
			})
		]
	});
}
function Facts({ rollout }) {
	const begun = Date.parse(rollout.created_at);
	return /* @__PURE__ */ a("dl", {
		class: "card facts rollout-facts dims",
		children: [
			/* @__PURE__ */ a(Fact, {
				label: "Progress",
				wide: true,
				children: [/* @__PURE__ */ a(RolloutBar, { rollout }), /* @__PURE__ */ a("span", {
					class: "num rollout-words",
					children: progressWords(rollout)
				})]
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Begun",
				children: /* @__PURE__ */ a("span", { children: [
					/* @__PURE__ */ a(Ago, { at: begun }),
					" ",
					/* @__PURE__ */ a("span", {
						class: "soft",
						children: "ago"
					})
				] })
			}),
			/* @__PURE__ */ a(Fact, {
				label: hasEnded(rollout) ? "Took" : "Has taken",
				children: /* @__PURE__ */ a("span", {
					class: "num",
					children: hasEnded(rollout) ? duration(lasted(rollout, 0)) : /* @__PURE__ */ a(Ago, { at: begun })
				})
			}),
			strategyRows(rollout.strategy).map(([label, value]) => /* @__PURE__ */ a(Fact, {
				label,
				children: /* @__PURE__ */ a("span", {
					class: "num",
					children: value
				})
			}, label))
		]
	});
}
function Fact({ label, wide = false, children }) {
	return /* @__PURE__ */ a("div", {
		class: wide ? "rollout-fact-wide" : void 0,
		children: [/* @__PURE__ */ a("dt", { children: label }), /* @__PURE__ */ a("dd", { children })]
	});
}
export { RolloutView };
