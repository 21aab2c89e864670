import { useEffect, useState } from "preact/hooks";

import { ApiError } from "../api/problem";
import { type Member, type Rollout, dryRun, startRollout } from "../api/rollouts";
import { Button } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Field, Select, TextInput } from "../kit/field";
import { Link } from "../kit/link";
import { Problem } from "../kit/notice";
import { Chip } from "../kit/status";
import { go, rolloutPath } from "../route";
import { inert } from "../state/inert";
import type { Intent } from "../state/intent";
import { holds } from "../state/status";
import { agents } from "../state/store";
import { shortId } from "../views/shared/rollouts/words";
import { DEFAULT_ROLLOUT, FIELD_NAMES, type RolloutDraft, type RolloutField, rolloutOf, typesWithImages } from "./roll-out-draft";
import "./roll-out.css";

/** While one types, nothing is asked. */
const QUIET_MS = 300;

/** Who gets a new image, and how; what would be done is shown before it is begun. */
export function RolloutDialog({ intent, onClose }: { intent: Intent; onClose: () => void }) {
  const [draft, setDraft] = useState<RolloutDraft>({ ...DEFAULT_ROLLOUT, type: (intent.kind === "rollout" ? intent.type : null) ?? "" });
  const [preview, setPreview] = useState<{ of: RolloutDraft; rollout: Rollout } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<RolloutDraft>): void => setDraft((before) => ({ ...before, ...part }));
  const found = rolloutOf(draft);
  const wrong = (field: RolloutField): string | null => {
    if ("wrong" in found) return found.wrong === field ? found.why : null;
    return error instanceof ApiError && error.field === FIELD_NAMES[field] ? error.message : null;
  };
  useEffect(() => {
    setError(null);
    const now = rolloutOf(draft);
    if ("wrong" in now) return;
    const asking = new AbortController();
    const timer = setTimeout(() => {
      dryRun(now.asked, asking.signal).then(
        (rollout) => setPreview({ of: draft, rollout }),
        (failure: unknown) => asking.signal.aborted || setError(failure),
      );
    }, QUIET_MS);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [draft]);
  const shown = preview?.of === draft ? preview.rollout : null;
  const count = shown === null ? 0 : todo(shown).length;
  const start = async (): Promise<void> => {
    if (busy || "wrong" in found || count === 0) return;
    setBusy(true);
    try {
      const { id } = await startRollout(found.asked);
      onClose();
      go(rolloutPath(id));
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const all = [...new Set([...typesWithImages(agents.value.values()), draft.type])].filter((type) => type !== "");
  return (
    <Dialog
      title="Roll out new images"
      wide
      onClose={onClose}
      onSubmit={() => void start()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" icon="rollout" busy={busy} disabled={count === 0}>
            {count === 0 ? "Roll out" : `Roll out to ${count} ${count === 1 ? "agent" : "agents"}`}
          </Button>
        </>
      }
    >
      <div class="field-row">
        <Field label="Agents" hint="those that run an older image than its name means now">
          {(attributes) => (
            <Select {...attributes} data-autofocus value={draft.type} onChange={(event) => set({ type: event.currentTarget.value })}>
              <option value="">{`all types${staleWords(null)}`}</option>
              {all.map((type) => (
                <option key={type} value={type}>
                  {`${type}${staleWords(type)}`}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Fetch images" hint="from their registry, before all else">
          {(attributes) => (
            <Select {...attributes} value={draft.pull} onChange={(event) => set({ pull: event.currentTarget.value as RolloutDraft["pull"] })}>
              <option value="types">as the types say</option>
              <option value="yes">yes</option>
              <option value="no">no</option>
            </Select>
          )}
        </Field>
      </div>
      <div class="field-row rollout-fields">
        <Field label="At a time" error={wrong("width")} hint="most that are out at once">
          {(attributes) => <TextInput {...attributes} inputMode="numeric" value={draft.width} onInput={(event) => set({ width: event.currentTarget.value })} />}
        </Field>
        <Field label="Canaries" error={wrong("canary")} hint="of each type, first; they must be done">
          {(attributes) => <TextInput {...attributes} inputMode="numeric" value={draft.canary} onInput={(event) => set({ canary: event.currentTarget.value })} />}
        </Field>
        <Field label="Watch for" error={wrong("watch")} hint="each must run so long: 30s, 5m">
          {(attributes) => <TextInput {...attributes} value={draft.watch} onInput={(event) => set({ watch: event.currentTarget.value })} />}
        </Field>
        <Field label="Drain for" error={wrong("drain")} hint="wait for their work; empty: for ever">
          {(attributes) => <TextInput {...attributes} placeholder="for ever" value={draft.drain} onInput={(event) => set({ drain: event.currentTarget.value })} />}
        </Field>
      </div>
      {error !== null && <Refused error={error} onClose={onClose} />}
      <section class="rollout-preview" aria-labelledby="rollout-preview" aria-busy={shown === null && error === null}>
        <h3 id="rollout-preview">What would be done</h3>
        {preview === null ? error === null && <p class="soft">Looking…</p> : <Preview rollout={preview.rollout} old={shown === null} />}
      </section>
    </Dialog>
  );
}

/** How many of them run an old image. */
function staleWords(type: string | null): string {
  const stale = [...agents.value.values()].filter((agent) => (type === null || agent.type === type) && holds(agent, "stale")).length;
  return stale === 0 ? "" : ` (${stale} stale)`;
}

function Refused({ error, onClose }: { error: unknown; onClose: () => void }) {
  const other = error instanceof ApiError ? error.document["rollout"] : null;
  return (
    <div>
      <Problem error={error} />
      {typeof other === "string" && (
        <p class="rollout-other">
          <Link class="text-link" href={rolloutPath(other)} onClick={onClose}>
            Go to the rollout that has not ended
          </Link>
        </p>
      )}
    </div>
  );
}

const todo = ({ members }: Rollout): Member[] => members.filter(({ state }) => state !== "skipped" && state !== "done");

function Preview({ rollout, old }: { rollout: Rollout; old: boolean }) {
  const members = todo(rollout);
  const skipped = rollout.members.filter(({ state }) => state === "skipped");
  const canaries = members.filter(({ canary }) => canary).length;
  return (
    <div data-old={old}>
      <p role="status">
        {members.length === 0
          ? (rollout.reason === null ? "Nobody needs another image." : inert(rollout.reason))
          : `${members.length} ${members.length === 1 ? "agent gets" : "agents get"} another image, ${order(members.length, canaries, rollout.strategy.width)}.`}
      </p>
      {rollout.members.length > 0 && (
        <ol class="rollout-would" tabIndex={0} aria-label="In this order">
          {[...members, ...skipped].map((member) => (
            <li key={member.instance}>
              <span class="mono cut">{member.instance}</span>
              {member.canary && <Chip tone="busy">canary</Chip>}
              {member.state === "skipped" && <Chip>skipped</Chip>}
              <span class="soft cut">
                {member.state === "skipped" && member.reason !== null ? (
                  inert(member.reason)
                ) : (
                  <code>
                    {shortId(member.from_image_id)} → {member.to_image_id === null ? "what is fetched" : shortId(member.to_image_id)}
                  </code>
                )}
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function order(all: number, canaries: number, width: number): string {
  if (all === 1) return canaries === 1 ? "as a canary" : "alone";
  const rest = width === 1 ? "one after the other" : `${width} at a time`;
  return canaries === 0 ? rest : `${canaries === 1 ? "one canary" : `${canaries} canaries`} first, then ${rest}`;
}
