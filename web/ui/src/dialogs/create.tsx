import { useEffect, useRef, useState } from "preact/hooks";

import * as calls from "../api/calls";
import { ApiError } from "../api/problem";
import type { AgentType } from "../api/types";
import { Button } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Field, Select, TextArea, TextInput } from "../kit/field";
import { Problem } from "../kit/notice";
import type { Intent } from "../state/intent";
import { dismiss, ended, run } from "../state/operations";
import { names } from "../state/store";
import { type Draft, EMPTY_DRAFT, bodyOf, freeName } from "./draft";

/** A new agent. What the server refuses is told at the field; what becomes of it, in the tray. */
export function CreateDialog({ intent, onClose }: { intent: Intent; onClose: () => void }) {
  const wanted = intent.kind === "create" ? intent.type : null;
  const [types, setTypes] = useState<AgentType[] | null>(null);
  const [draft, setDraft] = useState<Draft>({ ...EMPTY_DRAFT, type: wanted ?? "" });
  const [error, setError] = useState<unknown>(null);
  const [named, setNamed] = useState(false);
  const [busy, setBusy] = useState(false);
  /** A create may take as long as an image is pulled; whoever closes the dialog meanwhile is told in the tray. */
  const here = useRef(true);
  useEffect(() => () => void (here.current = false), []);
  useEffect(() => {
    calls.types().then((all) => {
      setTypes(all);
      choose(wanted ?? all[0]?.type ?? "");
    }, setError);
  }, []);
  const set = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }));
  const choose = (type: string): void => set({ type, ...(named ? {} : { name: freeName(type, names.peek()) }) });
  const type = types?.find((one) => one.type === draft.type);
  const wrong = (field: string): string | null =>
    error instanceof ApiError && (error.field === field || error.field?.startsWith(`${field}.`) === true) ? error.message : null;
  const shownAtField = ["name", "type", "image", "lifecycle", "env", "limits"].some((field) => wrong(field) !== null);
  const submit = async (): Promise<void> => {
    setError(null);
    let body: calls.NewAgent;
    try {
      body = bodyOf(draft);
    } catch (found) {
      setError(found);
      return;
    }
    setBusy(true);
    let refusal: unknown = null;
    const done = await run(`Creating ${body.name}`, "created", [body.name], async () => {
      try {
        return ended(await calls.create(body));
      } catch (found) {
        refusal = found;
        throw found;
      }
    });
    if (!here.current) return;
    if (refusal === null) {
      onClose();
      return;
    }
    // Told at the field instead.
    dismiss(done.id);
    setBusy(false);
    setError(refusal);
  };
  return (
    <Dialog
      title="New agent"
      wide
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>{busy ? "Close, it goes on" : "Cancel"}</Button>
          <Button type="submit" kind="primary" busy={busy} disabled={types === null}>
            {busy ? "Creating" : "Create"}
          </Button>
        </>
      }
    >
      {error !== null && !shownAtField && <Problem error={error} />}
      <div class="field-row">
        <Field label="Type" error={wrong("type")} hint={type === undefined ? "" : typeHint(type)}>
          {(attributes) => (
            <Select {...attributes} value={draft.type} onChange={(event) => choose(event.currentTarget.value)}>
              {(types ?? []).map((one) => (
                <option key={one.type} value={one.type}>
                  {one.type}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Name" error={wrong("name")} hint="a-z, 0-9 and -; it stays as it is">
          {(attributes) => (
            <TextInput
              {...attributes}
              data-autofocus
              value={draft.name}
              onInput={(event) => {
                setNamed(true);
                set({ name: event.currentTarget.value });
              }}
            />
          )}
        </Field>
      </div>
      {type?.host_mode !== true && (
        <>
          <div class="field-row">
            <Field label="Lifecycle" error={wrong("lifecycle")} hint="lazy ones sleep until there is work">
              {(attributes) => (
                <Select {...attributes} value={draft.lifecycle} onChange={(event) => set({ lifecycle: event.currentTarget.value })}>
                  <option value="">as the type{type === undefined ? "" : ` (${type.lifecycle})`}</option>
                  <option value="hot">hot</option>
                  <option value="lazy">lazy</option>
                </Select>
              )}
            </Field>
            <Field label="Image" error={wrong("image")} hint="empty: as the type">
              {(attributes) => (
                <TextInput {...attributes} value={draft.image} placeholder={type?.image ?? ""} onInput={(event) => set({ image: event.currentTarget.value })} />
              )}
            </Field>
          </div>
          <div class="field-row">
            <Field label="Memory" error={wrong("limits.memory")} hint="such as 512m or 4g">
              {(attributes) => <TextInput {...attributes} value={draft.memory} placeholder="as the type" onInput={(event) => set({ memory: event.currentTarget.value })} />}
            </Field>
            <Field label="CPUs" error={wrong("limits.cpus")} hint="such as 0.5 or 2">
              {(attributes) => (
                <TextInput {...attributes} inputMode="decimal" value={draft.cpus} placeholder="as the type" onInput={(event) => set({ cpus: event.currentTarget.value })} />
              )}
            </Field>
          </div>
          <Field label="Environment" error={wrong("env")} hint="one NAME=value per line, added to the type's">
            {(attributes) => <TextArea {...attributes} value={draft.env} onInput={(event) => set({ env: event.currentTarget.value })} />}
          </Field>
        </>
      )}
    </Dialog>
  );
}

function typeHint({ count, lifecycle, host_mode }: AgentType): string {
  const there = count === 1 ? "1 agent" : `${count} agents`;
  return host_mode ? `${there}, no containers` : `${there}, ${lifecycle}`;
}
