import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import type { Agent } from "../src/api/types";
import { type Adorned, adorned } from "./harness/adorned";
import { Browser, keys, tabInto } from "./harness/browser";
import { inTrouble } from "./harness/trouble";
import { command, dialog, isGone, row, says, stateLine, status, tray } from "./harness/views";
import { eventually } from "./harness/wait";

/** What agents and dispatchers say: who is parked, who needs a person, what one works on. */
describe("what agents say of themselves", () => {
  let server: Adorned;
  let browser: Browser;
  let page: Page;
  const asked: { method: string; path: string; body: unknown }[] = [];
  const silent = new Set<string>();

  beforeAll(async () => {
    const agent = (shown: Agent): void => {
      if (!silent.has(shown.name)) inTrouble(shown);
    };
    server = await adorned(
      {
        agent,
        answer: (method, url, body) => {
          const path = /^\/api\/v1\/agents\/(.*\/(park|need-human))$/.exec(url.pathname)?.[1];
          if (path === undefined) return null;
          asked.push({ method, path, body });
          return { status: 200, body: { name: path.split("/")[0], observed: { phase: "running" }, parked: body === null ? null : { reopens_at: null } } };
        },
      },
      "--events-per-second",
      "0",
    );
    browser = await Browser.start();
    page = await browser.open(server);
    await says(stateLine(page), "Live");
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  afterEach(async () => {
    expect(await page.evaluate("window.__owned")).toBeUndefined();
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(browser.errors).toEqual([]);
  });

  test("who needs a person is seen at once, on every page", async () => {
    await page.goto(`${server.url}/`);
    await says(page.locator(".attention-row").first(), "Needs a person");
    await says(page.locator(".attention-row").first(), "which of the two migrations is meant? <img src=x");
    await says(row(page, "dev-4"), "needs a person");
    expect(await page.title()).toBe("(1!) claude-hooks");
    await page.goto(`${server.url}/plan`);
    await says(page.locator("header .needs-person"), "1 needs a person");
    await page.locator("header .needs-person a").press("Enter");
    await eventually("only that one is shown", async () => (await page.locator(".agent-row").count()) === 1);
    await page.goto(`${server.url}/agents/dev-4`);
    await says(page.locator(".standing"), "It needs a person: which of the two migrations is meant?");
    expect(await page.title()).toBe("(1!) dev-4 · claude-hooks");
    await tabInto(page, page.getByRole("button", { name: "It is resolved" }));
    await keys(page, "Enter");
    await says(tray(page), "dev-4: resolved");
    expect(asked.at(-1)).toEqual({ method: "DELETE", path: "dev-4/need-human", body: null });
  });

  test("a parked one says why and when it is reopened, and is counted and found", async () => {
    await page.goto(`${server.url}/`);
    await says(status(page, "dev-3"), "Parked");
    await says(row(page, "dev-3"), "until it is reopened");
    await says(row(page, "dev-2"), "reopens in 3 h 59 m");
    await says(row(page, "dev-2"), "the weekly limit is reached");
    await page.getByRole("button", { name: "Parked" }).first().click();
    await eventually("both are shown", async () => (await page.locator(".agent-row").count()) === 2);
    expect(page.url()).toContain("?state=parked");
    await page.goto(`${server.url}/agents/dev-2`);
    const notice = page.locator(".standing .notice");
    await says(notice, "Parked: quota used up: the weekly limit is reached");
    await says(notice, "Reopens in 3 h 59 m");
    // What turns the text that follows is shown, and does not.
    await says(notice, "\\u202eturned");
    await says(notice, "By the agent itself");
    await page.getByRole("button", { name: "Reopen now" }).press("Enter");
    await says(tray(page), "dev-2: reopened");
    expect(asked.at(-1)).toEqual({ method: "DELETE", path: "dev-2/park", body: null });
  });

  test("one is parked by keyboard alone", async () => {
    await page.goto(`${server.url}/`);
    await page.locator(".agent-row").first().waitFor();
    await command(page, "park dev-8", "Park dev-8");
    await says(dialog(page), "Park dev-8");
    await page.keyboard.press("ArrowDown");
    await tabInto(page, dialog(page).getByLabel("Reason"));
    await page.keyboard.type("the key has expired");
    await keys(page, "Enter");
    await isGone(dialog(page));
    await says(tray(page), "dev-8: parked");
    expect(asked.at(-1)).toEqual({ method: "POST", path: "dev-8/park", body: { kind: "auth", reason: "the key has expired", for_s: 3600 } });
    await row(page, "dev-8").getByRole("checkbox").check();
    await row(page, "dev-9").getByRole("checkbox").check();
    await page.getByRole("toolbar").getByRole("button", { name: "Park", exact: false }).first().press("Enter");
    await says(dialog(page), "Park 2 agents");
    await dialog(page).getByLabel("Reopened").selectOption("at");
    await tabInto(page, dialog(page).getByLabel("At", { exact: true }));
    await keys(page, "Enter");
    await says(dialog(page).getByRole("alert"), "still to come");
    await keys(page, "Escape");
    await page.getByRole("button", { name: "Clear the selection" }).click();
  });

  test("what one says of its work stands in its row and on its page, health and limits with their reasons", async () => {
    await page.goto(`${server.url}/`);
    await says(row(page, "dev-5"), "reads <img src=x");
    await says(row(page, "dev-5"), "unhealthy");
    await says(row(page, "dev-6"), "near a limit");
    await page.getByRole("button", { name: /^Show \d more/ }).press("Enter");
    await says(page.locator(".attention"), "memory: 61 MB of 64 MB");
    await page.getByRole("button", { name: "Filter by condition" }).click();
    await says(page.getByRole("menuitemcheckbox", { name: "Sun struck" }), "1");
    await page.getByRole("menuitemcheckbox", { name: "Unhealthy" }).click();
    await keys(page, "Escape");
    await eventually("only that one is shown", async () => (await page.locator(".agent-row").count()) === 1);
    await page.goto(`${server.url}/agents/dev-5`);
    await says(page.locator(".standing-said"), "It says: reads <img src=x");
    await says(page.locator(".conditions"), "Its health check fails: connection refused");
    await page.goto(`${server.url}/agents/dev-6`);
    await says(page.locator(".conditions"), "Sun struck");
  });

  test("an event of a kind that the page does not know is shown in its own words", async () => {
    await page.goto(`${server.url}/events`);
    await says(stateLine(page), "Live");
    await page.locator(".event").first().waitFor();
    server.tell({ kind: "container_danced", instance: "dev-2", detail: "all night" });
    await says(page.locator(".event").first(), "container danced");
    await page.goto(`${server.url}/agents/dev-2/events`);
    await says(stateLine(page), "Live");
    await page.locator(".event").first().waitFor();
    server.tell({ kind: "limit_near", instance: "dev-2", cause: "memory", detail: "61 MB of 64 MB" });
    await says(page.locator(".event.tone-warn").first(), "Near a limit");
  });
});
