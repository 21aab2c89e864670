/** What containers use, as a short past per agent. Pure. */

export interface Sample {
  at: number;
  /** Of one core, in percent. */
  cpu: number | null;
  memory: number | null;
  memoryLimit: number | null;
}

/** Samples that are kept per agent: what a sparkline has room for. */
export const KEPT = 60;

export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.at <= last.at) return samples;
  return [...samples.slice(-(KEPT - 1)), sample];
}
