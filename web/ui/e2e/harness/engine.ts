/** The real engine: whether there is one, its command line, and the image of the tests. */

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { agentProgram } from "./programs";

/** Without an engine such tests are skipped, loudly; in CI that is a failure. */
export const engineIsThere = ((): boolean => {
  const there = spawnSync("docker", ["version", "--format", "{{.Server.Version}}"]).status === 0;
  if (there) return true;
  if (process.env["CI"] !== undefined) throw new Error("no docker engine answers, and in CI one must");
  console.warn("SKIPPED: no docker engine answers (./scripts/install-missing)");
  return false;
})();

/** Runs docker, which must succeed, and gives what it said. */
export function docker(...args: string[]): string {
  return execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

let made: string | undefined;

/**
 * The demo agent as an image: `/agent` and nothing else. Named by its content, as the stories in Rust name theirs, so that
 * another build never runs by mistake; the test command removes it at the end.
 */
export function image(): string {
  if (made !== undefined) return made;
  const hash = createHash("sha256").update(readFileSync(agentProgram())).digest("hex").slice(0, 16);
  const name = `claude-hooks-test-agent:page-${hash}`;
  if (spawnSync("docker", ["image", "inspect", name]).status !== 0) importAs(name);
  made = name;
  return name;
}

function importAs(name: string): void {
  const stage = mkdtempSync(join(tmpdir(), "claude-hooks-image-"));
  try {
    copyFileSync(agentProgram(), join(stage, "agent"));
    execFileSync("tar", ["--owner=0", "--group=0", "-C", stage, "-cf", join(stage, "image.tar"), "agent"]);
    docker("import", "--change", 'ENTRYPOINT ["/agent"]', "--change", 'CMD ["run"]', join(stage, "image.tar"), name);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Removes every container, volume and name of an image that begins with `<prefix>-`, whoever made it. */
export function removeAll(prefix: string): void {
  const named = (...list: string[]): string[] =>
    docker(...list)
      .split("\n")
      .filter((name) => name.startsWith(`${prefix}-`));
  const containers = named("ps", "-a", "--format", "{{.Names}}");
  if (containers.length > 0) docker("rm", "-f", ...containers);
  const volumes = named("volume", "ls", "--format", "{{.Name}}");
  if (volumes.length > 0) docker("volume", "rm", "-f", ...volumes);
  // Those that rollouts keep.
  const images = named("images", "--format", "{{.Repository}}:{{.Tag}}");
  if (images.length > 0) docker("rmi", ...images);
}
