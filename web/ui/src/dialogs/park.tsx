import { useState } from "preact/hooks";

import * as calls from "../api/calls";
import { Button } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Checkbox, Field, Select, TextInput } from "../kit/field";
import { Notice } from "../kit/notice";
import { now } from "../state/clock";
import type { Intent } from "../state/intent";
import { run } from "../state/operations";
import { parkKindWord } from "../state/parked";
import { agents } from "../state/store";
import { countdown } from "../state/time";
import { VERBS } from "../state/verbs";
import { PARK_ENDS, PARK_KINDS, type ParkEnd, parkEnd } from "./park-draft";

/** Longest that the server keeps. */
const REASON_MOST = 300;

/** Gives agents no work for a time: why, and until when. */
export function ParkDialog({ intent, onClose }: { intent: Intent; onClose: () => void }) {
  const [kind, setKind] = useState<string>("quota");
  const [end, setEnd] = useState<ParkEnd>("3600");
  const [at, setAt] = useState("");
  const [reason, setReason] = useState("");
  const [account, setAccount] = useState(false);
  const [tried, setTried] = useState(false);
  if (intent.kind !== "park") return null;
  const { names } = intent;
  const whom = names.length === 1 ? names[0] : `${names.length} agents`;
  const until = parkEnd(end, at, now.value);
  const busy = names.filter((name) => agents.value.get(name)?.lease).length;
  const submit = (): void => {
    setTried(true);
    if (until === null) return;
    onClose();
    const parking = { kind, reason: reason.trim(), ...until, ...(account ? { scope: "account" as const } : {}) };
    void run(`${VERBS.park.doing} ${whom}`, VERBS.park.done, names, async (name) => {
      const { parked, parked_agents } = await calls.park(name, parking);
      const reopens = parked?.reopens_at ?? null;
      const words = reopens === null ? "parked until it is reopened" : `parked, reopens ${countdown(Date.parse(reopens) - now.peek())}`;
      const others = (parked_agents ?? []).filter((other) => other !== name);
      return { failed: false, outcome: words, detail: others.length === 0 ? null : `With it, of the same account: ${others.join(", ")}` };
    });
  };
  return (
    <Dialog
      title={`Park ${whom}`}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" icon="pause">
            Park
          </Button>
        </>
      }
    >
      <p>{VERBS.park.meaning}</p>
      <div class="field-row">
        <Field label="Why">
          {(attributes) => (
            <Select {...attributes} data-autofocus value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
              {PARK_KINDS.map((one) => (
                <option key={one} value={one}>
                  {`${one}: ${parkKindWord(one)}`}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Reopened">
          {(attributes) => (
            <Select {...attributes} value={end} onChange={(event) => setEnd(event.currentTarget.value as ParkEnd)}>
              {PARK_ENDS.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      {end === "at" && (
        <Field label="At" error={tried && until === null ? "a time that is still to come" : null} hint="by the clock of this computer">
          {(attributes) => (
            <TextInput {...attributes} type="datetime-local" value={at} onInput={(event) => setAt(event.currentTarget.value)} />
          )}
        </Field>
      )}
      <Field label="Reason" hint="for people, in a few words">
        {(attributes) => (
          <TextInput {...attributes} maxLength={REASON_MOST} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        )}
      </Field>
      {names.length === 1 && (
        <Checkbox
          checked={account}
          onChange={(event) => setAccount(event.currentTarget.checked)}
          label="With it, all agents that sign in as this one does"
        />
      )}
      {busy > 0 && (
        <Notice tone="busy">
          {busy === 1 ? (names.length === 1 ? "Somebody works" : "Somebody works with one of them") : `Somebody works with ${busy} of them`}
          {names.length === 1 && " with it"} now, and may finish.
        </Notice>
      )}
    </Dialog>
  );
}
