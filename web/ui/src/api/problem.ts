/** A refusal or failure of the server as a value: RFC 9457 problem documents, and what comes without one. */

const PREFIX = "urn:claude-hooks:problem:";

export class ApiError extends Error {
  /** 0 when no answer came. */
  readonly status: number;
  /** Stable name of the kind, like `generation-mismatch`. */
  readonly kind: string;
  readonly title: string;
  /** Path of the member, header or parameter that was wrong. */
  readonly field: string | null;
  readonly help: string | null;
  readonly document: Readonly<Record<string, unknown>>;

  constructor(status: number, kind: string, title: string, detail: string, document: Record<string, unknown> = {}) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.kind = kind;
    this.title = title;
    this.field = text(document["field"]);
    this.help = text(document["help"]);
    this.document = document;
  }

  static unreachable(cause: unknown): ApiError {
    const detail = cause instanceof Error && cause.message !== "" ? cause.message : "no answer";
    return new ApiError(0, "unreachable", "The supervisor does not answer", detail, {
      help: "see whether the daemon runs; what was asked may or may not have been done",
    });
  }
}

/** Reads the body of an answer that is no success, whatever it is. */
export function problemOf(status: number, body: string): ApiError {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = null;
  }
  if (!isObject(parsed)) {
    return new ApiError(status, "unknown", `The server answered ${status}`, body.slice(0, 300) || "without a word");
  }
  const type = text(parsed["type"]) ?? "unknown";
  const kind = type.startsWith(PREFIX) ? type.slice(PREFIX.length) : type;
  const title = text(parsed["title"]) ?? `The server answered ${status}`;
  return new ApiError(status, kind, title, text(parsed["detail"]) ?? title, parsed);
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
