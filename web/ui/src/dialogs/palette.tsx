import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { useModal } from "../kit/dialog";
import { Icon, type IconName } from "../kit/icons";
import { agentPath, go } from "../route";
import { entries } from "../shell/nav";
import { intend, intent } from "../state/intent";
import { statusOf } from "../state/status";
import { agents, dockerReachable } from "../state/store";
import { setTheme } from "../state/theme";
import { fitting } from "../state/verbs";
import { type Command, rank } from "./rank";
import { typesWithImages } from "./roll-out-draft";
import "./palette.css";

type Entry = Command & { icon: IconName; note: string; run: () => void };

const SHOWN = 12;

/** One line from which everything can be reached: agents, pages, and what can be done. */
export function Palette({ onClose }: { onClose: () => void }) {
  const ref = useModal(onClose);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const all = useMemo(() => commands(), []);
  const found = rank(all, text).slice(0, SHOWN);
  const current = Math.min(at, found.length - 1);
  useEffect(() => list.current?.children[current]?.scrollIntoView({ block: "nearest" }), [current]);
  const choose = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((current + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(found[current]);
    }
  };
  return (
    <dialog ref={ref} class="dialog palette" aria-label="Search and commands">
      <div class="palette-line">
        <Icon name="search" />
        <input
          data-autofocus
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={found.length > 0 ? `palette-${current}` : undefined}
          aria-label="Agent, page or command"
          placeholder="Agent, page or command: “restart dev-2”"
          autocomplete="off"
          spellcheck={false}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul id="palette-list" class="palette-list" role="listbox" aria-label="Found" ref={list}>
        {found.map((entry, index) => (
          <li
            key={entry.label}
            id={`palette-${index}`}
            role="option"
            class="palette-item"
            aria-selected={index === current}
            onMouseMove={() => setAt(index)}
            onClick={() => choose(entry)}
          >
            <Icon name={entry.icon} />
            <span class="cut">{entry.label}</span>
            <span class="palette-note">{entry.note}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="palette-none">Nothing is called that.</p>}
    </dialog>
  );
}

function commands(): Entry[] {
  const open: Entry[] = [];
  const verbs: Entry[] = [];
  for (const agent of agents.peek().values()) {
    const { word } = statusOf(agent, dockerReachable.peek());
    open.push({ label: agent.name, words: agent.type, weight: 2, icon: "right", note: word, run: () => go(agentPath(agent.name)) });
    const { name: of } = agent;
    if (!agent.host_mode) {
      verbs.push({ label: `Run a task in ${of}…`, words: "", weight: 1, onlyAsked: true, icon: "task", note: agent.type, run: () => (intent.value = { kind: "run-task", name: of }) });
    }
    verbs.push({ label: `Edit ${of}…`, words: "change", weight: 1, onlyAsked: true, icon: "edit", note: agent.type, run: () => (intent.value = { kind: "edit", name: of }) });
    for (const { name, label, danger } of fitting(agent)) {
      const run = (): void => intend(name, [agent.name]);
      verbs.push({ label: `${label} ${agent.name}`, words: "", weight: danger ? 0 : 1, onlyAsked: true, icon: "command", note: agent.type, run });
    }
  }
  for (const type of typesWithImages(agents.peek().values())) {
    const run = (): void => void (intent.value = { kind: "rollout", type });
    verbs.push({ label: `Roll out ${type}…`, words: "rollout image update", weight: 1, onlyAsked: true, icon: "rollout", note: "type", run });
  }
  const pages = entries().map(
    ({ label, href }): Entry => ({ label, words: "page go", weight: 3, icon: "right", note: "page", run: () => go(href) }),
  );
  const rest: Entry[] = [
    { label: "New agent…", words: "create add", weight: 3, icon: "plus", note: "", run: () => (intent.value = { kind: "create", type: null }) },
    { label: "Run a task…", words: "command exec", weight: 3, icon: "task", note: "", run: () => (intent.value = { kind: "run-task", name: null }) },
    { label: "Roll out…", words: "rollout image update stale", weight: 3, icon: "rollout", note: "", run: () => (intent.value = { kind: "rollout", type: null }) },
    { label: "Scale a pool…", words: "type count", weight: 3, icon: "scale", note: "", run: () => (intent.value = { kind: "scale", type: null }) },
    { label: "Agents that need a person", words: "human attention filter", weight: 1, onlyAsked: true, icon: "person", note: "fleet", run: () => go("/?only=human") },
    { label: "Agents that are parked", words: "filter quota", weight: 1, onlyAsked: true, icon: "pause", note: "fleet", run: () => go("/?state=parked") },
    { label: "Keyboard shortcuts", words: "keys help", weight: 1, icon: "command", note: "?", run: () => (intent.value = { kind: "keys" }) },
    { label: "Theme: dark", words: "appearance", weight: 0, icon: "moon", note: "", run: () => setTheme("dark") },
    { label: "Theme: light", words: "appearance", weight: 0, icon: "sun", note: "", run: () => setTheme("light") },
    { label: "Theme: as the system", words: "appearance", weight: 0, icon: "contrast", note: "", run: () => setTheme("system") },
  ];
  return [...pages, ...rest, ...open, ...verbs];
}
