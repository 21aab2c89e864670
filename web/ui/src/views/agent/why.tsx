import "./why.css";

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { type Why, why as fetchWhy } from "../../api/agent";
import type { Agent, Condition } from "../../api/types";
import { Icon } from "../../kit/icons";
import { Problem } from "../../kit/notice";
import { StatusMark, StatusShape } from "../../kit/status";
import { Ago, Dash, Until } from "../../kit/time";
import { useLoad } from "../../kit/use-load";
import { inert, shortIds } from "../../state/inert";
import { conditionTone, conditionWord, statusOf } from "../../state/status";
import { dockerReachable } from "../../state/store";
import { type Evidence, evidenceOf } from "./evidence";

/** Looked at again no more often than this, however fast the agent changes. */
const SOON_MS = 400;

/** How the supervisor came to what it does with this agent: state, rule, evidence, what comes next. */
export function WhyCard({ agent }: { agent: Agent }) {
  const loaded = useLoad(agent.name, () => fetchWhy(agent.name));
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    const timer = setTimeout(loaded.reload, SOON_MS);
    return () => clearTimeout(timer);
  }, [agent]);
  const why = loaded.value;
  return (
    <section class="card why dims" aria-labelledby="why-title">
      <h2 id="why-title">Why</h2>
      {loaded.error !== null && <Problem error={loaded.error} />}
      {why === null ? (
        loaded.error === null && <div class="why-wait" role="status" aria-label="Loading the decision" />
      ) : (
        <Chain why={why} agent={agent} />
      )}
      <Conditions conditions={agent.conditions} />
    </section>
  );
}

function Chain({ why, agent }: { why: Why; agent: Agent }) {
  return (
    <ol class="chain">
      <Step label="State">
        <StatusMark status={statusOf(agent, dockerReachable.value)} />
      </Step>
      <Step label="Because">
        <p class="why-words">{sentence(why.explanation)}</p>
        <p class="soft">
          Rule <code>{why.rule}</code>, held for <Ago at={Date.parse(why.since)} />
        </p>
      </Step>
      <Step label="Evidence">
        <dl class="evidence">
          {evidenceOf(why.evidence).map((item) => (
            <EvidenceRow key={item.label} item={item} />
          ))}
        </dl>
      </Step>
      <Step label="Next">
        {why.next_action === null ? (
          <span class="soft">Nothing until something changes</span>
        ) : (
          <span class="why-next">
            <Icon name="right" />
            <strong>{sentence(why.next_action.replaceAll("_", " "))}</strong>
            {why.next_at !== null && <Until at={Date.parse(why.next_at)} />}
          </span>
        )}
      </Step>
    </ol>
  );
}

function Step({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <li class="chain-step">
      <h3>{label}</h3>
      <div>{children}</div>
    </li>
  );
}

function EvidenceRow({ item }: { item: Evidence }) {
  return (
    <div>
      <dt>{item.label}</dt>
      <dd>
        {item.parts.length === 0 && <Dash />}
        {item.parts.map((part, index) => (
          <span key={index} class="evidence-part">
            {part.name !== null && <span class="soft">{part.name} </span>}
            {part.at === null ? (
              <span class={part.code ? "mono" : undefined} title={part.full ?? undefined}>
                {part.text}
              </span>
            ) : (
              <>
                <Ago at={part.at} /> ago
              </>
            )}
          </span>
        ))}
      </dd>
    </div>
  );
}

function Conditions({ conditions }: { conditions: readonly Condition[] }) {
  return (
    <>
      <h2 class="conditions-title">Conditions</h2>
      <ul class="conditions">
        {conditions.map((condition) => (
          <ConditionRow key={condition.type} condition={condition} />
        ))}
        {conditions.length === 0 && <li class="soft">None</li>}
      </ul>
    </>
  );
}

function ConditionRow({ condition }: { condition: Condition }) {
  const { type, status, reason, since, next_retry_at } = condition;
  const tone = status ? conditionTone(type) : "idle";
  const word = conditionWord(type);
  // A word for programs, or a sentence for people.
  const said = shortIds(inert(/^\w+$/.test(reason) ? reason.replaceAll("_", " ") : reason));
  return (
    <li class="condition">
      <StatusShape tone={tone} shape={!status ? "ring" : tone === "ok" ? "check" : tone === "busy" ? "square" : "alert"} />
      <div class="condition-words">
        <strong>{status ? word : `Not ${word.toLowerCase()}`}</strong>
        <p class="soft">{sentence(said)}</p>
      </div>
      <div class="condition-times">
        <span>
          for <Ago at={Date.parse(since)} />
        </span>
        {status && next_retry_at !== undefined && (
          <span class={type === "parked" ? undefined : "condition-retry"}>
            {type === "parked" ? "reopens" : type === "unhealthy" ? "restart" : "next try"} <Until at={Date.parse(next_retry_at)} />
          </span>
        )}
      </div>
    </li>
  );
}

export function sentence(text: string): string {
  return text === "" ? text : text[0]?.toUpperCase() + text.slice(1);
}
