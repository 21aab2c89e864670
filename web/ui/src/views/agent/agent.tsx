import "../shared/facts.css";
import "./agent.css";

import { useEffect } from "preact/hooks";

import type { Agent } from "../../api/types";
import { Tabs } from "../../kit/tabs";
import { type Route, agentPath } from "../../route";
import { agent as agentSignal, arrived } from "../../state/store";
import { pageName } from "../../state/title";
import { Configuration } from "./configuration";
import { AgentEvents } from "./events";
import { Gone } from "./gone";
import { AgentHead } from "./head";
import { AgentLog } from "./log";
import { Overview } from "./overview";
import { AgentTasks } from "./tasks";

const TABS = [
  { id: "overview", label: "Overview" },
  { id: "log", label: "Log" },
  { id: "tasks", label: "Tasks" },
  { id: "events", label: "Events" },
  { id: "config", label: "Configuration" },
] as const;
type TabId = (typeof TABS)[number]["id"];

/** One agent: what it does and why, what it prints, what it is to be. */
export function AgentView({ route }: { route: Route }) {
  const name = route.view === "agent" ? route.name : "";
  const wanted = route.view === "agent" ? route.tab : null;
  const agent = agentSignal(name).value;
  useEffect(() => {
    pageName.value = name;
    return () => {
      pageName.value = null;
    };
  }, [name]);
  if (agent === null) {
    return arrived.value ? <Gone key={name} name={name} /> : <div class="page-wait" role="status" aria-label="Loading the agent" />;
  }
  const current = TABS.find(({ id }) => id === wanted)?.id ?? "overview";
  const tabs = TABS.filter(({ id }) => !agent.host_mode || (id !== "log" && id !== "tasks"));
  return (
    <div class="agent" key={name}>
      <AgentHead agent={agent} />
      <Tabs
        label={`Parts of ${name}`}
        current={current}
        tabs={tabs.map(({ id, label }) => ({ id, label, href: id === "overview" ? agentPath(name) : agentPath(name, id) }))}
      />
      <TabBody tab={current} agent={agent} />
    </div>
  );
}

function TabBody({ tab, agent }: { tab: TabId; agent: Agent }) {
  switch (tab) {
    case "overview":
      return <Overview agent={agent} />;
    case "log":
      return <AgentLog agent={agent} />;
    case "tasks":
      return <AgentTasks name={agent.name} />;
    case "events":
      return <AgentEvents name={agent.name} />;
    case "config":
      return <Configuration agent={agent} />;
  }
}
