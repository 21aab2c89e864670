import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Browser } from "./harness/browser";
import { engineIsThere } from "./harness/engine";
import { Fleet, hot } from "./harness/fleet";
import { isGone, says, status } from "./harness/views";

describe.runIf(engineIsThere)("docker away", () => {
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

  test("nothing old is shown as present, and all is well when docker is back", async () => {
    const banner = page.locator(".banner");
    fleet.dockerAway(true);
    await says(banner, "Docker cannot be reached since");
    await says(banner, "Is the docker daemon running?");
    await says(status(page, "dev-default"), "Unknown");
    expect(await page.locator(".agent-row .cell-status", { hasText: "Running" }).count()).toBe(0);
    expect(await page.locator(".agent-row .cell-cpu .num").count()).toBe(0);
    fleet.dockerAway(false);
    await isGone(banner);
    await says(status(page, "dev-default"), "Running");
    expect(browser.errors).toEqual([]);
  });
});
