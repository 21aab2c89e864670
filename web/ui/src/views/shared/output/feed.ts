/** Output that is being read: the lines so far, and how the reading goes. */

import { type ReadonlySignal, signal } from "@preact/signals";

import { ApiError } from "../../../api/problem";
import { type Buffer, type Chunk, EMPTY, type Reading, note, push } from "./buffer";

export type Standing =
  | { kind: "connecting" }
  | { kind: "live" }
  /** Nothing more will come by itself. */
  | { kind: "ended" }
  | { kind: "waiting"; retryAt: number; error: unknown }
  /** Nobody sees it. */
  | { kind: "resting" }
  /** Refused for a reason that does not pass with time alone. */
  | { kind: "refused"; error: ApiError };

/** Painted at most so often: output may come much faster than anybody reads. */
const PAINT_MS = 80;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 20_000;

/** Reads one connection to its end. `live` is called when it stands; a reader goes on where the last one stopped. */
export type Reader = (feed: Feed, signal: AbortSignal) => Promise<void>;

export class Feed {
  private readonly lines = signal<Buffer>(EMPTY);
  private readonly state = signal<Standing>({ kind: "connecting" });
  private waiting: Chunk[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private retry: ReturnType<typeof setTimeout> | null = null;
  private connection: AbortController | null = null;
  private attempt = 0;

  constructor(
    readonly reading: Reading,
    private readonly read: Reader,
  ) {}

  get buffer(): ReadonlySignal<Buffer> {
    return this.lines;
  }

  get standing(): ReadonlySignal<Standing> {
    return this.state;
  }

  /** Begins, or begins anew. */
  connect(): void {
    this.close();
    const mine = new AbortController();
    this.connection = mine;
    this.state.value = { kind: "connecting" };
    this.read(this, mine.signal).then(
      () => this.end(mine, () => ({ kind: "ended" })),
      (error: unknown) => this.end(mine, () => this.failed(error)),
    );
  }

  close(): void {
    this.connection?.abort();
    this.connection = null;
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = null;
  }

  /** Gives the connection back until it is connected again; what has ended stays so. */
  rest(): void {
    const { kind } = this.state.peek();
    if (kind === "ended" || kind === "refused") return;
    this.close();
    this.state.value = { kind: "resting" };
  }

  live(): void {
    this.attempt = 0;
    this.state.value = { kind: "live" };
  }

  take(chunk: Chunk): void {
    this.waiting.push(chunk);
    this.timer ??= setTimeout(() => this.paint(), PAINT_MS);
  }

  change(how: (buffer: Buffer) => Buffer): void {
    this.paint();
    this.lines.value = how(this.lines.peek());
  }

  remark(text: string): void {
    this.change((buffer) => note(buffer, text));
  }

  private paint(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.waiting.length === 0) return;
    const taken = this.waiting;
    this.waiting = [];
    this.lines.value = push(this.lines.peek(), taken, this.reading);
  }

  private end(mine: AbortController, next: () => Standing): void {
    // A connection that was replaced has no say any more.
    if (this.connection !== mine) return;
    this.paint();
    this.connection = null;
    this.state.value = next();
  }

  private failed(error: unknown): Standing {
    if (error instanceof ApiError && error.status >= 400 && error.status < 500) return { kind: "refused", error };
    const delay = Math.min(FIRST_RETRY_MS * 2 ** this.attempt, LAST_RETRY_MS);
    this.attempt += 1;
    this.retry = setTimeout(() => this.connect(), delay);
    return { kind: "waiting", retryAt: Date.now() + delay, error };
  }
}
