import { ApiError } from "../../api/problem";
import { Button } from "../../kit/button";
import { EmptyState } from "../../kit/empty";
import { Link } from "../../kit/link";
import { Problem } from "../../kit/notice";
import { Chip } from "../../kit/status";
import { Ago } from "../../kit/time";
import { intent } from "../../state/intent";
import { EventLog, useAgentEvents } from "./events";
import { whatIsLeft } from "./what-is-left";

/** A name that no agent has: one that was deleted, or that there never was. */
export function Gone({ name }: { name: string }) {
  const log = useAgentEvents(name);
  const { events, error } = log;
  if (events === null) {
    if (error === null) return <div class="page-wait" role="status" aria-label="Loading its history" />;
    return error instanceof ApiError && error.status < 500 && error.status > 0 ? <Never name={name} /> : <Problem error={error} />;
  }
  const left = whatIsLeft(events);
  const type = events.findLast(({ type }) => type !== null)?.type ?? null;
  return (
    <div class="agent">
      <header class="agent-head">
        <div class="agent-title">
          <Link class="crumb" href="/">
            Fleet
          </Link>
          <div class="agent-name">
            <h1>{name}</h1>
            <Chip tone={left.deletedAt === null ? "unknown" : "idle"}>{left.deletedAt === null ? "no such agent" : "deleted"}</Chip>
          </div>
        </div>
        <div class="agent-actions">
          <Button icon="plus" onClick={() => (intent.value = { kind: "create", type })}>
            New agent
          </Button>
          {!left.wiped && (
            <Button kind="danger" icon="trash" onClick={() => (intent.value = { kind: "wipe", name })}>
              Wipe its state…
            </Button>
          )}
        </div>
      </header>
      <div class="card gone">
        <p>
          {left.deletedAt === null ? (
            <>There is no agent of this name now.</>
          ) : (
            <>
              This agent was deleted <Ago at={left.deletedAt} /> ago.
            </>
          )}{" "}
          {left.wiped
            ? "Its state volume was wiped: nothing of it is left but its history."
            : "Its state volume is kept until it is wiped: an agent of the same name takes it over."}
        </p>
      </div>
      <EventLog name={name} log={log} />
    </div>
  );
}

function Never({ name }: { name: string }) {
  const actions = (
    <>
      <Link class="button" href="/">
        Go to the fleet
      </Link>
      <Button kind="primary" icon="plus" onClick={() => (intent.value = { kind: "create", type: null })}>
        New agent
      </Button>
    </>
  );
  return (
    <>
      <h1 class="hidden-text">{name}</h1>
      <EmptyState icon="question" title={`There is no agent ${name}`} whole actions={actions}>
        There is no history of one either: there never was one of this name, or it is too long ago.
      </EmptyState>
    </>
  );
}
