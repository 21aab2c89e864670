/** What is on the page, by the names that it gives to things. */

import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

import { PAUSED, RUNNING } from "./trouble";
import { eventually } from "./wait";

/** The words of the agent's row, one per line. */
export const row = (page: Page, name: string): Locator => page.locator(`.agent-row[data-name="${name}"]`);
export const status = (page: Page, name: string): Locator => row(page, name).locator(".cell-status");
export const stateLine = (page: Page): Locator => page.locator(".state-line");
export const dialog = (page: Page): Locator => page.getByRole("dialog");
export const tray = (page: Page): Locator => page.locator(".tray-card");

/** What a task or a container printed. */
export const output = (page: Page): Locator => page.getByRole("region", { name: /: lines$/ }).first();

/** Waits until it says so. */
export async function says(where: Locator, words: string | RegExp, patienceMs = 30_000): Promise<void> {
  let last = "";
  await eventually(`it says ${String(words)}`, async () => {
    last = (await where.count()) === 0 ? "" : ((await where.first().textContent({ timeout: 1000 }).catch(() => "")) ?? "");
    return typeof words === "string" ? last.includes(words) : words.test(last);
  }, patienceMs).catch((error: unknown) => {
    throw new Error(`${String(error)}; it says ${JSON.stringify(last)}`);
  });
}

export async function isGone(where: Locator, patienceMs = 30_000): Promise<void> {
  await eventually(`${String(where)} is gone`, async () => (await where.count()) === 0, patienceMs);
}

/** Opens the palette, types, and does what is found first, which must say so. */
export async function command(page: Page, words: string, found: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await eventually("the palette has the focus", () => page.evaluate(() => document.activeElement?.getAttribute("role") === "combobox"));
  await page.keyboard.type(words);
  await says(page.locator('.palette-item[aria-selected="true"]'), found);
  await page.keyboard.press("Enter");
}

/** A page that was reloaded has lost this mark. */
export async function mark(page: Page): Promise<() => Promise<void>> {
  await page.evaluate("window.__mark = true");
  return async () => expect(await page.evaluate("window.__mark"), "the page was not reloaded").toBe(true);
}

/** Every view there is, and what shows that it is there. */
export const VIEWS: readonly { name: string; path: string; ready: string }[] = [
  { name: "fleet", path: "/", ready: ".agent-row" },
  { name: "fleet, filtered", path: "/?state=running&type=dev&condition=drift,stale", ready: ".agent-row" },
  { name: "agent", path: "/agents/dev-crashing", ready: ".agent h1" },
  { name: "agent-log", path: "/agents/dev-default/log", ready: "[role=region]" },
  { name: "agent-tasks", path: "/agents/dev-default/tasks", ready: ".agent h1" },
  { name: "agent-events", path: "/agents/dev-default/events", ready: ".agent h1" },
  { name: "agent-configuration", path: "/agents/dev-stale/configuration", ready: ".agent h1" },
  { name: "tasks", path: "/tasks", ready: "main h1" },
  { name: "tasks, filtered", path: "/tasks?state=failed,queued", ready: "main h1" },
  { name: "no task", path: "/tasks/01a1fed0-0000-7000-8000-000000000000", ready: "main h1" },
  { name: "no agent", path: "/agents/nobody", ready: "main h1" },
  { name: "rollouts", path: "/rollouts", ready: ".rollout-line" },
  { name: "rollouts, filtered", path: "/rollouts?state=under-way&type=reviewer", ready: "main h1" },
  { name: "rollout", path: `/rollouts/${RUNNING}`, ready: ".member-line" },
  { name: "rollout, paused", path: `/rollouts/${PAUSED}`, ready: ".member-line" },
  { name: "no rollout", path: "/rollouts/0198f3c4-0000-7000-8000-100000000000", ready: "main h1" },
  { name: "parked agent", path: "/agents/dev-2", ready: ".standing" },
  { name: "agent that needs a person", path: "/agents/dev-4", ready: ".standing" },
  { name: "pinned agent", path: "/agents/dev-6", ready: ".standing" },
  { name: "timeline", path: "/timeline", ready: ".tl-canvas" },
  { name: "events", path: "/events", ready: "main h1" },
  { name: "plan", path: "/plan", ready: ".plan-item, .plan-group" },
  { name: "nowhere", path: "/nowhere", ready: ".text-link" },
];
