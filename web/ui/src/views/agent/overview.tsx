import type { Agent } from "../../api/types";
import { LastDeath } from "./last-death";
import { Usage } from "./usage";
import { WhyCard } from "./why";

export function Overview({ agent }: { agent: Agent }) {
  return (
    <div class="overview">
      <WhyCard agent={agent} />
      {!agent.host_mode && <Usage name={agent.name} running={agent.observed.phase === "running"} />}
      {agent.last_stop !== null && <LastDeath stop={agent.last_stop} />}
    </div>
  );
}
