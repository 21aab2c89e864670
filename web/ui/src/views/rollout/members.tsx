import { useRef } from "preact/hooks";

import { memo } from "../../kit/memo";

import type { Member, Rollout } from "../../api/rollouts";
import { Button } from "../../kit/button";
import { EmptyState } from "../../kit/empty";
import { Link } from "../../kit/link";
import { Chip, StatusMark } from "../../kit/status";
import { Ago, Until } from "../../kit/time";
import { agentPath, go, path, search } from "../../route";
import { inert } from "../../state/inert";
import { PARTS, PART_WORDS, type Part, countsOf, hasEnded, kept, memberStatus, partOf, shortId, watchedUntil } from "../shared/rollouts/words";

/** Who gets the image, in the order in which they are taken. */
export function Members({ rollout }: { rollout: Rollout }) {
  const wanted = new URLSearchParams(search.value).get("member");
  const part = PARTS.find((one) => one === wanted) ?? null;
  const counts = countsOf(rollout);
  const last = useRef<readonly Member[]>([]);
  last.current = kept(last.current, rollout.members);
  const shown = last.current.filter((member) => part === null || partOf(member) === part);
  const set = (next: Part | null): void => go(`${path.peek()}${next === null ? "" : `?member=${next}`}`, { replace: true });
  if (rollout.members.length === 0) {
    return (
      <div class="card">
        <EmptyState icon="check" title="Nobody is in it">
          No agent needed another image.
        </EmptyState>
      </div>
    );
  }
  return (
    <section aria-labelledby="members-title">
      <div class="members-head">
        <h2 id="members-title">Agents</h2>
        <div class="segments" role="group" aria-label="Filter">
          <button type="button" aria-pressed={part === null} onClick={() => set(null)}>
            All <span class="num">{rollout.members.length}</span>
          </button>
          {PARTS.filter((one) => counts[one] > 0 || one === part).map((one) => (
            <button key={one} type="button" aria-pressed={part === one} onClick={() => set(one)}>
              {one === "waiting" && hasEnded(rollout) ? "Not touched" : PART_WORDS[one]} <span class="num">{counts[one]}</span>
            </button>
          ))}
        </div>
      </div>
      {shown.length === 0 ? (
        <div class="card">
          <EmptyState icon="filter" title="None is like that now" actions={<Button onClick={() => set(null)}>Show all</Button>} />
        </div>
      ) : (
        <div class="card member-table dims" role="table" aria-label="Agents of the rollout">
          <div role="rowgroup" class="member-table-head">
            <div role="row" class="member-row">
              <span role="columnheader">State</span>
              <span role="columnheader">Agent</span>
              <span role="columnheader">Image</span>
              <span role="columnheader">From → to</span>
              <span role="columnheader">Since</span>
              <span role="columnheader">Why</span>
            </div>
          </div>
          <div role="rowgroup">
            {shown.map((member) => (
              <MemberRow key={member.instance} member={member} watchS={rollout.strategy.watch_s} />
            ))}
          </div>
        </div>
      )}
    </section>
  );
}

const MemberRow = memo(function MemberRow({ member, watchS }: { member: Member; watchS: number }) {
  const until = watchedUntil(member, watchS);
  const reason = member.reason === null ? "" : inert(member.reason);
  return (
    <div role="row" class="member-row member-line">
      <span role="cell" class="member-state">
        <StatusMark status={memberStatus(member.state)} />
      </span>
      <span role="cell" class="member-agent">
        <Link class="row-link cut" href={agentPath(member.instance)}>
          {member.instance}
        </Link>
        {member.canary && <Chip tone="busy">canary</Chip>}
      </span>
      <span role="cell" class="member-image mono cut" title={member.image}>
        {inert(member.image.slice(member.image.lastIndexOf("/") + 1))}
      </span>
      <span role="cell" class="member-ids mono" title={`${member.from_image_id} → ${member.to_image_id ?? "not known yet"}`}>
        {shortId(member.from_image_id)} → {member.to_image_id === null ? "?" : shortId(member.to_image_id)}
      </span>
      <span role="cell" class="member-since">
        <Ago at={Date.parse(member.since)} />
      </span>
      <span role="cell" class="member-why soft">
        {until !== null && (
          <>
            well so far, through <Until at={until} />
            {reason !== "" && ". "}
          </>
        )}
        {reason}
      </span>
    </div>
  );
});
