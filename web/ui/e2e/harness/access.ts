/** What a page must hold for everybody: no violation that axe finds, and nothing beside the window. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  help: string;
  nodes: { target: string[]; failureSummary: string }[];
}

/** Every rule of axe, best practices included. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  // By the debugger, not by a script element, which the page's policy forbids.
  await page.evaluate(AXE);
  const violations = await page.evaluate(
    async () => (await (window as unknown as { axe: { run: () => Promise<{ violations: unknown[] }> } }).axe.run()).violations,
  );
  const told = (violations as Violation[]).flatMap(({ id, help, nodes }) =>
    nodes.slice(0, 3).map(({ target, failureSummary }) => `${id}: ${help}\n  ${target.join(" ")}\n  ${failureSummary}`),
  );
  expect(told, where).toEqual([]);
}

export async function expectNoSidewaysScroll(page: Page, where: string): Promise<void> {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(content, `${where}: nothing beside a window of ${window}`).toBeLessThanOrEqual(window ?? 0);
}
