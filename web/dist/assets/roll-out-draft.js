import { Gt as byName } from "./common.js";
// src/dialogs/roll-out-draft.ts
/** The server's defaults. */
var DEFAULT_ROLLOUT = {
	type: "",
	width: "1",
	canary: "1",
	watch: "30",
	drain: "",
	pull: "types"
};
/** Those that have images at all. */
function typesWithImages(agents) {
	return [...new Set([...agents].flatMap(({ type, host_mode }) => host_mode ? [] : [type]))].sort(byName);
}
/** Its name in the body that is sent. */
var FIELD_NAMES = {
	width: "strategy.width",
	canary: "strategy.canary",
	watch: "strategy.watch_s",
	drain: "strategy.drain_s"
};
/** Seconds, or with a unit: `30`, `90s`, `5m`, `1h`. Null for what is no such time. */
function seconds(text) {
	const match = /^(\d{1,7})\s*([smh]?)$/.exec(text.trim().toLowerCase());
	if (match === null) return null;
	return Number(match[1]) * {
		"": 1,
		s: 1,
		m: 60,
		h: 3600
	}[match[2]];
}
/** The body, or what is wrong with which field. */
function rolloutOf(draft) {
	const count = (text) => /^\d{1,6}$/.test(text.trim()) ? Number(text) : null;
	const [width, canary, watch] = [
		count(draft.width),
		count(draft.canary),
		seconds(draft.watch)
	];
	const drain = draft.drain.trim() === "" ? null : seconds(draft.drain);
	if (width === null || width === 0) return {
		wrong: "width",
		why: "a whole number, one or more"
	};
	if (canary === null) return {
		wrong: "canary",
		why: "a whole number; 0 for none"
	};
	if (watch === null) return {
		wrong: "watch",
		why: "a time such as 30, 90s, 5m or 1h"
	};
	if (drain === null && draft.drain.trim() !== "") return {
		wrong: "drain",
		why: "a time such as 90s, 5m or 1h; empty: as long as it takes"
	};
	const pull = {
		types: null,
		yes: true,
		no: false
	}[draft.pull];
	return { asked: {
		type: draft.type === "" ? null : draft.type,
		strategy: {
			width,
			canary,
			watch_s: watch,
			drain_s: drain,
			pull
		}
	} };
}
export { typesWithImages as i, FIELD_NAMES as n, rolloutOf as r, DEFAULT_ROLLOUT as t };
