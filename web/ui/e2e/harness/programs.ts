/** The programs under test, as cargo has built them. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../../..");

function directory(): string {
  const told = process.env["CLAUDE_HOOKS_BIN_DIR"];
  if (told !== undefined && told !== "") return told;
  const host = /^host: (.+)$/m.exec(execFileSync("rustc", ["-vV"], { encoding: "utf8" }))?.[1] ?? "";
  return join(process.env["CARGO_TARGET_DIR"] ?? join(ROOT, "target"), host, "debug");
}

let found: string | undefined;

/** Path of a program; `how` builds it. */
export function program(name: string, how: string): string {
  found ??= directory();
  const path = join(found, name);
  if (!existsSync(path)) throw new Error(`${path} is not there: ${how}`);
  return path;
}

export const daemonProgram = (): string => program("claude-hooks", "cargo build --workspace");
export const agentProgram = (): string => program("claude-hooks-demo-agent", "cargo build --workspace");
export const simulatedFleet = (): string =>
  program("examples/simulated_fleet", "cargo build -p claude-hooks-web --example simulated_fleet");

/** Where a browser is; Debian's, unless told otherwise. */
export function browserProgram(): string {
  const places = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const path = places.find((place) => place !== undefined && place !== "" && existsSync(place));
  if (path === undefined) throw new Error("there is no Chromium: ./scripts/install-missing, or CHROMIUM=/path/to/it");
  return path;
}
