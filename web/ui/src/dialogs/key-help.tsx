import { Dialog } from "../kit/dialog";
import { Kbd } from "../kit/kbd";
import { isMac } from "../shell/head";
import "./key-help.css";

const KEYS: readonly (readonly [string, readonly string[]])[] = [
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
  ["This list", ["?"]],
];

export function KeyHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl class="key-help">
        {KEYS.map(([what, keys]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              {keys.map((key) => (
                <Kbd key={key}>{key === "mod" ? (isMac() ? "⌘" : "Ctrl") : key}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
