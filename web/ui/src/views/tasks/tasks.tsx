import "../shared/segments.css";
import "./tasks.css";

import { TASK_STATES, type TaskState } from "../../api/tasks";
import { Button } from "../../kit/button";
import { EmptyState } from "../../kit/empty";
import { Icon } from "../../kit/icons";
import { Menu } from "../../kit/menu";
import { Problem } from "../../kit/notice";
import { go, search } from "../../route";
import { intent } from "../../state/intent";
import { names } from "../../state/store";
import { TASK_STATUS, isFinal } from "../shared/tasks/merge";
import { TaskTable } from "../shared/tasks/table";
import { type Tasks, useTasks } from "../shared/tasks/use-tasks";
import { type TaskFilter, parseTaskFilter, taskSearch } from "./filter";

/** Every task of the fleet, newest first. */
export function TasksView() {
  const filter = parseTaskFilter(search.value);
  const tasks = useTasks(filter);
  const set = (part: Partial<TaskFilter>): void => go(`/tasks${taskSearch({ ...filter, ...part })}`, { replace: true });
  return (
    <div class="tasks">
      <div class="tasks-head">
        <h1>Tasks</h1>
        <Filters filter={filter} set={set} />
        <Button kind="primary" icon="task" onClick={() => (intent.value = { kind: "run-task", name: filter.instance })}>
          Run a task
        </Button>
      </div>
      {tasks.error !== null && <Problem error={tasks.error} />}
      <Found tasks={tasks} filtering={taskSearch(filter) !== ""} clear={() => go("/tasks", { replace: true })} />
    </div>
  );
}

function Found({ tasks, filtering, clear }: { tasks: Tasks; filtering: boolean; clear: () => void }) {
  if (tasks.list === null) return tasks.error === null ? <div class="page-wait" role="status" aria-label="Loading tasks" /> : null;
  if (tasks.list.tasks.length > 0) return <TaskTable label="Tasks" tasks={tasks} instances />;
  return (
    <div class="card">
      {filtering ? (
        <EmptyState icon="filter" title="No task fits the filter" actions={<Button onClick={clear}>Show all</Button>} />
      ) : (
        <EmptyState icon="task" title="No task has been run yet">
          A task is one command that is run inside an agent, with its output and its exit code kept.
        </EmptyState>
      )}
    </div>
  );
}

const PRESETS: readonly (readonly [string, readonly TaskState[]])[] = [
  ["All", []],
  ["Under way", TASK_STATES.filter((state) => !isFinal(state))],
  ["Succeeded", ["succeeded"]],
  ["Ended badly", ["failed", "timed_out", "lost"]],
];

function Filters({ filter, set }: { filter: TaskFilter; set: (part: Partial<TaskFilter>) => void }) {
  const preset = PRESETS.find(([, states]) => states.join() === filter.states.join());
  const chosen = filter.states.map((state) => TASK_STATUS[state].word).join(", ");
  const groups = () => [
    TASK_STATES.map((state) => ({
      label: TASK_STATUS[state].word,
      checked: filter.states.includes(state),
      onSelect: () => set({ states: TASK_STATES.filter((one) => (one === state) !== filter.states.includes(one)) }),
    })),
  ];
  return (
    <div class="tasks-filters" role="group" aria-label="Filter">
      <div class="segments">
        {PRESETS.map(([label, states]) => (
          <button key={label} type="button" aria-pressed={preset?.[0] === label} onClick={() => set({ states: [...states] })}>
            {label}
          </button>
        ))}
      </div>
      <Menu
        label={preset === undefined ? `State ${chosen}` : "Filter by state"}
        groups={groups}
        trigger={
          <>
            State{preset === undefined && <strong> {chosen}</strong>}
            <Icon name="down" />
          </>
        }
        triggerClass={preset === undefined ? "choice choice-on" : "choice"}
      />
      <div class="tasks-agent">
        <input
          type="search"
          list="tasks-agents"
          aria-label="Of one agent"
          placeholder="Any agent"
          autocomplete="off"
          spellcheck={false}
          value={filter.instance ?? ""}
          onChange={(event) => set({ instance: event.currentTarget.value.trim() || null })}
        />
        <datalist id="tasks-agents">
          {names.value.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </div>
    </div>
  );
}
