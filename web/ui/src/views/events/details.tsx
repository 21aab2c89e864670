import { useEffect, useState } from "preact/hooks";

import type { FleetEvent } from "../../api/types";
import { CopyText } from "../../kit/copy-text";
import { Link } from "../../kit/link";
import { Problem } from "../../kit/notice";
import { agentPath, rolloutPath } from "../../route";
import { kindWord } from "../../state/event-kinds";
import { inert, pretty } from "../../state/inert";
import { clockTime, fullTime } from "../../state/time";
import { eventPath, oneEvent, setFilter } from "./feed";

/** All that is known of an event, and what led to it. */
export function EventDetails({ id, event }: { id: string; event: FleetEvent }) {
  const { instance, type, incarnation, caused_by } = event;
  const rollout = rolloutOf(event.data);
  return (
    <div id={id} class="event-details">
      {event.detail !== null && <p class="event-sentence">{inert(event.detail)}</p>}
      <dl class="event-facts">
        <dt>Time</dt>
        <dd class="num">
          {fullTime(Date.parse(event.at))} <span class="soft">({event.at})</span>
        </dd>
        <dt>Kind</dt>
        <dd>
          <code>{event.kind}</code>
        </dd>
        {instance !== null && (
          <>
            <dt>Agent</dt>
            <dd>
              <Link class="text-link" href={agentPath(instance)}>
                {instance}
              </Link>
              {type !== null && <span class="soft"> of type {type}</span>}{" "}
              <button type="button" class="text-button" onClick={() => setFilter({ instances: [instance] })}>
                Only its events
              </button>
            </dd>
          </>
        )}
        {incarnation !== null && (
          <>
            <dt>Incarnation</dt>
            <dd>
              <code>{incarnation}</code>
            </dd>
          </>
        )}
        {rollout !== null && (
          <>
            <dt>Rollout</dt>
            <dd>
              <Link class="text-link" href={rolloutPath(rollout)}>
                {rollout}
              </Link>
            </dd>
          </>
        )}
        {caused_by !== null && (
          <>
            <dt>Because of</dt>
            <dd>
              <Causes seq={caused_by} />
            </dd>
          </>
        )}
      </dl>
      {event.data !== null && <pre class="event-data" tabIndex={0} role="region" aria-label="Data of the event">{pretty(event.data)}</pre>}
      <div class="event-actions">
        <CopyText label="Copy as JSON" text={() => JSON.stringify(event, null, 2)} />
        <CopyText label="Copy link" text={() => location.origin + eventPath(event.seq)} />
      </div>
    </div>
  );
}

function rolloutOf(data: unknown): string | null {
  if (typeof data !== "object" || data === null || !("rollout" in data)) return null;
  return typeof data.rollout === "string" ? data.rollout : null;
}

interface Cause {
  seq: number;
  /** Null if it is not stored any more. */
  event: FleetEvent | null;
}

/** The chain of what led to it, as far as it is stored. */
function Causes({ seq }: { seq: number }) {
  const [chain, setChain] = useState<readonly Cause[]>([]);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let gone = false;
    const follow = async (): Promise<void> => {
      const found: Cause[] = [];
      for (let next: number | null = seq; next !== null && found.length < 6; ) {
        const event: FleetEvent | null = await oneEvent(next);
        found.push({ seq: next, event });
        if (gone) return;
        setChain([...found]);
        next = event?.caused_by ?? null;
      }
    };
    follow().catch((failure: unknown) => setError(failure));
    return () => {
      gone = true;
    };
  }, [seq]);
  if (error !== null) return <Problem error={error} />;
  return (
    <ol class="event-chain">
      {chain.length === 0 && <li class="soft">#{seq}</li>}
      {chain.map(({ seq: its, event }) =>
        event === null ? (
          <li key={its} class="soft">
            #{its} is not stored any more
          </li>
        ) : (
          <li key={its}>
            <Link class="text-link num" href={eventPath(event.seq)}>
              #{event.seq} {kindWord(event.kind)}
            </Link>{" "}
            <span class="soft num">{clockTime(Date.parse(event.at))}</span> {event.cause !== null && <code>{inert(event.cause)}</code>}{" "}
            <span class="soft">{event.detail !== null && inert(event.detail)}</span>
          </li>
        ),
      )}
    </ol>
  );
}
