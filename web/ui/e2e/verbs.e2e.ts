import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { Browser, keys, tabInto } from "./harness/browser";
import { docker, engineIsThere, image } from "./harness/engine";
import { Fleet, hot } from "./harness/fleet";
import { command, dialog, isGone, row, says, status, tray } from "./harness/views";
import { eventually } from "./harness/wait";

/** What an operator does to an agent and to the fleet, without ever touching the mouse. */
describe.runIf(engineIsThere)("by keyboard alone", () => {
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

  test("one is restarted in its container, and recreated in another", async () => {
    const begin = (await fleet.agent("dev-default")).observed;
    await command(page, "restart dev-default", "Restart dev-default");
    await says(tray(page), "dev-default: ");
    await eventually("it is another life of the same container", async () => {
      const { container_id, incarnation, phase } = (await fleet.agent("dev-default")).observed;
      return phase === "running" && container_id === begin.container_id && incarnation !== begin.incarnation;
    });
    await command(page, "recreate dev-default", "Recreate dev-default");
    await eventually("it is another container", async () => {
      const { container_id, phase } = (await fleet.agent("dev-default")).observed;
      return phase === "running" && container_id !== begin.container_id;
    });
    await says(status(page, "dev-default"), "Running");
  });

  test("one gets no new work, and then again", async () => {
    await command(page, "cordon dev-default", "Cordon dev-default");
    await says(row(page, "dev-default"), /cordoned/i);
    await command(page, "uncordon dev-default", "Uncordon dev-default");
    await eventually("it is free", async () => !(await row(page, "dev-default").textContent())?.match(/cordoned/i));
  });

  test("a container that somebody else made is taken over on its volume", async () => {
    const volume = `${fleet.prefix}-by-hand`;
    docker("create", "--name", fleet.container("dev-2"), "--network", "none", "-v", `${volume}:/state`, image(), "run");
    const { outcome } = await fleet.ask<{ outcome: string }>("POST", "/api/v1/agents", { name: "dev-2", type: "dev" });
    expect(outcome).toBe("failed");
    await says(row(page, "dev-2"), "Name conflict");
    await command(page, "adopt dev-2", "Adopt dev-2");
    await says(dialog(page), "dev-2");
    await keys(page, "Enter");
    await isGone(dialog(page));
    await says(status(page, "dev-2"), "Running");
    const mounted = docker("inspect", "--format", '{{range .Mounts}}{{if eq .Destination "/state"}}{{.Name}}{{end}}{{end}}', fleet.container("dev-2"));
    expect(mounted).toBe(volume);
  });

  test("a row is changed, and its container follows", async () => {
    await command(page, "edit dev-2", "Edit dev-2");
    await dialog(page).getByLabel("Memory").waitFor();
    await tabInto(page, dialog(page).getByLabel("Memory"));
    await page.keyboard.type("96m");
    await keys(page, "Enter");
    await isGone(dialog(page));
    await eventually("docker limits it so", async () => docker("inspect", "--format", "{{.HostConfig.Memory}}", fleet.container("dev-2")) === String(96 << 20));
    await says(status(page, "dev-2"), "Running");
  });

  test("what reconcile would do is done from the plan", async () => {
    await fleet.ask("POST", "/api/v1/agents", { name: "dev-next", type: "dev", image: "cht-none:1" });
    await command(page, "plan", "Plan");
    await says(page.locator("main"), "dev-next");
    await tabInto(page, page.getByRole("button", { name: "Apply 1 change" }));
    await keys(page, "Enter");
    const report = page.getByRole("region", { name: /^Applied at/ });
    await says(report, "dev-next");
    await says(report, "cht-none:1");
    await fleet.ask("DELETE", "/api/v1/agents/dev-next");
    await says(page.getByRole("button", { name: /^Nothing to apply/ }), "Nothing to apply");
    await command(page, "fleet", "Fleet");
    await says(status(page, "dev-2"), "Running");
  });

  test("a pool grows", async () => {
    await command(page, "scale", "Scale a pool");
    const count = dialog(page).getByRole("textbox", { name: "Agents" });
    await eventually("the present count is there", async () => (await count.inputValue()) === "2");
    await tabInto(page, count);
    await keys(page, "Control+a");
    await page.keyboard.type("3");
    await keys(page, "Enter");
    await says(status(page, "dev-3"), "Running");
  });
});
