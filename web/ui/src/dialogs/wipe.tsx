import { useState } from "preact/hooks";

import { wipe } from "../api/agent";
import { Button } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Field, TextInput } from "../kit/field";
import type { Intent } from "../state/intent";
import { run } from "../state/operations";

/** Destroys what is left of a deleted agent; its name is typed, so that it is not done by a slip. */
export function WipeDialog({ intent, onClose }: { intent: Intent; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  if (intent.kind !== "wipe") return null;
  const { name } = intent;
  const submit = (): void => {
    if (typed !== name) return;
    onClose();
    void run(`Wiping the state of ${name}`, "wiped", [name], async () => {
      const { volume } = await wipe(name);
      return { failed: false, outcome: "wiped", detail: `The volume ${volume} is gone.` };
    });
  };
  return (
    <Dialog
      title={`Wipe the state of ${name}?`}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="danger" disabled={typed !== name}>
            Wipe for ever
          </Button>
        </>
      }
    >
      <p>
        Its state volume is destroyed, with everything that the agent kept. This cannot be undone; an agent of the same
        name begins anew.
      </p>
      <Field label={`Type ${name} to confirm`}>
        {(attributes) => (
          <TextInput {...attributes} data-autofocus autocapitalize="off" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        )}
      </Field>
    </Dialog>
  );
}
