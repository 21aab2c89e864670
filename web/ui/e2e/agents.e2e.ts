import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { Browser, keys, tabTo } from "./harness/browser";
import { docker, engineIsThere } from "./harness/engine";
import { Fleet, hot, lazy } from "./harness/fleet";
import { command, dialog, isGone, mark, row, says, status, tray } from "./harness/views";
import { eventually } from "./harness/wait";

/** Real containers, as an operator meets them on the page. */
describe.runIf(engineIsThere)("agents", () => {
  let fleet: Fleet;
  let browser: Browser;
  let page: Page;
  let stayed: () => Promise<void>;

  beforeAll(async () => {
    fleet = await Fleet.start({ dev: hot(), reviewer: lazy() });
    browser = await Browser.start();
    page = await browser.open(fleet);
    await says(status(page, "dev-default"), "Running");
    await says(status(page, "reviewer-default"), "Asleep");
    stayed = await mark(page);
  });
  afterAll(async () => {
    await browser?.close();
    await fleet?.close();
  });
  afterEach(async () => {
    await stayed();
    expect(browser.errors).toEqual([]);
  });

  test("one is created by keyboard alone, told what is wrong at the field, and runs", async () => {
    await command(page, "new agent", "New agent");
    await says(dialog(page), "New agent");
    const name = dialog(page).getByLabel("Name");
    await eventually("the next free name is proposed", async () => (await name.inputValue()) === "dev-2");
    expect(await name.evaluate((input) => input === document.activeElement)).toBe(true);
    await keys(page, "Control+a");
    await page.keyboard.type("Not A Name");
    await keys(page, "Enter");
    await says(dialog(page).getByRole("alert"), "Not A Name");
    expect(await name.getAttribute("aria-invalid")).toBe("true");
    browser.forgive(/ 422 /);
    await name.focus();
    await keys(page, "Control+a");
    await page.keyboard.type("dev-2");
    await keys(page, "Enter");
    await isGone(dialog(page));
    await says(tray(page), "dev-2: created");
    await says(status(page, "dev-2"), "Running");
    expect(docker("inspect", "--format", "{{.State.Status}}", fleet.container("dev-2"))).toBe("running");
  });

  test("one that docker stops is seen to stop and to come back", async () => {
    const before = await fleet.agent("dev-2");
    docker("stop", "-t", "1", fleet.container("dev-2"));
    await says(status(page, "dev-2"), /Stopped|Starting/);
    await says(status(page, "dev-2"), "Running");
    const after = await fleet.agent("dev-2");
    expect(after.observed.container_id).toBe(before.observed.container_id);
    expect(after.observed.incarnation).not.toBe(before.observed.incarnation);
  });

  test("one that docker removes is seen to vanish and to be made again", async () => {
    const before = await fleet.agent("dev-2");
    const seen = watchStatus(page, "dev-2");
    docker("rm", "-f", fleet.container("dev-2"));
    await eventually("there is a new container", async () => {
      const { container_id, phase } = (await fleet.agent("dev-2")).observed;
      return phase === "running" && container_id !== before.observed.container_id;
    });
    await says(status(page, "dev-2"), "Running");
    expect((await seen()).filter((word) => word !== "Running")).not.toEqual([]);
  });

  test("stop holds one down until start, from the row's menu and by keyboard alone", async () => {
    await row(page, "dev-2").getByRole("link").first().focus();
    await tabTo(page, "Actions on dev-2");
    await keys(page, "Enter");
    await says(page.getByRole("menu"), "Stop");
    await keys(page, "Enter");
    await says(status(page, "dev-2"), "Held down");
    await says(tray(page), "dev-2: ");
    // The focus is where it was, so that the next action is at hand.
    await keys(page, "Enter");
    await says(page.getByRole("menuitem").first(), "Start");
    await keys(page, "Enter");
    await says(status(page, "dev-2"), "Running");
  });

  test("a lazy one is woken and let sleep", async () => {
    await row(page, "reviewer-default").getByRole("button", { name: "Actions on" }).click();
    await page.getByRole("menuitem", { name: "Keep awake" }).click();
    await says(status(page, "reviewer-default"), "Running");
    await says(row(page, "reviewer-default"), "kept awake");
  });

  test("a pool is scaled up and down", async () => {
    await page.getByRole("button", { name: "Actions on dev", exact: true }).click();
    await page.getByRole("menuitem", { name: "Scale" }).click();
    const count = dialog(page).getByRole("textbox", { name: "Agents" });
    await eventually("the present count is there", async () => (await count.inputValue()) === "2");
    await count.fill("4");
    await dialog(page).getByRole("button", { name: "Add 2" }).click();
    await says(tray(page), "created dev-3, dev-4");
    await says(status(page, "dev-4"), "Running");
    await command(page, "scale", "Scale a pool");
    await eventually("the present count is there", async () => (await count.inputValue()) === "4");
    await count.fill("2");
    await keys(page, "Enter");
    await isGone(row(page, "dev-4"));
    await isGone(row(page, "dev-3"));
  });

  test("whoever works with one is named before it is stopped, and cut only on demand", async () => {
    const holder = "a long review";
    const lease = await fleet.ask<{ id: string }>("POST", "/api/v1/leases", { instance: "dev-2", holder, ttl_s: 600 });
    await says(row(page, "dev-2"), holder);
    await row(page, "dev-2").getByRole("button", { name: "Actions on" }).click();
    await page.getByRole("menuitem", { name: "Stop" }).click();
    await says(dialog(page), `${holder} holds it`);
    await dialog(page).getByRole("checkbox").check();
    await dialog(page).getByRole("button", { name: "Stop and cut the work" }).click();
    await says(status(page, "dev-2"), "Held down");
    expect(lease.id).not.toBe("");
  });

  test("several are chosen by keyboard and deleted after a question", async () => {
    await page.locator("body").click({ position: { x: 2, y: 300 } });
    await keys(page, "j");
    await eventually("a row has the focus", () => page.evaluate(() => document.activeElement?.closest(".agent-row") !== null));
    await row(page, "dev-2").getByRole("link").first().focus();
    await keys(page, "x");
    await says(page.getByRole("toolbar"), "1 selected");
    await page.getByRole("toolbar").getByRole("button", { name: "Delete" }).press("Enter");
    await says(dialog(page), "Delete dev-2?");
    await keys(page, "Escape");
    await isGone(dialog(page));
    expect(await row(page, "dev-2").count()).toBe(1);
    await page.getByRole("toolbar").getByRole("button", { name: "Delete" }).press("Enter");
    await tabTo(page, "Delete");
    await keys(page, "Enter");
    await isGone(row(page, "dev-2"));
    // The state stays, as the question said.
    expect(docker("volume", "ls", "-q", "--filter", `name=${fleet.container("dev-2")}-state`)).not.toBe("");
  });
});

/** All that the status said from now on until it is asked for. */
function watchStatus(page: Page, name: string): () => Promise<string[]> {
  const started = page.evaluate((selector) => {
    const cell = document.querySelector(selector);
    const seen: string[] = [];
    const note = (): unknown => seen.push(document.querySelector(selector)?.textContent ?? "");
    note();
    new MutationObserver(note).observe(cell as Node, { subtree: true, childList: true, characterData: true });
    (window as unknown as { __seen: string[] }).__seen = seen;
  }, `.agent-row[data-name="${name}"] .cell-status`);
  return async () => {
    await started;
    return page.evaluate(() => (window as unknown as { __seen: string[] }).__seen);
  };
}
