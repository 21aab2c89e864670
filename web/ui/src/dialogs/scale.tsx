import { useEffect, useState } from "preact/hooks";

import * as calls from "../api/calls";
import type { AgentType, ScaleReport } from "../api/types";
import { Button, IconButton } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Checkbox, Field, Select, TextInput } from "../kit/field";
import { Problem } from "../kit/notice";
import type { Intent } from "../state/intent";
import { run } from "../state/operations";
import { agents } from "../state/store";
import "./scale.css";

/** How many agents a type is to have. */
export function ScaleDialog({ intent, onClose }: { intent: Intent; onClose: () => void }) {
  const wanted = intent.kind === "scale" ? intent.type : null;
  const [types, setTypes] = useState<AgentType[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [type, setType] = useState(wanted ?? "");
  const [count, setCount] = useState("");
  const [force, setForce] = useState(false);
  const choose = (all: AgentType[] | null, name: string): void => {
    setType(name);
    setCount(String(all?.find((one) => one.type === name)?.count ?? ""));
  };
  useEffect(() => {
    calls.types().then((all) => {
      setTypes(all);
      choose(all, wanted ?? all[0]?.type ?? "");
    }, setError);
  }, []);
  const now = types?.find((one) => one.type === type)?.count ?? 0;
  const next = /^\d+$/.test(count.trim()) ? Number(count) : null;
  const change = next === null ? 0 : next - now;
  const busy = [...agents.value.values()].filter((agent) => agent.type === type && agent.lease !== null).length;
  const submit = (): void => {
    if (next === null || change === 0) return;
    onClose();
    void run(`Scaling ${type} from ${now} to ${next}`, "scaled", [type], async () => told(await calls.scale(type, next, force)));
  };
  return (
    <Dialog
      title="Scale a pool"
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind={change < 0 ? "danger" : "primary"} disabled={next === null || change === 0}>
            {change === 0 ? "Scale" : change > 0 ? `Add ${change}` : `Remove ${-change}`}
          </Button>
        </>
      }
    >
      {error !== null && <Problem error={error} />}
      <Field label="Type">
        {(attributes) => (
          <Select {...attributes} value={type} onChange={(event) => choose(types, event.currentTarget.value)}>
            {(types ?? []).map((one) => (
              <option key={one.type} value={one.type}>
                {one.type}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field
        label="Agents"
        error={next === null && count !== "" ? "a whole number" : null}
        hint={change < 0 ? "Their containers go; their state volumes stay." : `${now} now, all rows of the type counted`}
      >
        {(attributes) => (
          <span class="stepper">
            <IconButton icon="down" label="One less" onClick={() => setCount(String(Math.max(0, (next ?? now) - 1)))} />
            <TextInput {...attributes} data-autofocus inputMode="numeric" value={count} onInput={(event) => setCount(event.currentTarget.value)} />
            <IconButton icon="up" label="One more" onClick={() => setCount(String((next ?? now) + 1))} />
          </span>
        )}
      </Field>
      {change < 0 && busy > 0 && (
        <Checkbox
          checked={force}
          onChange={(event) => setForce(event.currentTarget.checked)}
          label={`Do not wait for those at work (${busy} of this type are leased): cut their work.`}
        />
      )}
    </Dialog>
  );
}

function told({ created, removed }: ScaleReport) {
  const bad = [...created, ...removed].filter(({ outcome }) => outcome === "failed");
  const list = (words: string, of: ScaleReport["created"]): string[] =>
    of.length === 0 ? [] : [`${words} ${of.map(({ name }) => name).join(", ")}`];
  const done = [...list("created", created), ...list("removed", removed)].join("; ");
  const reasons = bad.map(({ name, reason }) => `${name}: ${reason ?? "failed"}`).join("; ");
  return { failed: bad.length > 0, outcome: bad.length > 0 ? "failed in part" : "scaled", detail: [done, reasons].filter(Boolean).join(". ") };
}
