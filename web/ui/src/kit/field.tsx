import type { ComponentChildren, ComponentProps, TargetedEvent } from "preact";
import { useId } from "preact/hooks";

import "./field.css";

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  /** What the server, or we, found wrong with it. */
  error?: string | null;
  children: (attributes: FieldAttributes) => ComponentChildren;
}

export interface FieldAttributes {
  id: string;
  "aria-describedby": string;
  "aria-invalid": boolean;
}

/** A control with its label, and below it a hint or what is wrong. */
export function Field({ label, hint, error = null, children }: FieldProps) {
  const id = useId();
  const wrong = error !== null && error !== "";
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, "aria-describedby": `${id}-note`, "aria-invalid": wrong })}
      <div id={`${id}-note`} class={wrong ? "field-error" : "field-hint"} role={wrong ? "alert" : undefined}>
        {wrong ? error : hint}
      </div>
    </div>
  );
}

export function TextInput(props: ComponentProps<"input">) {
  return <input type="text" autocomplete="off" spellcheck={false} {...props} class="input" />;
}

export function TextArea(props: ComponentProps<"textarea">) {
  return <textarea autocomplete="off" spellcheck={false} rows={3} {...props} class="input input-area" />;
}

export function Select(props: ComponentProps<"select">) {
  return <select {...props} class="input input-select" />;
}

interface CheckboxProps {
  label: ComponentChildren;
  checked: boolean;
  onChange: (event: TargetedEvent<HTMLInputElement>) => void;
}

export function Checkbox({ label, checked, onChange }: CheckboxProps) {
  return (
    <label class="checkbox">
      <input type="checkbox" checked={checked} onChange={onChange} />
      <span>{label}</span>
    </label>
  );
}
