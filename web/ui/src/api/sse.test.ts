import { describe, expect, it } from "vitest";

import { FrameReader } from "./sse";

const STREAM = "retry: 2000\n\nid: 7\nevent: snapshot\ndata: {}\n\n: ping\n\nevent: picture\ndata: a\ndata: b\n\n";

describe("frames", () => {
  it("are the same wherever the stream is cut", () => {
    const whole = new FrameReader().push(STREAM);
    expect(whole).toEqual([
      { event: "snapshot", data: "{}", id: "7" },
      { event: "picture", data: "a\nb", id: "7" },
    ]);
    for (let at = 1; at < STREAM.length; at += 1) {
      const reader = new FrameReader();
      expect([...reader.push(STREAM.slice(0, at)), ...reader.push(STREAM.slice(at))]).toEqual(whole);
    }
  });

  it("end at every kind of line break, also one that is cut in two", () => {
    const reader = new FrameReader();
    expect(reader.push("data: a\r")).toEqual([]);
    expect(reader.push("\n\r\n")).toEqual([{ event: "message", data: "a", id: null }]);
  });
});
