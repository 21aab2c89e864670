/**
 * The pages by their routes. All but the first are fetched when they are first opened.
 *
 * A page that is to be in the navigation is listed in `shell/nav.tsx`.
 */

import type { ComponentType } from "preact";

import type { Route, View } from "./route";
import { FleetView } from "./views/fleet/fleet";

export type ViewComponent = ComponentType<{ route: Route }>;

type Loader = () => Promise<ViewComponent>;

export const FIRST: ViewComponent = FleetView;

export const LAZY: Partial<Record<View, Loader>> = {
  agent: async () => (await import("./views/agent/agent")).AgentView,
  tasks: async () => (await import("./views/tasks/tasks")).TasksView,
  task: async () => (await import("./views/task/task")).TaskView,
  rollouts: async () => (await import("./views/rollouts/rollouts")).RolloutsView,
  rollout: async () => (await import("./views/rollout/rollout")).RolloutView,
  timeline: async () => (await import("./views/timeline/timeline")).TimelineView,
  plan: async () => (await import("./views/plan/plan")).PlanView,
  events: async () => (await import("./views/events/events")).EventsView,
  "sign-in": async () => (await import("./views/sign-in/sign-in")).SignInView,
};
