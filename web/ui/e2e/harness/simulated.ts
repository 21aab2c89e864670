/** The server over a simulated docker, with every kind of trouble in it. */

import { type ChildProcess, spawn } from "node:child_process";

import { simulatedFleet } from "./programs";

const TOKEN = "0123456789abcdef0123456789abcdef";

export interface Simulated {
  url: string;
  token: string;
  close: () => Promise<void>;
}

export async function simulated(...args: string[]): Promise<Simulated> {
  const child = spawn(simulatedFleet(), ["--port", "0", "--token", TOKEN, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const close = (): Promise<void> => end(child);
  try {
    const url = await new Promise<string>((found, failed) => {
      child.stdout.once("data", (line: Buffer) => {
        const address = /http:\/\/\S+/.exec(line.toString())?.[0];
        if (address === undefined) failed(new Error(`no address in ${line.toString()}`));
        else found(address);
      });
      child.once("exit", (code) => failed(new Error(`the simulated fleet ended with ${code}`)));
    });
    return { url, token: TOKEN, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGKILL");
  await ended;
}
