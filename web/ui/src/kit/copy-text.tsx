import { useEffect, useState } from "preact/hooks";

import { Button } from "./button";

type State = "ready" | "done" | "failed";

/** Copies a text, which is made when it is asked for, and says so. */
export function CopyText({ label, text }: { label: string; text: () => string }) {
  const [state, setState] = useState<State>("ready");
  useEffect(() => {
    if (state === "ready") return;
    const timer = setTimeout(() => setState("ready"), 2000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = (): void => {
    write(text()).then(
      () => setState("done"),
      () => setState("failed"),
    );
  };
  return (
    <>
      <Button small kind="quiet" icon={state === "done" ? "check" : "copy"} onClick={copy}>
        {state === "done" ? "Copied" : state === "failed" ? "Not allowed" : label}
      </Button>
      <span class="hidden-text" role="status">
        {state === "done" ? "Copied" : state === "failed" ? "Copying is not allowed here" : ""}
      </span>
    </>
  );
}

/** The clipboard is there for pages of this computer and of https only. */
async function write(text: string): Promise<void> {
  if (navigator.clipboard === undefined) throw new Error("there is no clipboard");
  await navigator.clipboard.writeText(text);
}
