import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { Browser, keys, tabTo } from "./harness/browser";
import { engineIsThere } from "./harness/engine";
import { Fleet, host } from "./harness/fleet";
import { command, dialog, isGone, mark, row, says, stateLine, status } from "./harness/views";
import { eventually } from "./harness/wait";

/** Who is signed in, and what the page does without a server. No containers: nothing here asks docker for any. */
describe.runIf(engineIsThere)("signed in", () => {
  let fleet: Fleet;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    fleet = await Fleet.start({ desk: host() });
    browser = await Browser.start();
    page = await browser.page();
  });
  afterAll(async () => {
    await browser?.close();
    await fleet?.close();
  });
  afterEach(() => expect(browser.errors).toEqual([]));

  test("by the token, and back to where one was; all by keyboard", async () => {
    await page.goto(`${fleet.url}/?state=host`);
    const token = page.getByLabel("Token");
    await token.waitFor();
    expect(await token.evaluate((input) => input === document.activeElement)).toBe(true);
    await page.keyboard.type("a wrong token");
    await keys(page, "Enter");
    await says(page.getByRole("alert"), "token");
    await keys(page, "Control+a");
    await page.keyboard.type(fleet.token);
    await keys(page, "Enter");
    await says(status(page, "desk-default"), "On the host");
    await says(stateLine(page), "Live");
    expect(new URL(page.url()).search).toBe("?state=host");
    // A refused session is told in the console by the browser itself.
    browser.forgive(/401/);
  });

  test("the session's cookie is out of reach of scripts, and the token is nowhere in the page", async () => {
    expect(await page.evaluate("document.cookie")).toBe("");
    const stored = await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, document.body.innerHTML])");
    expect(stored).not.toContain(fleet.token);
  });

  test("a killed supervisor is told, and nothing is missed when it is back", async () => {
    await page.goto(fleet.url);
    await says(stateLine(page), "Live");
    const stayed = await mark(page);
    await fleet.kill9();
    await says(stateLine(page), /Reconnecting|Connecting/);
    expect(await page.locator("main").getAttribute("data-old")).toBe("true");
    await fleet.serve();
    // While the page waits for its next try.
    await fleet.ask("POST", "/api/v1/agents", { name: "meanwhile", type: "desk" });
    await fleet.ask("DELETE", "/api/v1/agents/desk-default");
    await says(stateLine(page), "Live");
    await says(status(page, "meanwhile"), "On the host");
    await isGone(row(page, "desk-default"));
    expect(await page.locator("main").getAttribute("data-old")).toBe("false");
    await stayed();
    browser.forgive(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  });

  test("an action without a server says so, and can be tried again", async () => {
    // As if the server had been killed while the page still fetched what it shows later.
    const palette = "**/assets/palette.js";
    await page.route(palette, (route) => route.abort());
    const refused = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/palette.js"));
    await page.reload();
    await refused;
    await page.unroute(palette);
    await fleet.kill9();
    await says(stateLine(page), /Reconnecting|Connecting/);
    await fleet.serve();
    await says(stateLine(page), "Live");
    await eventually("the palette is fetched", () => page.evaluate(() => {
      const fetched = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
      return fetched.some(({ name, responseStatus }) => name.endsWith("/palette.js") && responseStatus === 200);
    }));
    await fleet.kill9();
    await says(stateLine(page), /Reconnecting|Connecting/);
    await command(page, "delete meanwhile", "Delete meanwhile");
    await says(dialog(page), "Delete meanwhile?");
    // The button that destroys is not where the focus is.
    await tabTo(page, "Delete");
    await keys(page, "Enter");
    await says(page.locator(".tray-card"), "does not answer");
    await fleet.serve();
    await page.getByRole("button", { name: "Try again" }).press("Enter");
    await isGone(row(page, "meanwhile"));
    browser.forgive(/ERR_FAILED|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  });

  test("signing out ends it for every tab", async () => {
    const other = await browser.newPage();
    await other.goto(fleet.url);
    await says(stateLine(other), "Live");
    await page.getByRole("button", { name: "More" }).press("Enter");
    await page.getByRole("menuitem", { name: "Sign out" }).press("Enter");
    await page.getByLabel("Token").waitFor();
    await other.reload();
    await other.getByLabel("Token").waitFor();
    await other.close();
    await page.goto(fleet.url);
    await page.getByLabel("Token").waitFor();
    browser.forgive(/401/);
  });

  test("a link of the command line signs in once, and stays in no address", async () => {
    const link = fleet.cli("dashboard", "--print").trim();
    expect(link).toContain("/sign-in#code=");
    await page.goto(link);
    await says(stateLine(page), "Live");
    expect(page.url()).toBe(`${fleet.url}/`);
    await page.goBack();
    expect(page.url()).not.toContain("code=");
    const second = await Browser.start();
    try {
      const stranger = await second.page();
      await stranger.goto(link);
      await says(stranger.getByRole("alert"), /link|code/);
      expect(stranger.url()).not.toContain("code=");
    } finally {
      await second.close();
    }
  });
});
