import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Notice } from "../../kit/notice";
import { agents } from "../../state/store";
import { foreign, wouldCut } from "./groups";
import { apply, asked, plan } from "./state";

const SHOWN = 8;

/** Asks before something that runs is replaced, or something of others is taken over. */
export function AskDialog() {
  const what = asked.value;
  if (what === null) return null;
  const close = (): void => {
    asked.value = null;
  };
  const cut = wouldCut(plan.value ?? [], agents.value).map(({ instance }) => instance);
  const adopted = foreign(plan.value ?? []).map(({ instance }) => instance);
  const label = what === "adopt" ? "Adopt and apply" : "Apply";
  return (
    <Dialog
      title={what === "adopt" ? "Adopt the containers of others?" : "Apply the plan?"}
      onClose={close}
      onSubmit={() => void apply(what === "adopt")}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" kind="primary" data-autofocus>
            {label}
          </Button>
        </>
      }
    >
      {what === "adopt" && (
        <>
          <p>Each is replaced by a container of ours on the same state volume; those without a row get one, if a declared type has such names. The rest of the plan is done too.</p>
          <Names names={adopted} />
        </>
      )}
      {cut.length > 0 && (
        <Notice tone="warn">
          <strong>{cut.length === 1 ? "One that may be running is stopped or replaced" : `${cut.length} that may be running are stopped or replaced`}</strong>
          <Names names={cut} />
          <p class="soft">Whoever is at work is waited for.</p>
        </Notice>
      )}
    </Dialog>
  );
}

function Names({ names }: { names: readonly string[] }) {
  return (
    <ul class="plan-names mono">
      {names.slice(0, SHOWN).map((name) => (
        <li key={name}>{name}</li>
      ))}
      {names.length > SHOWN && <li>and {names.length - SHOWN} more</li>}
    </ul>
  );
}
