import { useEffect, useState } from "preact/hooks";

import { Button, IconButton } from "../kit/button";
import { Icon } from "../kit/icons";
import { Link } from "../kit/link";
import { agentPath } from "../route";
import { type Operation, type OperationStep, dismiss, operations } from "../state/operations";
import "../kit/status.css";
import "./tray.css";

const GONE_AFTER_MS = 6000;

/** What was asked for, how far it is, and what became of it. A success goes by itself, a failure stays. */
export function Tray() {
  return (
    <section class="tray" aria-label="Actions under way">
      <ol>
        {operations.value.map((operation) => (
          <Card key={operation.id} operation={operation} />
        ))}
      </ol>
    </section>
  );
}

function Card({ operation }: { operation: Operation }) {
  const { id, steps, endedAt } = operation;
  const failed = steps.filter(({ state }) => state === "failed");
  const ended = steps.filter(({ state }) => state === "done" || state === "failed").length;
  const [held, setHeld] = useState(false);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (endedAt === null || failed.length > 0 || held || open) return;
    const timer = setTimeout(() => dismiss(id), GONE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [endedAt, failed.length, held, open]);
  const tone = endedAt === null ? "busy" : failed.length > 0 ? "bad" : "ok";
  const only = steps.length === 1 ? steps[0] : undefined;
  return (
    <li class={`tray-card tone-${tone}`} onMouseEnter={() => setHeld(true)} onMouseLeave={() => setHeld(false)}>
      <div class="tray-line">
        <Icon name={tone === "busy" ? "spin" : tone === "bad" ? "alert" : "check"} class={tone === "busy" ? "spinning" : ""} />
        <strong class="tray-title" role={tone === "bad" ? "alert" : "status"}>
          {summary(operation, failed.length)}
        </strong>
        {steps.length > 1 && (
          <span class="num soft">
            {ended}/{steps.length}
          </span>
        )}
        {steps.length > 1 && (
          <IconButton
            icon={open ? "up" : "down"}
            label={open ? "Hide each" : "Show each"}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          />
        )}
        {endedAt !== null && <IconButton icon="close" label="Dismiss" onClick={() => dismiss(id)} />}
      </div>
      {steps.length > 1 && endedAt === null && <progress class="tray-progress" max={steps.length} value={ended} aria-label="Progress" />}
      {only !== undefined && <Detail step={only} />}
      {steps.length > 1 && (open || failed.length > 0) && (
        <ul class="tray-steps">
          {(open ? steps : failed).map((step) => (
            <li key={step.name}>
              <span class={`tray-step tone-${STEP_TONE[step.state]}`}>
                <Icon name={STEP_ICON[step.state]} class={step.state === "running" ? "spinning" : ""} />
                <Link class="cut" href={agentPath(step.name)}>
                  {step.name}
                </Link>
                <span class="tray-outcome">{step.outcome ?? STEP_WORD[step.state]}</span>
              </span>
              <Detail step={step} />
            </li>
          ))}
        </ul>
      )}
      {operation.again !== null && (
        <div class="tray-actions">
          <Button small icon="restart" onClick={operation.again}>
            Try again
          </Button>
        </div>
      )}
    </li>
  );
}

function Detail({ step }: { step: OperationStep }) {
  if (step.detail === null && step.help === null) return null;
  return (
    <p class="tray-detail">
      {step.detail}
      {step.help !== null && <span class="soft"> {step.help}</span>}
    </p>
  );
}

function summary({ title, done, steps, endedAt }: Operation, failed: number): string {
  if (endedAt === null) return `${title}…`;
  const only = steps.length === 1 ? steps[0] : undefined;
  if (only !== undefined) {
    return only.state === "failed" ? `${only.name}: ${(only.outcome ?? "failed").toLowerCase()}` : `${only.name}: ${only.outcome ?? done}`;
  }
  if (failed === 0) return `${steps.length} ${done}`;
  return `${failed} of ${steps.length} failed`;
}

const STEP_TONE = { waiting: "idle", running: "busy", done: "ok", failed: "bad" } as const;
const STEP_ICON = { waiting: "ring", running: "spin", done: "check", failed: "alert" } as const;
const STEP_WORD = { waiting: "waiting", running: "under way", done: "done", failed: "failed" } as const;
