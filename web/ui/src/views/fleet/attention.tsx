import "./attention.css";

import { useState } from "preact/hooks";

import { Button } from "../../kit/button";
import { Icon } from "../../kit/icons";
import { Link } from "../../kit/link";
import { Ago, Until } from "../../kit/time";
import { agentPath } from "../../route";
import { type Trouble, together } from "../../state/attention";
import { inert, shortIds } from "../../state/inert";
import { intend, intent } from "../../state/intent";
import { conditionWord } from "../../state/status";
import { agents, troubles } from "../../state/store";
import { VERBS, type VerbName } from "../../state/verbs";

/** More than that are folded away. */
const SHOWN = 5;

/** What is wrong, worst first, each with what helps. Not there at all while nothing is. */
export function Attention() {
  const [all, setAll] = useState(false);
  const found = troubles.value;
  if (found.length === 0) return null;
  const { single, stale } = together(found);
  const shown = all ? single : single.slice(0, SHOWN);
  return (
    <section class="attention card" aria-labelledby="attention-title">
      <header class="attention-head">
        <h2 id="attention-title">Needs attention</h2>
        <span class="count num">{found.length}</span>
      </header>
      <ul class="dims">
        {shown.map((trouble) => (
          <Row key={`${trouble.agent} ${trouble.type}`} trouble={trouble} />
        ))}
        {stale.length > 0 && <Stale of={stale} />}
      </ul>
      {single.length > SHOWN && (
        <button type="button" class="attention-more" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show less" : `Show ${single.length - SHOWN} more`}
        </button>
      )}
    </section>
  );
}

function Row({ trouble }: { trouble: Trouble }) {
  const { agent, type, severity, reason, since, retryAt, helps } = trouble;
  return (
    <li class={`attention-row tone-${severity}`}>
      <span class="attention-kind">
        <Icon name={type === "needs_human" ? "person" : "alert"} />
        {conditionWord(type)}
      </span>
      <Link class="attention-name cut" href={agentPath(agent)}>
        {agent}
      </Link>
      <span class="attention-reason" title={inert(reason)}>
        {shortIds(inert(reason))}
      </span>
      <span class="attention-when soft">
        {retryAt === null ? (
          <>
            for <Ago at={since} />
          </>
        ) : (
          <>
            next try <Until at={retryAt} />
          </>
        )}
      </span>
      <span class="attention-act">
        {helps === null ? (
          <Link class="button button-small" href={agentPath(agent)}>
            Look at it
          </Link>
        ) : (
          <Button small onClick={() => intend(helps, [agent])} aria-label={`${label(helps, type)} ${agent}`}>
            {label(helps, type)}
          </Button>
        )}
      </span>
    </li>
  );
}

/** Those that run an old image, as one: a rollout is for all of them. */
function Stale({ of }: { of: readonly Trouble[] }) {
  const types = [...new Set(of.flatMap(({ agent }) => agents.value.get(agent)?.type ?? []))];
  const names = of.map(({ agent }) => agent).join(", ");
  return (
    <li class="attention-row tone-warn">
      <span class="attention-kind">
        <Icon name="alert" />
        {conditionWord("stale")}
      </span>
      <Link class="attention-name cut" href="/?condition=stale">
        {of.length} agents are stale
      </Link>
      <span class="attention-reason" title={names}>
        Their images have newer versions: {names}
      </span>
      <span class="attention-when soft">
        since <Ago at={Math.min(...of.map(({ since }) => since))} />
      </span>
      <span class="attention-act">
        <Button small onClick={() => (intent.value = { kind: "rollout", type: types.length === 1 ? (types[0] ?? null) : null })}>
          Roll out…
        </Button>
      </span>
    </li>
  );
}

function label(verb: VerbName, type: Trouble["type"]): string {
  if (verb === "resolve") return "Resolved";
  return verb === "start" && type === "effect_failing" ? "Try now" : VERBS[verb].label;
}
