import { useRef, useState } from "preact/hooks";

import { ApiError } from "../api/problem";
import { type NewTask, submit } from "../api/tasks";
import { Button } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Checkbox, Field, Select, TextArea, TextInput } from "../kit/field";
import { Problem } from "../kit/notice";
import { go, taskPath } from "../route";
import type { Intent } from "../state/intent";
import { agents, names } from "../state/store";
import { shellHint, splitWords } from "../views/shared/command-words";
import { envOf } from "./draft";
import "./run-task.css";

interface Typed {
  /** `agent:<name>` or `type:<name>`. */
  target: string;
  command: string;
  stdin: string;
  env: string;
  workdir: string;
  timeout: string;
  retry: boolean;
}

const FIELDS = ["argv", "instance", "type", "stdin", "env", "workdir", "timeout_s", "retry"];

/** Gives a command to an agent, or to whichever agent of a type is free. */
export function RunTaskDialog({ intent, onClose }: { intent: Intent; onClose: () => void }) {
  const name = intent.kind === "run-task" ? intent.name : null;
  const able = names.value.filter((one) => agents.value.get(one)?.host_mode === false);
  const types = [...new Set(able.flatMap((one) => agents.value.get(one)?.type ?? []))];
  const [typed, setTyped] = useState<Typed>({
    target: name === null ? `type:${types[0] ?? ""}` : `agent:${name}`,
    command: "",
    stdin: "",
    env: "",
    workdir: "",
    timeout: "",
    retry: false,
  });
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  // The same over a second press, so that an answer that got lost is not a second task.
  const key = useRef(randomKey());
  const set = (part: Partial<Typed>): void => setTyped((before) => ({ ...before, ...part }));
  const { words, problem } = splitWords(typed.command);
  const wrong = (field: string): string | null =>
    error instanceof ApiError && error.field !== null && error.field.split(/[.[]/)[0] === field ? error.message : null;
  const atField = FIELDS.some((field) => wrong(field) !== null);
  const send = async (): Promise<void> => {
    setError(null);
    setBusy(true);
    try {
      const task = await submit({ ...bodyOf(typed), idempotency_key: key.current });
      onClose();
      go(taskPath(task.id));
    } catch (found) {
      // Whatever is asked next is another task.
      if (!(found instanceof ApiError) || found.status !== 0) key.current = randomKey();
      setError(found);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title="Run a task"
      wide
      onClose={onClose}
      onSubmit={() => void send()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={busy} disabled={words.length === 0 || problem !== null}>
            Run
          </Button>
        </>
      }
    >
      {error !== null && !atField && <Problem error={error} />}
      <Field label="Command" error={wrong("argv") ?? (problem === null ? null : problem)} hint={<Preview words={words} />}>
        {(attributes) => (
          <TextInput
            {...attributes}
            class="mono"
            data-autofocus
            placeholder="program argument 'one with blanks'"
            value={typed.command}
            onInput={(event) => set({ command: event.currentTarget.value })}
          />
        )}
      </Field>
      <div class="field-row">
        <Field label="Runs in" error={wrong("instance") ?? wrong("type")} hint="an agent that sleeps is woken">
          {(attributes) => (
            <Select {...attributes} value={typed.target} onChange={(event) => set({ target: event.currentTarget.value })}>
              <optgroup label="Whoever is free of a type">
                {types.map((type) => (
                  <option key={type} value={`type:${type}`}>
                    any {type}
                  </option>
                ))}
              </optgroup>
              <optgroup label="An agent">
                {able.map((one) => (
                  <option key={one} value={`agent:${one}`}>
                    {one}
                  </option>
                ))}
              </optgroup>
            </Select>
          )}
        </Field>
        <Field label="Working directory" error={wrong("workdir")} hint="empty: the image's own">
          {(attributes) => (
            <TextInput {...attributes} value={typed.workdir} placeholder="/work" onInput={(event) => set({ workdir: event.currentTarget.value })} />
          )}
        </Field>
        <Field label="Time limit in seconds" error={wrong("timeout_s")} hint="empty: none of its own">
          {(attributes) => (
            <TextInput {...attributes} inputMode="numeric" value={typed.timeout} onInput={(event) => set({ timeout: event.currentTarget.value })} />
          )}
        </Field>
      </div>
      <Field label="Standard input" error={wrong("stdin")}>
        {(attributes) => <TextArea {...attributes} rows={3} value={typed.stdin} onInput={(event) => set({ stdin: event.currentTarget.value })} />}
      </Field>
      <Field label="Environment" error={wrong("env")} hint="one NAME=value per line, added to the agent's">
        {(attributes) => <TextArea {...attributes} rows={2} value={typed.env} onInput={(event) => set({ env: event.currentTarget.value })} />}
      </Field>
      <Checkbox
        checked={typed.retry}
        onChange={(event) => set({ retry: event.currentTarget.checked })}
        label="Run it once more if its container goes away under it. Only for what may be run twice."
      />
    </Dialog>
  );
}

/** The words as the program gets them. */
function Preview({ words }: { words: readonly string[] }) {
  if (words.length === 0) return <>Run as it is, without a shell; quotes keep blanks together.</>;
  const hint = shellHint(words);
  return (
    <span class="words" aria-label={`${words.length} words`}>
      {words.map((word, index) => (
        <code key={index}>{word === "" ? "\u00a0" : word}</code>
      ))}
      {hint !== null && <span class="words-hint">{hint}</span>}
    </span>
  );
}

function bodyOf(typed: Typed): NewTask {
  const [kind, name = ""] = [typed.target.split(":", 1)[0], typed.target.slice(typed.target.indexOf(":") + 1)];
  const env = envOf(typed.env);
  const timeout = typed.timeout.trim();
  if (timeout !== "" && !/^\d+$/.test(timeout)) {
    throw new ApiError(422, "invalid-value", "A value is not valid", "must be a whole number of seconds", { field: "timeout_s" });
  }
  return {
    argv: splitWords(typed.command).words,
    ...(kind === "agent" ? { instance: name } : { type: name }),
    ...(typed.stdin === "" ? {} : { stdin: typed.stdin }),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(typed.workdir.trim() === "" ? {} : { workdir: typed.workdir.trim() }),
    ...(timeout === "" ? {} : { timeout_s: Number(timeout) }),
    ...(typed.retry ? { retry: true } : {}),
  };
}

/** Not `randomUUID`, which browsers offer to pages of HTTPS only. */
function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
