import { beforeEach, describe, expect, it } from "vitest";

import { ApiError } from "../api/problem";
import { dismiss, ended, operations, run } from "./operations";
import { sampleAgent } from "./samples";

const done = { failed: false, outcome: "started", detail: null };

beforeEach(() => {
  operations.value = [];
});

describe("an operation", () => {
  it("asks for four at once, and for each in its turn", async () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    const waiting: (() => void)[] = [];
    const ended = run("Starting 6 agents", "started", names, () => new Promise((then) => waiting.push(() => then(done))));
    expect(operations.value[0]?.steps.map(({ state }) => state)).toEqual(["running", "running", "running", "running", "waiting", "waiting"]);
    for (let at = 0; at < names.length; at += 1) {
      waiting[at]?.();
      await Promise.resolve().then(() => new Promise((then) => setTimeout(then)));
    }
    expect((await ended).steps.every(({ state }) => state === "done")).toBe(true);
  });

  it("is not shown as done before the server says so", async () => {
    let answer: () => void = () => {};
    const operation = run("Stopping a", "stopped", ["a"], () => new Promise((then) => (answer = () => then(done))));
    expect(operations.value[0]).toMatchObject({ endedAt: null, steps: [{ state: "running", outcome: null }] });
    answer();
    expect((await operation).steps).toMatchObject([{ state: "done", outcome: "started" }]);
    expect(operations.value[0]?.endedAt).not.toBeNull();
  });

  it("tells a refusal with what helps, and tries the refused ones again", async () => {
    let willing = false;
    const asked: string[] = [];
    const operation = await run("Starting 2 agents", "started", ["a", "b"], async (name) => {
      asked.push(name);
      if (name === "b" && !willing) throw new ApiError(409, "at-work", "It is at work", "x holds b", { help: "wait or force" });
      return done;
    });
    expect(operation.steps[1]).toMatchObject({ state: "failed", outcome: "It is at work", detail: "x holds b", help: "wait or force" });
    willing = true;
    operation.again?.();
    await new Promise((then) => setTimeout(then));
    expect(asked).toEqual(["a", "b", "b"]);
    expect(operations.value).toMatchObject([{ steps: [{ name: "b", state: "done" }] }]);
  });

  it("that is dismissed while it is under way stays away", async () => {
    let answer: () => void = () => {};
    const operation = run("Stopping a", "stopped", ["a"], () => new Promise((then) => (answer = () => then(done))));
    dismiss(operations.value[0]?.id ?? 0);
    answer();
    await operation;
    expect(operations.value).toEqual([]);
  });
});

it("an outcome is the server's word, and what did not change says what it is", () => {
  const agent = sampleAgent("dev-2");
  expect(ended({ ...agent, outcome: "failed", reason: "no such image" })).toEqual({ failed: true, outcome: "failed", detail: "no such image" });
  expect(ended({ ...agent, outcome: "unchanged", reason: null }).outcome).toBe("unchanged, running");
  expect(ended({ name: "dev-2", outcome: "removed", reason: null }).outcome).toBe("removed");
  expect(ended(agent).outcome).toBe("running");
  expect(ended(agent, "reopened").outcome).toBe("reopened, running");
});
