import "./events.css";

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { FleetEvent } from "../../api/types";
import { Button } from "../../kit/button";
import { EmptyState } from "../../kit/empty";
import { Icon } from "../../kit/icons";
import { Problem } from "../../kit/notice";
import { go } from "../../route";
import { dayOf } from "../../state/day";
import { EventToolbar } from "./toolbar";
import { NO_FILTER, isFiltering } from "./filter";
import { around, failure, fetching, filter, log, newer, older, paused, scrolledAway, setFilter, showWaiting, startFeed, waiting } from "./feed";
import { useEventKeys } from "./keys";
import { toggleEvent } from "./open";
import { EventRow } from "./row";

/** The log: what happened, newest first, as it happens and back to its beginning. */
export function EventsView() {
  useEffect(startFeed, []);
  useEventKeys();
  return (
    <div class="events">
      <div class="events-head">
        <h1>Events</h1>
        <EventToolbar />
      </div>
      {around.value !== null && (
        <p class="events-past">
          <Icon name="info" />
          <span>The log around event #{around.value}. What happens now is not shown here.</span>
          <Button small onClick={() => go("/events")}>
            Back to live
          </Button>
        </p>
      )}
      {failure.value !== null && <Problem error={failure.value} />}
      <Waiting />
      <List />
    </div>
  );
}

/** What came while the list is held still. */
function Waiting() {
  const count = waiting.value;
  const held = paused.value || scrolledAway.value;
  const words = `${count} new ${count === 1 ? "event" : "events"}`;
  return (
    <div class="events-waiting" role="status" aria-live="polite">
      {held && count > 0 && around.value === null && (
        <Button
          small
          kind="primary"
          icon="up"
          onClick={() => {
            showWaiting();
            scrollTo({ top: 0 });
          }}
        >
          {words}
        </Button>
      )}
      {paused.value && count === 0 && <span class="events-paused">Paused</span>}
    </div>
  );
}

function List() {
  const known = log.value;
  useScrolledAway();
  useMeant();
  if (known === null) {
    if (failure.value !== null) return null;
    return <div class="card events-skeleton" role="status" aria-label="Loading the events" />;
  }
  if (known.items.length === 0) return <Nothing />;
  return (
    <>
      {!known.live && (
        <div class="events-more">
          <Button small icon="up" busy={fetching.value === "newer"} onClick={() => void newer()}>
            Newer events
          </Button>
        </div>
      )}
      <Rows items={known.items} />
      <End complete={known.complete} count={known.items.length} />
    </>
  );
}

/** Rows stay the same nodes as long as their event does, so that what comes live paints itself only. */
function Rows({ items }: { items: readonly FleetEvent[] }) {
  const nodes = useRef(new WeakMap<FleetEvent, VNode>());
  const rows: VNode[] = [];
  let day = "";
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const event = items[index];
    if (event === undefined) continue;
    const its = dayOf(Date.parse(event.at));
    if (its !== day) {
      day = its;
      rows.push(
        <li key={`day-${its}-${event.seq}`} class="event-day">
          <h2>{its}</h2>
        </li>,
      );
    }
    let node = nodes.current.get(event);
    if (node === undefined) {
      node = <EventRow key={event.seq} event={event} />;
      nodes.current.set(event, node);
    }
    rows.push(node);
  }
  return (
    <ol class="card event-list dims" aria-label="Events, newest first">
      {rows}
    </ol>
  );
}

function End({ complete, count }: { complete: boolean; count: number }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const end = ref.current;
    if (complete || end === null) return;
    const observer = new IntersectionObserver((seen) => seen.some(({ isIntersecting }) => isIntersecting) && void older(), {
      rootMargin: "600px",
    });
    observer.observe(end);
    return () => observer.disconnect();
    // Seen anew after each page, which may be too short to push the end out of sight.
  }, [complete, count]);
  return (
    <div class="events-more" ref={ref}>
      {complete ? (
        <span class="soft num">
          {count} {count === 1 ? "event" : "events"}; nothing older is stored
        </span>
      ) : (
        <Button small icon="down" busy={fetching.value === "older"} onClick={() => void older()}>
          Older events
        </Button>
      )}
    </div>
  );
}

function Nothing() {
  return (
    <div class="card">
      {isFiltering(filter.value) ? (
        <EmptyState icon="filter" title="No event fits the filter" actions={<Button onClick={() => setFilter(NO_FILTER)}>Show all</Button>}>
          Not among all that are stored. What happens from now on is shown here if it fits.
        </EmptyState>
      ) : (
        <EmptyState icon="info" title="Nothing has happened yet">
          What the supervisor does and sees is listed here as it happens.
        </EmptyState>
      )}
    </div>
  );
}

/** Whoever reads further down is not pushed away by what comes. */
function useScrolledAway(): void {
  useEffect(() => {
    const look = (): void => {
      scrolledAway.value = scrollY > 120;
    };
    look();
    addEventListener("scroll", look, { passive: true });
    return () => removeEventListener("scroll", look);
  }, []);
}

/** Shows the event that the address names. */
function useMeant(): void {
  const seq = around.value;
  const there = seq !== null && log.value?.items.some((event) => event.seq === seq) === true;
  useEffect(() => {
    if (seq === null || !there) return;
    toggleEvent(seq, true);
    const row = document.querySelector(`[data-seq="${seq}"]`);
    row?.scrollIntoView({ block: "center" });
    row?.querySelector<HTMLElement>(".event-toggle")?.focus({ preventScroll: true });
  }, [seq, there]);
}
