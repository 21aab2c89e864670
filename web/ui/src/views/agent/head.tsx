import type { ComponentChildren } from "preact";

import type { Agent } from "../../api/types";
import { Button } from "../../kit/button";
import { Icon } from "../../kit/icons";
import { Link } from "../../kit/link";
import { Menu, type MenuItem } from "../../kit/menu";
import { Chip, StatusMark } from "../../kit/status";
import { Ago, Dash } from "../../kit/time";
import { taskPath } from "../../route";
import { intend, intent } from "../../state/intent";
import { inert } from "../../state/inert";
import { conditionOf, conditionTone, sinceWhen, statusOf } from "../../state/status";
import { dockerReachable } from "../../state/store";
import { type Verb, type VerbName, fitting } from "../../state/verbs";
import { VERB_ICONS } from "../fleet/row";
import { Standing } from "./standing";

/** Who it is, how it is, and what can be done. */
export function AgentHead({ agent }: { agent: Agent }) {
  const { name } = agent;
  return (
    <header class="agent-head">
      <div class="agent-title">
        <Link class="crumb" href="/">
          Fleet
        </Link>
        <div class="agent-name">
          <h1>{name}</h1>
          <StatusMark status={statusOf(agent, dockerReachable.value)} />
          <Marks agent={agent} />
        </div>
      </div>
      <Actions agent={agent} />
      <Standing agent={agent} />
      <Facts agent={agent} />
    </header>
  );
}

const MARKS = ["needs_human", "unhealthy", "limit_near", "parked", "cordoned", "kept_awake", "draining"] as const;
const MARK_WORDS: Record<(typeof MARKS)[number], string> = {
  needs_human: "needs a person",
  unhealthy: "unhealthy",
  limit_near: "near a limit",
  parked: "parked",
  cordoned: "cordoned",
  kept_awake: "kept awake",
  draining: "draining",
};

function Marks({ agent }: { agent: Agent }) {
  return (
    <>
      {MARKS.map((type) => {
        const condition = conditionOf(agent, type);
        return (
          condition !== null && (
            <Chip key={type} tone={conditionTone(type)} title={inert(condition.reason)}>
              {MARK_WORDS[type]}
            </Chip>
          )
        );
      })}
    </>
  );
}

/** As buttons where there is room; the others are in the menu. */
const AT_HAND: readonly VerbName[] = ["adopt", "recover", "start", "stop", "restart"];

function Actions({ agent }: { agent: Agent }) {
  const verbs = fitting(agent);
  const label = ({ label, confirm }: Verb): string => (confirm ? `${label}…` : label);
  const item = (verb: Verb): MenuItem => ({
    label: label(verb),
    icon: VERB_ICONS[verb.name],
    danger: verb.danger,
    onSelect: () => intend(verb.name, [agent.name]),
  });
  const rest = verbs.filter(({ name }) => !AT_HAND.includes(name));
  const groups = () => [
    rest.filter(({ danger }) => !danger).map(item),
    agent.host_mode ? [] : [{ label: "Edit…", icon: "edit" as const, onSelect: () => (intent.value = { kind: "edit", name: agent.name }) }],
    rest.filter(({ danger }) => danger).map(item),
  ];
  return (
    <div class="agent-actions" role="group" aria-label={`Actions on ${agent.name}`}>
      {verbs
        .filter(({ name }) => AT_HAND.includes(name))
        .map((verb) => (
          <Button key={verb.name} icon={VERB_ICONS[verb.name]} onClick={() => intend(verb.name, [agent.name])}>
            {label(verb)}
          </Button>
        ))}
      {!agent.host_mode && (
        <Button icon="task" onClick={() => (intent.value = { kind: "run-task", name: agent.name })}>
          Run a task
        </Button>
      )}
      <Menu label={`More actions on ${agent.name}`} groups={groups} trigger={<Icon name="more" />} triggerClass="button agent-more" />
    </div>
  );
}

function Facts({ agent }: { agent: Agent }) {
  const { observed, lease, task } = agent;
  const status = statusOf(agent, dockerReachable.value);
  const unknown = status.tone === "unknown";
  // A task holds its own lease, by its id.
  const holder = lease === null || (task !== null && lease.holder.startsWith("task:")) ? null : lease.holder;
  const running = observed.phase === "running" && !unknown;
  return (
    <dl class="facts card dims">
      <Fact label="Type">
        {agent.type}
        {agent.pool !== agent.type && <span class="soft">pool {agent.pool}</span>}
      </Fact>
      <Fact label="Lifecycle">
        {agent.host_mode ? (
          "on the host"
        ) : (
          <>
            <Icon name={agent.lifecycle === "hot" ? "flame" : "moon"} />
            {agent.lifecycle}
          </>
        )}
      </Fact>
      <Fact label={`${status.word} for`}>
        <Ago at={unknown ? null : sinceWhen(agent)} />
      </Fact>
      <Fact label="Uptime">
        <Ago at={running && observed.started_at !== null ? Date.parse(observed.started_at) : null} />
      </Fact>
      <Fact label="Works for">
        {lease === null && task === null && <Dash />}
        {holder !== null && (
          <span class="cut" title={holder}>
            {holder}
          </span>
        )}
        {task !== null && (
          <Link class="text-link" href={taskPath(task)}>
            a task
          </Link>
        )}
      </Fact>
      <Fact label="Restarts">
        <span class="num">{observed.restart_count ?? <Dash />}</span>
      </Fact>
      <Fact label="Container">
        {observed.container_id === null ? (
          <Dash />
        ) : (
          <span class="mono" title={observed.incarnation ?? observed.container_id}>
            {observed.container_id.slice(0, 12)}
          </span>
        )}
      </Fact>
      <Fact label="Image" wide>
        <Image agent={agent} />
      </Fact>
    </dl>
  );
}

function Image({ agent }: { agent: Agent }) {
  const name = agent.observed.image ?? agent.desired.image;
  if (name === null) return <Dash />;
  const stale = conditionOf(agent, "stale");
  const drift = conditionOf(agent, "drift");
  return (
    <>
      <span class="mono cut" title={`${name} ${agent.observed.image_id ?? ""}`}>
        {name}
      </span>
      {stale !== null && (
        <Chip tone="warn" title={stale.reason}>
          stale
        </Chip>
      )}
      {drift !== null && (
        <Chip tone="busy" title={drift.reason}>
          drift
        </Chip>
      )}
      {stale === null && drift === null && agent.observed.container_id !== null && (
        <Chip tone="ok" title="The container runs the image that this name means now">
          current
        </Chip>
      )}
    </>
  );
}

function Fact({ label, wide = false, children }: { label: string; wide?: boolean; children: ComponentChildren }) {
  return (
    <div class={wide ? "fact-wide" : undefined}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
