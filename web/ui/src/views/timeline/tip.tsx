import { useEffect, useRef } from "preact/hooks";

import { IconButton } from "../../kit/button";
import { Icon } from "../../kit/icons";
import { Link } from "../../kit/link";
import { agentPath } from "../../route";
import { SEVERITY_ICON, SEVERITY_TONE, kindWord, severityOf } from "../../state/event-kinds";
import { inert } from "../../state/inert";
import { now } from "../../state/clock";
import { clockTime } from "../../state/time";
import type { MarkData, SpanData } from "./lanes";
import { ROW } from "./paint";
import { xOf } from "./scale";
import { lanes, pointed, view } from "./state";
import { GAP_WORDS, gapOf, lasting, phaseWord } from "./words";

const MARKS_SHOWN = 6;

interface TipProps {
  /** Where the plot begins, and how large what is seen of it is. */
  left: number;
  width: number;
  height: number;
  scroll: number;
  onLeave: () => void;
}

/** What is pointed at. Pinned, by a click or Enter, it has links. */
export function Tip({ left, width, height, scroll, onLeave }: TipProps) {
  const point = pointed.value;
  const shown = view.value;
  const ref = useRef<HTMLDivElement>(null);
  const pinned = point?.pinned === true;
  useEffect(() => {
    const tip = ref.current;
    if (tip === null || point === null) return;
    const { offsetWidth, offsetHeight } = tip;
    // A mark moves with the window, which moves with the time.
    const mark = point.hit.kind === "cluster" ? point.hit.cluster.marks[0] : undefined;
    const at = mark === undefined ? point.x : xOf(shown, width, mark.at);
    const x = Math.max(8, Math.min(left + width - offsetWidth - 8, left + at - offsetWidth / 2));
    const top = point.y - scroll;
    const below = top + ROW + 6;
    const y = below + offsetHeight > height && top - offsetHeight - 6 > 0 ? top - offsetHeight - 6 : below;
    tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  });
  useEffect(() => {
    if (!pinned) return;
    if (pointed.peek()?.by === "keyboard") ref.current?.querySelector<HTMLElement>("a")?.focus();
    const outside = (event: PointerEvent): void => {
      const target = event.target as Element;
      if (ref.current?.contains(target) !== true && target.closest(".tl-canvas") === null) pointed.value = null;
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [pinned]);
  if (point === null) return null;
  const { instance, hit } = point;
  const close = (): void => {
    pointed.value = { ...point, pinned: false };
    onLeave();
  };
  return (
    <div
      ref={ref}
      class="tl-tip"
      data-pinned={pinned}
      role={pinned ? "dialog" : "tooltip"}
      aria-label={pinned ? `What happened to ${instance}` : undefined}
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <div class="tl-tip-head">
        {pinned ? (
          <Link class="text-link" href={agentPath(instance)}>
            {instance}
          </Link>
        ) : (
          <strong>{instance}</strong>
        )}
        {pinned && <IconButton icon="close" label="Close" onClick={close} />}
      </div>
      {hit.kind === "span" ? <SpanWords span={hit.span} pinned={pinned} /> : <MarkList marks={hit.cluster.marks} pinned={pinned} />}
    </div>
  );
}

function SpanWords({ span, pinned }: { span: SpanData; pinned: boolean }) {
  const known = lanes.value;
  if (known === null) return null;
  const gap = gapOf(span, known.gaps);
  const { length, times } = lasting(span, known, now.value);
  return (
    <>
      <p>
        <strong>{phaseWord(span)}</strong> <span class="num">{length}</span>
      </p>
      <p class="soft num">{times}</p>
      {gap !== null && <p class="tl-tip-why">{GAP_WORDS[gap.why]}, so nobody knows what it did.</p>}
      {pinned && span.seq !== null && (
        <p>
          <Link class="text-link num" href={`/events?at=${span.seq}`}>
            The event that began it, #{span.seq}
          </Link>
        </p>
      )}
    </>
  );
}

function MarkList({ marks, pinned }: { marks: readonly MarkData[]; pinned: boolean }) {
  const newest = marks.slice(-MARKS_SHOWN).reverse();
  return (
    <>
      <ul class="tl-tip-marks">
        {newest.map((mark) => {
          const severity = severityOf(mark);
          return (
            <li key={mark.seq} class={`tone-${SEVERITY_TONE[severity]}`}>
              <Icon name={SEVERITY_ICON[severity]} />
              <div>
                {pinned ? (
                  <Link class="text-link" href={`/events?at=${mark.seq}`}>
                    {kindWord(mark.kind)}
                  </Link>
                ) : (
                  <strong>{kindWord(mark.kind)}</strong>
                )}{" "}
                {mark.cause !== null && <code>{inert(mark.cause)}</code>} <span class="soft num">{clockTime(mark.at)}</span>
                {mark.detail !== null && <p class="tl-tip-detail">{inert(mark.detail)}</p>}
              </div>
            </li>
          );
        })}
      </ul>
      {marks.length > newest.length && <p class="soft">and {marks.length - newest.length} earlier; zoom in to part them</p>}
      {!pinned && <p class="tl-tip-hint">Click for where it leads</p>}
    </>
  );
}
