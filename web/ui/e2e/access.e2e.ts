import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { expectAccessible, expectNoSidewaysScroll } from "./harness/access";
import { type Adorned, adorned } from "./harness/adorned";
import { Browser, keys } from "./harness/browser";
import { inTrouble, rolloutAnswers, sampleRollouts } from "./harness/trouble";
import { VIEWS, command, dialog, isGone, row, says, stateLine } from "./harness/views";
import { eventually } from "./harness/wait";

/** Every view, dialog and menu, with every kind of trouble in it. */
describe.each([
  { theme: "light", width: 1440, height: 900 },
  { theme: "dark", width: 1440, height: 900 },
  { theme: "light", width: 360, height: 800 },
] as const)("$theme, $width wide", ({ theme, width, height }) => {
  let server: Adorned;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await adorned({ agent: inTrouble, answer: rolloutAnswers(sampleRollouts(), () => {}) }, "--events-per-second", "0");
    browser = await Browser.start({ theme, width, height });
    page = await browser.open(server);
    await says(stateLine(page), "Live");
    await row(page, "dev-default").waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  afterEach(() => expect(browser.errors).toEqual([]));

  async function check(where: string): Promise<void> {
    await expectAccessible(page, where);
    await expectNoSidewaysScroll(page, where);
  }

  test.each(VIEWS)("the view $name", async ({ path, ready }) => {
    await page.goto(server.url + path);
    await page.locator(ready).first().waitFor();
    await check(path);
    if (path.endsWith("nobody") || path.endsWith("00000000000")) browser.forgive(/ 404 /);
  });

  test("the timeline is painted in the colours of the theme, as the motion that is reduced here must not undo", async () => {
    await page.goto(server.url);
    await row(page, "dev-default").waitFor();
    await page.getByRole("link", { name: "Timeline" }).click();
    // Where the hours stand: the ground of every card, which is next to grey.
    const spread = (): Promise<number | null> =>
      page.locator(".tl-canvas").evaluate((element) => {
        const canvas = element as HTMLCanvasElement;
        const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getContext("2d")?.getImageData(canvas.width / 2, 3, 1, 1).data ?? [];
        return alpha === 0 ? null : Math.max(red, green, blue) - Math.min(red, green, blue);
      });
    const found = await eventually("it is painted", async () => (await spread())?.toString());
    browser.forgive(/willReadFrequently/);
    expect(Number(found)).toBeLessThan(30);
  });

  test("dialogs", async () => {
    await page.goto(server.url);
    await row(page, "dev-default").waitFor();
    await keys(page, "Control+k");
    await says(dialog(page), "New agent");
    await check("the palette");
    await keys(page, "Escape");
    await isGone(dialog(page));
    for (const [words, found, title] of [
      ["new agent", "New agent", "New agent"],
      ["scale a pool", "Scale", "Scale a pool"],
      ["keyboard", "Keyboard", "Keyboard"],
      ["run a task", "Run a task", "Run a task"],
      ["park dev-8", "Park", "Park dev-8"],
      ["roll out dev", "Roll out dev", "3 agents get another image"],
      ["edit dev-stale", "Edit", "Edit dev-stale"],
      ["delete dev-default", "Delete", "Delete dev-default?"],
      ["stop dev-draining", "Stop", "is at work"],
      ["recover dev-state-lost", "Recover", "Recover"],
    ] as const) {
      await command(page, words, found);
      await says(dialog(page), title);
      await check(title);
      await keys(page, "Escape");
      await isGone(dialog(page));
    }
  });

  test("menus and the selection", async () => {
    await page.goto(server.url);
    for (const name of ["More", "Actions on dev-default"]) {
      await page.getByRole("button", { name, exact: true }).click();
      await page.getByRole("menu").waitFor();
      await check(name);
      await keys(page, "Escape");
      await isGone(page.getByRole("menu"));
    }
    await row(page, "dev-default").getByRole("checkbox").check();
    await page.getByRole("toolbar").waitFor();
    await check("the toolbar of the selection");
    await page.getByRole("button", { name: "Clear the selection" }).click();
  });

  test("signed out", async () => {
    await page.goto(`${server.url}/sign-in`);
    await page.getByLabel("Token").fill("wrong");
    await keys(page, "Enter");
    await page.getByRole("alert").waitFor();
    await check("sign-in");
    browser.forgive(/401/);
  });
});
