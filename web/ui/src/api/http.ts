/** One request to the server. The session's cookie goes along by itself. */

import { ApiError, problemOf } from "./problem";

export const BASE = "/api/v1";

export interface Ask {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Answer<T> {
  body: T;
  /** For a later `If-Match`. */
  etag: string | null;
}

let onUnauthorized: () => void = () => {};

/** What is done when any request finds the session gone. */
export function whenUnauthorized(handler: () => void): void {
  onUnauthorized = handler;
}

export async function ask<T>(path: string, { method = "GET", body, headers, signal }: Ask = {}): Promise<Answer<T>> {
  const sends = method !== "GET";
  const response = await send(path, {
    method,
    credentials: "same-origin",
    cache: "no-store",
    headers: {
      accept: "application/json",
      // Also without a body: it is what keeps forms of other sites out.
      ...(sends ? { "content-type": "application/json" } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  return { body: (text === "" ? null : JSON.parse(text)) as T, etag: response.headers.get("etag") };
}

/** Throws an {@link ApiError} for whatever is no success. */
export async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw ApiError.unreachable(error);
  }
  if (response.ok) return response;
  const problem = problemOf(response.status, await response.text().catch(() => ""));
  if (response.status === 401 && path !== "/session") onUnauthorized();
  throw problem;
}
