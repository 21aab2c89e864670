import "./fleet.css";

import { Button } from "../../kit/button";
import { EmptyState } from "../../kit/empty";
import { intent } from "../../state/intent";
import { agents, arrived } from "../../state/store";
import { Attention } from "./attention";
import { Bulk } from "./bulk";
import { useFleetKeys } from "./keys";
import { groups, setFilter } from "./list";
import { FleetTable } from "./table";
import { Toolbar } from "./toolbar";
import { Totals } from "./totals";
import { NO_FILTER } from "../../state/filter";

/** The fleet at a glance: what is wrong first, then everybody. */
export function FleetView() {
  useFleetKeys();
  return (
    <div class="fleet">
      <h1 class="hidden-text">Fleet</h1>
      <Totals />
      <Attention />
      <section class="fleet-list" aria-label="Agents">
        <Toolbar />
        <Rows />
      </section>
      <Bulk />
    </div>
  );
}

function Rows() {
  if (!arrived.value) return <Skeleton />;
  if (agents.value.size === 0) {
    return (
      <div class="card">
        <EmptyState
          icon="plus"
          title="There are no agents yet"
          actions={
            <Button kind="primary" icon="plus" onClick={() => (intent.value = { kind: "create", type: null })}>
              New agent
            </Button>
          }
        >
          An agent is one long-lived container with a state of its own. Its type says which image it runs.
        </EmptyState>
      </div>
    );
  }
  if (groups.value.length === 0) {
    return (
      <div class="card">
        <EmptyState
          icon="filter"
          title="No agent fits the filter"
          actions={<Button onClick={() => setFilter(NO_FILTER)}>Show all {agents.value.size}</Button>}
        />
      </div>
    );
  }
  return <FleetTable />;
}

/** Before the first picture, in the shape of what will come. */
function Skeleton() {
  return (
    <div class="card skeleton" role="status" aria-label="Loading the fleet">
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} class="skeleton-row" />
      ))}
    </div>
  );
}
