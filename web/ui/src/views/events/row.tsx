import { useMemo } from "preact/hooks";

import type { FleetEvent } from "../../api/types";
import { Icon } from "../../kit/icons";
import { Link } from "../../kit/link";
import { Chip } from "../../kit/status";
import { Ago } from "../../kit/time";
import { agentPath } from "../../route";
import { SEVERITY_ICON, SEVERITY_TONE, SEVERITY_WORDS, kindWord, severityOf } from "../../state/event-kinds";
import { inert } from "../../state/inert";
import { clockTime, fullTime } from "../../state/time";
import { EventDetails } from "./details";
import { around, eventPath, setFilter } from "./feed";
import { isOpen, toggleEvent } from "./open";

/** One event in a line; opened, with all that is known of it. */
export function EventRow({ event }: { event: FleetEvent }) {
  const { seq, instance, cause, caused_by } = event;
  const opened = useMemo(() => isOpen(seq), [seq]).value;
  const severity = severityOf(event);
  const at = Date.parse(event.at);
  const id = `event-${seq}`;
  const onClick = (click: MouseEvent): void => {
    // Links and buttons do what they say; a text that is being marked is not closed.
    if ((click.target as Element).closest("a, button") !== null || getSelection()?.isCollapsed === false) return;
    toggleEvent(seq);
  };
  return (
    <li class="event" data-seq={seq} data-meant={around.value === seq}>
      <div class="event-line" onClick={onClick}>
        <button
          type="button"
          class="event-toggle"
          aria-expanded={opened}
          aria-controls={opened ? id : undefined}
          aria-label={`Event ${seq}: ${kindWord(event.kind)}${instance === null ? "" : ` of ${instance}`}`}
          onClick={() => toggleEvent(seq)}
        >
          <Icon name={opened ? "down" : "right"} />
        </button>
        <span class={`event-severity tone-${SEVERITY_TONE[severity]}`} title={SEVERITY_WORDS[severity]}>
          <Icon name={SEVERITY_ICON[severity]} />
          <span class="hidden-text">{SEVERITY_WORDS[severity]}</span>
        </span>
        <time class="event-time num" dateTime={event.at} title={fullTime(at)}>
          {clockTime(at)}
        </time>
        <span class="event-ago num">
          <Ago at={at} />
        </span>
        <span class="event-kind cut">{kindWord(event.kind)}</span>
        <span class="event-who cut">
          {instance !== null && (
            <Link class="event-link" href={agentPath(instance)}>
              {instance}
            </Link>
          )}
        </span>
        <span class="event-cause">
          {cause !== null && (
            <button type="button" class="event-cause-button" title={`Only with the cause ${cause}`} onClick={() => setFilter({ causes: [cause] })}>
              <Chip tone={SEVERITY_TONE[severity]}>{inert(cause)}</Chip>
            </button>
          )}
        </span>
        <span class="event-detail cut">{event.detail !== null && inert(event.detail)}</span>
        <span class="event-because">
          {caused_by !== null && (
            <Link class="event-link num" href={eventPath(caused_by)} title="Go to the event that caused it">
              <Icon name="link" />
              <span class="hidden-text">caused by event</span>#{caused_by}
            </Link>
          )}
        </span>
        <span class="event-seq num">#{seq}</span>
      </div>
      {opened && <EventDetails id={id} event={event} />}
    </li>
  );
}
