/** A number at a moment; lists of them are in order of time and bounded. */
export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/**
 * With one sample more and without those that are older than `windowMs`; never more than `atMost`, the newest ones. The bound
 * holds where a rule is asked more often than its period says.
 */
export function withSample(samples: readonly Sample[], sample: Sample, windowMs: number, atMost: number): Sample[] {
  const kept = samples.filter(({ atMs }) => atMs >= sample.atMs - windowMs);
  kept.push(sample);
  return kept.slice(-Math.max(1, atMost));
}

/** The samples so many milliseconds later. */
export function shiftSamples(samples: readonly Sample[], byMs: number): readonly Sample[] {
  return samples.map(({ atMs, value }) => ({ atMs: atMs + byMs, value }));
}

/** Of at least one sample. */
export function meanOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, { value }) => sum + value, 0) / samples.length;
}

/** Samples that fit into a window when one is taken every `periodMs`. */
export function samplesIn(windowMs: number, periodMs: number): number {
  return Math.ceil(windowMs / periodMs) + 1;
}
