import "../shared/segments.css";
import "./rollouts.css";

import { useEffect, useState } from "preact/hooks";

import { type Rollout, rollouts as fetchRollouts } from "../../api/rollouts";
import { Button } from "../../kit/button";
import { EmptyState } from "../../kit/empty";
import { Link } from "../../kit/link";
import { Problem } from "../../kit/notice";
import { StatusMark } from "../../kit/status";
import { Ago, Dash } from "../../kit/time";
import { useEvents } from "../../kit/use-events";
import { useLoad } from "../../kit/use-load";
import { go, rolloutPath, search } from "../../route";
import { inert } from "../../state/inert";
import { intent } from "../../state/intent";
import { isLive } from "../../state/live";
import { resyncs, typeNames } from "../../state/store";
import { duration } from "../../state/time";
import { RolloutBar } from "../shared/rollouts/bar";
import { useRowKeys } from "../shared/rollouts/keys";
import { KINDS, hasEnded, lasted, progressWords, rolloutName, rolloutStatus } from "../shared/rollouts/words";
import { type RolloutFilter, fits, parseRolloutFilter, rolloutSearch } from "./filter";

const PAGE = 50;
/** The server answers no more at once. */
const MOST = 200;

/** Every rollout, newest first. */
export function RolloutsView() {
  useRowKeys();
  const filter = parseRolloutFilter(search.value);
  const [limit, setLimit] = useState(PAGE);
  const { value, error, loading, reload } = useLoad("rollouts", () => fetchRollouts(limit));
  useEvents(({ kind }) => kind.startsWith("rollout_"), reload);
  useEffect(() => {
    if (value !== null) reload();
  }, [limit, resyncs.value, isLive.value]);
  const set = (part: Partial<RolloutFilter>): void => go(`/rollouts${rolloutSearch({ ...filter, ...part })}`, { replace: true });
  const shown = value?.filter((rollout) => fits(filter, rollout)) ?? [];
  return (
    <div class="rollouts">
      <div class="rollouts-head">
        <h1>Rollouts</h1>
        <Filters filter={filter} set={set} />
        <Button kind="primary" icon="rollout" onClick={() => (intent.value = { kind: "rollout", type: filter.type })}>
          Roll out
        </Button>
      </div>
      {error !== null && <Problem error={error} />}
      {value === null ? (
        error === null && <div class="page-wait" role="status" aria-label="Loading rollouts" />
      ) : shown.length === 0 ? (
        <None filtering={value.length > 0} clear={() => go("/rollouts", { replace: true })} />
      ) : (
        <Table rollouts={shown} />
      )}
      {value !== null && value.length >= limit && limit < MOST && (
        <div class="rollouts-more">
          <Button onClick={() => setLimit(limit + PAGE)} busy={loading}>
            Show older ones
          </Button>
        </div>
      )}
    </div>
  );
}

function None({ filtering, clear }: { filtering: boolean; clear: () => void }) {
  return (
    <div class="card">
      {filtering ? (
        <EmptyState icon="filter" title="No rollout fits the filter" actions={<Button onClick={clear}>Show all</Button>} />
      ) : (
        <EmptyState icon="rollout" title="There has been no rollout yet">
          A rollout gives agents the image that its name means now, one after the other: the canaries first, and back again if
          one does not come up.
        </EmptyState>
      )}
    </div>
  );
}

function Filters({ filter, set }: { filter: RolloutFilter; set: (part: Partial<RolloutFilter>) => void }) {
  const types = [...new Set([...typeNames.value, ...(filter.type === null ? [] : [filter.type])])];
  return (
    <div class="rollouts-filters" role="group" aria-label="Filter">
      <div class="segments">
        {[null, ...KINDS].map((kind) => (
          <button key={kind} type="button" aria-pressed={filter.kind === kind} onClick={() => set({ kind })}>
            {kind === null ? "All" : kind.charAt(0).toUpperCase() + kind.slice(1)}
          </button>
        ))}
      </div>
      <select class="rollouts-type" aria-label="Of one type" value={filter.type ?? ""} onChange={(event) => set({ type: event.currentTarget.value || null })}>
        <option value="">Any type</option>
        {types.map((type) => (
          <option key={type} value={type}>
            {type}
          </option>
        ))}
      </select>
    </div>
  );
}

function Table({ rollouts }: { rollouts: readonly Rollout[] }) {
  return (
    <div class="card rollout-table dims" role="table" aria-label="Rollouts">
      <div role="rowgroup" class="rollout-table-head">
        <div role="row" class="rollout-row">
          <span role="columnheader">State</span>
          <span role="columnheader">Agents</span>
          <span role="columnheader">Progress</span>
          <span role="columnheader">Why</span>
          <span role="columnheader">Begun</span>
          <span role="columnheader">Took</span>
        </div>
      </div>
      <div role="rowgroup">
        {rollouts.map((rollout) => (
          <Row key={rollout.id} rollout={rollout} />
        ))}
      </div>
    </div>
  );
}

function Row({ rollout }: { rollout: Rollout }) {
  const begun = Date.parse(rollout.created_at);
  const reason = rollout.reason === null ? "" : inert(rollout.reason);
  return (
    <div role="row" class="rollout-row rollout-line">
      <span role="cell" class="rollout-state">
        <StatusMark status={rolloutStatus(rollout.state)} />
      </span>
      <span role="cell" class="rollout-type">
        <Link class="row-link cut" href={rolloutPath(rollout.id)}>
          {rolloutName(rollout)}
        </Link>
      </span>
      <span role="cell" class="rollout-progress">
        <RolloutBar rollout={rollout} />
        <span class="num soft cut">{progressWords(rollout)}</span>
      </span>
      <span role="cell" class="rollout-reason soft cut" title={reason}>
        {reason}
      </span>
      <span role="cell" class="rollout-when">
        <span>
          <Ago at={begun} /> ago
        </span>
      </span>
      <span role="cell" class="rollout-took num soft">
        {hasEnded(rollout) ? duration(lasted(rollout, 0)) : <Dash />}
      </span>
    </div>
  );
}
