import { useState } from "preact/hooks";

import * as calls from "../../api/calls";
import type { PlanItem, Why } from "../../api/types";
import { Button, IconButton } from "../../kit/button";
import { Link } from "../../kit/link";
import { Problem } from "../../kit/notice";
import { StatusMark } from "../../kit/status";
import { agentPath } from "../../route";
import { inert, pretty } from "../../state/inert";
import { statusOf } from "../../state/status";
import { agent, agents, dockerReachable } from "../../state/store";
import { fullTime } from "../../state/time";
import { intend } from "../../state/intent";
import { ruleWord } from "./groups";
import { applyOne, applying } from "./state";

/** One agent of the plan: what would be done, by which rule, and what speaks for it. */
export function PlanRow({ item }: { item: PlanItem }) {
  const [open, setOpen] = useState(false);
  const { instance, action, rule, detail } = item;
  const now = agent(instance).value;
  const acts = action !== "none";
  return (
    <li class="plan-item">
      <div class="plan-line">
        <IconButton
          icon={open ? "down" : "right"}
          label={`Evidence for ${instance}`}
          title="Rule and evidence"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        />
        <Link class="plan-name cut" href={agentPath(instance)}>
          {instance}
        </Link>
        <span class="plan-now">{now === null ? <span class="soft">No row</span> : <StatusMark status={statusOf(now, dockerReachable.value)} />}</span>
        <span class="plan-detail">
          {acts && <strong>{ruleWord(action)}: </strong>}
          {inert(detail)}
        </span>
        <code class="plan-rule">{rule}</code>
        <span class="plan-act">
          {acts && (
            <Button small disabled={applying.value} aria-label={`Apply to ${instance}`} onClick={() => applyOrAsk(item)}>
              Apply
            </Button>
          )}
          {rule === "name_conflict" && (
            <Button small aria-label={`Adopt ${instance}`} onClick={() => intend("adopt", [instance])}>
              Adopt…
            </Button>
          )}
        </span>
      </div>
      {open && <Evidence name={instance} />}
    </li>
  );
}

/** A recreate of one that runs is asked for like everywhere else. */
function applyOrAsk({ instance, action }: PlanItem): void {
  const runs = agents.peek().get(instance)?.observed.phase === "running";
  if (action === "recreate" && runs) intend("recreate", [instance]);
  else applyOne(instance);
}

function Evidence({ name }: { name: string }) {
  const [why, setWhy] = useState<Why | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [asked, setAsked] = useState(false);
  if (!asked) {
    setAsked(true);
    calls.why(name).then(setWhy, setError);
  }
  if (error !== null) return <div class="plan-evidence">{<Problem error={error} />}</div>;
  if (why === null) return <div class="plan-evidence soft" role="status">Asking…</div>;
  return (
    <div class="plan-evidence">
      <p>
        <strong>{ruleWord(why.rule)}</strong>: {inert(why.explanation)}
        {why.since !== null && <span class="soft num">, since {fullTime(Date.parse(why.since))}</span>}
      </p>
      {why.next_action !== null && (
        <p class="soft num">
          Next: {inert(why.next_action)}
          {why.next_at !== null && ` at ${fullTime(Date.parse(why.next_at))}`}
        </p>
      )}
      <pre class="plan-json" tabIndex={0} role="region" aria-label={`Evidence for ${name}`}>
        {pretty(why.evidence)}
      </pre>
    </div>
  );
}
