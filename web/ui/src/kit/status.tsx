import type { Shape, Status, Tone } from "../state/status";
import { Icon } from "./icons";
import "./status.css";

/** A state by shape and word; the colour only helps. */
export function StatusMark({ status }: { status: Status }) {
  return (
    <span class={`status tone-${status.tone}`}>
      <StatusShape tone={status.tone} shape={status.shape} />
      <span>{status.word}</span>
    </span>
  );
}

export function StatusShape({ tone, shape }: { tone: Tone; shape: Shape }) {
  return (
    <span class={`status-shape tone-${tone}`}>
      <Icon name={shape} class={shape === "spin" ? "spinning" : ""} />
    </span>
  );
}

/** A short fact in a frame. */
export function Chip({ tone = "idle", children, title }: { tone?: Tone; children: string; title?: string }) {
  return (
    <span class={`chip tone-${tone}`} title={title}>
      {children}
    </span>
  );
}
