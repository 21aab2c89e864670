import { d as T, h as $, p as d, t as a } from "./vendor-preact.js";
import { At as agents, Ft as names, Sn as ApiError, X as go, ct as Checkbox, dt as TextArea, ft as TextInput, ht as Button, lt as Field, pt as Dialog, rt as taskPath, st as Problem, ut as Select } from "./common.js";
import { R as submit, gt as splitWords, ht as shellHint } from "./shared.js";
import { r as envOf } from "./draft.js";
// src/dialogs/run-task.tsx
var FIELDS = [
	"argv",
	"instance",
	"type",
	"stdin",
	"env",
	"workdir",
	"timeout_s",
	"retry"
];
/** Gives a command to an agent, or to whichever agent of a type is free. */
function RunTaskDialog({ intent, onClose }) {
	const name = intent.kind === "run-task" ? intent.name : null;
	const able = names.value.filter((one) => agents.value.get(one)?.host_mode === false);
	const types = [...new Set(able.flatMap((one) => agents.value.get(one)?.type ?? []))];
	const [typed, setTyped] = d({
		target: name === null ? `type:${types[0] ?? ""}` : `agent:${name}`,
		command: "",
		stdin: "",
		env: "",
		workdir: "",
		timeout: "",
		retry: false
	});
	const [error, setError] = d(null);
	const [busy, setBusy] = d(false);
	const key = T(randomKey());
	const set = (part) => setTyped((before) => ({
		...before,
		...part
	}));
	const { words, problem } = splitWords(typed.command);
	const wrong = (field) => error instanceof ApiError && error.field !== null && error.field.split(/[.[]/)[0] === field ? error.message : null;
	const atField = FIELDS.some((field) => wrong(field) !== null);
	const send = async () => {
		setError(null);
		setBusy(true);
		try {
			const task = await submit({
				...bodyOf(typed),
				idempotency_key: key.current
			});
			onClose();
			go(taskPath(task.id));
		} catch (found) {
			if (!(found instanceof ApiError) || found.status !== 0) key.current = randomKey();
			setError(found);
			setBusy(false);
		}
	};
	return /* @__PURE__ */ a(Dialog, {
		title: "Run a task",
		wide: true,
		onClose,
		onSubmit: () => void send(),
		footer: /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Button, {
			onClick: onClose,
			children: "Cancel"
		}), /* @__PURE__ */ a(Button, {
			type: "submit",
			kind: "primary",
			busy,
			disabled: words.length === 0 || problem !== null,
			children: "Run"
		})] }),
		children: [
			error !== null && !atField && /* @__PURE__ */ a(Problem, { error }),
			/* @__PURE__ */ a(Field, {
				label: "Command",
				error: wrong("argv") ?? (problem === null ? null : problem),
				hint: /* @__PURE__ */ a(Preview, { words }),
				children: (attributes) => /* @__PURE__ */ a(TextInput, {
					...attributes,
					class: "mono",
					"data-autofocus": true,
					placeholder: "program argument 'one with blanks'",
					value: typed.command,
					onInput: (event) => set({ command: event.currentTarget.value })
				})
			}),
			/* @__PURE__ */ a("div", {
				class: "field-row",
				children: [
					/* @__PURE__ */ a(Field, {
						label: "Runs in",
						error: wrong("instance") ?? wrong("type"),
						hint: "an agent that sleeps is woken",
						children: (attributes) => /* @__PURE__ */ a(Select, {
							...attributes,
							value: typed.target,
							onChange: (event) => set({ target: event.currentTarget.value }),
							children: [/* @__PURE__ */ a("optgroup", {
								label: "Whoever is free of a type",
								children: types.map((type) => /* @__PURE__ */ a("option", {
									value: `type:${type}`,
									children: ["any ", type]
								}, type))
							}), /* @__PURE__ */ a("optgroup", {
								label: "An agent",
								children: able.map((one) => /* @__PURE__ */ a("option", {
									value: `agent:${one}`,
									children: one
								}, one))
							})]
						})
					}),
					/* @__PURE__ */ a(Field, {
						label: "Working directory",
						error: wrong("workdir"),
						hint: "empty: the image's own",
						children: (attributes) => /* @__PURE__ */ a(TextInput, {
							...attributes,
							value: typed.workdir,
							placeholder: "/work",
							onInput: (event) => set({ workdir: event.currentTarget.value })
						})
					}),
					/* @__PURE__ */ a(Field, {
						label: "Time limit in seconds",
						error: wrong("timeout_s"),
						hint: "empty: none of its own",
						children: (attributes) => /* @__PURE__ */ a(TextInput, {
							...attributes,
							inputMode: "numeric",
							value: typed.timeout,
							onInput: (event) => set({ timeout: event.currentTarget.value })
						})
					})
				]
			}),
			/* @__PURE__ */ a(Field, {
				label: "Standard input",
				error: wrong("stdin"),
				children: (attributes) => /* @__PURE__ */ a(TextArea, {
					...attributes,
					rows: 3,
					value: typed.stdin,
					onInput: (event) => set({ stdin: event.currentTarget.value })
				})
			}),
			/* @__PURE__ */ a(Field, {
				label: "Environment",
				error: wrong("env"),
				hint: "one NAME=value per line, added to the agent's",
				children: (attributes) => /* @__PURE__ */ a(TextArea, {
					...attributes,
					rows: 2,
					value: typed.env,
					onInput: (event) => set({ env: event.currentTarget.value })
				})
			}),
			/* @__PURE__ */ a(Checkbox, {
				checked: typed.retry,
				onChange: (event) => set({ retry: event.currentTarget.checked }),
				label: "Run it once more if its container goes away under it. Only for what may be run twice."
			})
		]
	});
}
/** The words as the program gets them. */
function Preview({ words }) {
	if (words.length === 0) return /* @__PURE__ */ a($, { children: "Run as it is, without a shell; quotes keep blanks together." });
	const hint = shellHint(words);
	return /* @__PURE__ */ a("span", {
		class: "words",
		"aria-label": `${words.length} words`,
		children: [words.map((word, index) => /* @__PURE__ */ a("code", { children: word === "" ? "\xA0" : word }, index)), hint !== null && /* @__PURE__ */ a("span", {
			class: "words-hint",
			children: hint
		})]
	});
}
function bodyOf(typed) {
	const [kind, name = ""] = [typed.target.split(":", 1)[0], typed.target.slice(typed.target.indexOf(":") + 1)];
	const env = envOf(typed.env);
	const timeout = typed.timeout.trim();
	if (timeout !== "" && !/^\d+$/.test(timeout)) throw new ApiError(422, "invalid-value", "A value is not valid", "must be a whole number of seconds", { field: "timeout_s" });
	return {
		argv: splitWords(typed.command).words,
		...kind === "agent" ? { instance: name } : { type: name },
		...typed.stdin === "" ? {} : { stdin: typed.stdin },
		...Object.keys(env).length === 0 ? {} : { env },
		...typed.workdir.trim() === "" ? {} : { workdir: typed.workdir.trim() },
		...timeout === "" ? {} : { timeout_s: Number(timeout) },
		...typed.retry ? { retry: true } : {}
	};
}
/** Not `randomUUID`, which browsers offer to pages of HTTPS only. */
function randomKey() {
	return [...crypto.getRandomValues(/* @__PURE__ */ new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
export { RunTaskDialog };
