import "../shared/facts.css";
import "../shared/segments.css";
import "./rollout.css";

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { ApiError } from "../../api/problem";
import { type Rollout, type RolloutVerb, rollout as fetchRollout, turnRollout } from "../../api/rollouts";
import type { FleetEvent } from "../../api/types";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { EmptyState } from "../../kit/empty";
import { Link } from "../../kit/link";
import { Notice, Problem } from "../../kit/notice";
import { StatusMark } from "../../kit/status";
import { Ago } from "../../kit/time";
import { useEvents } from "../../kit/use-events";
import { type Loaded, useLoad } from "../../kit/use-load";
import type { Route } from "../../route";
import { inert } from "../../state/inert";
import { intent } from "../../state/intent";
import { isLive } from "../../state/live";
import { run } from "../../state/operations";
import { resyncs } from "../../state/store";
import { duration } from "../../state/time";
import { RolloutBar } from "../shared/rollouts/bar";
import { useRowKeys } from "../shared/rollouts/keys";
import { VERB_WORDS, hasEnded, lasted, progressWords, rolloutName, rolloutStatus, strategyRows, verbsOf, whatNext } from "../shared/rollouts/words";
import { Members } from "./members";

/** One rollout: how far it is, who is next, and what can be done about it. */
export function RolloutView({ route }: { route: Route }) {
  const id = route.view === "rollout" ? route.id : "";
  useRowKeys();
  const loaded = useLoad(id, () => fetchRollout(id));
  const { value: rollout, error } = loaded;
  useEvents((event) => concerns(event, id), loaded.reload);
  useEffect(() => {
    if (rollout !== null && isLive.value) loaded.reload();
  }, [resyncs.value, isLive.value]);
  if (rollout === null) return <Nothing id={id} loaded={loaded} />;
  const next = whatNext(rollout);
  return (
    <div class="rollout" key={id}>
      <Head rollout={rollout} reload={loaded.reload} />
      {error !== null && <Problem error={error} />}
      {(rollout.reason !== null || next !== null) && (
        <Notice tone={rollout.state === "done" ? "ok" : ["running", "aborted"].includes(rollout.state) ? "busy" : "warn"}>
          {rollout.reason !== null && <strong>{inert(rollout.reason)}</strong>}
          {next !== null && <p>{next}</p>}
        </Notice>
      )}
      <Facts rollout={rollout} />
      <Members rollout={rollout} />
    </div>
  );
}

function concerns({ kind, data }: FleetEvent, id: string): boolean {
  if (!kind.startsWith("rollout_")) return false;
  // One that does not say whose it is may be of this one.
  return typeof data !== "object" || data === null || !("rollout" in data) || data.rollout === id;
}

function Nothing({ id, loaded }: { id: string; loaded: Loaded<Rollout> }) {
  const { error } = loaded;
  if (error === null) return <div class="page-wait" role="status" aria-label="Loading the rollout" />;
  if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 422)) return <Problem error={error} />;
  return (
    <>
      <h1 class="hidden-text">Rollout {id}</h1>
      <EmptyState
        icon="question"
        title="There is no such rollout"
        whole
        actions={
          <Link class="text-link" href="/rollouts">
            All rollouts
          </Link>
        }
      >
        <span class="mono">{id}</span> was never begun, or is so old that it is not kept any more.
      </EmptyState>
    </>
  );
}

const VERB_ICONS = { pause: "pause", resume: "play", abort: "close" } as const;

function Head({ rollout, reload }: { rollout: Rollout; reload: () => void }) {
  const [asking, setAsking] = useState(false);
  const name = `rollout of ${rolloutName(rollout)}`;
  const turn = (verb: RolloutVerb): void => {
    setAsking(false);
    void run(`${VERB_WORDS[verb].doing} the ${name}`, VERB_WORDS[verb].done, [name], async () => {
      const { state, reason } = await turnRollout(rollout.id, verb);
      return { failed: false, outcome: rolloutStatus(state).word.toLowerCase(), detail: reason === null ? null : inert(reason) };
    }).then(reload);
  };
  return (
    <header class="rollout-top">
      <div class="rollout-title">
        <Link class="crumb" href="/rollouts">
          Rollouts
        </Link>
        <div class="rollout-name">
          <h1>Rollout of {rolloutName(rollout)}</h1>
          <StatusMark status={rolloutStatus(rollout.state)} />
        </div>
      </div>
      <div class="rollout-actions" role="group" aria-label="Actions on the rollout">
        {verbsOf(rollout).map((verb) => (
          <Button key={verb} icon={VERB_ICONS[verb]} onClick={() => (verb === "abort" ? setAsking(true) : turn(verb))}>
            {verb === "abort" ? "Abort…" : VERB_WORDS[verb].label}
          </Button>
        ))}
        {hasEnded(rollout) && (
          <Button icon="rollout" onClick={() => (intent.value = { kind: "rollout", type: rollout.type })}>
            Roll out again
          </Button>
        )}
      </div>
      {asking && (
        <Dialog
          title={`Abort the ${name}?`}
          onClose={() => setAsking(false)}
          onSubmit={() => turn("abort")}
          footer={
            <>
              <Button onClick={() => setAsking(false)} data-autofocus>
                Let it go on
              </Button>
              <Button type="submit" kind="danger">
                Abort
              </Button>
            </>
          }
        >
          <p>It ends for good. Who has the new image keeps it, who has not is left as it is.</p>
        </Dialog>
      )}
    </header>
  );
}

function Facts({ rollout }: { rollout: Rollout }) {
  const begun = Date.parse(rollout.created_at);
  return (
    <dl class="card facts rollout-facts dims">
      <Fact label="Progress" wide>
        <RolloutBar rollout={rollout} />
        <span class="num rollout-words">{progressWords(rollout)}</span>
      </Fact>
      <Fact label="Begun">
        <span>
          <Ago at={begun} /> <span class="soft">ago</span>
        </span>
      </Fact>
      <Fact label={hasEnded(rollout) ? "Took" : "Has taken"}>
        <span class="num">{hasEnded(rollout) ? duration(lasted(rollout, 0)) : <Ago at={begun} />}</span>
      </Fact>
      {strategyRows(rollout.strategy).map(([label, value]) => (
        <Fact key={label} label={label}>
          <span class="num">{value}</span>
        </Fact>
      ))}
    </dl>
  );
}

function Fact({ label, wide = false, children }: { label: string; wide?: boolean; children: ComponentChildren }) {
  return (
    <div class={wide ? "rollout-fact-wide" : undefined}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
