import "./plan.css";

import { useEffect } from "preact/hooks";

import type { PlanItem } from "../../api/types";
import { Button, IconButton } from "../../kit/button";
import { EmptyState } from "../../kit/empty";
import { Icon } from "../../kit/icons";
import { Link } from "../../kit/link";
import { Notice, Problem } from "../../kit/notice";
import { agentPath } from "../../route";
import { inert } from "../../state/inert";
import { agents, dockerReachable } from "../../state/store";
import { clockTime } from "../../state/time";
import { AskDialog } from "./ask";
import { Foreign } from "./foreign";
import { OUTCOME_TONE, WAS, WOULD, foreign, leftAlone, reportGroups, reportWords, ruleWord, settled, toDo, wouldCut } from "./groups";
import { PlanRow } from "./item";
import { apply, applying, asked, failure, fetching, plan, plannedAt, refresh, report, startPlan } from "./state";

/** What reconcile would do and why, before it does it. */
export function PlanView() {
  useEffect(startPlan, []);
  const items = plan.value;
  if (dockerReachable.value === false) {
    return (
      <div class="plan">
        <Head items={null} />
        <div class="card">
          <EmptyState icon="question" title="There is no plan while docker is away">
            What there is cannot be compared with what the rows ask. The plan is made when docker answers.
          </EmptyState>
        </div>
      </div>
    );
  }
  return (
    <div class="plan">
      <Head items={items} />
      {failure.value !== null && <Problem error={failure.value} />}
      <Report />
      {items === null ? failure.value === null && <div class="card plan-skeleton" role="status" aria-label="Loading the plan" /> : <Groups items={items} />}
      <AskDialog />
    </div>
  );
}

function Head({ items }: { items: readonly PlanItem[] | null }) {
  const count = toDo(items ?? []).reduce((sum, { items: found }) => sum + found.length, 0);
  const start = (): void => {
    if (wouldCut(items ?? [], agents.peek()).length > 0) asked.value = "apply";
    else void apply(false);
  };
  return (
    <div class="plan-head">
      <div>
        <h1>Plan</h1>
        <p class="soft num">
          <span role="status">
            {items === null
              ? "What the next reconcile would do"
              : count === 0
                ? "Nothing is to be done"
                : `${count} of ${items.length} agents would be changed`}
          </span>
          {items !== null && plannedAt.value !== null && `, as of ${clockTime(plannedAt.value)}`}
        </p>
      </div>
      <Button icon="restart" disabled={dockerReachable.value === false} busy={fetching.value && items === null} onClick={() => void refresh()}>
        Look again
      </Button>
      <Button
        kind="primary"
        icon="play"
        busy={applying.value}
        disabled={items === null || count === 0 || dockerReachable.value === false}
        onClick={start}
      >
        {applying.value ? "Applying" : items === null ? "Apply" : count === 0 ? "Nothing to apply" : `Apply ${count === 1 ? "1 change" : `${count} changes`}`}
      </Button>
    </div>
  );
}

function Groups({ items }: { items: readonly PlanItem[] }) {
  const changes = toDo(items);
  const alone = leftAlone(items);
  const well = settled(items);
  return (
    <>
      {changes.length === 0 && (
        <div class="card">
          <EmptyState icon="check" title="Nothing to do">
            {alone.length === 0
              ? "Every agent is as its row asks."
              : "What is not as its row asks waits for somebody, as is said below."}
          </EmptyState>
        </div>
      )}
      {changes.map(({ outcome, items: found }) => (
        <section key={outcome} class="card plan-group dims" aria-labelledby={`plan-${outcome}`}>
          <header class={`tone-${OUTCOME_TONE[outcome]}`}>
            <span class="plan-mark" />
            <h2 id={`plan-${outcome}`}>{WOULD[outcome]}</h2>
            <span class="plan-count num">{found.length}</span>
          </header>
          <ul>
            {found.map((item) => (
              <PlanRow key={item.instance} item={item} />
            ))}
          </ul>
        </section>
      ))}
      <Foreign items={foreign(items)} />
      {alone.length > 0 && (
        <section class="card plan-group dims" aria-labelledby="plan-alone">
          <header>
            <h2 id="plan-alone">Left alone</h2>
            <span class="plan-count num">{alone.reduce((sum, { items: found }) => sum + found.length, 0)}</span>
            <p class="soft">Nothing is done to these now, and why.</p>
          </header>
          {alone.map(({ rule, items: found }) => (
            <ul key={rule} aria-label={ruleWord(rule)}>
              {found.map((item) => (
                <PlanRow key={item.instance} item={item} />
              ))}
            </ul>
          ))}
        </section>
      )}
      {well.length > 0 && (
        <details class="card plan-group plan-well dims">
          <summary>
            <Icon name="check" />
            <h2>As they are to be</h2>
            <span class="plan-count num">{well.length}</span>
          </summary>
          <ul>
            {well.map((item) => (
              <PlanRow key={item.instance} item={item} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** What became of it, by outcome. */
function Report() {
  if (applying.value) return <Notice tone="busy">The plan is being applied. The states below change as the server tells.</Notice>;
  const ended = report.value;
  if (ended === null) return null;
  const { reasons } = ended.report;
  const failed = ended.report.failed.length > 0;
  return (
    <section class="card plan-report" aria-labelledby="plan-report">
      <header class={failed ? "tone-bad" : "tone-ok"}>
        <Icon name={failed ? "alert" : "check"} />
        <h2 id="plan-report">Applied at {clockTime(ended.at)}</h2>
        <span class="soft">{reportWords(ended.report)}</span>
        <IconButton icon="close" label="Dismiss the report" onClick={() => (report.value = null)} />
      </header>
      <dl>
        {reportGroups(ended.report).map(({ outcome, names }) => (
          <div key={outcome} class={`tone-${OUTCOME_TONE[outcome]}`}>
            <dt>
              {WAS[outcome]} <span class="plan-count num">{names.length}</span>
            </dt>
            <dd>{outcome === "unchanged" ? <span class="soft">as they were</span> : <Names names={names} reasons={reasons} />}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Names({ names, reasons }: { names: readonly string[]; reasons: Readonly<Record<string, string>> }) {
  return (
    <ul>
      {names.map((name) => {
        const reason = reasons[name];
        return (
          <li key={name}>
            <Link class="text-link" href={agentPath(name)}>
              {name}
            </Link>
            {reason !== undefined && <span class="soft"> {inert(reason)}</span>}
          </li>
        );
      })}
    </ul>
  );
}
