import { c as A, d as T, m as w, p as d, t as a } from "./vendor-preact.js";
import { $t as fitting, At as agents, Dt as intend, M as setTheme, Nt as dockerReachable, Ot as intent, X as go, Y as agentPath, _t as Icon, mt as useModal, sn as statusOf } from "./common.js";
import { r as entries } from "./index.js";
import { i as typesWithImages } from "./roll-out-draft.js";
// src/dialogs/rank.ts
function rank(commands, text) {
	const wanted = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
	if (wanted.length === 0) return commands.filter(({ onlyAsked }) => onlyAsked !== true);
	const scored = commands.flatMap((command) => {
		const score = scoreOf(command, wanted);
		return score === null ? [] : [{
			command,
			score
		}];
	});
	scored.sort((a, b) => b.score - a.score || b.command.weight - a.command.weight || a.command.label.length - b.command.label.length);
	return scored.map(({ command }) => command);
}
/** Null unless every word is found; the beginning of a word counts for more than its middle. */
function scoreOf({ label, words }, wanted) {
	const title = label.toLowerCase();
	let score = 0;
	for (const word of wanted) if (title === word) score += 8;
	else if (title.startsWith(word)) score += 4;
	else if (title.includes(` ${word}`) || title.includes(`-${word}`)) score += 3;
	else if (title.includes(word)) score += 2;
	else if (words.toLowerCase().includes(word)) score += 1;
	else return null;
	return score;
}
// src/dialogs/palette.tsx
var SHOWN = 12;
/** One line from which everything can be reached: agents, pages, and what can be done. */
function Palette({ onClose }) {
	const ref = useModal(onClose);
	const [text, setText] = d("");
	const [at, setAt] = d(0);
	const list = T(null);
	const found = rank(w(() => commands(), []), text).slice(0, SHOWN);
	const current = Math.min(at, found.length - 1);
	A(() => list.current?.children[current]?.scrollIntoView({ block: "nearest" }), [current]);
	const choose = (entry) => {
		if (entry === void 0) return;
		onClose();
		entry.run();
	};
	const onKeyDown = (event) => {
		const step = {
			ArrowDown: 1,
			ArrowUp: -1
		}[event.key];
		if (step !== void 0) {
			event.preventDefault();
			setAt((current + step + found.length) % Math.max(1, found.length));
		} else if (event.key === "Enter") {
			event.preventDefault();
			choose(found[current]);
		}
	};
	return /* @__PURE__ */ a("dialog", {
		ref,
		class: "dialog palette",
		"aria-label": "Search and commands",
		children: [
			/* @__PURE__ */ a("div", {
				class: "palette-line",
				children: [/* @__PURE__ */ a(Icon, { name: "search" }), /* @__PURE__ */ a("input", {
					"data-autofocus": true,
					type: "text",
					role: "combobox",
					"aria-expanded": "true",
					"aria-controls": "palette-list",
					"aria-activedescendant": found.length > 0 ? `palette-${current}` : void 0,
					"aria-label": "Agent, page or command",
					placeholder: "Agent, page or command: “restart dev-2”",
					autocomplete: "off",
					spellcheck: false,
					value: text,
					onInput: (event) => {
						setText(event.currentTarget.value);
						setAt(0);
					},
					onKeyDown
				})]
			}),
			/* @__PURE__ */ a("ul", {
				id: "palette-list",
				class: "palette-list",
				role: "listbox",
				"aria-label": "Found",
				ref: list,
				children: found.map((entry, index) => /* @__PURE__ */ a("li", {
					id: `palette-${index}`,
					role: "option",
					class: "palette-item",
					"aria-selected": index === current,
					onMouseMove: () => setAt(index),
					onClick: () => choose(entry),
					children: [
						/* @__PURE__ */ a(Icon, { name: entry.icon }),
						/* @__PURE__ */ a("span", {
							class: "cut",
							children: entry.label
						}),
						/* @__PURE__ */ a("span", {
							class: "palette-note",
							children: entry.note
						})
					]
				}, entry.label))
			}),
			found.length === 0 && /* @__PURE__ */ a("p", {
				class: "palette-none",
				children: "Nothing is called that."
			})
		]
	});
}
function commands() {
	const open = [];
	const verbs = [];
	for (const agent of agents.peek().values()) {
		const { word } = statusOf(agent, dockerReachable.peek());
		open.push({
			label: agent.name,
			words: agent.type,
			weight: 2,
			icon: "right",
			note: word,
			run: () => go(agentPath(agent.name))
		});
		const { name: of } = agent;
		if (!agent.host_mode) verbs.push({
			label: `Run a task in ${of}…`,
			words: "",
			weight: 1,
			onlyAsked: true,
			icon: "task",
			note: agent.type,
			run: () => intent.value = {
				kind: "run-task",
				name: of
			}
		});
		verbs.push({
			label: `Edit ${of}…`,
			words: "change",
			weight: 1,
			onlyAsked: true,
			icon: "edit",
			note: agent.type,
			run: () => intent.value = {
				kind: "edit",
				name: of
			}
		});
		for (const { name, label, danger } of fitting(agent)) {
			const run = () => intend(name, [agent.name]);
			verbs.push({
				label: `${label} ${agent.name}`,
				words: "",
				weight: danger ? 0 : 1,
				onlyAsked: true,
				icon: "command",
				note: agent.type,
				run
			});
		}
	}
	for (const type of typesWithImages(agents.peek().values())) {
		const run = () => void (intent.value = {
			kind: "rollout",
			type
		});
		verbs.push({
			label: `Roll out ${type}…`,
			words: "rollout image update",
			weight: 1,
			onlyAsked: true,
			icon: "rollout",
			note: "type",
			run
		});
	}
	const pages = entries().map(({ label, href }) => ({
		label,
		words: "page go",
		weight: 3,
		icon: "right",
		note: "page",
		run: () => go(href)
	}));
	const rest = [
		{
			label: "New agent…",
			words: "create add",
			weight: 3,
			icon: "plus",
			note: "",
			run: () => intent.value = {
				kind: "create",
				type: null
			}
		},
		{
			label: "Run a task…",
			words: "command exec",
			weight: 3,
			icon: "task",
			note: "",
			run: () => intent.value = {
				kind: "run-task",
				name: null
			}
		},
		{
			label: "Roll out…",
			words: "rollout image update stale",
			weight: 3,
			icon: "rollout",
			note: "",
			run: () => intent.value = {
				kind: "rollout",
				type: null
			}
		},
		{
			label: "Scale a pool…",
			words: "type count",
			weight: 3,
			icon: "scale",
			note: "",
			run: () => intent.value = {
				kind: "scale",
				type: null
			}
		},
		{
			label: "Agents that need a person",
			words: "human attention filter",
			weight: 1,
			onlyAsked: true,
			icon: "person",
			note: "fleet",
			run: () => go("/?only=human")
		},
		{
			label: "Agents that are parked",
			words: "filter quota",
			weight: 1,
			onlyAsked: true,
			icon: "pause",
			note: "fleet",
			run: () => go("/?state=parked")
		},
		{
			label: "Keyboard shortcuts",
			words: "keys help",
			weight: 1,
			icon: "command",
			note: "?",
			run: () => intent.value = { kind: "keys" }
		},
		{
			label: "Theme: dark",
			words: "appearance",
			weight: 0,
			icon: "moon",
			note: "",
			run: () => setTheme("dark")
		},
		{
			label: "Theme: light",
			words: "appearance",
			weight: 0,
			icon: "sun",
			note: "",
			run: () => setTheme("light")
		},
		{
			label: "Theme: as the system",
			words: "appearance",
			weight: 0,
			icon: "contrast",
			note: "",
			run: () => setTheme("system")
		}
	];
	return [
		...pages,
		...rest,
		...open,
		...verbs
	];
}
export { Palette };
