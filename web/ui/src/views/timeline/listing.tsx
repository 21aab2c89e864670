import { IconButton } from "../../kit/button";
import { Link } from "../../kit/link";
import { agentPath } from "../../route";
import { kindWord } from "../../state/event-kinds";
import { inert } from "../../state/inert";
import { now } from "../../state/clock";
import { fullTime } from "../../state/time";
import type { Lanes } from "./lanes";
import { type Stop, stops } from "./layout";
import { lanes, listed, view } from "./state";
import { GAP_WORDS, gapOf, lasting, phaseWord } from "./words";

const SHOWN = 200;

/** What one lane shows, as a table: the same for whoever does not see the picture. */
export function Listing() {
  const name = listed.value;
  const known = lanes.value;
  const lane = known?.lanes.find(({ instance }) => instance === name);
  if (known === null || lane === undefined) return null;
  const all = stops(lane, view.value).reverse();
  const shown = all.slice(0, SHOWN);
  return (
    <section class="card tl-listing dims" aria-label={`What happened to ${lane.instance}`}>
      <header>
        <h2>
          <Link class="event-link" href={agentPath(lane.instance)}>
            {lane.instance}
          </Link>
        </h2>
        <span class="soft">{lane.deleted ? "deleted, " : ""}in the window that is shown, newest first</span>
        <Link class="text-link" href={`/events?instance=${encodeURIComponent(lane.instance)}`}>
          All its events
        </Link>
        <IconButton icon="close" label="Close the list" onClick={() => (listed.value = null)} />
      </header>
      <div class="tl-listing-scroll" tabIndex={0} role="region" aria-label="List">
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">What</th>
              <th scope="col">Lasted</th>
              <th scope="col">Cause</th>
              <th scope="col">Detail</th>
              <th scope="col">Event</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((stop, index) => (
              <Line key={index} stop={stop} known={known} />
            ))}
          </tbody>
        </table>
      </div>
      {(all.length > shown.length || lane.omitted > 0) && (
        <p class="soft tl-listing-more">
          {all.length - shown.length + lane.omitted} older ones are not listed; zoom in, or see its events.
        </p>
      )}
    </section>
  );
}

function Line({ stop, known }: { stop: Stop; known: Lanes }) {
  const { hit } = stop;
  if (hit.kind === "span") {
    const { span } = hit;
    const gap = gapOf(span, known.gaps);
    return (
      <tr>
        <td class="num">{fullTime(span.from)}</td>
        <td>
          <strong>{phaseWord(span)}</strong>
        </td>
        <td class="num">{lasting(span, known, now.value).length}</td>
        <td />
        <td class="soft">{gap !== null && GAP_WORDS[gap.why]}</td>
        <td class="num">{span.seq !== null && <Seq seq={span.seq} />}</td>
      </tr>
    );
  }
  const [mark] = hit.cluster.marks;
  if (mark === undefined) return null;
  return (
    <tr>
      <td class="num">{fullTime(mark.at)}</td>
      <td>{kindWord(mark.kind)}</td>
      <td />
      <td>{mark.cause !== null && <code>{inert(mark.cause)}</code>}</td>
      <td class="soft">{mark.detail !== null && inert(mark.detail)}</td>
      <td class="num">
        <Seq seq={mark.seq} />
      </td>
    </tr>
  );
}

function Seq({ seq }: { seq: number }) {
  return (
    <Link class="text-link" href={`/events?at=${seq}`}>
      #{seq}
    </Link>
  );
}
