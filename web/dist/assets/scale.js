import { c as A, h as $, p as d, t as a } from "./vendor-preact.js";
import { At as agents, Xt as run, _n as types, ct as Checkbox, ft as TextInput, gt as IconButton, hn as scale, ht as Button, lt as Field, pt as Dialog, st as Problem, ut as Select } from "./common.js";
// src/dialogs/scale.tsx
/** How many agents a type is to have. */
function ScaleDialog({ intent, onClose }) {
	const wanted = intent.kind === "scale" ? intent.type : null;
	const [types$1, setTypes] = d(null);
	const [error, setError] = d(null);
	const [type, setType] = d(wanted ?? "");
	const [count, setCount] = d("");
	const [force, setForce] = d(false);
	const choose = (all, name) => {
		setType(name);
		setCount(String(all?.find((one) => one.type === name)?.count ?? ""));
	};
	A(() => {
		types().then((all) => {
			setTypes(all);
			choose(all, wanted ?? all[0]?.type ?? "");
		}, setError);
	}, []);
	const now = types$1?.find((one) => one.type === type)?.count ?? 0;
	const next = /^\d+$/.test(count.trim()) ? Number(count) : null;
	const change = next === null ? 0 : next - now;
	const busy = [...agents.value.values()].filter((agent) => agent.type === type && agent.lease !== null).length;
	const submit = () => {
		if (next === null || change === 0) return;
		onClose();
		run(`Scaling ${type} from ${now} to ${next}`, "scaled", [type], async () => told(await scale(type, next, force)));
	};
	return /* @__PURE__ */ a(Dialog, {
		title: "Scale a pool",
		onClose,
		onSubmit: submit,
		footer: /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Button, {
			onClick: onClose,
			children: "Cancel"
		}), /* @__PURE__ */ a(Button, {
			type: "submit",
			kind: change < 0 ? "danger" : "primary",
			disabled: next === null || change === 0,
			children: change === 0 ? "Scale" : change > 0 ? `Add ${change}` : `Remove ${-change}`
		})] }),
		children: [
			error !== null && /* @__PURE__ */ a(Problem, { error }),
			/* @__PURE__ */ a(Field, {
				label: "Type",
				children: (attributes) => /* @__PURE__ */ a(Select, {
					...attributes,
					value: type,
					onChange: (event) => choose(types$1, event.currentTarget.value),
					children: (types$1 ?? []).map((one) => /* @__PURE__ */ a("option", {
						value: one.type,
						children: one.type
					}, one.type))
				})
			}),
			/* @__PURE__ */ a(Field, {
				label: "Agents",
				error: next === null && count !== "" ? "a whole number" : null,
				hint: change < 0 ? "Their containers go; their state volumes stay." : `${now} now, all rows of the type counted`,
				children: (attributes) => /* @__PURE__ */ a("span", {
					class: "stepper",
					children: [
						/* @__PURE__ */ a(IconButton, {
							icon: "down",
							label: "One less",
							onClick: () => setCount(String(Math.max(0, (next ?? now) - 1)))
						}),
						/* @__PURE__ */ a(TextInput, {
							...attributes,
							"data-autofocus": true,
							inputMode: "numeric",
							value: count,
							onInput: (event) => setCount(event.currentTarget.value)
						}),
						/* @__PURE__ */ a(IconButton, {
							icon: "up",
							label: "One more",
							onClick: () => setCount(String((next ?? now) + 1))
						})
					]
				})
			}),
			change < 0 && busy > 0 && /* @__PURE__ */ a(Checkbox, {
				checked: force,
				onChange: (event) => setForce(event.currentTarget.checked),
				label: `Do not wait for those at work (${busy} of this type are leased): cut their work.`
			})
		]
	});
}
function told({ created, removed }) {
	const bad = [...created, ...removed].filter(({ outcome }) => outcome === "failed");
	const list = (words, of) => of.length === 0 ? [] : [`${words} ${of.map(({ name }) => name).join(", ")}`];
	const done = [...list("created", created), ...list("removed", removed)].join("; ");
	const reasons = bad.map(({ name, reason }) => `${name}: ${reason ?? "failed"}`).join("; ");
	return {
		failed: bad.length > 0,
		outcome: bad.length > 0 ? "failed in part" : "scaled",
		detail: [done, reasons].filter(Boolean).join(". ")
	};
}
export { ScaleDialog };
