import { a as r, c as A, d as T, f as b, h as $, i as O, o as x, p as d, r as useSignalEffect, s as y, t as a, u as P } from "./vendor-preact.js";
import { At as agents, Gt as byName, Ht as typeNames, It as recentEvents, J as Link, K as duration, Lt as resyncs, P as theme, W as clockTime, X as go, Y as agentPath, _t as Icon, a as SearchField, an as phaseStatus, at as EmptyState, et as search, gn as timeline, gt as IconButton, ht as Button, jt as arrived, k as inert, m as useKeys, q as fullTime, r as ChoiceMenu, st as Problem, wt as now, zt as stable } from "./common.js";
import { A as kindWord, D as SEVERITY_TONE, E as SEVERITY_ICON, M as severityOf, T as SEVERITIES } from "./shared.js";
// src/views/timeline/scale.ts
/** The window of time that is shown: zoomed, moved, and marked with times. Pure. */
var SECOND = 1e3;
var MINUTE = 60 * SECOND;
var HOUR = 60 * MINUTE;
var DAY = 24 * HOUR;
/** The server tells no more than 8 days at once, and by its own clock. */
var LONGEST = 8 * DAY - MINUTE;
var SHORTEST = 10 * SECOND;
var PRESETS = [
	{
		label: "1 h",
		title: "The last hour",
		span: HOUR
	},
	{
		label: "6 h",
		title: "The last 6 hours",
		span: 6 * HOUR
	},
	{
		label: "24 h",
		title: "The last 24 hours",
		span: DAY
	},
	{
		label: "3 d",
		title: "The last 3 days",
		span: 3 * DAY
	},
	{
		label: "7 d",
		title: "The last 7 days",
		span: 7 * DAY
	}
];
var spanOf = ({ from, to }) => to - from;
var xOf = (view, width, at) => (at - view.from) / spanOf(view) * width;
var timeAt = (view, width, x) => view.from + x / width * spanOf(view);
/** Neither too short nor too long, and not in the future: it is moved to end now. */
function settled(view, now) {
	const span = Math.min(LONGEST, Math.max(SHORTEST, spanOf(view)));
	const middle = (view.from + view.to) / 2;
	const from = span === spanOf(view) ? view.from : middle - span / 2;
	return from + span > now ? {
		from: now - span,
		to: now
	} : {
		from,
		to: from + span
	};
}
/** Shows `factor` times as much; `at` stays where it is. */
function zoomed(view, factor, at, now) {
	const span = Math.min(LONGEST, Math.max(SHORTEST, spanOf(view) * factor));
	const from = at - (at - view.from) / spanOf(view) * span;
	return settled({
		from,
		to: from + span
	}, now);
}
/** Moves it by a share of itself. */
function moved(view, share, now) {
	const by = spanOf(view) * share;
	return settled({
		from: view.from + by,
		to: view.to + by
	}, now);
}
var STEPS = [
	1,
	2,
	5,
	10,
	15,
	30
].map((seconds) => seconds * SECOND).concat([
	1,
	2,
	5,
	10,
	15,
	30
].map((minutes) => minutes * MINUTE), [
	1,
	2,
	3,
	6,
	12
].map((hours) => hours * HOUR), [1, 2].map((days) => days * DAY));
/** At round local times, at least `room` pixels apart. `offset` is what local time is ahead of UTC, in ms. */
function ticks(view, width, offset, room = 88) {
	const least = spanOf(view) * room / Math.max(1, width);
	const step = STEPS.find((candidate) => candidate >= least) ?? 2 * DAY;
	const found = [];
	for (let at = Math.ceil((view.from + offset) / step) * step; at <= view.to + offset; at += step) {
		const major = at % DAY === 0;
		found.push({
			at: at - offset,
			label: major ? dayLabel(at) : timeLabel(at, step),
			major
		});
	}
	return found;
}
var DAYS = [
	"Sun",
	"Mon",
	"Tue",
	"Wed",
	"Thu",
	"Fri",
	"Sat"
];
function dayLabel(local) {
	const date = new Date(local);
	return `${DAYS[date.getUTCDay()]} ${date.getUTCDate()}`;
}
function timeLabel(local, step) {
	return new Date(local).toISOString().slice(11, step < MINUTE ? 19 : 16);
}
// src/views/timeline/layout.ts
/** Which of those that share a pixel is shown: what an operator must not overlook. */
var RANK = {
	backoff: 9,
	recreating: 6,
	creating: 6,
	starting: 6,
	stopping: 5,
	removing: 5,
	unknown: 4,
	absent: 3,
	stopped: 2,
	running: 1,
	host: 0
};
/** Never more than one per pixel, however many spans there are. */
function segments(spans, view, width) {
	const found = [];
	for (let index = firstAfter(spans, view.from); index < spans.length; index += 1) {
		const span = spans[index];
		if (span === void 0 || span.from >= view.to) break;
		const begin = Math.max(0, Math.floor(xOf(view, width, span.from)));
		const end = Math.min(width, Math.max(begin + 1, Math.floor(xOf(view, width, span.to))));
		const last = found.at(-1);
		const taken = last === void 0 ? 0 : last.x + last.width;
		if (end > taken) {
			const x = Math.max(begin, taken);
			found.push({
				x,
				width: end - x,
				span
			});
		} else if (last !== void 0 && last.width === 1 && RANK[span.phase] > RANK[last.span.phase]) last.span = span;
	}
	return found;
}
/** The first that ends after `at`. */
function firstAfter(spans, at) {
	let [low, high] = [0, spans.length];
	while (low < high) {
		const middle = low + high >> 1;
		if ((spans[middle]?.to ?? 0) <= at) low = middle + 1;
		else high = middle;
	}
	return low;
}
/** Marks that would cover each other stand as one. */
function clusters(marks, view, width, room = 11) {
	const found = [];
	for (const mark of marks) {
		if (mark.at < view.from || mark.at > view.to) continue;
		const x = xOf(view, width, mark.at);
		const severity = severityOf(mark);
		const last = found.at(-1);
		if (last === void 0 || x - last.x > room) found.push({
			x,
			severity,
			marks: [mark]
		});
		else {
			last.marks.push(mark);
			if (SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(last.severity)) last.severity = severity;
		}
	}
	return found;
}
/** What the pointer means: a mark that is near, else the span under it. */
function hit(lane, view, width, x, reach = 8) {
	let nearest = null;
	for (const cluster of clusters(lane.marks, view, width)) {
		const distance = Math.abs(cluster.x - x);
		if (distance <= reach && (nearest === null || distance < Math.abs(nearest.x - x))) nearest = cluster;
	}
	if (nearest !== null) return {
		kind: "cluster",
		cluster: nearest
	};
	const segment = segments(lane.spans, view, width).find((one) => x >= one.x && x < one.x + one.width);
	return segment === void 0 ? null : {
		kind: "span",
		span: segment.span
	};
}
function stops(lane, view) {
	const ofSpans = lane.spans.map((span) => ({
		at: Math.max(span.from, view.from),
		hit: {
			kind: "span",
			span
		}
	}));
	const ofMarks = lane.marks.map((mark) => {
		const cluster = {
			x: 0,
			severity: severityOf(mark),
			marks: [mark]
		};
		return {
			at: mark.at,
			hit: {
				kind: "cluster",
				cluster
			}
		};
	});
	return [...ofSpans.filter(({ hit: one }) => one.kind === "span" && one.span.to > view.from), ...ofMarks].filter(({ at }) => at >= view.from && at <= view.to).sort((a, b) => a.at - b.at || (a.hit.kind === "span" ? -1 : 1));
}
var COLOURS = [
	"running",
	"busy",
	"idle",
	"bad",
	"unknown",
	"warn",
	"text",
	"soft",
	"faint",
	"line",
	"surface",
	"low",
	"accent"
];
/** The colours of the theme, as the browser resolves them. */
function readPalette(within) {
	const probe = document.createElement("span");
	within.append(probe);
	const read = (name) => {
		probe.style.color = `var(--tl-${name})`;
		return getComputedStyle(probe).color;
	};
	const colours = Object.fromEntries(COLOURS.map((name) => [name, read(name)]));
	const font = getComputedStyle(within).fontFamily;
	probe.remove();
	return {
		...colours,
		font,
		hatch: stripes(colours.unknown, 7, 1),
		expired: stripes(colours.faint, 9, -1)
	};
}
/** Stripes as a pattern; `lean` 1 rises to the right, -1 falls. */
function stripes(colour, size, lean) {
	const scale = devicePixelRatio;
	const tile = document.createElement("canvas");
	tile.width = tile.height = Math.round(size * scale);
	const context = tile.getContext("2d");
	if (context === null) return null;
	const side = tile.width;
	context.strokeStyle = colour;
	context.lineWidth = scale;
	context.beginPath();
	for (const shift of [
		-side,
		0,
		side
	]) {
		context.moveTo(shift, lean === 1 ? side : 0);
		context.lineTo(shift + side, lean === 1 ? 0 : side);
	}
	context.stroke();
	const pattern = context.createPattern(tile, "repeat");
	pattern?.setTransform(new DOMMatrix().scale(1 / scale));
	return pattern;
}
function paint(context, palette, scene) {
	const { width, height, view, lanes } = scene;
	context.clearRect(0, 0, width, height);
	context.save();
	context.beginPath();
	context.rect(0, 30, width, height - 30);
	context.clip();
	grid(context, palette, scene);
	const first = Math.max(0, Math.floor(scene.scroll / 30));
	const last = Math.min(scene.rows.length, Math.ceil((scene.scroll + height - 30) / 30));
	for (let index = first; index < last; index += 1) {
		const row = scene.rows[index];
		if (row !== void 0) paintRow(context, palette, scene, row, index);
	}
	backdrop(context, palette, scene);
	for (let index = first; index < last; index += 1) {
		const row = scene.rows[index];
		if (row?.kind !== "lane") continue;
		const middle = 30 + index * 30 - scene.scroll + 15;
		context.globalAlpha = row.lane.deleted ? .55 : 1;
		for (const cluster of clusters(row.lane.marks, view, width)) paintMark(context, palette, cluster, middle);
		context.globalAlpha = 1;
	}
	pointing(context, palette, scene);
	context.restore();
	axis(context, palette, scene, lanes);
}
function grid(context, palette, { width, height, view }) {
	context.fillStyle = palette.line;
	for (const { at } of ticks(view, width, offsetOf(view.to))) context.fillRect(Math.round(xOf(view, width, at)), 30, 1, height);
}
/** Local time minus UTC. */
function offsetOf(at) {
	return -new Date(at).getTimezoneOffset() * 6e4;
}
function paintRow(context, palette, scene, row, index) {
	const { width, view, scroll } = scene;
	const top = 30 + index * 30 - scroll;
	if (row.kind === "group") {
		context.fillStyle = palette.low;
		context.fillRect(0, top, width, 30);
		return;
	}
	if (scene.current === index) {
		context.fillStyle = palette.low;
		context.fillRect(0, top, width, 30);
	}
	context.fillStyle = palette.line;
	context.fillRect(0, top + 30 - 1, width, 1);
	context.globalAlpha = row.lane.deleted ? .4 : 1;
	const end = scene.following ? xOf(view, width, scene.now) : width;
	const all = segments(row.lane.spans, view, width);
	all.forEach((segment, at) => {
		const wide = scene.following && at === all.length - 1 && segment.span.to === scene.lanes.to ? Math.max(segment.width, end - segment.x) : segment.width;
		paintSpan(context, palette, segment.span.phase, segment.x, top + 15, wide);
	});
	context.globalAlpha = 1;
}
var FILL = {
	running: "running",
	starting: "busy",
	creating: "busy",
	recreating: "busy",
	stopping: "busy",
	removing: "busy",
	stopped: "idle",
	absent: "idle",
	backoff: "bad",
	unknown: "unknown",
	host: "idle"
};
function paintSpan(context, palette, of, x, middle, width) {
	const phase = of in FILL ? of : "unknown";
	const colour = palette[FILL[phase]];
	const gap = width > 3 ? 1 : 0;
	const box = [
		x,
		middle - 7,
		width - gap,
		14
	];
	context.fillStyle = colour;
	context.strokeStyle = colour;
	context.lineWidth = 1;
	switch (phase) {
		case "running":
			round(context, ...box);
			word(context, palette, phase, x, middle, width, palette.surface);
			break;
		case "stopped":
			context.fillRect(x, middle - 2, width - gap, 4);
			break;
		case "absent":
			for (let at = x; at < x + width - 1; at += 6) context.fillRect(at, middle - .5, 2, 1.5);
			break;
		case "host":
			if (width > 2) context.strokeRect(x + .5, middle - 2.5, width - gap - 1, 5);
			break;
		case "unknown":
			context.globalAlpha *= .9;
			context.fillStyle = palette.hatch ?? colour;
			context.fillRect(...box);
			break;
		case "backoff":
			round(context, ...box);
			lines(context, palette.surface, ...box, 5, 0);
			word(context, palette, phase, x, middle, width, palette.surface, colour);
			break;
		case "starting":
		case "creating":
		case "recreating":
			round(context, ...box);
			lines(context, palette.surface, ...box, 6, 1);
			word(context, palette, phase, x, middle, width, palette.surface, colour);
			break;
		case "stopping":
		case "removing":
			round(context, ...box);
			lines(context, palette.surface, ...box, 6, -1);
			word(context, palette, phase, x, middle, width, palette.surface, colour);
	}
}
function round(context, x, y, width, height) {
	context.beginPath();
	context.roundRect(x, y, Math.max(1, width), height, Math.min(3, width / 3));
	context.fill();
}
/** Stripes in a box: rising, falling, or upright. */
function lines(context, colour, x, y, width, height, step, lean) {
	if (width < 4) return;
	context.save();
	context.beginPath();
	context.rect(x, y, width, height);
	context.clip();
	context.strokeStyle = colour;
	context.globalAlpha *= .55;
	context.lineWidth = 1.25;
	context.beginPath();
	for (let at = x - height; at < x + width + height; at += step) {
		context.moveTo(at, lean >= 0 ? y + height : y);
		context.lineTo(at + Math.abs(lean) * height, lean >= 0 ? y : y + height);
	}
	context.stroke();
	context.restore();
}
function word(context, palette, phase, x, middle, width, colour, ground) {
	const text = phaseStatus(phase).word;
	if (width < 46 + text.length * 5) return;
	context.font = `600 10px ${palette.font}`;
	context.textBaseline = "middle";
	context.textAlign = "left";
	const left = Math.max(x, 0) + 6;
	if (ground !== void 0) {
		context.fillStyle = ground;
		context.fillRect(left - 3, middle - 6, context.measureText(text).width + 6, 12);
	}
	context.fillStyle = colour;
	context.fillText(text, left, middle + .5);
}
var MARK_COLOUR = {
	bad: "bad",
	warn: "warn",
	ok: "running",
	info: "soft"
};
/** Failures are triangles, warnings diamonds, the rest dots: on a ground that parts them from the bar. */
function paintMark(context, palette, { x, severity, marks }, middle) {
	context.beginPath();
	const y = middle - 8;
	if (severity === "bad") {
		context.moveTo(x, y - 5);
		context.lineTo(x + 5.5, y + 4.5);
		context.lineTo(x - 5.5, y + 4.5);
		context.closePath();
	} else if (severity === "warn") {
		context.moveTo(x, y - 4.5);
		context.lineTo(x + 4.5, y);
		context.lineTo(x, y + 4.5);
		context.lineTo(x - 4.5, y);
		context.closePath();
	} else context.arc(x, y, marks.length > 1 ? 3.2 : 2.4, 0, 7);
	context.fillStyle = palette[MARK_COLOUR[severity]];
	context.strokeStyle = palette.surface;
	context.lineWidth = 2;
	context.lineJoin = "round";
	context.stroke();
	context.fill();
}
/** When nobody looked, and what has been forgotten. */
function backdrop(context, palette, { width, height, view, lanes }) {
	for (const gap of lanes.gaps) {
		const x = xOf(view, width, gap.from);
		const wide = Math.max(2, xOf(view, width, gap.to) - x);
		if (x > width || x + wide < 0) continue;
		context.globalAlpha = .07;
		context.fillStyle = palette.unknown;
		context.fillRect(x, 30, wide, height);
		context.globalAlpha = .6;
		context.fillRect(x, 30, 1, height);
		context.fillRect(x + wide - 1, 30, 1, height);
		context.globalAlpha = 1;
	}
	const end = lanes.expiredBefore === null ? 0 : xOf(view, width, lanes.expiredBefore);
	if (end > 0) {
		context.fillStyle = palette.low;
		context.fillRect(0, 30, Math.min(end, width), height);
		context.globalAlpha = .14;
		context.fillStyle = palette.expired ?? palette.line;
		context.fillRect(0, 30, Math.min(end, width), height);
		context.globalAlpha = 1;
		context.fillStyle = palette.faint;
		context.fillRect(end - 1, 30, 1, height);
		caption(context, palette, "No history from before", Math.min(end, width), height);
	}
}
/** In the middle of what is empty, as far as there is room. */
function caption(context, palette, text, width, height) {
	context.font = `500 12px ${palette.font}`;
	const wide = context.measureText(text).width + 20;
	if (wide > width - 20) return;
	const [x, y] = [width / 2, 30 + Math.min(height - 30, 150) / 2];
	context.fillStyle = palette.surface;
	context.beginPath();
	context.roundRect(x - wide / 2, y - 13, wide, 26, 13);
	context.fill();
	context.fillStyle = palette.soft;
	context.textAlign = "center";
	context.textBaseline = "middle";
	context.fillText(text, x, y + .5);
}
function pointing(context, palette, scene) {
	const { width, height, view, mark, band, now } = scene;
	const present = xOf(view, width, now);
	if (present < width + 1) {
		context.fillStyle = palette.accent;
		context.fillRect(Math.min(width - 1.5, present), 30, 1.5, height);
	}
	if (mark !== null) {
		const top = 30 + mark.row * 30 - scene.scroll;
		const x = xOf(view, width, mark.from);
		const wide = Math.max(0, xOf(view, width, mark.to) - x);
		context.strokeStyle = palette.accent;
		context.lineWidth = 2;
		context.strokeRect(Math.max(1, x - 8), top + 2, Math.min(width - 2, wide + 16), 26);
	}
	if (band !== null) {
		context.fillStyle = palette.accent;
		context.globalAlpha = .16;
		context.fillRect(band.from, 30, band.to - band.from, height);
		context.globalAlpha = 1;
		context.fillRect(band.from, 30, 1, height);
		context.fillRect(band.to, 30, 1, height);
	}
}
function axis(context, palette, scene, lanes) {
	const { width, view } = scene;
	context.fillStyle = palette.surface;
	context.fillRect(0, 0, width, 30);
	context.fillStyle = palette.line;
	context.fillRect(0, 29, width, 1);
	context.textBaseline = "middle";
	context.textAlign = "left";
	for (const { at, label, major } of ticks(view, width, offsetOf(view.to))) {
		const x = Math.round(xOf(view, width, at));
		context.fillStyle = palette.line;
		context.fillRect(x, 4, 1, 25);
		context.font = `${major ? 600 : 400} 11px ${palette.font}`;
		context.fillStyle = major ? palette.text : palette.soft;
		if (x + 8 + context.measureText(label).width < width) context.fillText(label, x + 5, 15);
	}
	for (const gap of lanes.gaps) {
		const x = Math.max(0, xOf(view, width, gap.from));
		const wide = Math.max(3, xOf(view, width, gap.to) - x);
		if (x > width || x + wide < 0) continue;
		context.fillStyle = palette.unknown;
		context.fillRect(x, 25, wide, 4);
	}
}
// src/views/timeline/lanes.ts
function parsed(timeline) {
	return {
		from: Date.parse(timeline.from),
		to: Date.parse(timeline.to),
		lanes: timeline.items.map(({ instance, type, deleted, spans, marks, marks_omitted }) => ({
			instance,
			type,
			deleted,
			spans: spans.map(({ phase, from, to, seq }) => ({
				phase,
				from: Date.parse(from),
				to: Date.parse(to),
				seq
			})),
			marks: marks.map((mark) => ({
				...mark,
				at: Date.parse(mark.at)
			})),
			omitted: marks_omitted
		})),
		gaps: timeline.gaps.map(({ from, to, why }) => ({
			from: Date.parse(from),
			to: Date.parse(to),
			why
		})),
		expiredBefore: timeline.expired_before === null ? null : Date.parse(timeline.expired_before)
	};
}
/** The newer one from its beginning on, the older one before that. They must touch. */
function joined(older, newer) {
	const seam = newer.from;
	const byName = new Map(newer.lanes.map((lane) => [lane.instance, lane]));
	const lanes = older.lanes.map((before) => {
		const after = byName.get(before.instance);
		byName.delete(before.instance);
		if (after === void 0) return gone(before, newer);
		return {
			...after,
			type: after.type ?? before.type,
			spans: joinedSpans(before.spans, after.spans, seam),
			marks: [...before.marks.filter(({ at }) => at < seam), ...after.marks],
			omitted: before.omitted + after.omitted
		};
	});
	for (const lane of byName.values()) {
		const before = {
			phase: "absent",
			from: older.from,
			to: seam,
			seq: null
		};
		lanes.push({
			...lane,
			spans: joinedSpans([before], lane.spans, seam)
		});
	}
	lanes.sort((a, b) => a.instance < b.instance ? -1 : 1);
	return {
		from: older.from,
		to: newer.to,
		lanes,
		gaps: joinedGaps(older.gaps, newer.gaps, seam),
		expiredBefore: newer.expiredBefore
	};
}
/** Nothing is told any more of what was deleted before the newer one began. */
function gone(lane, newer) {
	const after = {
		phase: "absent",
		from: newer.from,
		to: newer.to,
		seq: null
	};
	return {
		...lane,
		deleted: true,
		spans: joinedSpans(lane.spans, [after], newer.from),
		marks: lane.marks.filter(({ at }) => at < newer.from)
	};
}
function joinedSpans(before, after, seam) {
	const spans = before.filter(({ from }) => from < seam).map((span) => span.to > seam ? {
		...span,
		to: seam
	} : span);
	const last = spans.at(-1);
	const [first, ...rest] = after;
	if (first === void 0) return spans;
	if (last !== void 0 && last.phase === first.phase && last.to === first.from) return [
		...spans.slice(0, -1),
		{
			...last,
			to: first.to
		},
		...rest
	];
	return [...spans, ...after];
}
function joinedGaps(before, after, seam) {
	const gaps = before.filter(({ from }) => from < seam).map((gap) => gap.to > seam ? {
		...gap,
		to: seam
	} : gap);
	for (const gap of after) {
		const same = gaps.findIndex((known) => known.why === gap.why && known.to === seam && gap.from === seam);
		const known = gaps[same];
		if (known === void 0) gaps.push(gap);
		else gaps[same] = {
			...known,
			to: gap.to
		};
	}
	return gaps;
}
// src/views/timeline/rows.ts
/** Which lanes are shown, and in which order; kept in the address. Pure. */
function rowsOf(lanes, filter) {
	const words = filter.text.toLowerCase().split(/\s+/).filter((word) => word !== "");
	const shown = lanes.filter(({ instance, type, deleted }) => (filter.deleted || !deleted) && (filter.types.length === 0 || type !== null && filter.types.includes(type)) && words.every((word) => `${instance} ${type ?? ""}`.toLowerCase().includes(word)));
	shown.sort((a, b) => byName(a.instance, b.instance));
	if (!filter.byType) return shown.map((lane) => ({
		kind: "lane",
		lane
	}));
	const groups = /* @__PURE__ */ new Map();
	for (const lane of shown) {
		const type = lane.type ?? "no type";
		groups.set(type, [...groups.get(type) ?? [], lane]);
	}
	return [...groups.entries()].sort(([a], [b]) => byName(a, b)).flatMap(([type, members]) => [{
		kind: "group",
		type,
		count: members.length
	}, ...members.map((lane) => ({
		kind: "lane",
		lane
	}))]);
}
var DEFAULT_SPAN = PRESETS[0]?.span ?? 0;
function parseTimeline(search) {
	const params = new URLSearchParams(search);
	const [from, to] = [Date.parse(params.get("from") ?? ""), Date.parse(params.get("to") ?? "")];
	const span = Number(params.get("last")) * 1e3;
	return {
		filter: {
			text: params.get("q") ?? "",
			types: (params.get("type") ?? "").split(",").filter((type) => type !== ""),
			byType: params.get("by") === "type",
			deleted: params.get("deleted") !== "0"
		},
		window: from < to ? {
			from,
			to
		} : { span: span > 0 ? span : DEFAULT_SPAN }
	};
}
function timelineSearch({ text, types, byType, deleted }, window) {
	const params = new URLSearchParams();
	if ("from" in window) {
		params.set("from", new Date(window.from).toISOString());
		params.set("to", new Date(window.to).toISOString());
	} else if (window.span !== DEFAULT_SPAN) params.set("last", String(Math.round(window.span / 1e3)));
	if (text !== "") params.set("q", text);
	if (types.length > 0) params.set("type", types.join());
	if (byType) params.set("by", "type");
	if (!deleted) params.set("deleted", "0");
	const search = params.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
	return search === "" ? "" : `?${search}`;
}
// src/views/timeline/state.ts
/** What the timeline shows: the window, the lanes that were fetched for it, and what is pointed at. */
var wanted = stable(() => parseTimeline(search.value), (a, b) => timelineSearch(a.filter, a.window) === timelineSearch(b.filter, b.window));
var filter = O(() => wanted.value.filter);
var view = y({
	from: 0,
	to: 1
});
/** The window ends now, and moves on with it. */
var following = y(true);
var lanes = y(null);
var failure = y(null);
var fetching = y(false);
var rows = O(() => lanes.value === null ? [] : rowsOf(lanes.value.lanes, filter.value));
var pointed = y(null);
/** The agent whose past is listed below. */
var listed = y(null);
function setFilter(part) {
	address({
		...filter.peek(),
		...part
	}, wanted.peek().window);
}
function show(window) {
	address(filter.peek(), window);
}
function address(its, window) {
	go(`/timeline${timelineSearch(its, window)}`, { replace: true });
}
var SETTLE_MS = 250;
var settling;
/** Shows another window at once; the address follows when it has come to rest. */
function look(next) {
	r(() => {
		following.value = next.to >= now.peek() - 1e3;
		view.value = next;
	});
	clearTimeout(settling);
	settling = setTimeout(() => show(following.peek() ? { span: spanOf(view.peek()) } : view.peek()), SETTLE_MS);
}
/** Fetches and follows as long as the page is open. */
function startTimeline() {
	const stops = [
		x(() => {
			const { window } = wanted.value;
			const present = now.peek();
			r(() => {
				following.value = "span" in window;
				view.value = settled("span" in window ? {
					from: present - window.span,
					to: present
				} : window, present);
			});
		}),
		x(() => {
			const present = now.value;
			if (following.value) view.value = {
				from: present - spanOf(view.peek()),
				to: present
			};
		}),
		x(() => {
			view.value;
			if (arrived.value) plan(SETTLE_MS);
		}),
		x(() => {
			recentEvents.value;
			agents.value;
			if (arrived.value) plan(SETTLE_MS, true);
		}),
		x(() => {
			resyncs.value;
			reached = null;
		})
	];
	return () => {
		for (const stop of stops) stop();
		clearTimeout(timer);
		clearTimeout(settling);
		timer = void 0;
		mine?.abort();
		r(() => {
			lanes.value = null;
			failure.value = null;
			fetching.value = false;
			pointed.value = null;
			listed.value = null;
		});
	};
}
/** What is fetched at once beside the window, as a share of it, so that a small move needs no fetch. */
var BESIDE = .5;
/** The end of what is known is told anew: a stop is seen later than it was. */
var OVERLAP_MS = 3e4;
var TAIL_LONGEST = HOUR;
var PAUSE_MS = 2500;
/** A server that takes long is asked less often. */
var PAUSE_TIMES = 5;
var timer;
var mine = null;
var restUntil = 0;
var changed = false;
/** What was asked for last; its window may be cut by the server. */
var reached = null;
/** Fetches soon what is missing; `live` says that something has happened. Not more often than the server likes. */
function plan(delay, live = false) {
	changed ||= live;
	if (timer !== void 0 || fetching.peek()) return;
	const rests = live || failure.peek() !== null;
	timer = setTimeout(() => void fetchMissing(), rests ? Math.max(delay, restUntil - Date.now()) : delay);
}
async function fetchMissing() {
	timer = void 0;
	const known = lanes.peek();
	const shown = view.peek();
	const tail = changed && following.peek();
	const whole = known === null || reached === null || isMissing(shown, known);
	const present = now.peek();
	if (!whole && !(tail && known !== null)) return;
	changed = false;
	const afar = whole || present - known.to > TAIL_LONGEST;
	const own = new AbortController();
	mine = own;
	fetching.value = true;
	const begun = Date.now();
	try {
		const from = afar ? Math.max(shown.from - spanOf(shown) * BESIDE, shown.to - LONGEST + 1e3) : Math.max(known.from, known.to - OVERLAP_MS);
		const to = following.peek() ? null : Math.min(present, shown.to + spanOf(shown) * BESIDE, from + LONGEST);
		const answer = parsed(await timeline(from, to, own.signal));
		if (own.signal.aborted) return;
		r(() => {
			failure.value = null;
			lanes.value = afar ? answer : joined(known, answer);
		});
		if (afar) reached = {
			from,
			to: answer.to
		};
	} catch (error) {
		if (!own.signal.aborted) failure.value = error;
	} finally {
		if (mine === own && !own.signal.aborted) {
			fetching.value = false;
			restUntil = Date.now() + Math.max(PAUSE_MS, PAUSE_TIMES * (Date.now() - begun));
			if (changed || isMissing(view.peek(), lanes.peek())) plan(SETTLE_MS, changed);
		}
	}
}
/** Whether a part of the window is not known, or known too coarsely to show all its marks. */
function isMissing(shown, known) {
	if (known === null) return true;
	const early = shown.from < known.from - 1e3;
	const late = !following.peek() && shown.to > known.to + 1e3 && known.to < now.peek() - OVERLAP_MS;
	const coarse = spanOf(shown) * 4 < known.to - known.from && known.lanes.some(({ omitted }) => omitted > 0);
	return early || late || coarse;
}
// src/views/timeline/words.ts
/** What is pointed at, in words. Pure. */
var GAP_WORDS = {
	docker_unreachable: "Docker could not be asked",
	supervisor_down: "The supervisor was not running"
};
function phaseWord({ phase }) {
	return phaseStatus(phase).word;
}
/** Why nothing is known of a span, where that is so. */
function gapOf(span, gaps) {
	if (span.phase !== "unknown") return null;
	return gaps.find((gap) => gap.from < span.to && gap.to > span.from) ?? null;
}
function markWords({ kind, cause, detail }) {
	return [
		kindWord(kind),
		cause,
		detail
	].flatMap((part) => part === null ? [] : inert(part)).join(", ");
}
/** How long it lasted, as far as is known: it may have begun before what was fetched, and may not have ended. */
function lasting(span, known, now) {
	const early = span.from === known.from && span.seq === null;
	const open = span.to === known.to && now - known.to < PRESENT_MS;
	const cut = span.to === known.to && !open;
	const end = open ? now : span.to;
	return {
		length: `${early || cut ? "at least " : ""}${duration(end - span.from)}${open ? " so far" : ""}`,
		times: `${`${early ? "before " : ""}${fullTime(span.from)}`} – ${open ? "now" : `${cut ? "after " : ""}${sameDay(span.from, end) ? clockTime(end) : fullTime(end)}`}`
	};
}
/** What was fetched that long ago still counts as the present: it is told anew when something happens. */
var PRESENT_MS = 6e5;
var sameDay = (a, b) => fullTime(a).slice(0, 10) === fullTime(b).slice(0, 10);
/** For a screen reader. */
function spoken(instance, hit, known, now) {
	if (hit.kind === "cluster") {
		const [mark] = hit.cluster.marks;
		const more = hit.cluster.marks.length - 1;
		if (mark === void 0) return instance;
		return `${instance}: ${markWords(mark)}, ${clockTime(mark.at)}${more > 0 ? `, and ${more} more` : ""}`;
	}
	const { span } = hit;
	const gap = gapOf(span, known.gaps);
	const why = gap === null ? "" : `, ${GAP_WORDS[gap.why]}`;
	const { length, times } = lasting(span, known, now);
	return `${instance}: ${phaseWord(span)}, ${length}, ${times}${why}`;
}
// src/views/timeline/legend.tsx
var SHOWN$1 = [
	{
		phase: "running",
		word: "Running"
	},
	{
		phase: "starting",
		word: "Coming up"
	},
	{
		phase: "stopping",
		word: "Going down"
	},
	{
		phase: "stopped",
		word: "Stopped"
	},
	{
		phase: "absent",
		word: "No container"
	},
	{
		phase: "backoff",
		word: "Backing off"
	},
	{
		phase: "unknown",
		word: "Not known"
	},
	{
		phase: "host",
		word: "On the host"
	}
];
/** What the patterns mean, and where nobody looked. */
function Legend() {
	const known = lanes.value;
	const shown = view.value;
	const gaps = known?.gaps.filter(({ from, to }) => from < shown.to && to > shown.from) ?? [];
	const expired = known?.expiredBefore ?? null;
	const cut = known?.lanes.filter(({ omitted }) => omitted > 0).length ?? 0;
	return /* @__PURE__ */ a("div", {
		class: "tl-legend",
		children: [/* @__PURE__ */ a("ul", {
			"aria-label": "Legend",
			children: [
				SHOWN$1.map(({ phase, word }) => /* @__PURE__ */ a("li", { children: [/* @__PURE__ */ a(Swatch, { phase }), word] }, phase)),
				/* @__PURE__ */ a("li", { children: [/* @__PURE__ */ a(MarkShape, {
					d: "M8 3 13 12H3z",
					tone: "bad"
				}), "Failure"] }),
				/* @__PURE__ */ a("li", { children: [/* @__PURE__ */ a(MarkShape, {
					d: "m8 3.500 4.500 4.500L8 12.500 3.500 8z",
					tone: "warn"
				}), "Warning"] }),
				/* @__PURE__ */ a("li", { children: [/* @__PURE__ */ a(MarkShape, {
					d: "M8 5.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5z",
					tone: "idle"
				}), "Other event"] })
			]
		}), (cut > 0 || gaps.length > 0 || expired !== null && expired > shown.from) && /* @__PURE__ */ a("ul", {
			class: "tl-notes",
			"aria-label": "Where nothing is known",
			children: [
				expired !== null && expired > shown.from && /* @__PURE__ */ a("li", { children: [
					"No history is stored from before ",
					fullTime(expired),
					"."
				] }),
				gaps.slice(-3).map(({ from, to, why }) => /* @__PURE__ */ a("li", { children: [
					GAP_WORDS[why],
					" from ",
					fullTime(from),
					" to ",
					fullTime(to),
					"."
				] }, from)),
				cut > 0 && /* @__PURE__ */ a("li", { children: [
					"Of ",
					cut === 1 ? "one agent" : `${cut} agents`,
					" only the newest events are marked; zoom in to see the others."
				] }),
				gaps.length > 3 && /* @__PURE__ */ a("li", { children: [
					"And ",
					gaps.length - 3,
					" earlier times like that."
				] })
			]
		})]
	});
}
function MarkShape({ d, tone }) {
	return /* @__PURE__ */ a("svg", {
		class: `tl-mark tone-${tone}`,
		viewBox: "0 0 16 16",
		width: "14",
		height: "14",
		"aria-hidden": "true",
		children: /* @__PURE__ */ a("path", { d })
	});
}
function Swatch({ phase }) {
	const ref = T(null);
	useSignalEffect(() => {
		theme.value;
		const canvas = ref.current;
		const context = canvas?.getContext("2d");
		if (canvas === null || context === null || context === void 0) return;
		const repaint = () => {
			const scale = devicePixelRatio;
			canvas.width = 26 * scale;
			canvas.height = 16 * scale;
			context.setTransform(scale, 0, 0, scale, 0, 0);
			paintSpan(context, readPalette(canvas.parentElement ?? document.body), phase, 0, 8, 26);
		};
		repaint();
		const scheme = matchMedia("(prefers-color-scheme: dark)");
		scheme.addEventListener("change", repaint);
		return () => scheme.removeEventListener("change", repaint);
	});
	return /* @__PURE__ */ a("canvas", {
		ref,
		class: "tl-swatch",
		"aria-hidden": "true"
	});
}
// src/views/timeline/listing.tsx
var SHOWN = 200;
/** What one lane shows, as a table: the same for whoever does not see the picture. */
function Listing() {
	const name = listed.value;
	const known = lanes.value;
	const lane = known?.lanes.find(({ instance }) => instance === name);
	if (known === null || lane === void 0) return null;
	const all = stops(lane, view.value).reverse();
	const shown = all.slice(0, SHOWN);
	return /* @__PURE__ */ a("section", {
		class: "card tl-listing dims",
		"aria-label": `What happened to ${lane.instance}`,
		children: [
			/* @__PURE__ */ a("header", { children: [
				/* @__PURE__ */ a("h2", { children: /* @__PURE__ */ a(Link, {
					class: "event-link",
					href: agentPath(lane.instance),
					children: lane.instance
				}) }),
				/* @__PURE__ */ a("span", {
					class: "soft",
					children: [lane.deleted ? "deleted, " : "", "in the window that is shown, newest first"]
				}),
				/* @__PURE__ */ a(Link, {
					class: "text-link",
					href: `/events?instance=${encodeURIComponent(lane.instance)}`,
					children: "All its events"
				}),
				/* @__PURE__ */ a(IconButton, {
					icon: "close",
					label: "Close the list",
					onClick: () => listed.value = null
				})
			] }),
			/* @__PURE__ */ a("div", {
				class: "tl-listing-scroll",
				tabIndex: 0,
				role: "region",
				"aria-label": "List",
				children: /* @__PURE__ */ a("table", { children: [/* @__PURE__ */ a("thead", { children: /* @__PURE__ */ a("tr", { children: [
					/* @__PURE__ */ a("th", {
						scope: "col",
						children: "Time"
					}),
					/* @__PURE__ */ a("th", {
						scope: "col",
						children: "What"
					}),
					/* @__PURE__ */ a("th", {
						scope: "col",
						children: "Lasted"
					}),
					/* @__PURE__ */ a("th", {
						scope: "col",
						children: "Cause"
					}),
					/* @__PURE__ */ a("th", {
						scope: "col",
						children: "Detail"
					}),
					/* @__PURE__ */ a("th", {
						scope: "col",
						children: "Event"
					})
				] }) }), /* @__PURE__ */ a("tbody", { children: shown.map((stop, index) => /* @__PURE__ */ a(Line, {
					stop,
					known
				}, index)) })] })
			}),
			(all.length > shown.length || lane.omitted > 0) && /* @__PURE__ */ a("p", {
				class: "soft tl-listing-more",
				children: [all.length - shown.length + lane.omitted, " older ones are not listed; zoom in, or see its events."]
			})
		]
	});
}
function Line({ stop, known }) {
	const { hit } = stop;
	if (hit.kind === "span") {
		const { span } = hit;
		const gap = gapOf(span, known.gaps);
		return /* @__PURE__ */ a("tr", { children: [
			/* @__PURE__ */ a("td", {
				class: "num",
				children: fullTime(span.from)
			}),
			/* @__PURE__ */ a("td", { children: /* @__PURE__ */ a("strong", { children: phaseWord(span) }) }),
			/* @__PURE__ */ a("td", {
				class: "num",
				children: lasting(span, known, now.value).length
			}),
			/* @__PURE__ */ a("td", {}),
			/* @__PURE__ */ a("td", {
				class: "soft",
				children: gap !== null && GAP_WORDS[gap.why]
			}),
			/* @__PURE__ */ a("td", {
				class: "num",
				children: span.seq !== null && /* @__PURE__ */ a(Seq, { seq: span.seq })
			})
		] });
	}
	const [mark] = hit.cluster.marks;
	if (mark === void 0) return null;
	return /* @__PURE__ */ a("tr", { children: [
		/* @__PURE__ */ a("td", {
			class: "num",
			children: fullTime(mark.at)
		}),
		/* @__PURE__ */ a("td", { children: kindWord(mark.kind) }),
		/* @__PURE__ */ a("td", {}),
		/* @__PURE__ */ a("td", { children: mark.cause !== null && /* @__PURE__ */ a("code", { children: inert(mark.cause) }) }),
		/* @__PURE__ */ a("td", {
			class: "soft",
			children: mark.detail !== null && inert(mark.detail)
		}),
		/* @__PURE__ */ a("td", {
			class: "num",
			children: /* @__PURE__ */ a(Seq, { seq: mark.seq })
		})
	] });
}
function Seq({ seq }) {
	return /* @__PURE__ */ a(Link, {
		class: "text-link",
		href: `/events?at=${seq}`,
		children: ["#", seq]
	});
}
// src/views/timeline/pointer.ts
/** Fewer pixels are a click. */
var DRAG_LEAST = 5;
/** Points, marks a part to zoom into, zooms by the wheel with ctrl, moves by it with shift or sideways. */
function usePointer(canvas, options) {
	const live = T(options);
	live.current = options;
	A(() => {
		const element = canvas.current;
		if (element === null) return;
		let begun = null;
		let dragging = false;
		const point = (event, pinned) => {
			const { width, scroll } = live.current;
			const index = Math.floor((event.offsetY - 30 + scroll) / 30);
			const row = event.offsetY < 30 ? void 0 : rows.peek()[index];
			const found = row?.kind === "lane" && isStored(event.offsetX, width) ? hit(row.lane, view.peek(), width, event.offsetX) : null;
			if (row?.kind !== "lane" || found === null) {
				pointed.value = null;
				return;
			}
			const x = found.kind === "cluster" ? found.cluster.x : event.offsetX;
			pointed.value = {
				instance: row.lane.instance,
				hit: found,
				x,
				y: 30 + index * 30,
				pinned,
				by: "pointer"
			};
		};
		const onDown = (event) => {
			if (event.button !== 0) return;
			begun = event.offsetX;
			dragging = false;
			element.setPointerCapture(event.pointerId);
		};
		const onMove = (event) => {
			if (begun !== null && (dragging || Math.abs(event.offsetX - begun) >= DRAG_LEAST)) {
				dragging = true;
				pointed.value = null;
				live.current.onDrag({
					from: begun,
					to: Math.max(0, Math.min(live.current.width, event.offsetX))
				});
			} else if (pointed.peek()?.pinned !== true && event.pointerType !== "touch") point(event, false);
		};
		const onUp = (event) => {
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
		const onCancel = () => {
			begun = null;
			live.current.onDrag(null);
		};
		const onLeave = () => {
			const known = pointed.peek();
			if (known !== null && !known.pinned && known.by === "pointer") pointed.value = null;
		};
		const onWheel = (event) => {
			const shown = view.peek();
			const { width } = live.current;
			if (event.ctrlKey || event.metaKey) {
				event.preventDefault();
				look(zoomed(shown, Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * .006), timeAt(shown, width, event.offsetX), now.peek()));
			} else {
				const by = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
				if (by === 0 || !event.shiftKey && Math.abs(event.deltaY) > Math.abs(by)) return;
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
function isStored(x, width) {
	return timeAt(view.peek(), width, x) >= (lanes.peek()?.expiredBefore ?? Number.NEGATIVE_INFINITY);
}
function zoomedInto(from, to) {
	return zoomed({
		from,
		to
	}, 1, (from + to) / 2, Math.max(now.peek(), to - spanOf({
		from,
		to
	})));
}
// src/views/timeline/plot-keys.ts
var ZOOM = .6;
function zoomBy(factor) {
	const shown = view.peek();
	const point = pointed.peek();
	const middle = (shown.from + shown.to) / 2;
	const anchor = shown.to >= now.peek() - 1e3 ? shown.to : middle;
	look(zoomed(shown, factor, point?.by === "keyboard" ? at(point) : anchor, now.peek()));
}
function moveBy(share) {
	look(moved(view.peek(), share, now.peek()));
}
function toPresent() {
	show({ span: spanOf(view.peek()) });
}
/** Keys while the plot has the focus. */
function onPlotKey(event, width, reveal) {
	if (event.ctrlKey || event.metaKey || event.altKey) return;
	const act = () => {
		switch (event.key) {
			case "+":
			case "=": return zoomBy(ZOOM);
			case "-": return zoomBy(1 / ZOOM);
			case "0": return toPresent();
			case "ArrowLeft": return event.shiftKey ? moveBy(-.25) : step(-1, width);
			case "ArrowRight": return event.shiftKey ? moveBy(.25) : step(1, width);
			case "ArrowUp": return toRow(-1, width, reveal);
			case "ArrowDown": return toRow(1, width, reveal);
			case "Home": return toEnd(0, width);
			case "End": return toEnd(-1, width);
			case "Enter":
			case " ":
				if (pointed.peek() !== null) pointed.value = {
					...pointed.peek(),
					pinned: true
				};
				return;
			case "l": {
				const instance = pointed.peek()?.instance ?? null;
				listed.value = listed.peek() === instance ? null : instance;
				return;
			}
			case "Escape": pointed.value = null;
		}
	};
	if (![
		"+",
		"=",
		"-",
		"0",
		"ArrowLeft",
		"ArrowRight",
		"ArrowUp",
		"ArrowDown",
		"Home",
		"End",
		"Enter",
		" ",
		"l",
		"Escape"
	].includes(event.key)) return;
	event.preventDefault();
	event.stopPropagation();
	act();
}
function at({ hit }) {
	if (hit.kind === "cluster") return hit.cluster.marks[0]?.at ?? 0;
	return Math.max(hit.span.from, view.peek().from);
}
function current() {
	const all = rows.peek();
	const name = pointed.peek()?.instance;
	const index = all.findIndex((row) => row.kind === "lane" && (name === void 0 || row.lane.instance === name));
	const row = all[index];
	return row?.kind === "lane" ? {
		index,
		lane: row.lane
	} : null;
}
function point(lane, index, stop, width) {
	const x = Math.max(0, Math.min(width, xOf(view.peek(), width, stop.at)));
	pointed.value = {
		instance: lane.instance,
		hit: stop.hit,
		x,
		y: 30 + index * 30,
		pinned: false,
		by: "keyboard"
	};
}
/** To the next event of the lane. */
function step(by, width) {
	const here = current();
	if (here === null) return;
	const all = stored(here.lane);
	const point_ = pointed.peek();
	if (point_ === null) return toEnd(-1, width);
	const known = all.findIndex(({ hit }) => same(hit, point_.hit));
	const next = all[known < 0 ? nearest(all, at(point_)) : known + by];
	if (next !== void 0) point(here.lane, here.index, next, width);
}
/** Where to stop, as far as the log reaches back. */
function stored(lane) {
	const begin = lanes.peek()?.expiredBefore ?? Number.NEGATIVE_INFINITY;
	return stops(lane, view.peek()).filter(({ at: time, hit }) => time >= begin || hit.kind === "span" && hit.span.to > begin);
}
function same(a, b) {
	if (a.kind === "span") return b.kind === "span" && a.span.from === b.span.from;
	return b.kind === "cluster" && a.cluster.marks[0]?.seq === b.cluster.marks[0]?.seq;
}
function nearest(all, time) {
	let best = 0;
	all.forEach((stop, index) => {
		if (Math.abs(stop.at - time) < Math.abs((all[best]?.at ?? 0) - time)) best = index;
	});
	return best;
}
/** To another lane, to what is nearest in time. */
function toRow(by, width, reveal) {
	const all = rows.peek();
	const point_ = pointed.peek();
	const here = current();
	if (here === null) return;
	let index = point_ === null ? here.index : here.index + by;
	while (all[index]?.kind === "group") index += by;
	const row = all[index];
	if (row?.kind !== "lane") return;
	const its = stored(row.lane);
	const stop = its[point_ === null ? its.length - 1 : nearest(its, at(point_))];
	if (stop === void 0) return;
	reveal(index);
	point(row.lane, index, stop, width);
}
function toEnd(index, width) {
	const here = current();
	if (here === null) return;
	const stop = stored(here.lane).at(index);
	if (stop !== void 0) point(here.lane, here.index, stop, width);
}
// src/views/timeline/tip.tsx
/** What is pointed at. Pinned, by a click or Enter, it has links. */
function Tip({ left, width, height, scroll, onLeave }) {
	const point = pointed.value;
	const shown = view.value;
	const ref = T(null);
	const pinned = point?.pinned === true;
	A(() => {
		const tip = ref.current;
		if (tip === null || point === null) return;
		const { offsetWidth, offsetHeight } = tip;
		const mark = point.hit.kind === "cluster" ? point.hit.cluster.marks[0] : void 0;
		const at = mark === void 0 ? point.x : xOf(shown, width, mark.at);
		const x = Math.max(8, Math.min(left + width - offsetWidth - 8, left + at - offsetWidth / 2));
		const top = point.y - scroll;
		const below = top + 30 + 6;
		const y = below + offsetHeight > height && top - offsetHeight - 6 > 0 ? top - offsetHeight - 6 : below;
		tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
	});
	A(() => {
		if (!pinned) return;
		if (pointed.peek()?.by === "keyboard") ref.current?.querySelector("a")?.focus();
		const outside = (event) => {
			const target = event.target;
			if (ref.current?.contains(target) !== true && target.closest(".tl-canvas") === null) pointed.value = null;
		};
		addEventListener("pointerdown", outside);
		return () => removeEventListener("pointerdown", outside);
	}, [pinned]);
	if (point === null) return null;
	const { instance, hit } = point;
	const close = () => {
		pointed.value = {
			...point,
			pinned: false
		};
		onLeave();
	};
	return /* @__PURE__ */ a("div", {
		ref,
		class: "tl-tip",
		"data-pinned": pinned,
		role: pinned ? "dialog" : "tooltip",
		"aria-label": pinned ? `What happened to ${instance}` : void 0,
		onKeyDown: (event) => event.key === "Escape" && close(),
		children: [/* @__PURE__ */ a("div", {
			class: "tl-tip-head",
			children: [pinned ? /* @__PURE__ */ a(Link, {
				class: "text-link",
				href: agentPath(instance),
				children: instance
			}) : /* @__PURE__ */ a("strong", { children: instance }), pinned && /* @__PURE__ */ a(IconButton, {
				icon: "close",
				label: "Close",
				onClick: close
			})]
		}), hit.kind === "span" ? /* @__PURE__ */ a(SpanWords, {
			span: hit.span,
			pinned
		}) : /* @__PURE__ */ a(MarkList, {
			marks: hit.cluster.marks,
			pinned
		})]
	});
}
function SpanWords({ span, pinned }) {
	const known = lanes.value;
	if (known === null) return null;
	const gap = gapOf(span, known.gaps);
	const { length, times } = lasting(span, known, now.value);
	return /* @__PURE__ */ a($, { children: [
		/* @__PURE__ */ a("p", { children: [
			/* @__PURE__ */ a("strong", { children: phaseWord(span) }),
			" ",
			/* @__PURE__ */ a("span", {
				class: "num",
				children: length
			})
		] }),
		/* @__PURE__ */ a("p", {
			class: "soft num",
			children: times
		}),
		gap !== null && /* @__PURE__ */ a("p", {
			class: "tl-tip-why",
			children: [GAP_WORDS[gap.why], ", so nobody knows what it did."]
		}),
		pinned && span.seq !== null && /* @__PURE__ */ a("p", { children: /* @__PURE__ */ a(Link, {
			class: "text-link num",
			href: `/events?at=${span.seq}`,
			children: ["The event that began it, #", span.seq]
		}) })
	] });
}
function MarkList({ marks, pinned }) {
	const newest = marks.slice(-6).reverse();
	return /* @__PURE__ */ a($, { children: [
		/* @__PURE__ */ a("ul", {
			class: "tl-tip-marks",
			children: newest.map((mark) => {
				const severity = severityOf(mark);
				return /* @__PURE__ */ a("li", {
					class: `tone-${SEVERITY_TONE[severity]}`,
					children: [/* @__PURE__ */ a(Icon, { name: SEVERITY_ICON[severity] }), /* @__PURE__ */ a("div", { children: [
						pinned ? /* @__PURE__ */ a(Link, {
							class: "text-link",
							href: `/events?at=${mark.seq}`,
							children: kindWord(mark.kind)
						}) : /* @__PURE__ */ a("strong", { children: kindWord(mark.kind) }),
						" ",
						mark.cause !== null && /* @__PURE__ */ a("code", { children: inert(mark.cause) }),
						" ",
						/* @__PURE__ */ a("span", {
							class: "soft num",
							children: clockTime(mark.at)
						}),
						mark.detail !== null && /* @__PURE__ */ a("p", {
							class: "tl-tip-detail",
							children: inert(mark.detail)
						})
					] })]
				}, mark.seq);
			})
		}),
		marks.length > newest.length && /* @__PURE__ */ a("p", {
			class: "soft",
			children: [
				"and ",
				marks.length - newest.length,
				" earlier; zoom in to part them"
			]
		}),
		!pinned && /* @__PURE__ */ a("p", {
			class: "tl-tip-hint",
			children: "Click for where it leads"
		})
	] });
}
// src/views/timeline/plot.tsx
/** The lanes: their names as buttons, their past on one canvas that is as large as what is seen of it. */
function Plot() {
	const scroller = T(null);
	const canvas = T(null);
	const [palette, setPalette] = d(null);
	const [size, setSize] = d({
		width: 0,
		height: 0
	});
	const [scroll, setScroll] = d(0);
	const [drag, setDrag] = d(null);
	const [focused, setFocused] = d(false);
	const help = P();
	A(() => {
		const box = scroller.current;
		if (box === null) return;
		const measure = () => {
			const names = box.querySelector(".tl-corner")?.offsetWidth ?? 0;
			setSize({
				width: Math.max(50, box.clientWidth - names),
				height: box.clientHeight
			});
		};
		const recolour = () => setPalette(readPalette(box));
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
		theme.value;
		if (scroller.current !== null) setPalette(readPalette(scroller.current));
	});
	const paintNow = T(() => {});
	paintNow.current = () => {
		const context = canvas.current?.getContext("2d");
		const known = lanes.peek();
		if (context === null || context === void 0 || palette === null || known === null) return;
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
			mark: point === null || row < 0 ? null : {
				row,
				...extent(point.hit)
			},
			band: drag === null ? null : {
				from: Math.min(drag.from, drag.to),
				to: Math.max(drag.from, drag.to)
			},
			current: row < 0 ? null : row
		});
	};
	A(() => {
		const element = canvas.current;
		if (element === null) return;
		element.style.width = `${size.width}px`;
		element.style.height = `${size.height}px`;
		element.width = Math.round(size.width * devicePixelRatio);
		element.height = Math.round(size.height * devicePixelRatio);
		paintNow.current();
	}, [size.width, size.height]);
	A(() => paintNow.current(), [
		palette,
		scroll,
		drag
	]);
	useSignalEffect(() => {
		view.value, lanes.value, rows.value, pointed.value, following.value, now.value;
		const frame = requestAnimationFrame(() => paintNow.current());
		return () => cancelAnimationFrame(frame);
	});
	usePointer(canvas, {
		width: size.width,
		scroll,
		onDrag: setDrag
	});
	const all = rows.value;
	const first = Math.max(0, Math.floor(scroll / 30) - 4);
	const last = Math.min(all.length, Math.ceil((scroll + size.height) / 30) + 4);
	const reveal = (index) => {
		const box = scroller.current;
		if (box === null) return;
		const top = index * 30;
		if (top < box.scrollTop) box.scrollTop = top;
		else if (top + 30 + 30 > box.scrollTop + box.clientHeight) box.scrollTop = top + 30 + 30 - box.clientHeight;
	};
	return /* @__PURE__ */ a("div", {
		class: "tl-frame card dims",
		"data-focused": focused,
		children: [
			/* @__PURE__ */ a("div", {
				ref: scroller,
				class: "tl-scroll",
				onScroll: (event) => setScroll(event.currentTarget.scrollTop),
				children: [/* @__PURE__ */ a("div", {
					class: "tl-sticky",
					children: [/* @__PURE__ */ a("div", {
						class: "tl-corner",
						children: /* @__PURE__ */ a("span", {
							class: "soft num",
							children: [all.filter(({ kind }) => kind === "lane").length, " agents"]
						})
					}), /* @__PURE__ */ a("canvas", {
						ref: canvas,
						class: "tl-canvas",
						tabIndex: 0,
						role: "application",
						"aria-roledescription": "timeline",
						"aria-label": "What each agent went through",
						"aria-describedby": help,
						onFocus: (event) => setFocused(event.currentTarget.matches(":focus-visible")),
						onBlur: () => setFocused(false),
						onKeyDown: (event) => onPlotKey(event, size.width, reveal)
					})]
				}), /* @__PURE__ */ a("ul", {
					class: "tl-names",
					"aria-label": "Agents",
					children: [/* @__PURE__ */ a("li", {
						class: "tl-room",
						"aria-hidden": "true",
						style: { height: `${all.length * 30}px` }
					}), all.slice(first, last).map((row, index) => /* @__PURE__ */ a(Name, {
						row,
						top: (first + index) * 30
					}, row.kind === "lane" ? row.lane.instance : `type ${row.type}`))]
				})]
			}),
			/* @__PURE__ */ a(Tip, {
				left: scroller.current?.querySelector(".tl-corner")?.offsetWidth ?? 0,
				width: size.width,
				height: size.height,
				scroll,
				onLeave: () => canvas.current?.focus()
			}),
			/* @__PURE__ */ a("p", {
				id: help,
				class: "hidden-text",
				children: "Up and down go from agent to agent, left and right from event to event, plus and minus zoom, shift with left and right moves the window, Enter shows where an event leads, 0 goes back to the present. The name of an agent lists its past."
			}),
			/* @__PURE__ */ a(Spoken, {})
		]
	});
}
function extent(hit) {
	if (hit.kind === "span") return {
		from: hit.span.from,
		to: hit.span.to
	};
	const { marks } = hit.cluster;
	return {
		from: marks[0]?.at ?? 0,
		to: marks.at(-1)?.at ?? 0
	};
}
function Name({ row, top }) {
	const place = (element) => {
		if (element !== null) element.style.transform = `translateY(${top}px)`;
	};
	if (row.kind === "group") return /* @__PURE__ */ a("li", {
		class: "tl-name tl-group",
		ref: place,
		children: [/* @__PURE__ */ a("strong", {
			class: "cut",
			children: row.type
		}), /* @__PURE__ */ a("span", {
			class: "soft num",
			children: row.count
		})]
	});
	const { instance, deleted } = row.lane;
	const open = listed.value === instance;
	return /* @__PURE__ */ a("li", {
		class: "tl-name",
		ref: place,
		"data-deleted": deleted,
		"data-open": open,
		children: /* @__PURE__ */ a("button", {
			type: "button",
			"aria-expanded": open,
			title: deleted ? `${instance} was deleted; list what happened to it` : `List what happened to ${instance}`,
			onClick: () => listed.value = open ? null : instance,
			children: [
				/* @__PURE__ */ a("span", {
					class: "cut",
					children: instance
				}),
				deleted && /* @__PURE__ */ a("span", {
					class: "tl-deleted",
					children: "deleted"
				}),
				/* @__PURE__ */ a(Icon, { name: open ? "up" : "down" })
			]
		})
	});
}
/** What the keyboard is on, read out. */
function Spoken() {
	const point = pointed.value;
	return /* @__PURE__ */ a("span", {
		class: "hidden-text",
		role: "status",
		children: point?.by === "keyboard" && lanes.value !== null ? spoken(point.instance, point.hit, lanes.value, now.peek()) : ""
	});
}
// src/views/timeline/toolbar.tsx
function TimelineToolbar() {
	const { text, types, byType, deleted } = filter.value;
	const span = spanOf(view.value);
	const [choosing, setChoosing] = d(false);
	const isPreset = (length) => following.value && Math.abs(span - length) < 1e3;
	const typeItems = () => {
		const present = filter.peek().types;
		return [[.../* @__PURE__ */ new Set([...typeNames.peek(), ...lanes.peek()?.lanes.flatMap(({ type }) => type ?? []) ?? []])].sort().map((type) => ({
			label: type,
			checked: present.includes(type),
			onSelect: () => setFilter({ types: present.includes(type) ? present.filter((one) => one !== type) : [...present, type] })
		}))];
	};
	return /* @__PURE__ */ a($, { children: [
		/* @__PURE__ */ a("div", {
			class: "filters",
			role: "search",
			children: [
				/* @__PURE__ */ a(SearchField, {
					id: "timeline-search",
					label: "Search agents",
					placeholder: "Name or type",
					value: text,
					onChange: (value) => setFilter({ text: value })
				}),
				/* @__PURE__ */ a(ChoiceMenu, {
					label: "Type",
					chosen: types,
					groups: typeItems
				}),
				/* @__PURE__ */ a("button", {
					type: "button",
					class: byType ? "choice choice-on" : "choice",
					"aria-pressed": byType,
					onClick: () => setFilter({ byType: !byType }),
					children: "By type"
				}),
				/* @__PURE__ */ a("button", {
					type: "button",
					class: deleted ? "choice choice-on" : "choice",
					"aria-pressed": deleted,
					onClick: () => setFilter({ deleted: !deleted }),
					children: "Deleted"
				}),
				/* @__PURE__ */ a("div", {
					class: "filters-end tl-times",
					children: [
						/* @__PURE__ */ a("div", {
							class: "tl-presets",
							role: "group",
							"aria-label": "Window of time",
							children: [PRESETS.map(({ label, title, span: length }) => /* @__PURE__ */ a("button", {
								type: "button",
								title,
								"aria-pressed": isPreset(length),
								onClick: () => show({ span: length }),
								children: label
							}, label)), /* @__PURE__ */ a("button", {
								type: "button",
								"aria-expanded": choosing,
								"aria-pressed": !following.value,
								onClick: () => setChoosing(!choosing),
								children: "Custom"
							})]
						}),
						/* @__PURE__ */ a("span", {
							class: "tl-moves",
							role: "group",
							"aria-label": "Move and zoom",
							children: [
								/* @__PURE__ */ a(IconButton, {
									icon: "left",
									label: "Earlier (Shift ←)",
									onClick: () => moveBy(-.5)
								}),
								/* @__PURE__ */ a(IconButton, {
									icon: "right",
									label: "Later (Shift →)",
									disabled: following.value,
									onClick: () => moveBy(.5)
								}),
								/* @__PURE__ */ a(IconButton, {
									icon: "minus",
									label: "Zoom out (−)",
									onClick: () => zoomBy(1 / .6)
								}),
								/* @__PURE__ */ a(IconButton, {
									icon: "plus",
									label: "Zoom in (+)",
									onClick: () => zoomBy(.6)
								})
							]
						}),
						/* @__PURE__ */ a(Button, {
							small: true,
							kind: following.value ? "quiet" : "plain",
							icon: "play",
							disabled: following.value,
							onClick: toPresent,
							children: following.value ? "Live" : "Now"
						})
					]
				})
			]
		}),
		choosing && /* @__PURE__ */ a(Custom, { onClose: () => setChoosing(false) }),
		!following.value && !choosing && /* @__PURE__ */ a("p", {
			class: "soft num tl-window",
			children: [
				fullTime(view.value.from),
				" – ",
				fullTime(view.value.to)
			]
		})
	] });
}
/** For the browser's field of date and time, which has no time zone. */
function localText(at) {
	return fullTime(at).replace(" ", "T").slice(0, 16);
}
function Custom({ onClose }) {
	const id = P();
	const [from, setFrom] = d(localText(view.peek().from));
	const [to, setTo] = d(localText(view.peek().to));
	const [begin, end] = [Date.parse(from), Date.parse(to)];
	const wrong = Number.isNaN(begin) || Number.isNaN(end) ? "Both times are needed." : begin >= end ? "The end must be after the beginning." : null;
	return /* @__PURE__ */ a("form", {
		class: "tl-custom",
		onSubmit: (event) => {
			event.preventDefault();
			if (wrong !== null) return;
			look(settled({
				from: begin,
				to: end
			}, now.peek()));
			onClose();
		},
		children: [
			/* @__PURE__ */ a("label", {
				for: `${id}-from`,
				children: "From"
			}),
			/* @__PURE__ */ a("input", {
				id: `${id}-from`,
				class: "input",
				type: "datetime-local",
				value: from,
				onInput: (event) => setFrom(event.currentTarget.value)
			}),
			/* @__PURE__ */ a("label", {
				for: `${id}-to`,
				children: "to"
			}),
			/* @__PURE__ */ a("input", {
				id: `${id}-to`,
				class: "input",
				type: "datetime-local",
				value: to,
				onInput: (event) => setTo(event.currentTarget.value)
			}),
			/* @__PURE__ */ a(Button, {
				type: "submit",
				kind: "primary",
				disabled: wrong !== null,
				children: "Show"
			}),
			/* @__PURE__ */ a(Button, {
				kind: "quiet",
				onClick: onClose,
				children: "Cancel"
			}),
			/* @__PURE__ */ a("span", {
				class: "tl-custom-wrong",
				role: "alert",
				children: wrong
			})
		]
	});
}
// src/views/timeline/timeline.tsx
/** What the agents went through: one lane each, over hours and days. */
function TimelineView() {
	A(startTimeline, []);
	useKeys(b(onKey, []));
	return /* @__PURE__ */ a("div", {
		class: "timeline",
		children: [
			/* @__PURE__ */ a("h1", { children: "Timeline" }),
			/* @__PURE__ */ a(TimelineToolbar, {}),
			failure.value !== null && /* @__PURE__ */ a(Problem, { error: failure.value }),
			/* @__PURE__ */ a(Body, {})
		]
	});
}
function onKey(event) {
	if (event.key !== "/") return;
	event.preventDefault();
	document.getElementById("timeline-search")?.focus();
}
function Body() {
	if (lanes.value === null) {
		if (failure.value !== null) return null;
		return /* @__PURE__ */ a("div", {
			class: "card tl-skeleton",
			role: "status",
			"aria-label": "Loading the timeline"
		});
	}
	if (rows.value.length === 0) {
		const none = lanes.value.lanes.length === 0;
		return /* @__PURE__ */ a("div", {
			class: "card",
			children: none ? /* @__PURE__ */ a(EmptyState, {
				icon: "info",
				title: "There is nothing to show yet",
				children: "No agent was there in this window of time."
			}) : /* @__PURE__ */ a(EmptyState, {
				icon: "filter",
				title: "No agent fits the filter",
				actions: /* @__PURE__ */ a(Button, {
					onClick: () => setFilter({
						text: "",
						types: [],
						deleted: true,
						byType: filter.peek().byType
					}),
					children: "Show all"
				})
			})
		});
	}
	return /* @__PURE__ */ a($, { children: [
		/* @__PURE__ */ a(Plot, {}),
		/* @__PURE__ */ a(Listing, {}),
		/* @__PURE__ */ a(Legend, {})
	] });
}
export { TimelineView };
