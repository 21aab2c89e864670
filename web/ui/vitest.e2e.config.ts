import { defineConfig } from "vitest/config";

/** The page in a real browser, against the real server. */
export default defineConfig({
  test: {
    environment: "node",
    // The pictures of the documentation are taken by the same means, but only when asked for.
    include: [process.env["SCREENSHOTS"] === undefined ? "e2e/**/*.e2e.ts" : "e2e/screenshots.ts"],
    globalSetup: "e2e/harness/setup.ts",
    // One process per file: what it made in docker is named by its pid.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 90_000,
    hookTimeout: 90_000,
    reporters: ["verbose"],
  },
});
