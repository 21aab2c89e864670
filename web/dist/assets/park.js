import { h as $, p as d, t as a } from "./vendor-preact.js";
import { At as agents, G as countdown, Xt as run, Zt as VERBS, _ as parkKindWord, ct as Checkbox, dn as park, ft as TextInput, ht as Button, lt as Field, ot as Notice, pt as Dialog, ut as Select, wt as now } from "./common.js";
// src/dialogs/park-draft.ts
/** What can be chosen when agents are parked, and what is sent of it. Pure. */
var PARK_KINDS = [
	"quota",
	"auth",
	"other"
];
var PARK_ENDS = [
	{
		value: "900",
		label: "in 15 minutes"
	},
	{
		value: "3600",
		label: "in an hour"
	},
	{
		value: "18000",
		label: "in 5 hours"
	},
	{
		value: "86400",
		label: "in a day"
	},
	{
		value: "at",
		label: "at a time…"
	},
	{
		value: "open",
		label: "when somebody reopens it"
	}
];
/** The end as the server wants it; null if the time is missing or over. */
function parkEnd(end, at, now) {
	if (end === "open") return {};
	if (end !== "at") return { for_s: Number(end) };
	const time = Date.parse(at);
	return Number.isNaN(time) || time <= now ? null : { until: new Date(time).toISOString() };
}
// src/dialogs/park.tsx
/** Longest that the server keeps. */
var REASON_MOST = 300;
/** Gives agents no work for a time: why, and until when. */
function ParkDialog({ intent, onClose }) {
	const [kind, setKind] = d("quota");
	const [end, setEnd] = d("3600");
	const [at, setAt] = d("");
	const [reason, setReason] = d("");
	const [account, setAccount] = d(false);
	const [tried, setTried] = d(false);
	if (intent.kind !== "park") return null;
	const { names } = intent;
	const whom = names.length === 1 ? names[0] : `${names.length} agents`;
	const until = parkEnd(end, at, now.value);
	const busy = names.filter((name) => agents.value.get(name)?.lease).length;
	const submit = () => {
		setTried(true);
		if (until === null) return;
		onClose();
		const parking = {
			kind,
			reason: reason.trim(),
			...until,
			...account ? { scope: "account" } : {}
		};
		run(`${VERBS.park.doing} ${whom}`, VERBS.park.done, names, async (name) => {
			const { parked, parked_agents } = await park(name, parking);
			const reopens = parked?.reopens_at ?? null;
			const words = reopens === null ? "parked until it is reopened" : `parked, reopens ${countdown(Date.parse(reopens) - now.peek())}`;
			const others = (parked_agents ?? []).filter((other) => other !== name);
			return {
				failed: false,
				outcome: words,
				detail: others.length === 0 ? null : `With it, of the same account: ${others.join(", ")}`
			};
		});
	};
	return /* @__PURE__ */ a(Dialog, {
		title: `Park ${whom}`,
		onClose,
		onSubmit: submit,
		footer: /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Button, {
			onClick: onClose,
			children: "Cancel"
		}), /* @__PURE__ */ a(Button, {
			type: "submit",
			kind: "primary",
			icon: "pause",
			children: "Park"
		})] }),
		children: [
			/* @__PURE__ */ a("p", { children: VERBS.park.meaning }),
			/* @__PURE__ */ a("div", {
				class: "field-row",
				children: [/* @__PURE__ */ a(Field, {
					label: "Why",
					children: (attributes) => /* @__PURE__ */ a(Select, {
						...attributes,
						"data-autofocus": true,
						value: kind,
						onChange: (event) => setKind(event.currentTarget.value),
						children: PARK_KINDS.map((one) => /* @__PURE__ */ a("option", {
							value: one,
							children: `${one}: ${parkKindWord(one)}`
						}, one))
					})
				}), /* @__PURE__ */ a(Field, {
					label: "Reopened",
					children: (attributes) => /* @__PURE__ */ a(Select, {
						...attributes,
						value: end,
						onChange: (event) => setEnd(event.currentTarget.value),
						children: PARK_ENDS.map(({ value, label }) => /* @__PURE__ */ a("option", {
							value,
							children: label
						}, value))
					})
				})]
			}),
			end === "at" && /* @__PURE__ */ a(Field, {
				label: "At",
				error: tried && until === null ? "a time that is still to come" : null,
				hint: "by the clock of this computer",
				children: (attributes) => /* @__PURE__ */ a(TextInput, {
					...attributes,
					type: "datetime-local",
					value: at,
					onInput: (event) => setAt(event.currentTarget.value)
				})
			}),
			/* @__PURE__ */ a(Field, {
				label: "Reason",
				hint: "for people, in a few words",
				children: (attributes) => /* @__PURE__ */ a(TextInput, {
					...attributes,
					maxLength: REASON_MOST,
					value: reason,
					onInput: (event) => setReason(event.currentTarget.value)
				})
			}),
			names.length === 1 && /* @__PURE__ */ a(Checkbox, {
				checked: account,
				onChange: (event) => setAccount(event.currentTarget.checked),
				label: "With it, all agents that sign in as this one does"
			}),
			busy > 0 && /* @__PURE__ */ a(Notice, {
				tone: "busy",
				children: [
					busy === 1 ? names.length === 1 ? "Somebody works" : "Somebody works with one of them" : `Somebody works with ${busy} of them`,
					names.length === 1 && " with it",
					" now, and may finish."
				]
			})
		]
	});
}
export { ParkDialog };
