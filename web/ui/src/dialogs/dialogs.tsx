/**
 * The dialog that is open, if one is. All but the confirmation are fetched apart: when they are first opened, or as soon as
 * the fleet is shown, so that they are there too when the server is not.
 */

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";

import { type Intent, intent } from "../state/intent";
import { isLive } from "../state/live";
import { arrived } from "../state/store";
import { VerbDialog } from "./verb";

type Kind = Intent["kind"];
type DialogComponent = ComponentType<{ intent: Intent; onClose: () => void }>;

const LOADERS: Record<Exclude<Kind, "verb">, () => Promise<DialogComponent>> = {
  create: async () => (await import("./create")).CreateDialog,
  scale: async () => (await import("./scale")).ScaleDialog,
  edit: async () => (await import("./edit")).EditDialog,
  wipe: async () => (await import("./wipe")).WipeDialog,
  park: async () => (await import("./park")).ParkDialog,
  rollout: async () => (await import("./roll-out")).RolloutDialog,
  "run-task": async () => (await import("./run-task")).RunTaskDialog,
  palette: async () => (await import("./palette")).Palette,
  keys: async () => (await import("./key-help")).KeyHelp,
};

const loaded = signal<ReadonlyMap<Kind, DialogComponent>>(new Map([["verb", VerbDialog as DialogComponent]]));

const close = (): void => {
  intent.value = null;
};

async function load(kind: Kind): Promise<void> {
  if (kind === "verb" || loaded.peek().has(kind)) return;
  const dialog = await LOADERS[kind]();
  loaded.value = new Map(loaded.peek()).set(kind, dialog);
}

export function Dialogs() {
  const open = intent.value;
  const kind = open?.kind;
  useEffect(() => {
    if (kind !== undefined) load(kind).catch(close);
  }, [kind]);
  const reachable = arrived.value && isLive.value;
  useEffect(() => {
    if (!reachable) return;
    // One that cannot be fetched now is fetched when the server is back, or when it is opened.
    for (const one of Object.keys(LOADERS) as Kind[]) load(one).catch(() => {});
  }, [reachable]);
  const Dialog = kind === undefined ? undefined : loaded.value.get(kind);
  if (open === null || Dialog === undefined) return null;
  return <Dialog key={kind} intent={open} onClose={close} />;
}
