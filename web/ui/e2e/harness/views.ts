/** What is on the page, by the names that it gives to things. */

import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

import { eventually } from "./wait";

/** The words of the agent's row, one per line. */
export const row = (page: Page, name: string): Locator => page.locator(`.agent-row[data-name="${name}"]`);
export const status = (page: Page, name: string): Locator => row(page, name).locator(".cell-status");
export const stateLine = (page: Page): Locator => page.locator(".state-line");
export const dialog = (page: Page): Locator => page.getByRole("dialog");
export const tray = (page: Page): Locator => page.locator(".tray-card");

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
export const VIEWS = [{ name: "fleet", path: "/", ready: ".agent-row" }];
