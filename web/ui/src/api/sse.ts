/** Server-sent events out of a stream of text, by the rules of the HTML standard. Pure. */

export interface Frame {
  event: string;
  data: string;
  /** The last id that was seen, which is where a reader goes on. */
  id: string | null;
}

export class FrameReader {
  private rest = "";
  private event = "";
  private data: string[] = [];
  private id: string | null = null;

  /** The frames that `text` completes. */
  push(text: string): Frame[] {
    const frames: Frame[] = [];
    this.rest += text;
    for (;;) {
      // A carriage return at the very end may be the first half of a line break.
      const match = /\r\n|\n|\r(?!$)/.exec(this.rest);
      if (match === null) return frames;
      const line = this.rest.slice(0, match.index);
      this.rest = this.rest.slice(match.index + match[0].length);
      const frame = this.line(line);
      if (frame !== null) frames.push(frame);
    }
  }

  private line(line: string): Frame | null {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.event = value;
    else if (field === "data") this.data.push(value);
    else if (field === "id") this.id = value;
    return null;
  }

  private dispatch(): Frame | null {
    const frame = { event: this.event || "message", data: this.data.join("\n"), id: this.id };
    const empty = this.data.length === 0;
    this.event = "";
    this.data = [];
    return empty ? null : frame;
  }
}
