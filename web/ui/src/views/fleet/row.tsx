import { useRef } from "preact/hooks";

import { Icon } from "../../kit/icons";
import { Link } from "../../kit/link";
import { Menu, type MenuItem } from "../../kit/menu";
import { Chip, StatusMark } from "../../kit/status";
import { Ago, Dash, Until } from "../../kit/time";
import { Sparkline } from "../../kit/sparkline";
import type { Agent } from "../../api/types";
import { agentPath, taskPath } from "../../route";
import { intend } from "../../state/intent";
import { isSelected, toggle } from "../../state/selection";
import { reopensAt, saidOf } from "../../state/parked";
import { bytes, percent } from "../../state/size";
import { KEPT } from "../../state/stats";
import { conditionOf, holds, nextRetry, sinceWhen, statusOf } from "../../state/status";
import { agent as agentSignal, dockerReachable, samples } from "../../state/store";
import { type Verb, type VerbName, fitting } from "../../state/verbs";
import { useNear } from "./near";
import type { IconName } from "../../kit/icons";

interface RowProps {
  name: string;
  /** Within the window when the list is first shown. */
  first: boolean;
}

/**
 * One agent. It is painted anew when that agent changes, and not when another one does. Far from the window only its
 * name and status are there: rows by the hundred, each with a menu and a chart, would take long to make and to keep.
 */
export function FleetRow({ name, first }: RowProps) {
  const agent = agentSignal(name).value;
  const row = useRef<HTMLDivElement>(null);
  const near = useNear(row, first);
  if (agent === null) return null;
  const chosen = isSelected(name);
  const status = statusOf(agent, dockerReachable.value);
  const attributes = { ref: row, role: "row", "data-name": name, "data-chosen": chosen, "aria-selected": chosen } as const;
  if (!near) {
    return (
      <div {...attributes} class="table-row agent-row">
        <span role="cell" class="cell cell-select" />
        <span role="cell" class="cell cell-name">
          <Link class="row-link cut" href={agentPath(name)}>
            {name}
          </Link>
        </span>
        <span role="cell" class="cell cell-status">
          {status.word}
        </span>
      </div>
    );
  }
  const retry = nextRetry(agent);
  return (
    <div {...attributes} class="table-row agent-row">
      <span role="cell" class="cell cell-select">
        <input type="checkbox" tabIndex={-1} checked={chosen} onChange={() => toggle(name)} aria-label={`Select ${name}`} />
      </span>
      <span role="cell" class="cell cell-name">
        <Link class="row-link cut" href={agentPath(name)}>
          {name}
        </Link>
        <Marks agent={agent} />
      </span>
      <span role="cell" class="cell cell-status">
        <StatusMark status={status} />
      </span>
      <span role="cell" class="cell cell-lifecycle">
        <Life agent={agent} />
      </span>
      <span role="cell" class="cell cell-work">
        <Work agent={agent} />
      </span>
      <span role="cell" class="cell cell-since">
        <Ago at={status.tone === "unknown" ? null : sinceWhen(agent)} />
      </span>
      <span role="cell" class="cell cell-restarts num" data-zero={(agent.observed.restart_count ?? 0) === 0}>
        {agent.observed.restart_count ?? <Dash />}
      </span>
      <Usage name={name} running={agent.observed.phase === "running"} />
      <span role="cell" class="cell cell-image">
        <Image agent={agent} />
      </span>
      <span role="cell" class="cell cell-retry" data-none={retry === null}>
        <Until at={retry} />
      </span>
      <span role="cell" class="cell cell-menu">
        <Menu label={`Actions on ${name}`} groups={() => rowActions(agent)} />
      </span>
    </div>
  );
}

/** What an operator set by hand, and what waits. */
function Marks({ agent }: { agent: Agent }) {
  const { observed } = agent;
  return (
    <>
      {holds(agent, "needs_human") && (
        <Chip tone="bad" title={agent.needs_human?.reason ?? ""}>
          needs a person
        </Chip>
      )}
      {holds(agent, "parked") && observed.phase !== "stopped" && observed.phase !== "absent" && (
        <Chip tone="warn" title={agent.parked?.reason ?? ""}>
          parked
        </Chip>
      )}
      {holds(agent, "unhealthy") && (
        <Chip tone="bad" title={conditionOf(agent, "unhealthy")?.reason ?? ""}>
          unhealthy
        </Chip>
      )}
      {holds(agent, "limit_near") && (
        <Chip tone="warn" title={conditionOf(agent, "limit_near")?.reason ?? ""}>
          near a limit
        </Chip>
      )}
      {holds(agent, "cordoned") && (
        <Chip tone="warn" title={conditionOf(agent, "cordoned")?.reason ?? ""}>
          cordoned
        </Chip>
      )}
      {holds(agent, "kept_awake") && (
        <Chip tone="busy" title={conditionOf(agent, "kept_awake")?.reason ?? ""}>
          kept awake
        </Chip>
      )}
      {holds(agent, "draining") && (
        <Chip tone="busy" title={conditionOf(agent, "draining")?.reason ?? ""}>
          draining
        </Chip>
      )}
    </>
  );
}

