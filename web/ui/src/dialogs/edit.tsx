import { useEffect, useRef, useState } from "preact/hooks";

import { editable, patch } from "../api/agent";
import { ApiError } from "../api/problem";
import { Button } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Checkbox } from "../kit/field";
import { Notice, Problem } from "../kit/notice";
import type { Intent } from "../state/intent";
import { dismiss, ended, run } from "../state/operations";
import { agent as agentSignal } from "../state/store";
import { ConflictPanel } from "./edit-conflict";
import { type Choice, type EditDraft, changed, draftOf, patchOf, rebase } from "./edit-draft";
import { EditFields, fieldsWith } from "./edit-fields";
import "./edit.css";

interface Base {
  etag: string;
  draft: EditDraft;
}

/** Changes what an agent's row says differently from its type; refused if somebody else changed it meanwhile. */
export function EditDialog({ intent, onClose }: { intent: Intent; onClose: () => void }) {
  const name = intent.kind === "edit" ? intent.name : "";
  const agent = agentSignal(name).value;
  const [base, setBase] = useState<Base | null>(null);
  const [draft, setDraft] = useState<EditDraft | null>(null);
  /** What the server has now, when it is not what the form began with. */
  const [theirs, setTheirs] = useState<Base | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [force, setForce] = useState(false);
  const here = useRef(true);
  useEffect(() => () => void (here.current = false), []);
  const read = async (): Promise<Base> => {
    const { etag, answer } = await editable(name);
    return { etag, draft: draftOf(answer.overrides) };
  };
  useEffect(() => {
    read().then((found) => {
      setBase(found);
      setDraft(found.draft);
    }, setError);
  }, [name]);

  const save = async (from: Base, mine: EditDraft): Promise<void> => {
    setError(null);
    let body: Record<string, unknown>;
    try {
      body = patchOf(from.draft, mine);
    } catch (found) {
      setError(found);
      return;
    }
    setBusy(true);
    let refusal: unknown = null;
    const done = await run(`Changing ${name}`, "changed", [name], async () => {
      try {
        return ended(await patch(name, from.etag, body, force));
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
    // Told in the form instead.
    dismiss(done.id);
    if (refusal instanceof ApiError && refusal.status === 412) {
      await read().then(setTheirs, setError);
    } else setError(refusal);
    setBusy(false);
  };
  const takeTheirs = (): void => {
    if (theirs === null) return;
    setBase(theirs);
    setDraft(theirs.draft);
    setTheirs(null);
  };
  const applyAgain = (choose: (field: string) => Choice): void => {
    if (theirs === null || base === null || draft === null) return;
    const next = rebase(base.draft, draft, theirs.draft, choose);
    setBase(theirs);
    setDraft(next);
    setTheirs(null);
    if (changed(theirs.draft, next).length === 0) onClose();
    else void save(theirs, next);
  };
  const count = base === null || draft === null ? 0 : changed(base.draft, draft).length;
  const atWork = agent !== null && (agent.lease !== null || agent.task !== null);
  const footer = (
    <>
      <Button onClick={onClose}>{busy ? "Close, it goes on" : "Cancel"}</Button>
      <Button type="submit" kind="primary" busy={busy} disabled={count === 0}>
        {busy ? "Saving" : count < 2 ? "Save" : `Save ${count} changes`}
      </Button>
    </>
  );
  return (
    <Dialog
      title={`Edit ${name}`}
      wide
      onClose={onClose}
      onSubmit={() => {
        if (base !== null && draft !== null && theirs === null && count > 0) void save(base, draft);
      }}
      {...(theirs === null ? { footer } : {})}
    >
      {error !== null && !fieldsWith(error) && <Problem error={error} />}
      {theirs !== null && base !== null && draft !== null && (
        <ConflictPanel base={base.draft} mine={draft} theirs={theirs.draft} onTheirs={takeTheirs} onMine={applyAgain} />
      )}
      {theirs === null && draft !== null && (
        <>
          <p class="soft">What is left empty follows the type. A change that the container must be made anew for recreates it.</p>
          <EditFields draft={draft} error={error} onChange={(part) => setDraft({ ...draft, ...part })} />
          {atWork && (
            <>
              <Notice tone="warn">{agent.task !== null || agent.lease === null ? "A task runs in it" : `${agent.lease.holder} works with it`}. A recreate waits for the end of that work.</Notice>
              <Checkbox
                checked={force}
                onChange={(event) => setForce(event.currentTarget.checked)}
                label="Do not wait: cut the work."
              />
            </>
          )}
        </>
      )}
      {draft === null && error === null && <div class="edit-wait" role="status" aria-label="Loading its settings" />}
    </Dialog>
  );
}
