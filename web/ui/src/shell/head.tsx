import "./head.css";

import { IconButton } from "../kit/button";
import { Icon } from "../kit/icons";
import { Kbd } from "../kit/kbd";
import { Link } from "../kit/link";
import { Menu } from "../kit/menu";
import { intent } from "../state/intent";
import { session, signOut } from "../state/session";
import { totals } from "../state/store";
import { setTheme, theme } from "../state/theme";
import { Nav } from "./nav";
import { StateLine } from "./state-line";

/** The page's head: where one is, whether what is shown is the present, and what is always at hand. */
export function Head() {
  return (
    <header class="head">
      <div class="head-inner">
        <Link class="brand" href="/" aria-label="claude-hooks: the fleet">
          <Mark />
          <span class="brand-name">claude-hooks</span>
        </Link>
        <Nav />
        <div class="head-end">
          <NeedsPerson />
          <StateLine />
          <button type="button" class="palette-button" title="Search and commands" onClick={() => (intent.value = { kind: "palette" })}>
            <Icon name="search" />
            <span class="palette-words">Go to…</span>
            <Kbd>{isMac() ? "⌘" : "Ctrl"} K</Kbd>
          </button>
          <IconButton icon="plus" label="New agent" onClick={() => (intent.value = { kind: "create", type: null })} />
          <More />
        </div>
      </div>
    </header>
  );
}

/** On every page: somebody waits for a person. */
function NeedsPerson() {
  const { human } = totals.value;
  return (
    <span class="needs-person" role="status">
      {human > 0 && (
        <Link href="/?only=human" title="Show who needs a person">
          <Icon name="person" />
          <span class="num">{human}</span>
          <span class="needs-words"> {human === 1 ? "needs a person" : "need a person"}</span>
        </Link>
      )}
    </span>
  );
}

function More() {
  const groups = () => [
    [
      { label: "As the system", checked: theme.value === "system", onSelect: () => setTheme("system") },
      { label: "Light", checked: theme.value === "light", onSelect: () => setTheme("light") },
      { label: "Dark", checked: theme.value === "dark", onSelect: () => setTheme("dark") },
    ],
    [
      { label: "Scale a pool…", icon: "scale" as const, onSelect: () => (intent.value = { kind: "scale", type: null }) },
      { label: "Keyboard shortcuts", icon: "command" as const, note: "?", onSelect: () => (intent.value = { kind: "keys" }) },
    ],
    [
      {
        label: "Sign out",
        icon: "signout" as const,
        ...(session.value === null ? {} : { note: session.value.version }),
        onSelect: () => void signOut(),
      },
    ],
  ];
  return <Menu label="More" groups={groups} />;
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M9 10.5h14M9 16h14M9 21.5h8" />
      <circle cx="22" cy="21.5" r="2.6" />
    </svg>
  );
}

export function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}
