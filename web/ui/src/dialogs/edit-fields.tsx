import { useRef } from "preact/hooks";

import { ApiError } from "../api/problem";
import { Button, IconButton } from "../kit/button";
import { Checkbox, Field, Select, TextInput } from "../kit/field";
import type { EditDraft, EnvRow } from "./edit-draft";

interface FieldsProps {
  draft: EditDraft;
  error: unknown;
  onChange: (part: Partial<EditDraft>) => void;
}

const PLACES = ["lifecycle", "image", "command", "network", "limits.memory", "limits.cpus", "limits.pids", "env", "mounts"];

/** What the server, or we, found wrong with a field. */
function wrongIn(error: unknown, place: string): string | null {
  if (!(error instanceof ApiError) || error.field === null) return null;
  const { field } = error;
  return field === place || field.startsWith(`${place}.`) || field.startsWith(`${place}[`) ? error.message : null;
}

/** Whether it is told at one of the fields. */
export function fieldsWith(error: unknown): boolean {
  return PLACES.some((place) => wrongIn(error, place) !== null);
}

export function EditFields({ draft, error, onChange }: FieldsProps) {
  const wrong = (place: string): string | null => wrongIn(error, place);
  return (
    <>
      <div class="field-row">
        <Field label="Image" error={wrong("image")}>
          {(attributes) => (
            <TextInput {...attributes} data-autofocus placeholder="as the type" value={draft.image} onInput={(event) => onChange({ image: event.currentTarget.value })} />
          )}
        </Field>
        <Field label="Lifecycle" error={wrong("lifecycle")}>
          {(attributes) => (
            <Select {...attributes} value={draft.lifecycle} onChange={(event) => onChange({ lifecycle: event.currentTarget.value })}>
              <option value="">as the type</option>
              <option value="hot">hot</option>
              <option value="lazy">lazy</option>
            </Select>
          )}
        </Field>
        <Field label="Network" error={wrong("network")}>
          {(attributes) => (
            <TextInput {...attributes} placeholder="as the type" value={draft.network} onInput={(event) => onChange({ network: event.currentTarget.value })} />
          )}
        </Field>
      </div>
      <Field label="Command" error={wrong("command")} hint="words; quotes keep blanks together">
        {(attributes) => (
          <TextInput {...attributes} placeholder="as the type" value={draft.command} onInput={(event) => onChange({ command: event.currentTarget.value })} />
        )}
      </Field>
      <div class="field-row">
        <Field label="Memory" error={wrong("limits.memory")} hint="such as 512m or 4g">
          {(attributes) => (
            <TextInput {...attributes} placeholder="as the type" value={draft.memory} onInput={(event) => onChange({ memory: event.currentTarget.value })} />
          )}
        </Field>
        <Field label="CPUs" error={wrong("limits.cpus")} hint="such as 0.5 or 2">
          {(attributes) => (
            <TextInput {...attributes} inputMode="decimal" placeholder="as the type" value={draft.cpus} onInput={(event) => onChange({ cpus: event.currentTarget.value })} />
          )}
        </Field>
        <Field label="Processes" error={wrong("limits.pids")}>
          {(attributes) => (
            <TextInput {...attributes} inputMode="numeric" placeholder="as the type" value={draft.pids} onInput={(event) => onChange({ pids: event.currentTarget.value })} />
          )}
        </Field>
      </div>
      <EnvFields rows={draft.env} error={wrong("env")} onChange={(env) => onChange({ env })} />
      <MountFields draft={draft} error={wrong("mounts")} onChange={onChange} />
    </>
  );
}

function EnvFields({ rows, error, onChange }: { rows: readonly EnvRow[]; error: string | null; onChange: (rows: EnvRow[]) => void }) {
  const list = useRef<HTMLFieldSetElement>(null);
  const set = (at: number, part: Partial<EnvRow>): void => onChange(rows.map((row, index) => (index === at ? { ...row, ...part } : row)));
  const add = (): void => {
    onChange([...rows, { name: "", value: "" }]);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(".edit-row:last-of-type input")?.focus());
  };
  return (
    <fieldset class="edit-list" ref={list}>
      <legend>Environment</legend>
      {rows.map(({ name, value }, index) => (
        <div key={index} class="edit-row">
          <TextInput aria-label="Name" placeholder="NAME" value={name} onInput={(event) => set(index, { name: event.currentTarget.value })} />
          <TextInput
            aria-label={`Value of ${name || "the variable"}`}
            placeholder={value === null ? "not shown; stays as it is" : ""}
            value={value ?? ""}
            onInput={(event) => set(index, { value: event.currentTarget.value })}
          />
          <IconButton icon="close" label={`Remove ${name || "the variable"}`} onClick={() => onChange(rows.filter((_, at) => at !== index))} />
        </div>
      ))}
      {error !== null && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
      <Button small icon="plus" onClick={add}>
        Add a variable
      </Button>
    </fieldset>
  );
}

function MountFields({ draft, error, onChange }: { draft: EditDraft; error: string | null; onChange: (part: Partial<EditDraft>) => void }) {
  const rows = draft.mounts;
  const set = (at: number, part: Partial<(typeof rows)[number]>): void =>
    onChange({ mounts: rows.map((row, index) => (index === at ? { ...row, ...part } : row)) });
  return (
    <fieldset class="edit-list">
      <legend>Mounts, beside those of the type</legend>
      {rows.map(({ source, target, read_only }, index) => (
        <div key={index} class="edit-row edit-mount">
          <TextInput aria-label="Path on the host" placeholder="/path/on/the/host" value={source} onInput={(event) => set(index, { source: event.currentTarget.value })} />
          <TextInput aria-label="Path in the container" placeholder="/path/in/it" value={target} onInput={(event) => set(index, { target: event.currentTarget.value })} />
          <Checkbox label="read-only" checked={read_only} onChange={(event) => set(index, { read_only: event.currentTarget.checked })} />
          <IconButton icon="close" label={`Remove the mount ${target}`} onClick={() => onChange({ mounts: rows.filter((_, at) => at !== index) })} />
        </div>
      ))}
      {error !== null && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
      <Button small icon="plus" onClick={() => onChange({ mounts: [...rows, { source: "", target: "", read_only: true }] })}>
        Add a mount
      </Button>
    </fieldset>
  );
}
