import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { KIND_NAMES } from "../src/state/event-kinds";
import { Browser, keys, tabInto } from "./harness/browser";
import { docker, engineIsThere, image } from "./harness/engine";
import { Fleet, hot } from "./harness/fleet";
import { command, dialog, isGone, says, status } from "./harness/views";
import { eventually } from "./harness/wait";

const NAME = `cht-${process.pid}-rollout:latest`;

/** An image whose name comes to mean another one, and containers that follow. */
describe.runIf(engineIsThere)("a rollout of real containers", () => {
  let fleet: Fleet;
  let browser: Browser;
  let page: Page;

  const imageOf = (instance: string): string => docker("inspect", "--format", "{{.Image}}", fleet.container(instance));

  beforeAll(async () => {
    docker("tag", image(), NAME);
    fleet = await Fleet.start({ dev: hot({ image: NAME }) });
    await fleet.ask("POST", "/api/v1/types/dev/scale", { count: 2 });
    browser = await Browser.start();
    page = await browser.open(fleet);
    await says(status(page, "dev-default"), "Running");
    await says(status(page, "dev-2"), "Running");
  });
  afterAll(async () => {
    await browser?.close();
    await fleet?.close();
    docker("rmi", "-f", NAME);
  });

  test("is looked at first, begun and followed to its end by keyboard alone", async () => {
    const before = imageOf("dev-default");
    moveName();
    const after = docker("image", "inspect", "--format", "{{.Id}}", NAME);
    expect(after).not.toBe(before);
    await command(page, "roll out dev", "Roll out dev…");
    await says(dialog(page), "2 agents get another image, one canary first");
    expect(imageOf("dev-default")).toBe(before);
    const watch = dialog(page).getByLabel("Watch for");
    await tabInto(page, watch);
    await keys(page, "Control+a");
    await page.keyboard.type("2s");
    await eventually("it was looked at again", async () => dialog(page).getByRole("button", { name: "Roll out to 2 agents" }).isEnabled());
    await keys(page, "Enter");
    await isGone(dialog(page));
    await says(page.locator("main h1"), "Rollout of dev");
    await says(page.locator("main .status").first(), "Done", 60_000);
    await says(page.locator(".rollout-words"), "2 of 2 done");
    expect([imageOf("dev-default"), imageOf("dev-2")]).toEqual([after, after]);
    await command(page, "rollouts", "Rollouts");
    await says(page.locator(".rollout-line").first(), "2 of 2 done");
    expect(browser.errors).toEqual([]);
  });

  test("every kind of event that the page can filter by is one of the server's", async () => {
    const path = `/api/v1/events?limit=1&kind=${KIND_NAMES.join()}`;
    const answer = await fleet.send("GET", path, undefined, { accept: "application/json" });
    expect(answer.status, await answer.text()).toBe(200);
  });

  /** The same program in another image of the same name. */
  function moveName(): void {
    const scratch = `${fleet.prefix}-scratch`;
    docker("create", "--name", scratch, image());
    docker("commit", "--change", "LABEL version=2", scratch, NAME);
    docker("rm", scratch);
  }
});
