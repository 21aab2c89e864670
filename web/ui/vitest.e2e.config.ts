import { defineConfig } from "vitest/config";

/** The page in a real browser, against the real server. */
export default defineConfig({
  test: {
    environment: "node",
    include: ["e2e/**/*.e2e.ts"],
    // One process per file: what it made in docker is named by its pid.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 90_000,
    hookTimeout: 90_000,
    reporters: ["verbose"],
  },
});
