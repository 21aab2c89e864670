import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { Browser, keys, tabInto } from "./harness/browser";
import { docker, engineIsThere } from "./harness/engine";
import { Fleet, hot } from "./harness/fleet";
import { command, dialog, isGone, row, says, status, tray } from "./harness/views";
import { eventually } from "./harness/wait";

/** Parked and reopened on the page, as the daemon then does it. */
describe.runIf(engineIsThere)("a parked agent", () => {
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
  afterEach(() => expect(browser.errors).toEqual([]));

  test("gets no work and is not started until it is reopened", async () => {
    await command(page, "park dev-default", "Park dev-default");
    await says(dialog(page), "Park dev-default");
    await tabInto(page, dialog(page).getByLabel("Reason"));
    await page.keyboard.type("the weekly limit");
    await keys(page, "Enter");
    await isGone(dialog(page));
    await says(tray(page), "dev-default: parked, reopens in");
    await says(row(page, "dev-default"), "the weekly limit");
    const claim = await fleet.send("POST", "/api/v1/leases", { instance: "dev-default", holder: "a test", ttl_s: 60 });
    expect(claim.ok).toBe(false);
    docker("stop", "-t", "1", fleet.container("dev-default"));
    await says(status(page, "dev-default"), "Parked");
    await command(page, "reopen dev-default", "Reopen dev-default");
    await says(status(page, "dev-default"), "Running");
    await eventually("nothing says that it is parked", async () => !(await row(page, "dev-default").textContent())?.includes("weekly"));
  });

  test("that needs a person says so in the title until somebody has come", async () => {
    await fleet.ask("POST", "/api/v1/agents/dev-default/need-human", { reason: "which branch is meant?" });
    await says(page.locator(".attention-row").first(), "which branch is meant?");
    await eventually("the title tells", async () => (await page.title()) === "(1!) claude-hooks");
    await command(page, "mark as resolved", "Mark as resolved dev-default");
    await isGone(page.locator(".attention-row"));
    expect(await page.title()).toBe("claude-hooks");
  });
});
