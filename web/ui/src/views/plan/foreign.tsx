import type { PlanItem } from "../../api/types";
import { Button } from "../../kit/button";
import { PlanRow } from "./item";
import { asked } from "./state";

/** Containers of others under our names, and what can be done about them. */
export function Foreign({ items }: { items: readonly PlanItem[] }) {
  if (items.length === 0) return null;
  return (
    <section class="card plan-group dims" aria-labelledby="plan-foreign">
      <header>
        <h2 id="plan-foreign">Containers of others</h2>
        <span class="plan-count num">{items.length}</span>
        <p class="soft">They have names of ours but were not made by us. They are never touched until they are adopted.</p>
        <Button small onClick={() => (asked.value = "adopt")}>
          Adopt all…
        </Button>
      </header>
      <ul>
        {items.map((item) => (
          <PlanRow key={item.instance} item={item} />
        ))}
      </ul>
    </section>
  );
}
