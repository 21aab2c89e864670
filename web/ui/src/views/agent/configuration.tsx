import "./configuration.css";

import { useEffect, useState } from "preact/hooks";

import { type SpecAnswer, spec as fetchSpec } from "../../api/agent";
import type { Agent } from "../../api/types";
import { Button } from "../../kit/button";
import { Notice, Problem } from "../../kit/notice";
import { Chip } from "../../kit/status";
import { Dash } from "../../kit/time";
import { useLoad } from "../../kit/use-load";
import { intent } from "../../state/intent";
import { HIDDEN, type SpecGroup, type SpecRow, specGroups } from "./spec-rows";

/** What the row asks for, what the container was made with, and where they differ. */
export function Configuration({ agent }: { agent: Agent }) {
  const { name, desired, observed } = agent;
  const loaded = useLoad(name, () => fetchSpec(name));
  const [only, setOnly] = useState(false);
  const state = JSON.stringify([desired.generation, desired.spec_hash, observed.container_id, observed.phase]);
  useEffect(() => {
    if (loaded.value !== null) loaded.reload();
  }, [state]);
  const answer = loaded.value;
  const edit = !agent.host_mode && (
    <Button icon="edit" onClick={() => (intent.value = { kind: "edit", name })}>
      Edit
    </Button>
  );
  return (
    <section aria-label={`Configuration of ${name}`} class="config">
      {loaded.error !== null && <Problem error={loaded.error} />}
      {answer === null && loaded.error === null && <div class="tab-wait" role="status" aria-label="Loading the configuration" />}
      {answer !== null && (
        <>
          <div class="tab-bar">
            <Summary answer={answer} />
            <div class="config-actions">
              {answer.drift.length > 0 && (
                <Button aria-pressed={only} onClick={() => setOnly(!only)}>
                  {only ? "Show all fields" : "Only what differs"}
                </Button>
              )}
              {edit}
            </div>
          </div>
          {answer.desired === null && answer.explanation !== null && <Notice tone="warn">{answer.explanation}</Notice>}
          {(answer.desired !== null || answer.observed !== null) && <Fields groups={specGroups(answer)} only={only} />}
        </>
      )}
    </section>
  );
}

function Summary({ answer }: { answer: SpecAnswer }) {
  const { desired, observed, drift, explanation, stale } = answer;
  if (desired === null) return <span />;
  const count = drift.filter(({ field }) => field !== "spec_hash").length;
  return (
    <p class="config-summary" role="status">
      {observed === null && <span class="soft">There is no container: what it will be made with.</span>}
      {observed !== null && drift.length === 0 && !stale && <Chip tone="ok">as the row asks</Chip>}
      {drift.length > 0 && (
        <>
          <Chip tone="warn">drift</Chip>
          <span>{explanation ?? `${count === 1 ? "One field differs" : `${count} fields differ`}; a recreate brings it over.`}</span>
        </>
      )}
      {stale && (
        <>
          <Chip tone="warn">stale image</Chip>
          <span>The image's name means another image now.</span>
        </>
      )}
    </p>
  );
}

function Fields({ groups, only }: { groups: readonly SpecGroup[]; only: boolean }) {
  const shown = groups.map(({ title, rows }) => ({ title, rows: only ? rows.filter(({ drift }) => drift) : rows }));
  return (
    <div class="card config-table dims">
      <table>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">The row asks for</th>
            <th scope="col">The container has</th>
          </tr>
        </thead>
        {shown
          .filter(({ rows }) => rows.length > 0)
          .map(({ title, rows }) => (
            <tbody key={title}>
              <tr>
                <th scope="rowgroup" colSpan={3} class="config-group">
                  {title}
                </th>
              </tr>
              {rows.map((row) => (
                <FieldRow key={row.field} row={row} />
              ))}
            </tbody>
          ))}
      </table>
    </div>
  );
}

function FieldRow({ row }: { row: SpecRow }) {
  return (
    <tr class={row.drift ? "config-drift" : undefined}>
      <th scope="row" class={row.field.startsWith("env.") ? "mono" : undefined}>
        {row.label}
        {row.drift && <Chip tone="warn">differs</Chip>}
      </th>
      <td>
        <Value lines={row.desired} />
        {row.own && (
          <Chip tone="busy" title="Set for this agent; the others of its type follow the type">
            own
          </Chip>
        )}
      </td>
      <td>
        <Value lines={row.observed} />
      </td>
    </tr>
  );
}

function Value({ lines }: { lines: readonly string[] | null }) {
  if (lines === null || lines.length === 0) return <Dash />;
  return (
    <span class="config-value">
      {lines.map((line, index) => (
        <span key={index} class={line === HIDDEN ? "soft" : "mono"}>
          {line}
        </span>
      ))}
    </span>
  );
}
