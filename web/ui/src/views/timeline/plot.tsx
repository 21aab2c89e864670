import { useSignalEffect } from "@preact/signals";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import { Icon } from "../../kit/icons";
import { now } from "../../state/clock";
import { theme } from "../../state/theme";
import { type Drag, usePointer } from "./pointer";
import { onPlotKey } from "./plot-keys";
import { AXIS, type Palette, ROW, paint, readPalette } from "./paint";
import type { Row } from "./rows";
import { following, lanes, listed, pointed, rows, view } from "./state";
import { Tip } from "./tip";
import { spoken } from "./words";

/** The lanes: their names as buttons, their past on one canvas that is as large as what is seen of it. */
export function Plot() {
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [palette, setPalette] = useState<Palette | null>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [scroll, setScroll] = useState(0);
  const [drag, setDrag] = useState<Drag | null>(null);
  const [focused, setFocused] = useState(false);
  const help = useId();

  useEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const measure = (): void => {
      const names = box.querySelector<HTMLElement>(".tl-corner")?.offsetWidth ?? 0;
      setSize({ width: Math.max(50, box.clientWidth - names), height: box.clientHeight });
    };
    const recolour = (): void => setPalette(readPalette(box));
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", recolour);
    measure();
    return () => {
      observer.disconnect();
      scheme.removeEventListener("change", recolour);
    };
  }, []);
  useSignalEffect(() => {
    void theme.value;
    if (scroller.current !== null) setPalette(readPalette(scroller.current));
  });

  const paintNow = useRef(() => {});
  paintNow.current = () => {
    const context = canvas.current?.getContext("2d");
    const known = lanes.peek();
    if (context === null || context === undefined || palette === null || known === null) return;
    const scale = devicePixelRatio;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const point = pointed.peek();
    const row = point === null ? -1 : rows.peek().findIndex((one) => one.kind === "lane" && one.lane.instance === point.instance);
    paint(context, palette, {
      ...size,
      scroll,
      view: view.peek(),
      lanes: known,
      rows: rows.peek(),
      following: following.peek(),
      now: now.peek(),
      mark: point === null || row < 0 ? null : { row, ...extent(point.hit) },
      band: drag === null ? null : { from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) },
      current: row < 0 ? null : row,
    });
  };
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    element.style.width = `${size.width}px`;
    element.style.height = `${size.height}px`;
    element.width = Math.round(size.width * devicePixelRatio);
    element.height = Math.round(size.height * devicePixelRatio);
    paintNow.current();
  }, [size.width, size.height]);
  useEffect(() => paintNow.current(), [palette, scroll, drag]);
  useSignalEffect(() => {
    void [view.value, lanes.value, rows.value, pointed.value, following.value, now.value];
    const frame = requestAnimationFrame(() => paintNow.current());
    return () => cancelAnimationFrame(frame);
  });
  usePointer(canvas, { width: size.width, scroll, onDrag: setDrag });

  const all = rows.value;
  const first = Math.max(0, Math.floor(scroll / ROW) - 4);
  const last = Math.min(all.length, Math.ceil((scroll + size.height) / ROW) + 4);
  const reveal = (index: number): void => {
    const box = scroller.current;
    if (box === null) return;
    const top = index * ROW;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + ROW + AXIS > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW + AXIS - box.clientHeight;
  };
  return (
    <div class="tl-frame card dims" data-focused={focused}>
      <div ref={scroller} class="tl-scroll" onScroll={(event) => setScroll(event.currentTarget.scrollTop)}>
        <div class="tl-sticky">
          <div class="tl-corner">
            <span class="soft num">
              {all.filter(({ kind }) => kind === "lane").length} agents
            </span>
          </div>
          <canvas
            ref={canvas}
            class="tl-canvas"
            tabIndex={0}
            role="application"
            aria-roledescription="timeline"
            aria-label="What each agent went through"
            aria-describedby={help}
            onFocus={(event) => setFocused(event.currentTarget.matches(":focus-visible"))}
            onBlur={() => setFocused(false)}
            onKeyDown={(event) => onPlotKey(event, size.width, reveal)}
          />
        </div>
        <ul class="tl-names" aria-label="Agents">
          <li class="tl-room" aria-hidden="true" style={{ height: `${all.length * ROW}px` }} />
          {all.slice(first, last).map((row, index) => (
            <Name key={row.kind === "lane" ? row.lane.instance : `type ${row.type}`} row={row} top={(first + index) * ROW} />
          ))}
        </ul>
      </div>
      <Tip left={scroller.current?.querySelector<HTMLElement>(".tl-corner")?.offsetWidth ?? 0} width={size.width} height={size.height} scroll={scroll} onLeave={() => canvas.current?.focus()} />
      <p id={help} class="hidden-text">
        Up and down go from agent to agent, left and right from event to event, plus and minus zoom, shift with left and right
        moves the window, Enter shows where an event leads, 0 goes back to the present. The name of an agent lists its past.
      </p>
      <Spoken />
    </div>
  );
}

function extent(hit: NonNullable<typeof pointed.value>["hit"]): { from: number; to: number } {
  if (hit.kind === "span") return { from: hit.span.from, to: hit.span.to };
  const { marks } = hit.cluster;
  return { from: marks[0]?.at ?? 0, to: marks.at(-1)?.at ?? 0 };
}

function Name({ row, top }: { row: Row; top: number }) {
  const place = (element: HTMLLIElement | null): void => {
    if (element !== null) element.style.transform = `translateY(${top}px)`;
  };
  if (row.kind === "group") {
    return (
      <li class="tl-name tl-group" ref={place}>
        <strong class="cut">{row.type}</strong>
        <span class="soft num">{row.count}</span>
      </li>
    );
  }
  const { instance, deleted } = row.lane;
  const open = listed.value === instance;
  return (
    <li class="tl-name" ref={place} data-deleted={deleted} data-open={open}>
      <button
        type="button"
        aria-expanded={open}
        title={deleted ? `${instance} was deleted; list what happened to it` : `List what happened to ${instance}`}
        onClick={() => (listed.value = open ? null : instance)}
      >
        <span class="cut">{instance}</span>
        {deleted && <span class="tl-deleted">deleted</span>}
        <Icon name={open ? "up" : "down"} />
      </button>
    </li>
  );
}

/** What the keyboard is on, read out. */
function Spoken() {
  const point = pointed.value;
  return (
    <span class="hidden-text" role="status">
      {point?.by === "keyboard" && lanes.value !== null ? spoken(point.instance, point.hit, lanes.value, now.peek()) : ""}
    </span>
  );
}