function Life({ agent }: { agent: Agent }) {
  if (agent.host_mode) return <Dash />;
  const hot = agent.lifecycle === "hot";
  return (
    <span class="life" title={hot ? "Always running" : "Sleeps until there is work"}>
      <Icon name={hot ? "flame" : "moon"} />
      {agent.lifecycle}
    </span>
  );
}

/** Whom it works for, and what it says of its work or why it gets none. */
function Work({ agent }: { agent: Agent }) {
  const said = saidOf(agent);
  const works = agent.task !== null || agent.lease !== null;
  if (!works && said === null) return <Dash />;
  return (
    <span class="works">
      {works ? <Holder agent={agent} /> : agent.parked && <Reopens agent={agent} />}
      {said !== null && (
        <span class="said cut" title={said.text}>
          {works && agent.parked && <ReopensWords agent={agent} />}
          {works && agent.parked && ": "}
          {said.text}
        </span>
      )}
    </span>
  );
}

function Reopens({ agent }: { agent: Agent }) {
  return (
    <span class="work">
      <Icon name="clock" />
      <span class="cut">
        <ReopensWords agent={agent} />
      </span>
    </span>
  );
}

function ReopensWords({ agent }: { agent: Agent }) {
  const at = reopensAt(agent);
  return at === null ? (
    <>until it is reopened</>
  ) : (
    <>
      reopens <Until at={at} />
    </>
  );
}

function Holder({ agent }: { agent: Agent }) {
  const { task } = agent;
  // A task that took a lease of its own holds it by its id, of which the end tells one from another.
  const own = task !== null && (agent.lease === null || agent.lease.holder === `task:${task}`);
  const holder = own ? `task …${task.slice(-6)}` : (agent.lease?.holder ?? "");
  return (
    <span class="work">
      <Icon name={task === null ? "link" : "task"} />
      {task === null ? (
        <span class="cut" title={`${holder} holds a lease`}>
          {holder}
        </span>
      ) : (
        <Link class="cut" href={taskPath(task)} title={own ? `task ${task}` : `${holder}: task ${task}`}>
          {holder}
        </Link>
      )}
    </span>
  );
}

/** Apart from the row: measurements come every few seconds. */
function Usage({ name, running }: { name: string; running: boolean }) {
  const past = samples(name).value;
  const last = running ? past.at(-1) : undefined;
  if (last === undefined) {
    return (
      <>
        <span role="cell" class="cell cell-cpu" data-none="true">
          <Dash />
        </span>
        <span role="cell" class="cell cell-memory" data-none="true">
          <Dash />
        </span>
      </>
    );
  }
  const share = last.memory !== null && last.memoryLimit ? Math.min(1, last.memory / last.memoryLimit) : null;
  return (
    <>
      <span role="cell" class="cell cell-cpu num">
        <Sparkline values={past.map(({ cpu }) => cpu)} room={KEPT} top={25} />
        <span class="cpu-number">{last.cpu === null ? <Dash /> : percent(last.cpu)}</span>
      </span>
      <span
        role="cell"
        class="cell cell-memory num"
        title={last.memoryLimit === null ? undefined : `of ${bytes(last.memoryLimit)}`}
      >
        <span>{last.memory === null ? <Dash /> : bytes(last.memory)}</span>
        {share !== null && (
          <span class="bar" data-high={share > 0.9} aria-hidden="true">
            <span style={{ width: `${(share * 100).toFixed(0)}%` }} />
          </span>
        )}
      </span>
    </>
  );
}

function Image({ agent }: { agent: Agent }) {
  const { image } = agent.desired;
  if (image === null) return <Dash />;
  const stale = conditionOf(agent, "stale");
  const drift = conditionOf(agent, "drift");
  return (
    <>
      <span class="cut mono" title={image}>
        {image.slice(image.lastIndexOf("/") + 1)}
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
    </>
  );
}

export const VERB_ICONS: Record<VerbName, IconName> = {
  start: "play",
  stop: "square",
  restart: "restart",
  recreate: "recreate",
  adopt: "link",
  recover: "restart",
  cordon: "shield",
  uncordon: "unshield",
  hold: "sun",
  unhold: "moon",
  park: "pause",
  reopen: "play",
  resolve: "person",
  delete: "trash",
};

function rowActions(agent: Agent): MenuItem[][] {
  const item = ({ name, label, danger, confirm }: Verb): MenuItem => ({
    label: confirm ? `${label}…` : label,
    icon: VERB_ICONS[name],
    danger,
    onSelect: () => intend(name, [agent.name]),
  });
  const verbs = fitting(agent);
  return [verbs.filter(({ danger }) => !danger).map(item), verbs.filter(({ danger }) => danger).map(item)];
}
