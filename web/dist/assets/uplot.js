import { t as uPlot } from "./vendor-uplot.js";
import { W as clockTime } from "./common.js";
// src/views/agent/uplot.ts
function draw({ box, height, data, words, binary, least, onRead }) {
	const axis = colour(box, "chart-axis");
	const grid = {
		stroke: colour(box, "chart-grid"),
		width: 1
	};
	const font = "11px ui-sans-serif, system-ui, sans-serif";
	return new uPlot({
		width: box.clientWidth,
		height,
		padding: [
			8,
			4,
			0,
			0
		],
		legend: { show: false },
		cursor: {
			y: false,
			drag: {
				x: false,
				y: false
			},
			points: { size: 7 }
		},
		scales: { y: { range: (_, __, most) => [0, Math.max(least, (most ?? 0) * 1.15)] } },
		axes: [{
			stroke: axis,
			grid: { show: false },
			ticks: { show: false },
			font,
			size: 24,
			space: 90,
			values: (_, splits) => splits.map((at) => clockTime(at * 1e3))
		}, {
			stroke: axis,
			grid,
			ticks: { show: false },
			font,
			size: 58,
			space: 36,
			...binary ? { incrs: POWERS } : {},
			values: (_, splits) => splits.map(words)
		}],
		series: [{}, {
			stroke: colour(box, "chart"),
			width: 1.5,
			fill: colour(box, "chart-soft"),
			points: { show: false }
		}],
		hooks: { setCursor: [({ cursor }) => onRead(cursor.idx ?? null)] }
	}, data, box);
}
var POWERS = Array.from({ length: 50 }, (_, power) => 2 ** power);
/** A canvas knows no custom properties: what a class is painted in, once resolved. */
function colour(near, name) {
	const probe = document.createElement("span");
	probe.className = name;
	probe.hidden = true;
	near.append(probe);
	const { color } = getComputedStyle(probe);
	probe.remove();
	return color;
}
export { draw };
