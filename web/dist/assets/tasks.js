import { F as TASK_STATES, c as TaskTable, ft as isFinal, o as useTasks, ut as TASK_STATUS } from "./shared.js";
import { Ft as names, Ot as intent, X as go, _t as Icon, at as EmptyState, et as search, ht as Button, st as Problem, z as Menu } from "./common.js";
import { h as $, t as a } from "./vendor-preact.js";
// src/views/tasks/filter.ts
/** Which tasks are shown, kept in the address. Pure. */
function parseTaskFilter(search) {
	const params = new URLSearchParams(search);
	const wanted = (params.get("state") ?? "").split(",");
	return {
		instance: params.get("instance") || null,
		states: TASK_STATES.filter((state) => wanted.includes(state))
	};
}
function taskSearch({ instance, states }) {
	const parts = [...states.length === 0 ? [] : [`state=${states.join(",")}`], ...instance === null ? [] : [`instance=${encodeURIComponent(instance)}`]];
	return parts.length === 0 ? "" : `?${parts.join("&")}`;
}
// src/views/tasks/tasks.tsx
/** Every task of the fleet, newest first. */
function TasksView() {
	const filter = parseTaskFilter(search.value);
	const tasks = useTasks(filter);
	const set = (part) => go(`/tasks${taskSearch({
		...filter,
		...part
	})}`, { replace: true });
	return /* @__PURE__ */ a("div", {
		class: "tasks",
		children: [
			/* @__PURE__ */ a("div", {
				class: "tasks-head",
				children: [
					/* @__PURE__ */ a("h1", { children: "Tasks" }),
					/* @__PURE__ */ a(Filters, {
						filter,
						set
					}),
					/* @__PURE__ */ a(Button, {
						kind: "primary",
						icon: "task",
						onClick: () => intent.value = {
							kind: "run-task",
							name: filter.instance
						},
						children: "Run a task"
					})
				]
			}),
			tasks.error !== null && /* @__PURE__ */ a(Problem, { error: tasks.error }),
			/* @__PURE__ */ a(Found, {
				tasks,
				filtering: taskSearch(filter) !== "",
				clear: () => go("/tasks", { replace: true })
			})
		]
	});
}
function Found({ tasks, filtering, clear }) {
	if (tasks.list === null) return tasks.error === null ? /* @__PURE__ */ a("div", {
		class: "page-wait",
		role: "status",
		"aria-label": "Loading tasks"
	}) : null;
	if (tasks.list.tasks.length > 0) return /* @__PURE__ */ a(TaskTable, {
		label: "Tasks",
		tasks,
		instances: true
	});
	return /* @__PURE__ */ a("div", {
		class: "card",
		children: filtering ? /* @__PURE__ */ a(EmptyState, {
			icon: "filter",
			title: "No task fits the filter",
			actions: /* @__PURE__ */ a(Button, {
				onClick: clear,
				children: "Show all"
			})
		}) : /* @__PURE__ */ a(EmptyState, {
			icon: "task",
			title: "No task has been run yet",
			children: "A task is one command that is run inside an agent, with its output and its exit code kept."
		})
	});
}
var PRESETS = [
	["All", []],
	["Under way", TASK_STATES.filter((state) => !isFinal(state))],
	["Succeeded", ["succeeded"]],
	["Ended badly", [
		"failed",
		"timed_out",
		"lost"
	]]
];
function Filters({ filter, set }) {
	const preset = PRESETS.find(([, states]) => states.join() === filter.states.join());
	const chosen = filter.states.map((state) => TASK_STATUS[state].word).join(", ");
	const groups = () => [TASK_STATES.map((state) => ({
		label: TASK_STATUS[state].word,
		checked: filter.states.includes(state),
		onSelect: () => set({ states: TASK_STATES.filter((one) => one === state !== filter.states.includes(one)) })
	}))];
	return /* @__PURE__ */ a("div", {
		class: "tasks-filters",
		role: "group",
		"aria-label": "Filter",
		children: [
			/* @__PURE__ */ a("div", {
				class: "segments",
				children: PRESETS.map(([label, states]) => /* @__PURE__ */ a("button", {
					type: "button",
					"aria-pressed": preset?.[0] === label,
					onClick: () => set({ states: [...states] }),
					children: label
				}, label))
			}),
			/* @__PURE__ */ a(Menu, {
				label: preset === void 0 ? `State ${chosen}` : "Filter by state",
				groups,
				trigger: /* @__PURE__ */ a($, { children: [
					"State",
					preset === void 0 && /* @__PURE__ */ a("strong", { children: [" ", chosen] }),
					/* @__PURE__ */ a(Icon, { name: "down" })
				] }),
				triggerClass: preset === void 0 ? "choice choice-on" : "choice"
			}),
			/* @__PURE__ */ a("div", {
				class: "tasks-agent",
				children: [/* @__PURE__ */ a("input", {
					type: "search",
					list: "tasks-agents",
					"aria-label": "Of one agent",
					placeholder: "Any agent",
					autocomplete: "off",
					spellcheck: false,
					value: filter.instance ?? "",
					onChange: (event) => set({ instance: event.currentTarget.value.trim() || null })
				}), /* @__PURE__ */ a("datalist", {
					id: "tasks-agents",
					children: names.value.map((name) => /* @__PURE__ */ a("option", { value: name }, name))
				})]
			})
		]
	});
}
export { TasksView };
