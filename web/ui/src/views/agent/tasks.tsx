import { Button } from "../../kit/button";
import { EmptyState } from "../../kit/empty";
import { Link } from "../../kit/link";
import { Problem } from "../../kit/notice";
import { intent } from "../../state/intent";
import { TaskTable } from "../shared/tasks/table";
import { useTasks } from "../shared/tasks/use-tasks";

export function AgentTasks({ name }: { name: string }) {
  const tasks = useTasks({ instance: name, states: [] });
  const ask = (): void => {
    intent.value = { kind: "run-task", name };
  };
  const { list, error } = tasks;
  return (
    <section aria-label={`Tasks of ${name}`}>
      {error !== null && <Problem error={error} />}
      {list === null && error === null && <div class="tab-wait" role="status" aria-label="Loading tasks" />}
      {list !== null && list.tasks.length === 0 && (
        <div class="card">
          <EmptyState
            icon="task"
            title="It has run no task yet"
            actions={
              <Button icon="task" onClick={ask}>
                Run a task
              </Button>
            }
          />
        </div>
      )}
      {list !== null && list.tasks.length > 0 && (
        <>
          <div class="tab-bar">
            <span class="soft num">{list.complete ? `${list.tasks.length} in all` : `The newest ${list.tasks.length}`}</span>
            <Link class="text-link" href={`/tasks?instance=${encodeURIComponent(name)}`}>
              Filter them
            </Link>
          </div>
          <TaskTable label={`Tasks of ${name}`} tasks={tasks} instances={false} />
        </>
      )}
    </section>
  );
}
