import "./bulk.css";

import { Button, IconButton } from "../../kit/button";
import { intend } from "../../state/intent";
import { clearSelection, selected } from "../../state/selection";
import { agents } from "../../state/store";
import { VERBS, type VerbName } from "../../state/verbs";
import { VERB_ICONS } from "./row";

const OFFERED: readonly VerbName[] = ["start", "stop", "restart", "recreate", "cordon", "uncordon", "park", "reopen", "resolve", "delete"];

/** What can be done with the selected agents; each verb goes to those that it fits. */
export function Bulk() {
  const chosen = selected.value.flatMap((name) => agents.value.get(name) ?? []);
  if (chosen.length === 0) return null;
  return (
    <div class="bulk" role="toolbar" aria-label="Actions on the selected agents">
      <span class="bulk-count num">{chosen.length} selected</span>
      <div class="bulk-verbs">
        {OFFERED.map((name) => {
          const fit = chosen.filter((agent) => VERBS[name].fits(agent)).map((agent) => agent.name);
          if (fit.length === 0) return null;
          return (
            <Button key={name} kind="quiet" small icon={VERB_ICONS[name]} onClick={() => intend(name, fit)}>
              {VERBS[name].label}
              {fit.length < chosen.length && <span class="num soft"> {fit.length}</span>}
            </Button>
          );
        })}
      </div>
      <IconButton icon="close" label="Clear the selection" onClick={clearSelection} />
    </div>
  );
}
