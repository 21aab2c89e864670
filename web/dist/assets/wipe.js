import { h as $, p as d, t as a } from "./vendor-preact.js";
import { Ct as wipe } from "./shared.js";
import { Xt as run, ft as TextInput, ht as Button, lt as Field, pt as Dialog } from "./common.js";
// src/dialogs/wipe.tsx
/** Destroys what is left of a deleted agent; its name is typed, so that it is not done by a slip. */
function WipeDialog({ intent, onClose }) {
	const [typed, setTyped] = d("");
	if (intent.kind !== "wipe") return null;
	const { name } = intent;
	const submit = () => {
		if (typed !== name) return;
		onClose();
		run(`Wiping the state of ${name}`, "wiped", [name], async () => {
			const { volume } = await wipe(name);
			return {
				failed: false,
				outcome: "wiped",
				detail: `The volume ${volume} is gone.`
			};
		});
	};
	return /* @__PURE__ */ a(Dialog, {
		title: `Wipe the state of ${name}?`,
		onClose,
		onSubmit: submit,
		footer: /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Button, {
			onClick: onClose,
			children: "Cancel"
		}), /* @__PURE__ */ a(Button, {
			type: "submit",
			kind: "danger",
			disabled: typed !== name,
			children: "Wipe for ever"
		})] }),
		children: [/* @__PURE__ */ a("p", { children: "Its state volume is destroyed, with everything that the agent kept. This cannot be undone; an agent of the same name begins anew." }), /* @__PURE__ */ a(Field, {
			label: `Type ${name} to confirm`,
			children: (attributes) => /* @__PURE__ */ a(TextInput, {
				...attributes,
				"data-autofocus": true,
				autocapitalize: "off",
				value: typed,
				onInput: (event) => setTyped(event.currentTarget.value)
			})
		})]
	});
}
export { WipeDialog };
