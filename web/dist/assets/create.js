import { c as A, d as T, h as $, p as d, t as a } from "./vendor-preact.js";
import { Ft as names, Jt as ended, Sn as ApiError, Xt as run, _n as types, dt as TextArea, ft as TextInput, ht as Button, ln as create, lt as Field, pt as Dialog, qt as dismiss, st as Problem, ut as Select } from "./common.js";
import { i as freeName, n as bodyOf, t as EMPTY_DRAFT } from "./draft.js";
// src/dialogs/create.tsx
/** A new agent. What the server refuses is told at the field; what becomes of it, in the tray. */
function CreateDialog({ intent, onClose }) {
	const wanted = intent.kind === "create" ? intent.type : null;
	const [types$1, setTypes] = d(null);
	const [draft, setDraft] = d({
		...EMPTY_DRAFT,
		type: wanted ?? ""
	});
	const [error, setError] = d(null);
	const [named, setNamed] = d(false);
	const [busy, setBusy] = d(false);
	/** A create may take as long as an image is pulled; whoever closes the dialog meanwhile is told in the tray. */
	const here = T(true);
	A(() => () => void (here.current = false), []);
	A(() => {
		types().then((all) => {
			setTypes(all);
			choose(wanted ?? all[0]?.type ?? "");
		}, setError);
	}, []);
	const set = (part) => setDraft((before) => ({
		...before,
		...part
	}));
	const choose = (type) => set({
		type,
		...named ? {} : { name: freeName(type, names.peek()) }
	});
	const type = types$1?.find((one) => one.type === draft.type);
	const wrong = (field) => error instanceof ApiError && (error.field === field || error.field?.startsWith(`${field}.`) === true) ? error.message : null;
	const shownAtField = [
		"name",
		"type",
		"image",
		"lifecycle",
		"env",
		"limits"
	].some((field) => wrong(field) !== null);
	const submit = async () => {
		setError(null);
		let body;
		try {
			body = bodyOf(draft);
		} catch (found) {
			setError(found);
			return;
		}
		setBusy(true);
		let refusal = null;
		const done = await run(`Creating ${body.name}`, "created", [body.name], async () => {
			try {
				return ended(await create(body));
			} catch (found) {
				refusal = found;
				throw found;
			}
		});
		if (!here.current) return;
		if (refusal === null) {
			onClose();
			return;
		}
		dismiss(done.id);
		setBusy(false);
		setError(refusal);
	};
	return /* @__PURE__ */ a(Dialog, {
		title: "New agent",
		wide: true,
		onClose,
		onSubmit: () => void submit(),
		footer: /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Button, {
			onClick: onClose,
			children: busy ? "Close, it goes on" : "Cancel"
		}), /* @__PURE__ */ a(Button, {
			type: "submit",
			kind: "primary",
			busy,
			disabled: types$1 === null,
			children: busy ? "Creating" : "Create"
		})] }),
		children: [
			error !== null && !shownAtField && /* @__PURE__ */ a(Problem, { error }),
			/* @__PURE__ */ a("div", {
				class: "field-row",
				children: [/* @__PURE__ */ a(Field, {
					label: "Type",
					error: wrong("type"),
					hint: type === void 0 ? "" : typeHint(type),
					children: (attributes) => /* @__PURE__ */ a(Select, {
						...attributes,
						value: draft.type,
						onChange: (event) => choose(event.currentTarget.value),
						children: (types$1 ?? []).map((one) => /* @__PURE__ */ a("option", {
							value: one.type,
							children: one.type
						}, one.type))
					})
				}), /* @__PURE__ */ a(Field, {
					label: "Name",
					error: wrong("name"),
					hint: "a-z, 0-9 and -; it stays as it is",
					children: (attributes) => /* @__PURE__ */ a(TextInput, {
						...attributes,
						"data-autofocus": true,
						value: draft.name,
						onInput: (event) => {
							setNamed(true);
							set({ name: event.currentTarget.value });
						}
					})
				})]
			}),
			type?.host_mode !== true && /* @__PURE__ */ a($, { children: [
				/* @__PURE__ */ a("div", {
					class: "field-row",
					children: [/* @__PURE__ */ a(Field, {
						label: "Lifecycle",
						error: wrong("lifecycle"),
						hint: "lazy ones sleep until there is work",
						children: (attributes) => /* @__PURE__ */ a(Select, {
							...attributes,
							value: draft.lifecycle,
							onChange: (event) => set({ lifecycle: event.currentTarget.value }),
							children: [
								/* @__PURE__ */ a("option", {
									value: "",
									children: ["as the type", type === void 0 ? "" : ` (${type.lifecycle})`]
								}),
								/* @__PURE__ */ a("option", {
									value: "hot",
									children: "hot"
								}),
								/* @__PURE__ */ a("option", {
									value: "lazy",
									children: "lazy"
								})
							]
						})
					}), /* @__PURE__ */ a(Field, {
						label: "Image",
						error: wrong("image"),
						hint: "empty: as the type",
						children: (attributes) => /* @__PURE__ */ a(TextInput, {
							...attributes,
							value: draft.image,
							placeholder: type?.image ?? "",
							onInput: (event) => set({ image: event.currentTarget.value })
						})
					})]
				}),
				/* @__PURE__ */ a("div", {
					class: "field-row",
					children: [/* @__PURE__ */ a(Field, {
						label: "Memory",
						error: wrong("limits.memory"),
						hint: "such as 512m or 4g",
						children: (attributes) => /* @__PURE__ */ a(TextInput, {
							...attributes,
							value: draft.memory,
							placeholder: "as the type",
							onInput: (event) => set({ memory: event.currentTarget.value })
						})
					}), /* @__PURE__ */ a(Field, {
						label: "CPUs",
						error: wrong("limits.cpus"),
						hint: "such as 0.5 or 2",
						children: (attributes) => /* @__PURE__ */ a(TextInput, {
							...attributes,
							inputMode: "decimal",
							value: draft.cpus,
							placeholder: "as the type",
							onInput: (event) => set({ cpus: event.currentTarget.value })
						})
					})]
				}),
				/* @__PURE__ */ a(Field, {
					label: "Environment",
					error: wrong("env"),
					hint: "one NAME=value per line, added to the type's",
					children: (attributes) => /* @__PURE__ */ a(TextArea, {
						...attributes,
						value: draft.env,
						onInput: (event) => set({ env: event.currentTarget.value })
					})
				})
			] })
		]
	});
}
function typeHint({ count, lifecycle, host_mode }) {
	const there = count === 1 ? "1 agent" : `${count} agents`;
	return host_mode ? `${there}, no containers` : `${there}, ${lifecycle}`;
}
export { CreateDialog };
