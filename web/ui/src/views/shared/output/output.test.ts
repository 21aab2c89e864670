import { describe, expect, it } from "vitest";

import { BLOCK, EMPTY, MOST_LINES, Overlap, type Buffer, type Chunk, forgetOpen, note, push, textOf, unfinished } from "./buffer";
import { mark, matchesIn, search } from "./search";
import { parseLine } from "./sgr";

const RAW = { dated: false };
const DATED = { dated: true };
const out = (text: string): Chunk => ({ stream: "stdout", text });
const texts = (buffer: Buffer): string[] => buffer.blocks.flatMap(({ lines }) => lines.map(({ text }) => text));

describe("terminal output", () => {
  it("keeps its colours as names of classes and loses all other escapes", () => {
    const { pieces, text } = parseLine("\u001b[1;31merror\u001b[0m: \u001b[2Kno \u001b]0;title\u0007such\u001b(B file\u0000");
    expect(text).toBe("error: no such file");
    expect(pieces).toEqual([
      { text: "error", style: "fg-1 sgr-bold" },
      { text: ": no such file", style: "" },
    ]);
  });

  it("never lets a link, a title or a broken escape through", () => {
    expect(parseLine("\u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\").text).toBe("here");
    expect(parseLine("a\u001b").text).toBe("a");
    expect(parseLine("a\u001b]0;never ended").text).toBe("a");
    expect(parseLine("a\u001b[").text).toBe("a");
    expect(parseLine("<b>bold</b>").text).toBe("<b>bold</b>");
  });

  it("knows colours by index below 16 and forgets the others", () => {
    expect(parseLine("\u001b[38;5;9mx").pieces).toEqual([{ text: "x", style: "fg-1" }]);
    expect(parseLine("\u001b[38;5;200mx\u001b[38;2;1;2;3my\u001b[97;44mz").pieces).toEqual([
      { text: "xy", style: "" },
      { text: "z", style: "fg-7 bg-4" },
    ]);
  });

  it("shows what a progress bar drew last", () => {
    expect(parseLine("10 %\r50 %\r100 %\r").text).toBe("100 %");
  });

  it("carries a colour into the next line of the same stream only", () => {
    const buffer = push(EMPTY, [out("\u001b[32mgreen\nstill\n"), { stream: "stderr", text: "plain\n" }, out("\u001b[0mno\n")], RAW);
    expect(buffer.blocks[0]?.lines.map(({ pieces }) => pieces[0]?.style)).toEqual(["fg-2", "fg-2", "", ""]);
  });
});

describe("a buffer of lines", () => {
  it("is the same wherever the output is cut", () => {
    const text = "one\ntwo\n\nthree \u001b[31mred\u001b[0m\nrest";
    const whole = push(EMPTY, [out(text)], RAW);
    expect(texts(whole)).toEqual(["one", "two", "", "three red"]);
    expect(unfinished(whole, RAW)[0]?.text).toBe("rest");
    for (let at = 1; at < text.length; at += 1) {
      const cut = push(push(EMPTY, [out(text.slice(0, at))], RAW), [out(text.slice(at))], RAW);
      expect(cut.blocks).toEqual(whole.blocks);
      expect(textOf(cut, RAW)).toBe("one\ntwo\n\nthree red\nrest");
    }
  });

  it("lets the oldest lines go and counts them", () => {
    const lines = Array.from({ length: MOST_LINES + 250 }, (_, index) => `line ${index}\n`);
    const buffer = lines.reduce((before, line) => push(before, [out(line)], RAW), EMPTY);
    expect(buffer.count).toBe(MOST_LINES + 50);
    expect(buffer.dropped).toBe(200);
    expect(texts(buffer)[0]).toBe("line 200");
    expect(texts(buffer).at(-1)).toBe(`line ${MOST_LINES + 249}`);
  });

  it("leaves full blocks the objects they were", () => {
    const before = push(EMPTY, [out("x\n".repeat(BLOCK + 1))], RAW);
    const after = push(before, [out("y\n")], RAW);
    expect(after.blocks[0]).toBe(before.blocks[0]);
    expect(after.blocks[1]).not.toBe(before.blocks[1]);
  });

  it("takes the time off every line, and stdout and stderr apart", () => {
    const buffer = push(EMPTY, [out("2026-01-01T00:00:00.5Z a"), { stream: "stderr", text: "2026-01-01T00:00:01Z e\n" }, out("b\n")], DATED);
    expect(buffer.blocks[0]?.lines).toMatchObject([
      { stream: "stderr", at: "2026-01-01T00:00:01Z", text: "e" },
      { stream: "stdout", at: "2026-01-01T00:00:00.5Z", text: "ab" },
    ]);
  });

  it("copies no remark of ours", () => {
    expect(textOf(note(push(EMPTY, [out("a\n")], RAW), "started again"), RAW)).toBe("a");
  });
});

describe("a connection that begins anew", () => {
  const at = (second: number, text: string): string => `2026-01-01T00:00:0${second}Z ${text}\n`;
  const again = (before: Buffer, chunks: readonly Chunk[]): string[] => {
    const overlap = new Overlap(before.last);
    const passed = chunks.flatMap((chunk) => overlap.filter(chunk) ?? []);
    return texts(push(forgetOpen(before), passed, DATED));
  };

  it("repeats no line, also where several bear the same time", () => {
    const before = push(EMPTY, [out(at(1, "a") + at(2, "b") + at(2, "c"))], DATED);
    const sent = at(1, "a") + at(2, "b") + at(2, "c") + at(2, "d") + at(3, "e");
    for (let cut = 0; cut <= sent.length; cut += 1) {
      expect(again(before, [out(sent.slice(0, cut)), out(sent.slice(cut))])).toEqual(["a", "b", "c", "d", "e"]);
    }
  });

  it("brings everything of another container", () => {
    const before = push(EMPTY, [out(at(1, "a"))], DATED);
    expect(again(before, [{ stream: "stderr", text: at(5, "x") }, out(at(6, "y"))])).toEqual(["a", "x", "y"]);
  });

  it("sends a line whose beginning was seen as a whole", () => {
    const before = push(EMPTY, [out(`${at(1, "a")}2026-01-01T00:00:02Z be`)], DATED);
    expect(again(before, [out(at(1, "a")), out(at(2, "begun"))])).toEqual(["a", "begun"]);
  });
});

describe("search", () => {
  it("finds text in all lines without regard to case", () => {
    const buffer = push(EMPTY, [out("Error: error\nfine\nan ERROR\n")], RAW);
    const found = search(buffer.blocks, "error");
    expect(found.map(({ line, from }) => [line, from])).toEqual([
      [1, 0],
      [1, 7],
      [3, 3],
    ]);
    expect(search(buffer.blocks, "")).toEqual([]);
  });

  it("marks a match that runs over several colours", () => {
    const { pieces, text } = parseLine("no \u001b[31msuch\u001b[0m file");
    const parts = mark(pieces, matchesIn(text, "o such f"));
    expect(parts.map(({ text }) => text).join("")).toBe(text);
    expect(parts.filter(({ match }) => match === 1).map(({ text, style }) => [text, style])).toEqual([
      ["o ", ""],
      ["such", "fg-1"],
      [" f", ""],
    ]);
  });
});
