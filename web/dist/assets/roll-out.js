import { c as A, h as $, p as d, t as a } from "./vendor-preact.js";
import { At as agents, J as Link, Q as rolloutPath, Sn as ApiError, X as go, ft as TextInput, ht as Button, k as inert, lt as Field, pt as Dialog, rn as holds, st as Problem, ut as Select, x as Chip } from "./common.js";
import { at as dryRun, ct as startRollout, et as shortId } from "./shared.js";
import { i as typesWithImages, n as FIELD_NAMES, r as rolloutOf, t as DEFAULT_ROLLOUT } from "./roll-out-draft.js";
// src/dialogs/roll-out.tsx
/** While one types, nothing is asked. */
var QUIET_MS = 300;
/** Who gets a new image, and how; what would be done is shown before it is begun. */
function RolloutDialog({ intent, onClose }) {
	const [draft, setDraft] = d({
		...DEFAULT_ROLLOUT,
		type: (intent.kind === "rollout" ? intent.type : null) ?? ""
	});
	const [preview, setPreview] = d(null);
	const [error, setError] = d(null);
	const [busy, setBusy] = d(false);
	const set = (part) => setDraft((before) => ({
		...before,
		...part
	}));
	const found = rolloutOf(draft);
	const wrong = (field) => {
		if ("wrong" in found) return found.wrong === field ? found.why : null;
		return error instanceof ApiError && error.field === FIELD_NAMES[field] ? error.message : null;
	};
	A(() => {
		setError(null);
		const now = rolloutOf(draft);
		if ("wrong" in now) return;
		const asking = new AbortController();
		const timer = setTimeout(() => {
			dryRun(now.asked, asking.signal).then((rollout) => setPreview({
				of: draft,
				rollout
			}), (failure) => asking.signal.aborted || setError(failure));
		}, QUIET_MS);
		return () => {
			clearTimeout(timer);
			asking.abort();
		};
	}, [draft]);
	const shown = preview?.of === draft ? preview.rollout : null;
	const count = shown === null ? 0 : todo(shown).length;
	const start = async () => {
		if (busy || "wrong" in found || count === 0) return;
		setBusy(true);
		try {
			const { id } = await startRollout(found.asked);
			onClose();
			go(rolloutPath(id));
		} catch (failure) {
			setError(failure);
			setBusy(false);
		}
	};
	const all = [.../* @__PURE__ */ new Set([...typesWithImages(agents.value.values()), draft.type])].filter((type) => type !== "");
	return /* @__PURE__ */ a(Dialog, {
		title: "Roll out new images",
		wide: true,
		onClose,
		onSubmit: () => void start(),
		footer: /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Button, {
			onClick: onClose,
			children: "Cancel"
		}), /* @__PURE__ */ a(Button, {
			type: "submit",
			kind: "primary",
			icon: "rollout",
			busy,
			disabled: count === 0,
			children: count === 0 ? "Roll out" : `Roll out to ${count} ${count === 1 ? "agent" : "agents"}`
		})] }),
		children: [
			/* @__PURE__ */ a("div", {
				class: "field-row",
				children: [/* @__PURE__ */ a(Field, {
					label: "Agents",
					hint: "those that run an older image than its name means now",
					children: (attributes) => /* @__PURE__ */ a(Select, {
						...attributes,
						"data-autofocus": true,
						value: draft.type,
						onChange: (event) => set({ type: event.currentTarget.value }),
						children: [/* @__PURE__ */ a("option", {
							value: "",
							children: `all types${staleWords(null)}`
						}), all.map((type) => /* @__PURE__ */ a("option", {
							value: type,
							children: `${type}${staleWords(type)}`
						}, type))]
					})
				}), /* @__PURE__ */ a(Field, {
					label: "Fetch images",
					hint: "from their registry, before all else",
					children: (attributes) => /* @__PURE__ */ a(Select, {
						...attributes,
						value: draft.pull,
						onChange: (event) => set({ pull: event.currentTarget.value }),
						children: [
							/* @__PURE__ */ a("option", {
								value: "types",
								children: "as the types say"
							}),
							/* @__PURE__ */ a("option", {
								value: "yes",
								children: "yes"
							}),
							/* @__PURE__ */ a("option", {
								value: "no",
								children: "no"
							})
						]
					})
				})]
			}),
			/* @__PURE__ */ a("div", {
				class: "field-row rollout-fields",
				children: [
					/* @__PURE__ */ a(Field, {
						label: "At a time",
						error: wrong("width"),
						hint: "most that are out at once",
						children: (attributes) => /* @__PURE__ */ a(TextInput, {
							...attributes,
							inputMode: "numeric",
							value: draft.width,
							onInput: (event) => set({ width: event.currentTarget.value })
						})
					}),
					/* @__PURE__ */ a(Field, {
						label: "Canaries",
						error: wrong("canary"),
						hint: "of each type, first; they must be done",
						children: (attributes) => /* @__PURE__ */ a(TextInput, {
							...attributes,
							inputMode: "numeric",
							value: draft.canary,
							onInput: (event) => set({ canary: event.currentTarget.value })
						})
					}),
					/* @__PURE__ */ a(Field, {
						label: "Watch for",
						error: wrong("watch"),
						hint: "each must run so long: 30s, 5m",
						children: (attributes) => /* @__PURE__ */ a(TextInput, {
							...attributes,
							value: draft.watch,
							onInput: (event) => set({ watch: event.currentTarget.value })
						})
					}),
					/* @__PURE__ */ a(Field, {
						label: "Drain for",
						error: wrong("drain"),
						hint: "wait for their work; empty: for ever",
						children: (attributes) => /* @__PURE__ */ a(TextInput, {
							...attributes,
							placeholder: "for ever",
							value: draft.drain,
							onInput: (event) => set({ drain: event.currentTarget.value })
						})
					})
				]
			}),
			error !== null && /* @__PURE__ */ a(Refused, {
				error,
				onClose
			}),
			/* @__PURE__ */ a("section", {
				class: "rollout-preview",
				"aria-labelledby": "rollout-preview",
				"aria-busy": shown === null && error === null,
				children: [/* @__PURE__ */ a("h3", {
					id: "rollout-preview",
					children: "What would be done"
				}), preview === null ? error === null && /* @__PURE__ */ a("p", {
					class: "soft",
					children: "Looking…"
				}) : /* @__PURE__ */ a(Preview, {
					rollout: preview.rollout,
					old: shown === null
				})]
			})
		]
	});
}
/** How many of them run an old image. */
function staleWords(type) {
	const stale = [...agents.value.values()].filter((agent) => (type === null || agent.type === type) && holds(agent, "stale")).length;
	return stale === 0 ? "" : ` (${stale} stale)`;
}
function Refused({ error, onClose }) {
	const other = error instanceof ApiError ? error.document["rollout"] : null;
	return /* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a(Problem, { error }), typeof other === "string" && /* @__PURE__ */ a("p", {
		class: "rollout-other",
		children: /* @__PURE__ */ a(Link, {
			class: "text-link",
			href: rolloutPath(other),
			onClick: onClose,
			children: "Go to the rollout that has not ended"
		})
	})] });
}
var todo = ({ members }) => members.filter(({ state }) => state !== "skipped" && state !== "done");
function Preview({ rollout, old }) {
	const members = todo(rollout);
	const skipped = rollout.members.filter(({ state }) => state === "skipped");
	const canaries = members.filter(({ canary }) => canary).length;
	return /* @__PURE__ */ a("div", {
		"data-old": old,
		children: [/* @__PURE__ */ a("p", {
			role: "status",
			children: members.length === 0 ? rollout.reason === null ? "Nobody needs another image." : inert(rollout.reason) : `${members.length} ${members.length === 1 ? "agent gets" : "agents get"} another image, ${order(members.length, canaries, rollout.strategy.width)}.`
		}), rollout.members.length > 0 && /* @__PURE__ */ a("ol", {
			class: "rollout-would",
			tabIndex: 0,
			"aria-label": "In this order",
			children: [...members, ...skipped].map((member) => /* @__PURE__ */ a("li", { children: [
				/* @__PURE__ */ a("span", {
					class: "mono cut",
					children: member.instance
				}),
				member.canary && /* @__PURE__ */ a(Chip, {
					tone: "busy",
					children: "canary"
				}),
				member.state === "skipped" && /* @__PURE__ */ a(Chip, { children: "skipped" }),
				/* @__PURE__ */ a("span", {
					class: "soft cut",
					children: member.state === "skipped" && member.reason !== null ? inert(member.reason) : /* @__PURE__ */ a("code", { children: [
						shortId(member.from_image_id),
						" → ",
						member.to_image_id === null ? "what is fetched" : shortId(member.to_image_id)
					] })
				})
			] }, member.instance))
		})]
	});
}
function order(all, canaries, width) {
	if (all === 1) return canaries === 1 ? "as a canary" : "alone";
	const rest = width === 1 ? "one after the other" : `${width} at a time`;
	return canaries === 0 ? rest : `${canaries === 1 ? "one canary" : `${canaries} canaries`} first, then ${rest}`;
}
export { RolloutDialog };
