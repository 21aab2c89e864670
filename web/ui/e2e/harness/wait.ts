/** Waiting for what comes by itself, with a bound. */

export async function eventually<T>(what: string, look: () => Promise<T | undefined | null | false>, patienceMs = 30_000): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await pause(50);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
