import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { Rollout } from "../src/api/rollouts";
import { type Adorned, adorned } from "./harness/adorned";
import { Browser, focused, keys, tabInto } from "./harness/browser";
import { PAUSED, RUNNING, inTrouble, rolloutAnswers, sampleRollouts } from "./harness/trouble";
import { command, dialog, isGone, says, stateLine, tray } from "./harness/views";
import { eventually } from "./harness/wait";

/** Of every state, as no engine would bring them about in so short a time. */
describe("rollouts", () => {
  let server: Adorned;
  let browser: Browser;
  let page: Page;
  const kept: Rollout[] = [];

  beforeAll(async () => {
    const told = (rollout: Rollout, kind: string): void => server.tell({ kind, data: { rollout: rollout.id } });
    server = await adorned({ agent: inTrouble, answer: rolloutAnswers(kept, told) }, "--events-per-second", "0");
    browser = await Browser.start();
    page = await browser.open(server);
    await says(stateLine(page), "Live");
  });
  beforeEach(() => void kept.splice(0, kept.length, ...sampleRollouts()));
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  afterEach(async () => {
    expect(await page.evaluate("window.__owned")).toBeUndefined();
    expect(browser.errors).toEqual([]);
  });

  test("are listed newest first, filtered by state and type, and opened by keyboard alone", async () => {
    await page.goto(`${server.url}/rollouts`);
    const lines = page.locator(".rollout-line");
    await lines.first().waitFor();
    expect(await lines.count()).toBe(7);
    await says(lines.nth(0), "2 of 6 done, 2 under way");
    await says(lines.nth(6), "Half baked");
    await page.getByRole("button", { name: "Ended badly" }).press("Enter");
    await eventually("only those are there", async () => (await lines.count()) === 4);
    expect(page.url()).toContain("?state=ended-badly");
    await page.getByLabel("Of one type").selectOption("reviewer");
    await eventually("only those are there", async () => (await lines.count()) === 2);
    await page.goto(`${server.url}/rollouts`);
    await lines.first().waitFor();
    await keys(page, "j", "j");
    expect(await focused(page)).toBe("all types");
    await keys(page, "Enter");
    await says(page.locator("main h1"), "Rollout of all types");
  });

  test("one follows its events, also through states of a newer server", async () => {
    await page.goto(`${server.url}/rollouts/${RUNNING}`);
    const state = (name: string) => page.locator(".member-line", { hasText: name }).locator(".member-state");
    await says(state("dev-2"), "Watching");
    await says(page.locator(".member-line", { hasText: "dev-2" }), "well so far, through in 59 min");
    const member = kept[0]?.members[1];
    if (member === undefined) throw new Error("there is a member");
    member.state = "done";
    server.tell({ kind: "rollout_member", instance: "dev-2", cause: "done", data: { rollout: RUNNING } });
    await says(state("dev-2"), "Done");
    member.state = "dancing";
    server.tell({ kind: "rollout_danced", data: { rollout: RUNNING } });
    await says(state("dev-2"), "Dancing");
    await page.getByRole("button", { name: /^Waiting/ }).click();
    await eventually("only those are there", async () => (await page.locator(".member-line").count()) === 2);
  });

  test("are paused, resumed and aborted by keyboard alone, with the server's word", async () => {
    await page.goto(`${server.url}/rollouts/${RUNNING}`);
    const actions = page.getByRole("group", { name: "Actions on the rollout" });
    await tabInto(page, actions.getByRole("button", { name: "Pause" }));
    await keys(page, "Enter");
    await says(tray(page), "rollout of dev: paused");
    await says(page.locator("main .status").first(), "Paused");
    await tabInto(page, actions.getByRole("button", { name: "Resume" }));
    await keys(page, "Enter");
    await says(page.locator("main .status").first(), "Running");
    await tabInto(page, actions.getByRole("button", { name: "Abort" }));
    await keys(page, "Enter");
    await says(dialog(page), "Abort the rollout of dev?");
    expect(kept[0]?.state).toBe("running");
    await tabInto(page, dialog(page).getByRole("button", { name: "Abort", exact: true }));
    await keys(page, "Enter");
    await says(page.locator("main .status").first(), "Aborted");
    await isGone(actions.getByRole("button", { name: "Pause" }));
  });

  test("what one would do is shown before it is begun, and what is refused leads to the one under way", async () => {
    await page.goto(`${server.url}/`);
    await page.locator(".agent-row").first().waitFor();
    await command(page, "roll out dev", "Roll out dev…");
    await says(dialog(page), "3 agents get another image, one canary first, then one after the other.");
    expect(kept).toHaveLength(7);
    const width = dialog(page).getByLabel("At a time");
    await tabInto(page, width);
    await keys(page, "Control+a");
    await page.keyboard.type("0");
    await says(dialog(page).getByRole("alert"), "one or more");
    expect(await dialog(page).getByRole("button", { name: /^Roll out/ }).isDisabled()).toBe(true);
    await keys(page, "Control+a");
    await page.keyboard.type("2");
    await says(dialog(page), "then 2 at a time.");
    await keys(page, "Enter");
    await says(dialog(page).getByRole("alert"), "A rollout is under way");
    browser.forgive(/ 409 /);
    for (const rollout of kept) rollout.ended_at ??= new Date().toISOString();
    await width.focus();
    await keys(page, "Enter");
    await isGone(dialog(page));
    await says(page.locator("main h1"), "Rollout of dev");
    expect(kept[0]?.strategy).toEqual({ width: 2, canary: 1, watch_s: 30, drain_s: null, pull: null });
    expect(new URL(page.url()).pathname).toBe(`/rollouts/${kept[0]?.id}`);
  });

  test("are proposed where several agents are stale, and where one is", async () => {
    await page.goto(`${server.url}/`);
    const stale = page.locator(".attention-row", { hasText: "agents are stale" });
    await says(stale, "dev-6");
    await stale.getByRole("button", { name: "Roll out…" }).press("Enter");
    await says(dialog(page), "What would be done");
    await keys(page, "Escape");
    await page.goto(`${server.url}/agents/dev-6`);
    await says(page.locator(".standing"), "went back because exited with 1: the next rollout or a recreate tries again. It is pinned to the image 11f00d000000");
    expect(await page.locator(".standing").getByRole("link", { name: "The rollout" }).getAttribute("href")).toBe(`/rollouts/${PAUSED}`);
    await page.locator(".standing").getByRole("button", { name: /^Roll out/ }).press("Enter");
    await says(dialog(page), "3 agents get another image");
    await keys(page, "Escape");
  });
});
