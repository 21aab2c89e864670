import "./table.css";

import { memo } from "../../../kit/memo";

import type { Task } from "../../../api/tasks";
import { Button } from "../../../kit/button";
import { Link } from "../../../kit/link";
import { Chip, StatusMark } from "../../../kit/status";
import { Ago, Dash } from "../../../kit/time";
import { agentPath, taskPath } from "../../../route";
import { bytes } from "../../../state/size";
import { duration } from "../../../state/time";
import { commandLine, isFinal, statusOfTask } from "./merge";
import type { Tasks } from "./use-tasks";

interface TableProps {
  label: string;
  tasks: Tasks;
  /** Whether it is told whose they are. */
  instances: boolean;
}

export function TaskTable({ label, tasks, instances }: TableProps) {
  const { list } = tasks;
  if (list === null) return null;
  return (
    <>
      <div class="card task-table dims" role="table" aria-label={label} data-instances={instances}>
        <div role="rowgroup" class="task-head">
          <div role="row" class="task-row">
            <span role="columnheader">State</span>
            <span role="columnheader">Command</span>
            {instances && <span role="columnheader">Agent</span>}
            <span role="columnheader">Queued</span>
            <span role="columnheader">Ran for</span>
            <span role="columnheader" class="task-end">
              Exit
            </span>
            <span role="columnheader" class="task-end">
              Output
            </span>
          </div>
        </div>
        <div role="rowgroup">
          {list.tasks.map((task) => (
            <TaskRow key={task.id} task={task} instances={instances} />
          ))}
        </div>
      </div>
      {!list.complete && (
        <div class="task-more">
          <Button onClick={tasks.older} busy={tasks.loadingOlder}>
            Show older ones
          </Button>
        </div>
      )}
    </>
  );
}

const TaskRow = memo(function TaskRow({ task, instances }: { task: Task; instances: boolean }) {
  const command = commandLine(task.argv);
  return (
    <div role="row" class="task-row task-line">
      <span role="cell" class="task-state">
        <StatusMark status={statusOfTask(task)} />
      </span>
      <span role="cell" class="task-command">
        <Link class="row-link mono cut" href={taskPath(task.id)} title={command}>
          {command}
        </Link>
        {task.attempt > 1 && <Chip tone="warn">{`try ${task.attempt}`}</Chip>}
      </span>
      {instances && (
        <span role="cell" class="task-agent">
          {task.instance === null ? (
            <span class="soft">any {task.type}</span>
          ) : (
            <Link class="cut task-agent-link" href={agentPath(task.instance)}>
              {task.instance}
            </Link>
          )}
        </span>
      )}
      <span role="cell" class="task-queued soft">
        <Ago at={Date.parse(task.queued_at)} />
      </span>
      <span role="cell" class="task-ran num">
        <Ran task={task} />
      </span>
      <span role="cell" class="task-end task-exit num" data-bad={task.exit_code !== null && task.exit_code !== 0}>
        {task.exit_code ?? <Dash />}
      </span>
      <span role="cell" class="task-end task-output num soft">
        {task.output_bytes === 0 ? <Dash /> : bytes(task.output_bytes)}
      </span>
    </div>
  );
});

function Ran({ task }: { task: Task }) {
  if (task.started_at === null) return <Dash />;
  if (!isFinal(task.state)) return <Ago at={Date.parse(task.started_at)} />;
  if (task.ended_at === null) return <Dash />;
  return <>{shortly(Date.parse(task.ended_at) - Date.parse(task.started_at))}</>;
}

/** Below ten seconds with its tenths. */
export function shortly(ms: number): string {
  return ms < 10_000 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : duration(ms);
}
