import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Browser } from "./harness/browser";
import { engineIsThere } from "./harness/engine";
import { Fleet, hot } from "./harness/fleet";
import { row, says, status } from "./harness/views";

const HOSTILE = '<img src=x onerror="window.__owned=1"><script>window.__owned=1</script>';

/** Words of strangers are only words. */
describe.runIf(engineIsThere)("hostile text", () => {
  let fleet: Fleet;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    fleet = await Fleet.start({ dev: hot() });
    browser = await Browser.start();
    page = await browser.open(fleet);
    await says(status(page, "dev-default"), "Running");
  });
  afterAll(async () => {
    await browser?.close();
    await fleet?.close();
  });

  async function nothingHappened(): Promise<void> {
    expect(await page.evaluate("window.__owned")).toBeUndefined();
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(await page.title()).toContain("claude-hooks");
    expect(browser.errors).toEqual([]);
  }

  test("a holder's name is shown as it is", async () => {
    await fleet.ask("POST", "/api/v1/leases", { instance: "dev-default", holder: HOSTILE, ttl_s: 600 });
    await says(row(page, "dev-default"), "<img src=x onerror=");
    await nothingHappened();
  });

  test("the page's policy refuses markup in the page, should it ever get there", async () => {
    const smuggle = page.evaluate((html) => document.body.insertAdjacentHTML("beforeend", html), HOSTILE);
    await expect(smuggle).rejects.toThrow("TrustedHTML");
    // That is how a violation is told; the other tests fail by it.
    expect(browser.errors.join("\n")).toContain("TrustedHTML");
    expect(await page.evaluate("window.__owned")).toBeUndefined();
  });
});
