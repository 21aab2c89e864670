/** The dialog that is open, if one is. All but the confirmation are fetched when they are first opened. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

import { type Intent, intent } from "../state/intent";
import { VerbDialog } from "./verb";

type Kind = Intent["kind"];
type DialogComponent = ComponentType<{ intent: Intent; onClose: () => void }>;

const LOADERS: Record<Exclude<Kind, "verb">, () => Promise<DialogComponent>> = {
  create: async () => (await import("./create")).CreateDialog,
  scale: async () => (await import("./scale")).ScaleDialog,
  palette: async () => (await import("./palette")).Palette,
  keys: async () => (await import("./key-help")).KeyHelp,
};

const loaded = new Map<Kind, DialogComponent>([["verb", VerbDialog]]);

const close = (): void => {
  intent.value = null;
};

export function Dialogs() {
  const open = intent.value;
  const kind = open?.kind;
  const [, repaint] = useState(0);
  useEffect(() => {
    if (kind === undefined || kind === "verb" || loaded.has(kind)) return;
    LOADERS[kind]().then((dialog) => {
      loaded.set(kind, dialog);
      repaint((count) => count + 1);
    }, close);
  }, [kind]);
  const Dialog = kind === undefined ? undefined : loaded.get(kind);
  if (open === null || Dialog === undefined) return null;
  return <Dialog key={kind} intent={open} onClose={close} />;
}
