import { Sn as ApiError } from "./common.js";
// src/dialogs/draft.ts
var EMPTY_DRAFT = {
	name: "",
	type: "",
	lifecycle: "",
	image: "",
	memory: "",
	cpus: "",
	env: ""
};
/** What is left empty follows the type, so it is not sent. Throws like the server for what cannot even be sent. */
function bodyOf(draft) {
	const env = envOf(draft.env);
	const memory = draft.memory.trim();
	const cpus = draft.cpus.trim();
	if (cpus !== "" && !Number.isFinite(Number(cpus))) throw refused("limits.cpus", `${JSON.stringify(cpus)} is not a number`);
	const limits = {
		...memory === "" ? {} : { memory },
		...cpus === "" ? {} : { cpus: Number(cpus) }
	};
	return {
		name: draft.name.trim(),
		type: draft.type,
		...draft.lifecycle === "" ? {} : { lifecycle: draft.lifecycle },
		...draft.image.trim() === "" ? {} : { image: draft.image.trim() },
		...Object.keys(env).length === 0 ? {} : { env },
		...Object.keys(limits).length === 0 ? {} : { limits }
	};
}
/** `NAME=value` lines; the value may hold further equal signs. */
function envOf(text) {
	const env = {};
	for (const line of text.split("\n")) {
		if (line.trim() === "") continue;
		const at = line.indexOf("=");
		if (at < 1) throw refused("env", `${JSON.stringify(line.trim())} is not NAME=value`);
		env[line.slice(0, at).trim()] = line.slice(at + 1);
	}
	return env;
}
/** `dev-default`, then `dev-2`, `dev-3` and so on, as the server names the members of a pool. */
function freeName(type, taken) {
	if (type === "") return "";
	const used = new Set(taken);
	if (!used.has(`${type}-default`)) return `${type}-default`;
	let number = 2;
	while (used.has(`${type}-${number}`)) number += 1;
	return `${type}-${number}`;
}
function refused(field, detail) {
	return new ApiError(422, "invalid-value", "A value is not valid", detail, { field });
}
export { freeName as i, bodyOf as n, envOf as r, EMPTY_DRAFT as t };
