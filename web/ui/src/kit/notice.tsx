import type { ComponentChildren } from "preact";

import { ApiError } from "../api/problem";
import { Icon } from "./icons";
import "./notice.css";

/** A remark within a page or a dialog. */
export function Notice({ tone, children }: { tone: "bad" | "warn" | "busy" | "ok"; children: ComponentChildren }) {
  return (
    <div class={`notice tone-${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <Icon name={tone === "ok" ? "check" : tone === "busy" ? "spin" : "alert"} class={tone === "busy" ? "spinning" : ""} />
      <div>{children}</div>
    </div>
  );
}

/** What the server refused, and what it says to do about it. */
export function Problem({ error }: { error: unknown }) {
  if (!(error instanceof ApiError)) return <Notice tone="bad">{error instanceof Error ? error.message : String(error)}</Notice>;
  return (
    <Notice tone="bad">
      <strong>{error.title}</strong>
      <p>{error.message}</p>
      {error.help !== null && <p class="notice-help">{error.help}</p>}
    </Notice>
  );
}
