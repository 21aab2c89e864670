/** The real daemon in a directory of its own, and how it ends. All it makes in docker begins with `cht-<pid>-`. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Agent } from "../../src/api/types";
import { engineIsThere, image, removeAll } from "./engine";
import { daemonProgram } from "./programs";
import { eventually } from "./wait";

/** Types as they stand in `agents.json`. */
export type Types = Record<string, object>;

const container = (extra: object = {}): object => ({
  enabled: true,
  image: image(),
  command: ["run"],
  network: "none",
  limits: { memory: "64m", cpus: 0.5, pids: 64 },
  ...extra,
});

export const hot = (extra?: object): object => ({ lifecycle: "hot", container: container(extra) });
export const lazy = (extra?: object): object => ({ lifecycle: "lazy", idle_timeout_s: 1800, container: container(extra) });
/** Rows without containers. */
export const host = (): object => ({ lifecycle: "hot", container: { enabled: false } });

let next = 1;

export class Fleet {
  private readonly dir = mkdtempSync(join(tmpdir(), "claude-hooks-page-"));
  private daemon: ChildProcess | null = null;
  /** Bound again after a restart: it is part of the page's address. */
  private listen = "127.0.0.1:0";

  private constructor(
    private readonly types: Types,
    readonly prefix: string,
  ) {
    mkdirSync(join(this.dir, "home"));
    this.installDocker();
  }

  static async start(types: Types, prefix = `cht-${process.pid}-page${next++}`): Promise<Fleet> {
    const fleet = new Fleet(types, prefix);
    try {
      await fleet.serve();
    } catch (error) {
      await fleet.close();
      throw error;
    }
    return fleet;
  }

  /** Docker behind a script, so that a test can take it away. */
  private installDocker(): void {
    const script = `#!/bin/sh
if [ -e '${this.path("docker-is-away")}' ]; then
  echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' >&2
  exit 1
fi
exec docker "$@"
`;
    writeFileSync(this.path("docker"), script);
    chmodSync(this.path("docker"), 0o755);
  }

  private path(name: string): string {
    return join(this.dir, name);
  }

  private writeConfig(): void {
    const config = `[server]
listen = "${this.listen}"
[data]
dir = "${this.path("data")}"
[fleet]
prefix = "${this.prefix}"
types = "agents.json"
[docker]
binary = "${this.path("docker")}"
[watchdog]
interval_s = 5
`;
    writeFileSync(this.path("claude-hooks.toml"), config);
    writeFileSync(this.path("agents.json"), JSON.stringify({ types: this.types }));
  }

  /** Nothing of the machine's own fleet or config reaches it. */
  private get env(): NodeJS.ProcessEnv {
    const { PATH, DOCKER_HOST } = process.env;
    return { PATH, ...(DOCKER_HOST === undefined ? {} : { DOCKER_HOST }), HOME: this.path("home") };
  }

  /** Starts the daemon, which dies with this process, and waits until it is ready. */
  async serve(): Promise<void> {
    this.writeConfig();
    const log = openSync(this.path("daemon.log"), "a");
    const program = daemonProgram();
    const args = ["run-tethered", String(process.pid), program, "--config", this.path("claude-hooks.toml"), "serve"];
    const daemon = spawn(program, args, { env: this.env, stdio: ["ignore", log, log] });
    this.daemon = daemon;
    await eventually("the daemon is ready", async () => {
      if (daemon.exitCode !== null) throw new Error(`the daemon ended with ${daemon.exitCode}:\n${this.log()}`);
      return (await this.get("/readyz").catch(() => null))?.ok;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.log()}`);
    });
    this.listen = this.address;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const daemon = this.daemon;
    this.daemon = null;
    if (daemon === null || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = new Promise((done) => daemon.once("exit", done));
    daemon.kill(signal);
    await ended;
  }

  /** As the kernel would. */
  kill9(): Promise<void> {
    return this.end("SIGKILL");
  }

  stop(): Promise<void> {
    return this.end("SIGTERM");
  }

  /** From now on docker answers nothing, or answers again. What already runs, as the stream of events, is cut by `cutEvents`. */
  dockerAway(away: boolean): void {
    if (away) writeFileSync(this.path("docker-is-away"), "");
    else unlinkSync(this.path("docker-is-away"));
  }

  async close(): Promise<void> {
    // First the daemon: it would bring back what is removed.
    await this.end("SIGKILL");
    if (engineIsThere) removeAll(this.prefix);
    rmSync(this.dir, { recursive: true, force: true });
  }

  get address(): string {
    return readFileSync(this.path("data/listen"), "utf8").trim();
  }

  get url(): string {
    return `http://${this.address}`;
  }

  get token(): string {
    return readFileSync(this.path("data/token"), "utf8").trim();
  }

  log(): string {
    return readFileSync(this.path("daemon.log"), "utf8");
  }

  container(instance: string): string {
    return `${this.prefix}-${instance}`;
  }

  /** The command line on this fleet, which must succeed. */
  cli(...args: string[]): string {
    const all = ["--config", this.path("claude-hooks.toml"), ...args];
    return execFileSync(daemonProgram(), all, { env: this.env, encoding: "utf8" });
  }

  get(path: string): Promise<Response> {
    return this.send("GET", path);
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** The body of an answer, which must be a success. */
  async ask<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const response = await this.send(method, path, body, headers);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? null : JSON.parse(text)) as T;
  }

  agent(name: string): Promise<Agent> {
    return this.ask("GET", `/api/v1/agents/${name}`);
  }
}
