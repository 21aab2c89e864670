import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { Browser, keys, tabTo } from "./harness/browser";
import { docker, engineIsThere } from "./harness/engine";
import { Fleet, hot } from "./harness/fleet";
import { command, dialog, isGone, output, says, status } from "./harness/views";
import { eventually } from "./harness/wait";

interface Spec {
  overrides: { limits: { memory_bytes: number | null } };
}

/** One agent's page: its tasks, its log, its row, and its end. */
describe.runIf(engineIsThere)("an agent at work", () => {
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

  test("a task is run by keyboard alone; its output and exit code are shown", async () => {
    await command(page, "run a task", "Run a task");
    await says(dialog(page), "Run a task");
    await page.keyboard.type("/agent cat /state/counter");
    await keys(page, "Enter");
    await isGone(dialog(page));
    await says(page.locator("main h1"), "/agent cat /state/counter");
    await says(page.locator("main .status").first(), "Succeeded");
    await says(page.locator("main dl"), "Exit code0");
    await eventually("the output is a number", async () => /^\D*\d+/.test((await output(page).textContent()) ?? ""));
  });

  test("a task that fails says with which code", async () => {
    await fleet.ask("POST", "/api/v1/tasks", { instance: "dev-default", argv: ["/agent", "exit", "3"] });
    await page.goto(`${fleet.url}/tasks`);
    await says(page.locator("main"), "/agent exit 3");
    await page.getByRole("link", { name: "/agent exit 3" }).press("Enter");
    await says(page.locator("main .status").first(), "Failed");
    await says(page.locator("main dl"), "Exit code3");
  });

  test("output grows while it is looked at, and a task can be cancelled", async () => {
    const argv = ["/agent", "count", "/state/end", "0"];
    const { id } = await fleet.ask<{ id: string }>("POST", "/api/v1/tasks", { instance: "dev-default", argv });
    await page.goto(`${fleet.url}/tasks/${id}`);
    await says(page.locator("main .status").first(), "Running");
    await says(output(page), "20");
    await page.getByRole("button", { name: "Cancel the task" }).press("Enter");
    await tabTo(page, "Cancel the task");
    await keys(page, "Enter");
    await says(page.locator("main .status").first(), "Cancelled");
  });

  test("one that waits for its agent shows what it prints as soon as it begins", async () => {
    const { id: held, fence } = await fleet.ask<{ id: string; fence: number }>("POST", "/api/v1/leases", {
      instance: "dev-default",
      holder: "somebody",
      ttl_s: 600,
    });
    const { id } = await fleet.ask<{ id: string }>("POST", "/api/v1/tasks", { instance: "dev-default", argv: ["/agent", "copy"], stdin: "at last" });
    await page.goto(`${fleet.url}/tasks/${id}`);
    await says(page.locator("main"), "It has not begun yet.");
    await fleet.ask("DELETE", `/api/v1/leases/${held}`, undefined, { "lease-fence": String(fence) });
    await says(output(page), "at last");
    await says(page.locator("main .status").first(), "Succeeded");
  });

  test("markup and terminal escapes in output and in the log are only text", async () => {
    const hostile = '<img src=x onerror="window.__owned=1"><script>window.__owned=1</script>';
    const escapes = "\u001b[31mred\u001b[0m \u001b]0;stolen title\u0007\u001b]8;;javascript:window.__owned=1\u0007link\u001b]8;;\u0007\u001b[2Jafter";
    const text = `${hostile}\n${escapes}\nthe end\n`;
    const task = { instance: "dev-default", argv: ["/agent", "copy"], stdin: text };
    const { id } = await fleet.ask<{ id: string }>("POST", "/api/v1/tasks", task);
    const nothingHappened = async (): Promise<void> => {
      const shown = output(page);
      await says(shown, "the end");
      await says(shown, "<img src=x onerror=");
      await says(shown, "after");
      expect(await page.evaluate("window.__owned")).toBeUndefined();
      expect(await page.locator("main img, main script, main a[href^=javascript]").count()).toBe(0);
      expect(await page.title()).not.toContain("stolen");
    };
    await page.goto(`${fleet.url}/tasks/${id}`);
    await nothingHappened();
    // Its first process' output is the container's log.
    const said = { name: "talker", type: "dev", command: ["write", "/proc/1/fd/1", text] };
    await fleet.ask("POST", "/api/v1/agents", said);
    await page.goto(`${fleet.url}/agents/talker/log`);
    await nothingHappened();
  });

  test("a change that somebody else made meanwhile is shown, and not lost", async () => {
    await page.goto(`${fleet.url}/agents/dev-default`);
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await command(page, "edit dev-default", "Edit dev-default");
    const memory = dialog(page).getByLabel("Memory");
    await memory.fill("96m");
    const { row } = await overrides();
    await fleet.ask("PATCH", "/api/v1/agents/dev-default", { limits: { memory: "80m" } }, { "if-match": row });
    await memory.press("Enter");
    await says(dialog(page), "It was changed by somebody else meanwhile");
    await says(dialog(page), "80m");
    browser.forgive(/ 412 /);
    expect((await overrides()).memory).toBe(80 << 20);
    await dialog(page).getByRole("button", { name: "Apply mine again" }).press("Enter");
    await isGone(dialog(page));
    await eventually("mine is saved", async () => (await overrides()).memory === 96 << 20);
  });

  async function overrides(): Promise<{ row: string; memory: number | null }> {
    const row = (await fleet.get("/api/v1/agents/dev-default")).headers.get("etag") ?? "";
    const spec = await fleet.ask<Spec>("GET", "/api/v1/agents/dev-default/spec");
    return { row, memory: spec.overrides.limits.memory_bytes };
  }

  test("the state of a deleted one is wiped only after its name was typed", async () => {
    await fleet.ask("DELETE", "/api/v1/agents/dev-default?force=1");
    const volumes = (): string => docker("volume", "ls", "-q", "--filter", `name=${fleet.container("dev-default")}-state`);
    await page.goto(`${fleet.url}/agents/dev-default`);
    await page.getByRole("button", { name: "Wipe its state" }).press("Enter");
    await says(dialog(page), "Wipe the state of dev-default?");
    await page.keyboard.type("dev-defaul");
    await keys(page, "Enter");
    expect(await dialog(page).getByRole("button", { name: "Wipe for ever" }).isDisabled()).toBe(true);
    expect(volumes()).not.toBe("");
    await page.keyboard.type("t");
    await keys(page, "Enter");
    await says(page.locator(".tray-card"), "is gone");
    expect(volumes()).toBe("");
  });
});
