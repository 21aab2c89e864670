import { describe, expect, it } from "vitest";

import { GROUPS, KIND_NAMES, kindWord, kindsOf, severityOf } from "./event-kinds";
import { inert, pretty, shortIds } from "./inert";

describe("kinds of events", () => {
  it("are each in one group", () => {
    expect(GROUPS.flatMap(kindsOf).sort()).toEqual([...KIND_NAMES].sort());
  });

  it("of a newer server are called as the server calls them", () => {
    expect(kindWord("container_danced")).toBe("container danced");
    expect(severityOf({ kind: "container_danced", cause: null })).toBe("info");
  });

  it("matter by what made them", () => {
    expect(severityOf({ kind: "container_stopped", cause: "requested" })).toBe("info");
    expect(severityOf({ kind: "container_stopped", cause: "oom" })).toBe("bad");
    expect(severityOf({ kind: "task_finished", cause: "exited", data: { exit_code: 0 } })).toBe("ok");
    expect(severityOf({ kind: "task_finished", cause: "exited", data: { exit_code: 3 } })).toBe("warn");
    expect(severityOf({ kind: "container_stopped", cause: "unhealthy" })).toBe("bad");
    const member = (cause: string) => severityOf({ kind: "rollout_member", cause });
    expect(["draining", "done", "rolling_back", "rolled_back", "dancing"].map(member)).toEqual(["info", "ok", "warn", "bad", "info"]);
    expect(severityOf({ kind: "rollout_finished", cause: "done" })).toBe("ok");
  });
});

describe("text of containers", () => {
  it("can neither hide nor turn what stands around it", () => {
    expect(inert("a\u001b[31mred\u202eder")).toBe("a\\u001b[31mred\\u202eder");
    expect(inert("<b>plain</b>\n\tüñ 漢")).toBe("<b>plain</b>\n\tüñ 漢");
    const id = `sha256:${"0123456789ab".padEnd(64, "f")}`;
    expect(shortIds(`it means ${id} now, not abc`)).toBe("it means 0123456789ab now, not abc");
    expect(pretty({ tail: "\u202e" })).toBe('{\n  "tail": "\\u202e"\n}');
  });
});
