import { useState } from "preact/hooks";

import { Button } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Checkbox } from "../kit/field";
import { Notice } from "../kit/notice";
import type { Intent } from "../state/intent";
import { act } from "../state/operations";
import { agents } from "../state/store";
import { VERBS, atWork } from "../state/verbs";
import "./verb.css";

/** Asks before something is destroyed or somebody's work is cut. */
export function VerbDialog({ intent, onClose }: { intent: Intent; onClose: () => void }) {
  const [force, setForce] = useState(false);
  if (intent.kind !== "verb" || intent.verb === "park") return null;
  const { verb: name, names } = intent;
  const verb = VERBS[name];
  const chosen = names.flatMap((one) => agents.value.get(one) ?? []);
  const busy = atWork(verb, chosen);
  const whom = names.length === 1 ? names[0] : `${names.length} agents`;
  const submit = (): void => {
    onClose();
    void act(name, names, force);
  };
  return (
    <Dialog
      title={`${verb.label} ${whom}?`}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose} data-autofocus={verb.danger}>
            Cancel
          </Button>
          <Button type="submit" kind={verb.danger || force ? "danger" : "primary"} data-autofocus={!verb.danger}>
            {force ? `${verb.label} and cut the work` : verb.label}
          </Button>
        </>
      }
    >
      <p>{verb.meaning}</p>
      {names.length > 1 && (
        <ul class="verb-names">
          {names.map((one) => (
            <li key={one} class="mono">
              {one}
            </li>
          ))}
        </ul>
      )}
      {busy.length > 0 && (
        <>
          <Notice tone="warn">
            <strong>{busy.length === 1 ? `${busy[0]?.name} is at work` : `${busy.length} of them are at work`}</strong>
            <ul class="verb-busy">
              {busy.slice(0, 6).map(({ name: one, lease, task }) => (
                <li key={one}>
                  {busy.length > 1 && <span class="mono">{one}: </span>}
                  {lease === null ? "a task" : `${lease.holder} holds it`}
                  {lease !== null && task !== null && ", a task runs"}
                </li>
              ))}
              {busy.length > 6 && <li>and {busy.length - 6} more</li>}
            </ul>
          </Notice>
          <Checkbox
            checked={force}
            onChange={(event) => setForce(event.currentTarget.checked)}
            label="Do it at once and cut the work. Otherwise the server waits for the work to end, or refuses and says why."
          />
        </>
      )}
    </Dialog>
  );
}
