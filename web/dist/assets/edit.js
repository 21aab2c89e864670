import { c as A, d as T, h as $, p as d, t as a } from "./vendor-preact.js";
import { _t as editable, bt as patch, dt as commandLine, gt as splitWords } from "./shared.js";
import { H as Dash, Jt as ended, Sn as ApiError, Xt as run, ct as Checkbox, ft as TextInput, gt as IconButton, ht as Button, kt as agent, lt as Field, ot as Notice, pt as Dialog, qt as dismiss, st as Problem, ut as Select } from "./common.js";
// src/dialogs/edit-draft.ts
function draftOf(overrides) {
	const { lifecycle, image, command, network, limits, env, mounts } = overrides;
	return {
		lifecycle: lifecycle ?? "",
		image: image ?? "",
		command: command === null ? "" : commandLine(command),
		network: network ?? "",
		memory: limits.memory_bytes === null ? "" : memoryText(limits.memory_bytes),
		cpus: limits.milli_cpus === null ? "" : String(limits.milli_cpus / 1e3),
		pids: limits.pids === null ? "" : String(limits.pids),
		env: Object.entries(env).map(([name, value]) => ({
			name,
			value
		})),
		mounts
	};
}
/** `512m`, `4g`: the largest unit that says it exactly. */
function memoryText(amount) {
	for (const [unit, size] of [
		["g", 2 ** 30],
		["m", 2 ** 20],
		["k", 1024]
	]) if (amount >= size && amount % size === 0) return `${amount / size}${unit}`;
	return String(amount);
}
var SIMPLE = [
	"lifecycle",
	"image",
	"command",
	"network",
	"memory",
	"cpus",
	"pids"
];
function flat(draft) {
	const fields = /* @__PURE__ */ new Map();
	for (const field of SIMPLE) fields.set(field, draft[field].trim());
	fields.set("mounts", draft.mounts.length === 0 ? "" : JSON.stringify(draft.mounts));
	for (const { name, value } of draft.env) if (name.trim() !== "") fields.set(`env.${name.trim()}`, value);
	return fields;
}
function same(a, b, field) {
	return a.has(field) === b.has(field) && a.get(field) === b.get(field);
}
/** The fields in which they differ. */
function changed(base, mine) {
	const [a, b] = [flat(base), flat(mine)];
	return [.../* @__PURE__ */ new Set([...a.keys(), ...b.keys()])].filter((field) => !same(a, b, field));
}
/** A merge patch with what differs only. Throws like the server for what cannot even be sent. */
function patchOf(base, mine) {
	const patch = {};
	const limits = {};
	const env = {};
	const fields = flat(mine);
	for (const field of changed(base, mine)) {
		const text = fields.get(field) ?? "";
		if (field.startsWith("env.")) env[field.slice(4)] = fields.has(field) ? text : null;
		else if (field === "mounts") patch["mounts"] = mine.mounts.length === 0 ? null : mine.mounts;
		else if (field === "command") patch["command"] = text === "" ? null : wordsOf(text);
		else if (field === "memory") limits["memory"] = text === "" ? null : text;
		else if (field === "cpus" || field === "pids") limits[field] = text === "" ? null : numberOf(field, text);
		else patch[field] = text === "" ? null : text;
	}
	if (Object.keys(limits).length > 0) patch["limits"] = limits;
	if (Object.keys(env).length > 0) patch["env"] = env;
	return patch;
}
function wordsOf(text) {
	const { words, problem } = splitWords(text);
	if (problem !== null) throw refused("command", problem);
	return words;
}
function numberOf(field, text) {
	const value = Number(text);
	if (!Number.isFinite(value)) throw refused(`limits.${field}`, `${JSON.stringify(text)} is not a number`);
	return value;
}
function refused(field, detail) {
	return new ApiError(422, "invalid-value", "A value is not valid", detail, { field });
}
/** What the server's row became while one was typing, beside what was typed. */
function conflicts(base, mine, theirs) {
	const [was, ours, there] = [
		flat(base),
		flat(mine),
		flat(theirs)
	];
	return changed(base, theirs).map((field) => ({
		field,
		was: shown(was, field),
		theirs: shown(there, field),
		mine: shown(ours, field),
		clash: !same(was, ours, field) && !same(ours, there, field)
	}));
}
function shown(fields, field) {
	if (!fields.has(field)) return null;
	return fields.get(field) ?? "not shown";
}
/** The draft to go on with, on top of theirs: what only one side changed is taken; where both did, the choice decides. */
function rebase(base, mine, theirs, choose) {
	const [was, ours, there] = [
		flat(base),
		flat(mine),
		flat(theirs)
	];
	const side = (field) => {
		if (same(was, ours, field)) return theirs;
		if (same(was, there, field) || same(ours, there, field)) return mine;
		return choose(field) === "mine" ? mine : theirs;
	};
	const simple = Object.fromEntries(SIMPLE.map((field) => [field, side(field)[field]]));
	const env = [...new Set([...theirs.env, ...mine.env].map(({ name }) => name.trim()))].filter((name) => name !== "").flatMap((name) => side(`env.${name}`).env.find((row) => row.name.trim() === name) ?? []);
	return {
		...simple,
		env,
		mounts: side("mounts").mounts
	};
}
var FIELD_WORDS = {
	lifecycle: "Lifecycle",
	image: "Image",
	command: "Command",
	network: "Network",
	memory: "Memory",
	cpus: "CPUs",
	pids: "Processes",
	mounts: "Mounts"
};
var fieldWords = (field) => FIELD_WORDS[field] ?? field.replace(/^env\./, "");
// src/dialogs/edit-conflict.tsx
/** Somebody else changed the row meanwhile: what it is now beside what was typed, and which of them is to be. */
function ConflictPanel({ base, mine, theirs, onTheirs, onMine }) {
	const [choices, setChoices] = d({});
	const place = T(null);
	A(() => place.current?.querySelector("[data-autofocus]")?.focus(), []);
	const found = conflicts(base, mine, theirs);
	const foundFields = new Set(found.map(({ field }) => field));
	const untouched = changed(base, mine).filter((field) => !foundFields.has(field));
	const choose = (field) => choices[field] ?? "mine";
	return /* @__PURE__ */ a("div", {
		class: "conflict",
		ref: place,
		children: [
			/* @__PURE__ */ a(Notice, {
				tone: "warn",
				children: [/* @__PURE__ */ a("strong", { children: "It was changed by somebody else meanwhile" }), /* @__PURE__ */ a("p", { children: found.length === 0 ? "Nothing of it is in this form." : "Nothing was saved. Choose what is to be, and apply yours again." })]
			}),
			found.length > 0 && /* @__PURE__ */ a("div", {
				class: "conflict-scroll",
				children: /* @__PURE__ */ a("table", { children: [/* @__PURE__ */ a("thead", { children: /* @__PURE__ */ a("tr", { children: [
					/* @__PURE__ */ a("th", {
						scope: "col",
						children: "Field"
					}),
					/* @__PURE__ */ a("th", {
						scope: "col",
						children: "Was"
					}),
					/* @__PURE__ */ a("th", {
						scope: "col",
						children: "On the server now"
					}),
					/* @__PURE__ */ a("th", {
						scope: "col",
						children: "Yours"
					})
				] }) }), /* @__PURE__ */ a("tbody", { children: found.map(({ field, was, theirs: there, mine: ours, clash }) => /* @__PURE__ */ a("tr", { children: [
					/* @__PURE__ */ a("th", {
						scope: "row",
						children: fieldWords(field)
					}),
					/* @__PURE__ */ a("td", { children: /* @__PURE__ */ a(Text, { value: was }) }),
					/* @__PURE__ */ a("td", { children: clash ? /* @__PURE__ */ a(Radio, {
						field,
						chosen: choose(field) === "theirs",
						value: there,
						label: "Take the server's",
						onChoose: () => setChoices({
							...choices,
							[field]: "theirs"
						})
					}) : /* @__PURE__ */ a("strong", { children: /* @__PURE__ */ a(Text, { value: there }) }) }),
					/* @__PURE__ */ a("td", { children: clash ? /* @__PURE__ */ a(Radio, {
						field,
						chosen: choose(field) === "mine",
						value: ours,
						label: "Take yours",
						onChoose: () => setChoices({
							...choices,
							[field]: "mine"
						})
					}) : /* @__PURE__ */ a("span", {
						class: "soft",
						children: "you left it"
					}) })
				] }, field)) })] })
			}),
			untouched.length > 0 && /* @__PURE__ */ a("p", {
				class: "soft",
				children: [
					"Only you changed: ",
					untouched.map(fieldWords).join(", "),
					"."
				]
			}),
			/* @__PURE__ */ a("div", {
				class: "conflict-actions",
				children: [/* @__PURE__ */ a(Button, {
					onClick: onTheirs,
					children: "Take theirs, edit on"
				}), /* @__PURE__ */ a(Button, {
					kind: "primary",
					onClick: () => onMine(choose),
					"data-autofocus": true,
					children: "Apply mine again"
				})]
			})
		]
	});
}
function Radio({ field, chosen, value, label, onChoose }) {
	return /* @__PURE__ */ a("label", {
		class: "conflict-choice",
		children: [/* @__PURE__ */ a("input", {
			type: "radio",
			name: `conflict-${field}`,
			"aria-label": `${fieldWords(field)}: ${label}`,
			checked: chosen,
			onChange: onChoose
		}), /* @__PURE__ */ a(Text, { value })]
	});
}
function Text({ value }) {
	return value === null || value === "" ? /* @__PURE__ */ a(Dash, {}) : /* @__PURE__ */ a("span", {
		class: "mono",
		children: value
	});
}
// src/dialogs/edit-fields.tsx
var PLACES = [
	"lifecycle",
	"image",
	"command",
	"network",
	"limits.memory",
	"limits.cpus",
	"limits.pids",
	"env",
	"mounts"
];
/** What the server, or we, found wrong with a field. */
function wrongIn(error, place) {
	if (!(error instanceof ApiError) || error.field === null) return null;
	const { field } = error;
	return field === place || field.startsWith(`${place}.`) || field.startsWith(`${place}[`) ? error.message : null;
}
/** Whether it is told at one of the fields. */
function fieldsWith(error) {
	return PLACES.some((place) => wrongIn(error, place) !== null);
}
function EditFields({ draft, error, onChange }) {
	const wrong = (place) => wrongIn(error, place);
	return /* @__PURE__ */ a($, { children: [
		/* @__PURE__ */ a("div", {
			class: "field-row",
			children: [
				/* @__PURE__ */ a(Field, {
					label: "Image",
					error: wrong("image"),
					children: (attributes) => /* @__PURE__ */ a(TextInput, {
						...attributes,
						"data-autofocus": true,
						placeholder: "as the type",
						value: draft.image,
						onInput: (event) => onChange({ image: event.currentTarget.value })
					})
				}),
				/* @__PURE__ */ a(Field, {
					label: "Lifecycle",
					error: wrong("lifecycle"),
					children: (attributes) => /* @__PURE__ */ a(Select, {
						...attributes,
						value: draft.lifecycle,
						onChange: (event) => onChange({ lifecycle: event.currentTarget.value }),
						children: [
							/* @__PURE__ */ a("option", {
								value: "",
								children: "as the type"
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
				}),
				/* @__PURE__ */ a(Field, {
					label: "Network",
					error: wrong("network"),
					children: (attributes) => /* @__PURE__ */ a(TextInput, {
						...attributes,
						placeholder: "as the type",
						value: draft.network,
						onInput: (event) => onChange({ network: event.currentTarget.value })
					})
				})
			]
		}),
		/* @__PURE__ */ a(Field, {
			label: "Command",
			error: wrong("command"),
			hint: "words; quotes keep blanks together",
			children: (attributes) => /* @__PURE__ */ a(TextInput, {
				...attributes,
				placeholder: "as the type",
				value: draft.command,
				onInput: (event) => onChange({ command: event.currentTarget.value })
			})
		}),
		/* @__PURE__ */ a("div", {
			class: "field-row",
			children: [
				/* @__PURE__ */ a(Field, {
					label: "Memory",
					error: wrong("limits.memory"),
					hint: "such as 512m or 4g",
					children: (attributes) => /* @__PURE__ */ a(TextInput, {
						...attributes,
						placeholder: "as the type",
						value: draft.memory,
						onInput: (event) => onChange({ memory: event.currentTarget.value })
					})
				}),
				/* @__PURE__ */ a(Field, {
					label: "CPUs",
					error: wrong("limits.cpus"),
					hint: "such as 0.5 or 2",
					children: (attributes) => /* @__PURE__ */ a(TextInput, {
						...attributes,
						inputMode: "decimal",
						placeholder: "as the type",
						value: draft.cpus,
						onInput: (event) => onChange({ cpus: event.currentTarget.value })
					})
				}),
				/* @__PURE__ */ a(Field, {
					label: "Processes",
					error: wrong("limits.pids"),
					children: (attributes) => /* @__PURE__ */ a(TextInput, {
						...attributes,
						inputMode: "numeric",
						placeholder: "as the type",
						value: draft.pids,
						onInput: (event) => onChange({ pids: event.currentTarget.value })
					})
				})
			]
		}),
		/* @__PURE__ */ a(EnvFields, {
			rows: draft.env,
			error: wrong("env"),
			onChange: (env) => onChange({ env })
		}),
		/* @__PURE__ */ a(MountFields, {
			draft,
			error: wrong("mounts"),
			onChange
		})
	] });
}
function EnvFields({ rows, error, onChange }) {
	const list = T(null);
	const set = (at, part) => onChange(rows.map((row, index) => index === at ? {
		...row,
		...part
	} : row));
	const add = () => {
		onChange([...rows, {
			name: "",
			value: ""
		}]);
		requestAnimationFrame(() => list.current?.querySelector(".edit-row:last-of-type input")?.focus());
	};
	return /* @__PURE__ */ a("fieldset", {
		class: "edit-list",
		ref: list,
		children: [
			/* @__PURE__ */ a("legend", { children: "Environment" }),
			rows.map(({ name, value }, index) => /* @__PURE__ */ a("div", {
				class: "edit-row",
				children: [
					/* @__PURE__ */ a(TextInput, {
						"aria-label": "Name",
						placeholder: "NAME",
						value: name,
						onInput: (event) => set(index, { name: event.currentTarget.value })
					}),
					/* @__PURE__ */ a(TextInput, {
						"aria-label": `Value of ${name || "the variable"}`,
						placeholder: value === null ? "not shown; stays as it is" : "",
						value: value ?? "",
						onInput: (event) => set(index, { value: event.currentTarget.value })
					}),
					/* @__PURE__ */ a(IconButton, {
						icon: "close",
						label: `Remove ${name || "the variable"}`,
						onClick: () => onChange(rows.filter((_, at) => at !== index))
					})
				]
			}, index)),
			error !== null && /* @__PURE__ */ a("p", {
				class: "field-error",
				role: "alert",
				children: error
			}),
			/* @__PURE__ */ a(Button, {
				small: true,
				icon: "plus",
				onClick: add,
				children: "Add a variable"
			})
		]
	});
}
function MountFields({ draft, error, onChange }) {
	const rows = draft.mounts;
	const set = (at, part) => onChange({ mounts: rows.map((row, index) => index === at ? {
		...row,
		...part
	} : row) });
	return /* @__PURE__ */ a("fieldset", {
		class: "edit-list",
		children: [
			/* @__PURE__ */ a("legend", { children: "Mounts, beside those of the type" }),
			rows.map(({ source, target, read_only }, index) => /* @__PURE__ */ a("div", {
				class: "edit-row edit-mount",
				children: [
					/* @__PURE__ */ a(TextInput, {
						"aria-label": "Path on the host",
						placeholder: "/path/on/the/host",
						value: source,
						onInput: (event) => set(index, { source: event.currentTarget.value })
					}),
					/* @__PURE__ */ a(TextInput, {
						"aria-label": "Path in the container",
						placeholder: "/path/in/it",
						value: target,
						onInput: (event) => set(index, { target: event.currentTarget.value })
					}),
					/* @__PURE__ */ a(Checkbox, {
						label: "read-only",
						checked: read_only,
						onChange: (event) => set(index, { read_only: event.currentTarget.checked })
					}),
					/* @__PURE__ */ a(IconButton, {
						icon: "close",
						label: `Remove the mount ${target}`,
						onClick: () => onChange({ mounts: rows.filter((_, at) => at !== index) })
					})
				]
			}, index)),
			error !== null && /* @__PURE__ */ a("p", {
				class: "field-error",
				role: "alert",
				children: error
			}),
			/* @__PURE__ */ a(Button, {
				small: true,
				icon: "plus",
				onClick: () => onChange({ mounts: [...rows, {
					source: "",
					target: "",
					read_only: true
				}] }),
				children: "Add a mount"
			})
		]
	});
}
// src/dialogs/edit.tsx
/** Changes what an agent's row says differently from its type; refused if somebody else changed it meanwhile. */
function EditDialog({ intent, onClose }) {
	const name = intent.kind === "edit" ? intent.name : "";
	const agent$1 = agent(name).value;
	const [base, setBase] = d(null);
	const [draft, setDraft] = d(null);
	/** What the server has now, when it is not what the form began with. */
	const [theirs, setTheirs] = d(null);
	const [error, setError] = d(null);
	const [busy, setBusy] = d(false);
	const [force, setForce] = d(false);
	const here = T(true);
	A(() => () => void (here.current = false), []);
	const read = async () => {
		const { etag, answer } = await editable(name);
		return {
			etag,
			draft: draftOf(answer.overrides)
		};
	};
	A(() => {
		read().then((found) => {
			setBase(found);
			setDraft(found.draft);
		}, setError);
	}, [name]);
	const save = async (from, mine) => {
		setError(null);
		let body;
		try {
			body = patchOf(from.draft, mine);
		} catch (found) {
			setError(found);
			return;
		}
		setBusy(true);
		let refusal = null;
		const done = await run(`Changing ${name}`, "changed", [name], async () => {
			try {
				return ended(await patch(name, from.etag, body, force));
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
		if (refusal instanceof ApiError && refusal.status === 412) await read().then(setTheirs, setError);
		else setError(refusal);
		setBusy(false);
	};
	const takeTheirs = () => {
		if (theirs === null) return;
		setBase(theirs);
		setDraft(theirs.draft);
		setTheirs(null);
	};
	const applyAgain = (choose) => {
		if (theirs === null || base === null || draft === null) return;
		const next = rebase(base.draft, draft, theirs.draft, choose);
		setBase(theirs);
		setDraft(next);
		setTheirs(null);
		if (changed(theirs.draft, next).length === 0) onClose();
		else save(theirs, next);
	};
	const count = base === null || draft === null ? 0 : changed(base.draft, draft).length;
	const atWork = agent$1 !== null && (agent$1.lease !== null || agent$1.task !== null);
	const footer = /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Button, {
		onClick: onClose,
		children: busy ? "Close, it goes on" : "Cancel"
	}), /* @__PURE__ */ a(Button, {
		type: "submit",
		kind: "primary",
		busy,
		disabled: count === 0,
		children: busy ? "Saving" : count < 2 ? "Save" : `Save ${count} changes`
	})] });
	return /* @__PURE__ */ a(Dialog, {
		title: `Edit ${name}`,
		wide: true,
		onClose,
		onSubmit: () => {
			if (base !== null && draft !== null && theirs === null && count > 0) save(base, draft);
		},
		...theirs === null ? { footer } : {},
		children: [
			error !== null && !fieldsWith(error) && /* @__PURE__ */ a(Problem, { error }),
			theirs !== null && base !== null && draft !== null && /* @__PURE__ */ a(ConflictPanel, {
				base: base.draft,
				mine: draft,
				theirs: theirs.draft,
				onTheirs: takeTheirs,
				onMine: applyAgain
			}),
			theirs === null && draft !== null && /* @__PURE__ */ a($, { children: [
				/* @__PURE__ */ a("p", {
					class: "soft",
					children: "What is left empty follows the type. A change that the container must be made anew for recreates it."
				}),
				/* @__PURE__ */ a(EditFields, {
					draft,
					error,
					onChange: (part) => setDraft({
						...draft,
						...part
					})
				}),
				atWork && /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Notice, {
					tone: "warn",
					children: [agent$1.task !== null || agent$1.lease === null ? "A task runs in it" : `${agent$1.lease.holder} works with it`, ". A recreate waits for the end of that work."]
				}), /* @__PURE__ */ a(Checkbox, {
					checked: force,
					onChange: (event) => setForce(event.currentTarget.checked),
					label: "Do not wait: cut the work."
				})] })
			] }),
			draft === null && error === null && /* @__PURE__ */ a("div", {
				class: "edit-wait",
				role: "status",
				"aria-label": "Loading its settings"
			})
		]
	});
}
export { EditDialog };
