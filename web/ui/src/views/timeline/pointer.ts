import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { now } from "../../state/clock";
import { hit } from "./layout";
import { AXIS, ROW } from "./paint";
import { moved, spanOf, timeAt, zoomed } from "./scale";
import { lanes, look, pointed, rows, view } from "./state";

export interface Drag {
  from: number;
  to: number;
}

interface Options {
  width: number;
  scroll: number;
  onDrag: (drag: Drag | null) => void;
}

/** Fewer pixels are a click. */
const DRAG_LEAST = 5;

/** Points, marks a part to zoom into, zooms by the wheel with ctrl, moves by it with shift or sideways. */
export function usePointer(canvas: RefObject<HTMLCanvasElement | null>, options: Options): void {
  const live = useRef(options);
  live.current = options;
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    let begun: number | null = null;
    let dragging = false;

    const point = (event: PointerEvent, pinned: boolean): void => {
      const { width, scroll } = live.current;
      const index = Math.floor((event.offsetY - AXIS + scroll) / ROW);
      const row = event.offsetY < AXIS ? undefined : rows.peek()[index];
      const found = row?.kind === "lane" && isStored(event.offsetX, width) ? hit(row.lane, view.peek(), width, event.offsetX) : null;
      if (row?.kind !== "lane" || found === null) {
        pointed.value = null;
        return;
      }
      const x = found.kind === "cluster" ? found.cluster.x : event.offsetX;
      pointed.value = { instance: row.lane.instance, hit: found, x, y: AXIS + index * ROW, pinned, by: "pointer" };
    };
    const onDown = (event: PointerEvent): void => {
      if (event.button !== 0) return;
      begun = event.offsetX;
      dragging = false;
      element.setPointerCapture(event.pointerId);
    };
    const onMove = (event: PointerEvent): void => {
      if (begun !== null && (dragging || Math.abs(event.offsetX - begun) >= DRAG_LEAST)) {
        dragging = true;
        pointed.value = null;
        live.current.onDrag({ from: begun, to: Math.max(0, Math.min(live.current.width, event.offsetX)) });
      } else if (pointed.peek()?.pinned !== true && event.pointerType !== "touch") {
        point(event, false);
      }
    };
    const onUp = (event: PointerEvent): void => {
      if (begun === null) return;
      const [a, b] = [begun, Math.max(0, Math.min(live.current.width, event.offsetX))];
      begun = null;
      if (!dragging) {
        point(event, true);
        return;
      }
      live.current.onDrag(null);
      const shown = view.peek();
      const { width } = live.current;
      look(zoomedInto(timeAt(shown, width, Math.min(a, b)), timeAt(shown, width, Math.max(a, b))));
    };
    const onCancel = (): void => {
      begun = null;
      live.current.onDrag(null);
    };
    const onLeave = (): void => {
      const known = pointed.peek();
      if (known !== null && !known.pinned && known.by === "pointer") pointed.value = null;
    };
    const onWheel = (event: WheelEvent): void => {
      const shown = view.peek();
      const { width } = live.current;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const factor = Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.006);
        look(zoomed(shown, factor, timeAt(shown, width, event.offsetX), now.peek()));
      } else {
        const by = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
        if (by === 0 || (!event.shiftKey && Math.abs(event.deltaY) > Math.abs(by))) return;
        event.preventDefault();
        look(moved(shown, by / width, now.peek()));
      }
    };
    element.addEventListener("pointerdown", onDown);
    element.addEventListener("pointermove", onMove);
    element.addEventListener("pointerup", onUp);
    element.addEventListener("pointercancel", onCancel);
    element.addEventListener("pointerleave", onLeave);
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => {
      element.removeEventListener("pointerdown", onDown);
      element.removeEventListener("pointermove", onMove);
      element.removeEventListener("pointerup", onUp);
      element.removeEventListener("pointercancel", onCancel);
      element.removeEventListener("pointerleave", onLeave);
      element.removeEventListener("wheel", onWheel);
    };
  }, []);
}

/** Of what was before the log nothing is known. */
function isStored(x: number, width: number): boolean {
  return timeAt(view.peek(), width, x) >= (lanes.peek()?.expiredBefore ?? Number.NEGATIVE_INFINITY);
}

function zoomedInto(from: number, to: number) {
  return zoomed({ from, to }, 1, (from + to) / 2, Math.max(now.peek(), to - spanOf({ from, to })));
}
