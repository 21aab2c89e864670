import "./last-death.css";

import type { Capsule } from "../../api/agent";
import type { LastStop } from "../../api/types";
import { IconButton } from "../../kit/button";
import { Link } from "../../kit/link";
import { Chip } from "../../kit/status";
import { Ago, Dash } from "../../kit/time";
import { taskPath } from "../../route";
import { bytes } from "../../state/size";
import { fullTime } from "../../state/time";
import { copyText } from "../shared/output/copy";
import { PLAIN, parseLine } from "../shared/output/sgr";
import "../shared/output/pane.css";
import { sentence } from "./why";

const CAUSE_WORDS: Record<string, string> = {
  requested: "as it was asked to",
  exited: "ended by itself",
  crashed: "crashed",
  oom: "out of memory",
  killed: "killed by somebody else",
  unhealthy: "restarted, as its health checks failed",
  start_failed: "could not be started",
  vanished: "its container vanished",
};

const WALL_WORDS: Record<string, string> = { memory: "memory", cpu: "CPU", pids: "processes", disk: "disk" };

/** What is known of how its container last died. */
export function LastDeath({ stop }: { stop: LastStop }) {
  const capsule = stop.capsule as Capsule | undefined | null;
  const calm = stop.cause === "requested" || stop.cause === "exited";
  return (
    <section class="card death dims" aria-labelledby="death-title">
      <div class="death-head">
        <h2 id="death-title">Last stop</h2>
        <Chip tone={calm ? "idle" : "bad"}>{CAUSE_WORDS[stop.cause] ?? stop.cause.replaceAll("_", " ")}</Chip>
        <span class="soft" title={fullTime(Date.parse(stop.at))}>
          <Ago at={Date.parse(stop.at)} /> ago
        </span>
      </div>
      {stop.detail !== null && <p>{sentence(stop.detail)}</p>}
      <dl class="facts death-facts">
        <div>
          <dt>Exit code</dt>
          <dd class="num">{stop.exit_code ?? <Dash />}</dd>
        </div>
        {capsule != null && <Saved capsule={capsule} />}
        <div>
          <dt>Container</dt>
          <dd>
            <span class="mono" title={stop.incarnation}>
              {stop.incarnation.slice(0, 12)}
            </span>
          </dd>
        </div>
      </dl>
      {capsule != null && <LogTail text={capsule.log_tail} />}
    </section>
  );
}

/** What could be saved before docker let go of it; nobody saves anything where the stop was asked for. */
function Saved({ capsule }: { capsule: Capsule }) {
  const { oom_killed, task, disk, wall, usage } = capsule;
  const pids = usage?.limits?.pids ?? null;
  return (
    <>
      {wall != null && (
        <div>
          <dt>Ran against</dt>
          <dd>
            <Chip tone="bad">{`its limit of ${WALL_WORDS[wall] ?? wall}`}</Chip>
          </dd>
        </div>
      )}
      {usage != null && (
        <div>
          <dt>Used at last</dt>
          <dd class="num">
            {bytes(usage.memory_bytes)} of {bytes(usage.memory_limit_bytes)}, {usage.pids}
            {pids !== null && ` of ${pids}`} {usage.pids === 1 && pids === null ? "process" : "processes"}
          </dd>
        </div>
      )}
      <div>
        <dt>Out of memory</dt>
        <dd>{oom_killed ? <Chip tone="bad">killed by the kernel</Chip> : "no sign of it"}</dd>
      </div>
      <div>
        <dt>Task</dt>
        <dd>
          {task === null ? (
            <Dash />
          ) : (
            <Link class="text-link" href={taskPath(task)}>
              was running
            </Link>
          )}
        </dd>
      </div>
      <div>
        <dt>Disk of its state</dt>
        <dd class="num">{disk === null ? <Dash /> : `${bytes(disk.free)} of ${bytes(disk.total)} free`}</dd>
      </div>
    </>
  );
}

function LogTail({ text }: { text: string }) {
  if (text === "") return <p class="soft">It left no last words: it printed nothing, or its output was gone.</p>;
  let style = PLAIN;
  const lines = text.replace(/\n$/, "").split("\n").map((raw) => {
    const parsed = parseLine(raw, style);
    ({ style } = parsed);
    return parsed.pieces;
  });
  return (
    <div class="death-words">
      <div class="death-words-head">
        <h3>Its last words</h3>
        <IconButton icon="copy" label="Copy the last words" onClick={() => void copyText(text)} />
      </div>
      <pre class="log-tail" tabIndex={0} role="region" aria-label="Last lines of its log">
        {lines.map((pieces, index) => (
          <div key={index} class="output-text">
            {pieces.map((piece, at) => (
              <span key={at} class={piece.style === "" ? undefined : piece.style}>
                {piece.text}
              </span>
            ))}
            {pieces.length === 0 && "\u200b"}
          </div>
        ))}
      </pre>
    </div>
  );
}
