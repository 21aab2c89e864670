/**
 * A simulated fleet as a newer or busier daemon would tell it: what the test adds stands between the page and the server, on
 * the wire. For what no simulation brings about by itself, and for what the page does not know.
 */

import { type IncomingMessage, type ServerResponse, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

import type { Agent, FleetEvent } from "../../src/api/types";
import { type Simulated, simulated } from "./simulated";

export interface Adornment {
  /** Changes an agent wherever the stream shows it. */
  agent?: (agent: Agent) => void;
  /** Answers instead of the server, unless null. */
  answer?: (method: string, url: URL, body: unknown) => { status: number; body: unknown } | null;
}

export interface Adorned extends Simulated {
  /** Into every open stream. */
  tell: (event: Partial<FleetEvent> & { kind: string }) => void;
}

export async function adorned({ agent, answer }: Adornment, ...args: string[]): Promise<Adorned> {
  const server = await simulated(...args);
  const streams = new Set<ServerResponse>();
  /** The newest event that the page knows of. */
  let newest = 0;

  const pass = (from: IncomingMessage, to: ServerResponse, body: Buffer): void => {
    const { host } = new URL(server.url);
    // The server checks both; seen from it, the page is its own.
    const headers = { ...from.headers, host, ...(from.headers.origin === undefined ? {} : { origin: server.url }) };
    const onward = request(server.url + (from.url ?? "/"), { method: from.method, headers }, (found) => {
      to.writeHead(found.statusCode ?? 502, found.headers);
      if (!String(found.headers["content-type"]).startsWith("text/event-stream")) {
        found.pipe(to);
        return;
      }
      streams.add(to);
      let rest = "";
      found.setEncoding("utf8");
      found.on("data", (text: string) => {
        const frames = (rest + text).split("\n\n");
        rest = frames.pop() ?? "";
        for (const frame of frames) newest = Math.max(newest, Number(/"(?:cursor|seq)":(\d+)/.exec(frame)?.[1] ?? 0));
        for (const frame of frames) to.write(`${agent === undefined ? frame : changed(frame, agent)}\n\n`);
      });
      found.on("end", () => to.end());
      found.on("error", () => to.destroy());
    });
    onward.on("error", () => to.destroy());
    to.on("close", () => {
      streams.delete(to);
      onward.destroy();
    });
    onward.end(body);
  };

  const between = createServer((from, to) => {
    const parts: Buffer[] = [];
    from.on("data", (part: Buffer) => parts.push(part));
    from.on("end", () => {
      const body = Buffer.concat(parts);
      const url = new URL(from.url ?? "/", server.url);
      const own = answer?.(from.method ?? "GET", url, body.length === 0 ? null : JSON.parse(body.toString()));
      if (own === null || own === undefined) {
        pass(from, to, body);
        return;
      }
      to.writeHead(own.status, { "content-type": own.status < 400 ? "application/json" : "application/problem+json" });
      to.end(JSON.stringify(own.body));
    });
  });
  await new Promise<void>((ready) => between.listen(0, "127.0.0.1", ready));
  const { port } = between.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    token: server.token,
    tell: (event) => {
      // The next one: the page looks for what is missing between.
      newest += 1;
      const whole = { seq: newest, at: new Date().toISOString(), instance: null, type: null, incarnation: null, cause: null, detail: null, data: null, caused_by: null, ...event };
      for (const stream of streams) stream.write(`event: ${event.kind}\ndata: ${JSON.stringify(whole)}\n\n`);
    },
    close: async () => {
      between.closeAllConnections();
      between.close();
      await server.close();
    },
  };
}

/** The frame, with its agents as they are to be shown. */
function changed(frame: string, change: (agent: Agent) => void): string {
  const kind = /^event: ?(\w+)$/m.exec(frame)?.[1];
  if (kind !== "snapshot" && kind !== "picture") return frame;
  return frame.replace(/^data: ?(.*)$/m, (_, data: string) => {
    const picture = JSON.parse(data) as { agents: Agent[] };
    picture.agents.forEach(change);
    return `data: ${JSON.stringify(picture)}`;
  });
}
