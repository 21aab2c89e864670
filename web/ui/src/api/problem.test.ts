import { describe, expect, it } from "vitest";

import { problemOf } from "./problem";

describe("a refusal", () => {
  it("carries the field, the help and the stable kind of its document", () => {
    const body = {
      type: "urn:claude-hooks:problem:agent-exists",
      title: "There is already an agent of this name",
      status: 409,
      detail: "there is already an agent dev-2",
      field: "name",
      help: "choose another name",
    };
    const error = problemOf(409, JSON.stringify(body));
    expect(error).toMatchObject({ status: 409, kind: "agent-exists", field: "name", help: "choose another name" });
    expect(error.message).toBe("there is already an agent dev-2");
  });

  it("is told also where no document came", () => {
    expect(problemOf(502, "<html>Bad gateway</html>")).toMatchObject({ kind: "unknown", title: "The server answered 502" });
  });
});
