/** Draws one line by uPlot, in the colours of the page. */

import "uplot/dist/uPlot.min.css";

import uPlot from "uplot";

import { clockTime } from "../../state/time";

interface Drawing {
  box: HTMLElement;
  height: number;
  data: [number[], (number | null)[]];
  words: (value: number) => string;
  /** Steps of the axis are powers of two. */
  binary: boolean;
  least: number;
  onRead: (index: number | null) => void;
}

export function draw({ box, height, data, words, binary, least, onRead }: Drawing): uPlot {
  const axis = colour(box, "chart-axis");
  const grid = { stroke: colour(box, "chart-grid"), width: 1 };
  const font = "11px ui-sans-serif, system-ui, sans-serif";
  return new uPlot(
    {
      width: box.clientWidth,
      height,
      padding: [8, 4, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: { y: { range: (_, __, most) => [0, Math.max(least, (most ?? 0) * 1.15)] } },
      axes: [
        {
          stroke: axis,
          grid: { show: false },
          ticks: { show: false },
          font,
          size: 24,
          space: 90,
          values: (_, splits) => splits.map((at) => clockTime(at * 1000)),
        },
        {
          stroke: axis,
          grid,
          ticks: { show: false },
          font,
          size: 58,
          space: 36,
          ...(binary ? { incrs: POWERS } : {}),
          values: (_, splits) => splits.map(words),
        },
      ],
      series: [{}, { stroke: colour(box, "chart"), width: 1.5, fill: colour(box, "chart-soft"), points: { show: false } }],
      hooks: { setCursor: [({ cursor }) => onRead(cursor.idx ?? null)] },
    },
    data,
    box,
  );
}

const POWERS = Array.from({ length: 50 }, (_, power) => 2 ** power);

/** A canvas knows no custom properties: what a class is painted in, once resolved. */
function colour(near: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.className = name;
  probe.hidden = true;
  near.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
