import { describe, expect, it } from "vitest";

import type { Task } from "../../../api/tasks";
import { parseTaskFilter, taskSearch } from "../../tasks/filter";
import { shellHint, splitWords } from "../command-words";
import { commandLine, withNewest, withOlder } from "./merge";

function sampleTask(id: string, part: Partial<Task> = {}): Task {
  return {
    id,
    state: "running",
    cause: null,
    detail: null,
    exit_code: null,
    instance: "dev-2",
    incarnation: null,
    type: "dev",
    argv: ["true"],
    attempt: 1,
    cancelling: false,
    queued_at: "2026-01-01T00:00:00Z",
    started_at: null,
    ended_at: null,
    output_bytes: 0,
    truncated: false,
    ...part,
  };
}

const ids = ({ tasks }: { tasks: readonly Task[] }): string[] => tasks.map(({ id }) => id);
const NONE = { tasks: [], complete: false };

describe("a list of tasks", () => {
  it("takes in newer ones, keeps older pages and drops what fits no more", () => {
    let list = withNewest(NONE, [sampleTask("05"), sampleTask("04")], 2);
    expect(list.complete).toBe(false);
    list = withOlder(list, [sampleTask("03"), sampleTask("02")], 2);
    list = withOlder(list, [sampleTask("01")], 2);
    expect([ids(list), list.complete]).toEqual([["05", "04", "03", "02", "01"], true]);
    // 05 ended and fits the filter no more, 06 is new.
    list = withNewest(list, [sampleTask("06"), sampleTask("04")], 2);
    expect([ids(list), list.complete]).toEqual([["06", "04", "03", "02", "01"], true]);
    expect(ids(withNewest(list, [sampleTask("06")], 2))).toEqual(["06"]);
  });

  it("keeps the objects of those that do not differ", () => {
    const first = withNewest(NONE, [sampleTask("02"), sampleTask("01")], 10);
    const next = withNewest(first, [sampleTask("02", { state: "failed" }), sampleTask("01")], 10);
    expect(next.tasks[1]).toBe(first.tasks[1]);
    expect(next.tasks[0]?.state).toBe("failed");
  });

  it("has its filter in the address", () => {
    const filter = parseTaskFilter("?state=failed,running,nonsense&instance=dev-2");
    expect(filter).toEqual({ instance: "dev-2", states: ["running", "failed"] });
    expect(taskSearch(filter)).toBe("?state=running,failed&instance=dev-2");
    expect(taskSearch(parseTaskFilter(""))).toBe("");
  });
});

describe("a typed command", () => {
  it("is split into words by quotes, and nothing else is understood", () => {
    expect(splitWords(` a 'b c' "d \\"e\\" $F" g\\ h '' `)).toEqual({ words: ["a", "b c", 'd "e" $F', "g h", ""], problem: null });
    expect(splitWords("a 'b").problem).toContain("not closed");
    expect(splitWords("a \\").problem).toContain("backslash");
    expect(splitWords("  ").words).toEqual([]);
  });

  it("is the same again when it is shown and split", () => {
    for (const argv of [["a"], ["a b", "", "it's", '"', "\\", "$x", "x\ny"], ["--flag=a b", "é"]]) {
      expect(splitWords(commandLine(argv))).toEqual({ words: argv, problem: null });
    }
  });

  it("is warned of where it counts on a shell", () => {
    expect(shellHint(["ls", "|", "wc"])).toContain("no shell");
    expect(shellHint(["echo", "$HOME"])).toContain("no shell");
    expect(shellHint(["ls", "-l"])).toBeNull();
  });
});
