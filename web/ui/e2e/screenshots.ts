/** Pictures of every page for the documentation, of a fleet that lives. Run by `scripts/screenshots`. */

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { test } from "vitest";

import { Browser } from "./harness/browser";
import { docker, engineIsThere, image } from "./harness/engine";
import { Fleet, hot, lazy } from "./harness/fleet";
import { simulated } from "./harness/simulated";
import { says, stateLine } from "./harness/views";
import { eventually, pause } from "./harness/wait";

const IMAGE = "pictures.example/agent:2026-11";
const TO = resolve(import.meta.dirname, "../../../docs/dashboard");

interface Shown {
  url: string;
  token: string;
  /** An agent and a task worth a picture. */
  agent: string;
  task: string;
  close: () => Promise<void>;
}

/** Real containers: some at work, some asleep, and two in trouble. */
async function real(): Promise<Shown> {
  // A name as one would have it; what is in it is the demo agent.
  docker("tag", image(), IMAGE);
  const fleet = await Fleet.start(
    { boss: hot({ image: IMAGE }), dev: hot({ image: IMAGE }), reviewer: lazy({ image: IMAGE }) },
    "pictures-claude-hooks",
  );
  const close = async (): Promise<void> => {
    await fleet.close();
    docker("rmi", IMAGE);
  };
  const post = <T>(path: string, body: unknown): Promise<T> => fleet.ask<T>("POST", `/api/v1${path}`, body);
  await post("/types/dev/scale", { count: 7 });
  await post("/types/reviewer/scale", { count: 4 });
  await post("/agents", { name: "dev-canary", type: "dev", command: ["exit", "1"] });
  await post("/agents", { name: "dev-next", type: "dev", image: "pictures.example/agent:2027-01" });
  await post("/agents/dev-5/cordon", undefined);
  await post("/agents/reviewer-2/hold", { ttl_s: 7200 });
  await post("/leases", { instance: "dev-3", holder: "release 4.2", ttl_s: 3600 });
  const run = (target: object, ...argv: string[]): Promise<{ id: string }> =>
    post("/tasks", { ...target, argv: ["/agent", ...argv], env: {} });
  await run({ type: "reviewer" }, "cat", "/state/counter");
  await run({ instance: "dev-4" }, "exit", "3");
  await run({ instance: "dev-6" }, "copy");
  const { id } = await run({ instance: "dev-2" }, "count", "/state/the-end", "0");
  await fleet.ask("POST", "/api/v1/agents/dev-7/stop");
  await eventually("the crash loop is told", async () =>
    (await fleet.agent("dev-canary")).conditions.some(({ type, status }) => type === "crash_loop" && status), 80_000);
  return { url: fleet.url, token: fleet.token, agent: "dev-2", task: id, close };
}

async function playedOnly(): Promise<Shown> {
  const { url, token, close } = await simulated("--events-per-second", "2");
  const ask = (): Promise<{ items: { id: string }[] }> =>
    fetch(`${url}/api/v1/tasks`, { headers: { authorization: `Bearer ${token}` } }).then((answer) => answer.json() as never);
  const task = await eventually("there is a task", async () => (await ask()).items[0]?.id);
  return { url, token, agent: "dev-3", task, close };
}

const LOOKS = [
  { name: "light", theme: "light", width: 1440, height: 900 },
  { name: "dark", theme: "dark", width: 1440, height: 900 },
  { name: "phone-light", theme: "light", width: 360, height: 720 },
  { name: "phone-dark", theme: "dark", width: 360, height: 720 },
] as const;

test("pictures", { timeout: 300_000 }, async () => {
  mkdirSync(TO, { recursive: true });
  const shown = engineIsThere ? await real() : await playedOnly();
  try {
    for (const look of LOOKS) {
      const browser = await Browser.start(look);
      try {
        const page = await browser.page();
        await page.goto(`${shown.url}/sign-in`);
        await take(page, "sign-in", look.name);
        await browser.open(shown);
        await says(stateLine(page), "Live");
        // Until there is a past to draw.
        await pause(look === LOOKS[0] ? 45_000 : 12_000);
        for (const [name, path] of [
          ["fleet", "/"],
          ["agent", `/agents/${shown.agent}`],
          ["tasks", "/tasks"],
          ["task", `/tasks/${shown.task}`],
          ["timeline", "/timeline?last=240"],
          ["events", "/events"],
          ["plan", "/plan"],
        ] as const) {
          await inside(page, path);
          await take(page, name, look.name);
        }
      } finally {
        await browser.close();
      }
    }
  } finally {
    await shown.close();
  }
});

/** As a click on a link goes there: what was measured so far stays. */
async function inside(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, path);
}

async function take(page: Page, name: string, look: string): Promise<void> {
  await pause(1500);
  await page.screenshot({ path: join(TO, `${name}-${look}.png`) });
}
