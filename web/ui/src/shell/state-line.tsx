import type { ComponentChildren } from "preact";

import { Icon } from "../kit/icons";
import { Link } from "../kit/link";
import "../kit/status.css";
import { signInPath } from "../route";
import type { Standing } from "../state/connection";
import { standing, tell } from "../state/live";
import type { Tone } from "../state/status";
import { clockTime } from "../state/time";

/** Whether what is shown is the present: live, on its way back, or as of when. */
export function StateLine() {
  const now = standing.value;
  const { tone, mark, text, title } = words(now);
  const waits = now.kind === "reconnecting" || now.kind === "stale" || now.kind === "paused";
  return (
    <div class={`state-line tone-${tone}`} title={title}>
      {mark}
      <span>{text}</span>
      {/* Read out when it changes, but not with every second. */}
      <span class="hidden-text" role="status">
        {spoken(now)}
      </span>
      {waits && (
        <button type="button" onClick={() => tell({ kind: "retry" })}>
          Retry
        </button>
      )}
      {now.kind === "signed_out" && <Link href={signInPath()}>Sign in</Link>}
    </div>
  );
}

interface Words {
  tone: Tone;
  mark: ComponentChildren;
  text: string;
  title?: string | undefined;
}

function words(now: Standing): Words {
  const dot = <span class="state-dot" />;
  switch (now.kind) {
    case "live":
      return { tone: "ok", mark: dot, text: "Live", title: "Changes are shown within a second" };
    case "connecting":
      return { tone: "busy", mark: <Icon name="spin" class="spinning" />, text: `Connecting${asOf(now.as_of)}` };
    case "reconnecting":
      return {
        tone: "warn",
        mark: <Icon name="restart" />,
        text: `Reconnecting in ${now.in_s} s${asOf(now.as_of)}`,
        title: now.reason ?? undefined,
      };
    case "stale":
      return {
        tone: "bad",
        mark: <Icon name="alert" />,
        text: `Stale since ${clockTime(now.since)}${now.in_s === null ? "" : ` · retry in ${now.in_s} s`}`,
        title: now.reason ?? undefined,
      };
    case "paused":
      return { tone: "idle", mark: <Icon name="square" />, text: `Paused${asOf(now.as_of)}` };
    case "signed_out":
      return { tone: "warn", mark: <Icon name="key" />, text: "Signed out" };
  }
}

function asOf(at: number | null): string {
  return at === null ? "" : ` · as of ${clockTime(at)}`;
}

function spoken(now: Standing): string {
  switch (now.kind) {
    case "live":
      return "Connected, live";
    case "connecting":
    case "reconnecting":
      return "Connection lost, reconnecting";
    case "stale":
      return `What is shown is stale since ${clockTime(now.since)}`;
    case "paused":
      return "Paused";
    case "signed_out":
      return "Signed out";
  }
}
