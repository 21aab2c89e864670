import "../shared/facts.css";
import "./task.css";

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { type Task, cancel, task as fetchTask } from "../../api/tasks";
import { ApiError } from "../../api/problem";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { EmptyState } from "../../kit/empty";
import { Link } from "../../kit/link";
import { Notice, Problem } from "../../kit/notice";
import { Chip, StatusMark } from "../../kit/status";
import { Ago, Dash } from "../../kit/time";
import { type Loaded, useLoad } from "../../kit/use-load";
import { agentPath, type Route } from "../../route";
import { now } from "../../state/clock";
import { intent } from "../../state/intent";
import { isLive } from "../../state/live";
import { run } from "../../state/operations";
import { bytes } from "../../state/size";
import { commandLine, isFinal, ranFor, statusOfTask } from "../shared/tasks/merge";
import { shortly } from "../shared/tasks/table";
import { useTaskEvents } from "../shared/tasks/use-tasks";
import { TaskOutput } from "./output";

/** One task: what was asked, what became of it, and all that it printed. */
export function TaskView({ route }: { route: Route }) {
  const id = route.view === "task" ? route.id : "";
  const loaded = useLoad(id, () => fetchTask(id));
  useTaskEvents(null, () => {
    if (loaded.value !== null && !isFinal(loaded.value.state)) loaded.reload();
  });
  useEffect(() => {
    if (isLive.value && loaded.value !== null && !isFinal(loaded.value.state)) loaded.reload();
  }, [isLive.value]);
  const { value: task, error } = loaded;
  if (task === null) return <Nothing id={id} loaded={loaded} />;
  return (
    <div class="task">
      <Head task={task} reload={loaded.reload} />
      {error !== null && <Problem error={error} />}
      {task.detail !== null && (
        <Notice tone={task.state === "succeeded" ? "ok" : "warn"}>{task.detail}</Notice>
      )}
      <Facts task={task} />
      <TaskOutput key={task.id} task={task} onEnd={loaded.reload} />
    </div>
  );
}

function Nothing({ id, loaded }: { id: string; loaded: Loaded<Task> }) {
  const { error } = loaded;
  if (error === null) return <div class="page-wait" role="status" aria-label="Loading the task" />;
  if (!(error instanceof ApiError) || error.status !== 404) return <Problem error={error} />;
  return (
    <>
      <h1 class="hidden-text">Task {id}</h1>
      <EmptyState
        icon="question"
        title="There is no such task"
      whole
        actions={
          <Link class="text-link" href="/tasks">
            All tasks
          </Link>
        }
      >
        <span class="mono">{id}</span> was never given, or is so old that it is not kept any more.
      </EmptyState>
    </>
  );
}

function Head({ task, reload }: { task: Task; reload: () => void }) {
  const [asking, setAsking] = useState(false);
  const command = commandLine(task.argv);
  const stop = (): void => {
    setAsking(false);
    const name = task.argv[0] ?? "task";
    void run(`Cancelling ${name}`, "cancelled", [name], async () => {
      const after = await cancel(task.id);
      const words = isFinal(after.state) ? statusOfTask(after).word.toLowerCase() : "being cancelled";
      return { failed: false, outcome: words, detail: after.detail };
    }).then(reload);
  };
  return (
    <header class="task-top">
      <div class="task-title">
        <Link class="crumb" href="/tasks">
          Tasks
        </Link>
        <h1 class="mono">{command}</h1>
      </div>
      <div class="task-actions">
        <StatusMark status={statusOfTask(task)} />
        {task.attempt > 1 && <Chip tone="warn">{`try ${task.attempt}`}</Chip>}
        {task.instance !== null && isFinal(task.state) && (
          <Button icon="task" onClick={() => (intent.value = { kind: "run-task", name: task.instance })}>
            Run another
          </Button>
        )}
        {!isFinal(task.state) && (
          <Button icon="close" disabled={task.cancelling} onClick={() => setAsking(true)}>
            {task.cancelling ? "Cancelling" : "Cancel the task"}
          </Button>
        )}
      </div>
      {asking && (
        <Dialog
          title="Cancel the task?"
          onClose={() => setAsking(false)}
          onSubmit={stop}
          footer={
            <>
              <Button onClick={() => setAsking(false)} data-autofocus>
                Keep it
              </Button>
              <Button type="submit" kind="danger">
                Cancel the task
              </Button>
            </>
          }
        >
          <p>
            {task.state === "running"
              ? "The command and all that it started are killed. What it printed so far is kept."
              : "It is not begun any more."}
          </p>
        </Dialog>
      )}
    </header>
  );
}

function Facts({ task }: { task: Task }) {
  const ran = ranFor(task, isFinal(task.state) ? 0 : now.value);
  const good = task.exit_code === 0;
  return (
    <dl class="card facts dims">
      <Fact label="Agent">
        {task.instance === null ? (
          <span class="soft">any of {task.type}</span>
        ) : (
          <Link class="text-link" href={agentPath(task.instance)}>
            {task.instance}
          </Link>
        )}
      </Fact>
      <Fact label="Exit code">
        {task.exit_code === null ? <Dash /> : <strong class={good ? "num" : "num exit-bad"}>{task.exit_code}</strong>}
      </Fact>
      <Fact label="Cause">{task.cause === null ? <Dash /> : task.cause.replaceAll("_", " ")}</Fact>
      <Fact label="Attempt">
        <span class="num">{task.attempt}</span>
      </Fact>
      <Fact label="Queued">
        <span>
          <Ago at={Date.parse(task.queued_at)} /> <span class="soft">ago</span>
        </span>
      </Fact>
      <Fact label="Waited">
        {task.started_at === null ? <Dash /> : <span class="num">{shortly(Date.parse(task.started_at) - Date.parse(task.queued_at))}</span>}
      </Fact>
      <Fact label="Ran for">{ran === null ? <Dash /> : <span class="num">{shortly(ran)}</span>}</Fact>
      <Fact label="Ended">
        {task.ended_at === null ? (
          <Dash />
        ) : (
          <span>
            <Ago at={Date.parse(task.ended_at)} /> <span class="soft">ago</span>
          </span>
        )}
      </Fact>
      <Fact label="Output">
        {task.output_bytes === 0 && !isFinal(task.state) ? <Dash /> : <span class="num">{bytes(task.output_bytes)}</span>}
        {task.truncated && (
          <Chip tone="warn" title="It printed more than is kept">
            truncated
          </Chip>
        )}
      </Fact>
      <Fact label="Container">
        {task.incarnation === null ? <Dash /> : <span class="mono cut" title={task.incarnation}>{task.incarnation.slice(0, 12)}</span>}
      </Fact>
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
