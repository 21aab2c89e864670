import type { ComponentChildren } from "preact";

import type { Agent, Pin } from "../../api/types";
import { Button } from "../../kit/button";
import { Icon } from "../../kit/icons";
import { Link } from "../../kit/link";
import { Notice } from "../../kit/notice";
import { Ago, Until } from "../../kit/time";
import { rolloutPath } from "../../route";
import { inert, shortIds } from "../../state/inert";
import { intend, intent } from "../../state/intent";
import { parkKindWord, reopensAt } from "../../state/parked";
import { conditionOf, holds } from "../../state/status";
import { agents } from "../../state/store";
import { clockTime, fullTime } from "../../state/time";
import { byWord } from "./by-word";

/** What an operator should know before all else, each with what can be done; and what it says of its work. */
export function Standing({ agent }: { agent: Agent }) {
  const { parked, needs_human, progress, pin } = agent;
  if (!parked && !needs_human && !progress && !pin && !holds(agent, "stale")) return null;
  return (
    <div class="standing">
      <Human agent={agent} />
      <ParkedNotice agent={agent} />
      <OldImage agent={agent} />
      {progress && (
        <p class="standing-said">
          <Icon name="info" />
          <span>
            It says: <q>{inert(progress.text)}</q> <Ago at={Date.parse(progress.at)} /> ago
          </span>
        </p>
      )}
    </div>
  );
}

function Act({ children }: { children: ComponentChildren }) {
  return <span class="standing-act">{children}</span>;
}

function Human({ agent }: { agent: Agent }) {
  const need = agent.needs_human;
  if (!need) return null;
  return (
    <Notice tone="bad">
      <p class="standing-words">
        <strong>It needs a person: {inert(need.reason)}</strong>{" "}
        <span class="soft">
          Said by {byWord(need.by, undefined)} <Ago at={Date.parse(need.since)} /> ago.
        </span>
      </p>
      <Act>
        <Button small icon="check" onClick={() => intend("resolve", [agent.name])}>
          It is resolved
        </Button>
      </Act>
    </Notice>
  );
}

function ParkedNotice({ agent }: { agent: Agent }) {
  const { parked } = agent;
  if (!parked) return null;
  const at = reopensAt(agent);
  const asked = parked.until === null ? null : Date.parse(parked.until);
  return (
    <Notice tone="warn">
      <p class="standing-words">
        <strong>
          Parked: {parkKindWord(parked.kind)}
          {parked.reason !== "" && `: ${inert(parked.reason)}`}.
        </strong>{" "}
        {at === null ? (
          <>It is given no work and not started until somebody reopens it.</>
        ) : (
          <>
            Reopens <Until at={at} /> <span class="soft">({fullTime(at)})</span>
            {asked !== null && at > asked && <span class="soft">, not all of its account at once, so later than {clockTime(asked)}</span>}.
          </>
        )}{" "}
        <span class="soft">
          By {byWord(parked.by, parked.holder)} <Ago at={Date.parse(parked.since)} /> ago
          {parked.account !== undefined && <>, account {inert(parked.account)}</>}.
        </span>
      </p>
      <Act>
        <Button small icon="play" onClick={() => intend("reopen", [agent.name])}>
          Reopen now
        </Button>
        <Button small onClick={() => intend("park", [agent.name])}>
          Change…
        </Button>
      </Act>
    </Notice>
  );
}

/** A stale image, and one that it is held to. */
function OldImage({ agent }: { agent: Agent }) {
  const { pin, type, name } = agent;
  const stale = conditionOf(agent, "stale");
  if (stale === null && !pin) return null;
  const others = [...agents.value.values()].filter((other) => other.type === type && holds(other, "stale")).length;
  // While a rollout tries an image, it is the rollout's matter.
  const tried = pin && pin.reason === null;
  return (
    <Notice tone={tried ? "busy" : "warn"}>
      <p class="standing-words">
        {stale !== null && (
          <>
            <strong>Its image is stale:</strong> {shortIds(inert(stale.reason))}.{" "}
          </>
        )}
        {pin && <Pinned pin={pin} stale={stale !== null} />}
      </p>
      {!tried && (
        <Act>
          {!agent.host_mode && (
            <Button small icon="recreate" onClick={() => intend("recreate", [name])}>
              Recreate
            </Button>
          )}
          <Button small icon="rollout" onClick={() => (intent.value = { kind: "rollout", type })}>
            {others > 1 ? `Roll out to all ${others}…` : "Roll out…"}
          </Button>
        </Act>
      )}
    </Notice>
  );
}

/** The image that it is held to, and by which rollout. */
function Pinned({ pin, stale }: { pin: Pin; stale: boolean }) {
  return (
    <>
      {pin.reason === null ? "A rollout tries the image " : "It is pinned to the image "}
      <code title={pin.image_id}>{shortIds(pin.image_id)}</code>
      {/* That it is stale tells why, too. */}
      {pin.reason !== null && !stale && <>, to which it went back: {inert(pin.reason)}</>}
      {pin.failed && <>, which could not be had: {inert(pin.failed)}</>}.{" "}
      <Link class="text-link" href={rolloutPath(pin.rollout)}>
        The rollout
      </Link>
    </>
  );
}
