import "./events.css";

import { useEffect, useState } from "preact/hooks";

import { events as fetchEvents } from "../../api/agent";
import type { FleetEvent } from "../../api/types";
import { Button } from "../../kit/button";
import { EmptyState } from "../../kit/empty";
import { Icon } from "../../kit/icons";
import { Link } from "../../kit/link";
import { Problem } from "../../kit/notice";
import { taskPath } from "../../route";
import { SEVERITY_TONE, kindWord, severityOf } from "../../state/event-kinds";
import { inert } from "../../state/inert";
import { isLive } from "../../state/live";
import { recentEvents, resyncs } from "../../state/store";
import { titled } from "../../state/status";
import { clockTime, fullTime } from "../../state/time";
import { dayOf, mergeEvents } from "./event-list";

const PAGE = 100;

/** What happened to it, newest first; older ones on demand, new ones as they happen. */
export function AgentEvents({ name }: { name: string }) {
  return <EventLog name={name} log={useAgentEvents(name)} />;
}

export function EventLog({ name, log }: { name: string; log: AgentEventLog }) {
  const { events, complete, error, loading, older } = log;
  if (events === null) return error === null ? <div class="tab-wait" role="status" aria-label="Loading events" /> : <Problem error={error} />;
  if (events.length === 0) {
    return (
      <div class="card">
        <EmptyState icon="clock" title="Nothing has happened to it">
          Events are kept for a limited time.
        </EmptyState>
      </div>
    );
  }
  const newest = [...events].reverse();
  return (
    <section aria-label={`Events of ${name}`}>
      {error !== null && <Problem error={error} />}
      <ol class="card events dims">
        {newest.map((event, index) => {
          const day = dayOf(event.at);
          const before = newest[index - 1];
          return (
            <li key={event.seq}>
              {(before === undefined || dayOf(before.at) !== day) && <div class="event-day">{day}</div>}
              <EventRow event={event} />
            </li>
          );
        })}
      </ol>
      <div class="events-end">
        {complete ? (
          <span class="soft">The beginning of what is kept</span>
        ) : (
          <Button onClick={older} busy={loading}>
            Show older ones
          </Button>
        )}
      </div>
    </section>
  );
}

export interface AgentEventLog {
  /** Oldest first; null until they came. */
  events: readonly FleetEvent[] | null;
  /** There are no older ones. */
  complete: boolean;
  error: unknown;
  loading: boolean;
  older: () => void;
}

export function useAgentEvents(name: string): AgentEventLog {
  const [events, setEvents] = useState<readonly FleetEvent[] | null>(null);
  const [complete, setComplete] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [loading, setLoading] = useState(false);
  const load = (before: number | null, fresh: boolean): void => {
    setLoading(true);
    fetchEvents(name, before, PAGE)
      .then(({ items }) => {
        setEvents((known) => mergeEvents(fresh ? [] : (known ?? []), items));
        setComplete(items.length < PAGE);
        setError(null);
      }, setError)
      .finally(() => setLoading(false));
  };
  // A resync says that the stream may have left some out.
  useEffect(() => load(null, true), [name, resyncs.value]);
  useEffect(() => {
    const live = recentEvents.value.filter(({ instance }) => instance === name);
    if (live.length > 0) setEvents((known) => (known === null ? known : mergeEvents(known, live)));
  }, [name, recentEvents.value, isLive.value, events === null]);
  return { events, complete, error, loading, older: () => load(events?.[0]?.seq ?? null, false) };
}

function EventRow({ event }: { event: FleetEvent }) {
  const [open, setOpen] = useState(false);
  const { kind, at, cause, detail, data, incarnation, caused_by, seq } = event;
  const task = taskOf(data);
  const facts: [string, string][] = [
    ["Event", String(seq)],
    ...(caused_by === null ? [] : [["Caused by event", String(caused_by)] as [string, string]]),
    ...(incarnation === null ? [] : [["Incarnation", incarnation] as [string, string]]),
    ...factsOf(data),
  ];
  return (
    <div class={`event tone-${SEVERITY_TONE[severityOf(event)]}`}>
      <button type="button" class="event-line" aria-expanded={open} onClick={() => setOpen(!open)}>
        <time class="num soft" dateTime={at} title={fullTime(Date.parse(at))}>
          {clockTime(Date.parse(at))}
        </time>
        <span class="event-dot" />
        <span class="event-kind">{kindWord(kind)}</span>
        {cause !== null && <span class="event-cause">{inert(cause.replaceAll("_", " "))}</span>}
        <span class="event-detail cut soft">{detail !== null && inert(detail)}</span>
        <Icon name={open ? "up" : "down"} />
      </button>
      {open && (
        <dl class="event-facts">
          {detail !== null && (
            <div>
              <dt>Detail</dt>
              <dd>{inert(detail)}</dd>
            </div>
          )}
          <div>
            <dt>At</dt>
            <dd class="num">{at}</dd>
          </div>
          {facts.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd class="mono">{value}</dd>
            </div>
          ))}
          {task !== null && (
            <div>
              <dt>Task</dt>
              <dd>
                <Link class="text-link" href={taskPath(task)}>
                  {task}
                </Link>
              </dd>
            </div>
          )}
        </dl>
      )}
    </div>
  );
}

function taskOf(data: unknown): string | null {
  if (typeof data !== "object" || data === null || !("task" in data)) return null;
  return typeof data.task === "string" ? data.task : null;
}

function factsOf(data: unknown): [string, string][] {
  if (data === null || data === undefined) return [];
  if (typeof data !== "object" || Array.isArray(data)) return [["Data", JSON.stringify(data)]];
  return Object.entries(data)
    .filter(([key, value]) => value !== null && !(key === "task" && typeof value === "string"))
    .map(([key, value]) => [titled(key), inert(typeof value === "string" ? value : JSON.stringify(value))]);
}
