/** A browser whose pages tell every error of theirs. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type Locator, type Page, chromium } from "playwright-core";
import { expect } from "vitest";

import { browserProgram } from "./programs";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

export interface Look {
  width?: number;
  height?: number;
  theme?: "light" | "dark";
}

export class Browser {
  private constructor(
    private readonly profile: string,
    private readonly context: BrowserContext,
    /** What a page complained about, policy violations included; empty as long as all is well. */
    readonly errors: string[],
  ) {}

  static async start({ width = 1440, height = 900, theme = "light" }: Look = {}): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), "claude-hooks-browser-"));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: browserProgram(),
      args: ARGS,
      viewport: { width, height },
      colorScheme: theme,
      // Nothing that moves is caught between two states.
      reducedMotion: "reduce",
      acceptDownloads: false,
    });
    context.setDefaultTimeout(20_000);
    const errors: string[] = [];
    context.on("weberror", (error) => errors.push(error.error().message));
    context.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") errors.push(`${message.text()} (${message.location().url})`);
    });
    return new Browser(profile, context, errors);
  }

  async page(): Promise<Page> {
    return this.context.pages()[0] ?? (await this.context.newPage());
  }

  newPage(): Promise<Page> {
    return this.context.newPage();
  }

  /** A page that is signed in, at the path. */
  async open(server: { url: string; token: string }, path = "/"): Promise<Page> {
    const page = await this.page();
    const signedIn = await page.request.post(`${server.url}/session`, {
      data: { token: server.token },
      headers: { origin: server.url },
    });
    expect(signedIn.status(), await signedIn.text()).toBe(204);
    await page.goto(server.url + path);
    return page;
  }

  /** Errors that the test expects, as a browser tells a connection that is refused, are taken off. */
  forgive(pattern: RegExp): void {
    const rest = this.errors.filter((error) => !pattern.test(error));
    this.errors.splice(0, this.errors.length, ...rest);
  }

  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.profile, { recursive: true, force: true });
  }
}

/** Presses keys one after the other. */
export async function keys(page: Page, ...names: string[]): Promise<void> {
  for (const name of names) await page.keyboard.press(name);
}

/** What has the focus, as it is read out. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const at = document.activeElement;
    return at?.getAttribute("aria-label") ?? at?.textContent?.trim() ?? "";
  });
}

/** Tabs on until the focus is on what is called so. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let count = 0; count < 80; count += 1) {
    await page.keyboard.press("Tab");
    const at = await focused(page);
    if (typeof name === "string" ? at === name : name.test(at)) return;
    seen.push(at.slice(0, 40));
  }
  throw new Error(`${String(name)} cannot be reached by Tab; reached: ${seen.join(" | ")}`);
}

/** Tabs on until the focus is on it. */
export async function tabInto(page: Page, target: Locator): Promise<void> {
  for (let count = 0; count < 80; count += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${String(target)} cannot be reached by Tab`);
}
