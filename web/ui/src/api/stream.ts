/** A body that comes bit by bit. */

import { send } from "./http";

/** The bytes of an answer as they come; ends with it, and throws like any request. */
export async function* chunks(path: string, accept: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const response = await send(path, { headers: { accept }, credentials: "same-origin", cache: "no-store", signal });
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Whoever stops listening gives the connection back.
    void reader.cancel().catch(() => {});
  }
}
