import { B as Kbd, pt as Dialog } from "./common.js";
import { n as isMac } from "./index.js";
import { t as a } from "./vendor-preact.js";
// src/dialogs/key-help.tsx
var KEYS = [
	["Go to an agent, a page, or do something", ["mod", "K"]],
	["Search in the list, or in a log", ["/"]],
	["Next row", ["j"]],
	["Row before", ["k"]],
	["Open the row", ["Enter"]],
	["Select the row", ["x"]],
	["Pause or resume a log", ["p"]],
	["Follow a log to its end", ["f"]],
	["Wrap the lines of a log", ["w"]],
	["Clear the selection, close a dialog", ["Esc"]],
	["Hold the events still", ["p"]],
	["Zoom the timeline", ["+", "−"]],
	["Move the timeline", ["Shift", "←"]],
	["This list", ["?"]]
];
function KeyHelp({ onClose }) {
	return /* @__PURE__ */ a(Dialog, {
		title: "Keyboard shortcuts",
		onClose,
		children: /* @__PURE__ */ a("dl", {
			class: "key-help",
			children: KEYS.map(([what, keys]) => /* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("dt", { children: what }), /* @__PURE__ */ a("dd", { children: keys.map((key) => /* @__PURE__ */ a(Kbd, { children: key === "mod" ? isMac() ? "⌘" : "Ctrl" : key }, key)) })] }, what))
		})
	});
}
export { KeyHelp };
