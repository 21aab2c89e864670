import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Browser } from "./harness/browser";
import { type Simulated, simulated } from "./harness/simulated";
import { says, stateLine } from "./harness/views";

/** For a phone on a bad line: what may be sent until the fleet is shown. */
const MOST_BYTES = 60_000;

describe("the first load", () => {
  let server: Simulated;
  let browser: Browser;

  beforeAll(async () => {
    server = await simulated("--instances", "30");
    browser = await Browser.start();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test("is small: dialogs come when the fleet is there, charts, log view and the other pages when they are asked for", async () => {
    const page = await browser.page();
    await page.addInitScript(() => {
      new MutationObserver((_, self) => {
        if (document.querySelector(".agent-row") === null) return;
        performance.mark("fleet");
        self.disconnect();
      }).observe(document, { subtree: true, childList: true });
    });
    await browser.open(server);
    await says(stateLine(page), "Live");
    await page.locator(".agent-row").first().waitFor();
    const files = await page.evaluate(() => {
      const shown = performance.getEntriesByName("fleet")[0]?.startTime ?? 0;
      return [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
        .map((entry) => entry as PerformanceResourceTiming)
        .filter(({ startTime }) => startTime <= shown)
        .map(({ name, encodedBodySize }) => ({ path: new URL(name).pathname, bytes: encodedBodySize }))
        .filter(({ path }) => !path.startsWith("/api/") && path !== "/session");
    });
    const told = files.map(({ path, bytes }) => `${path} ${bytes}`).join(", ");
    expect(files.find(({ path }) => path === "/assets/index.js")?.bytes, told).toBeGreaterThan(1000);
    expect(files.reduce((sum, { bytes }) => sum + bytes, 0), told).toBeLessThan(MOST_BYTES);
    expect(browser.errors).toEqual([]);
  });
});
