export interface Interrupt {
  /** Aborted by the first Ctrl-C (or SIGTERM, or a terminal that closes): drain and stop. */
  readonly first: AbortSignal;
  /** Aborted by the next one: end at once. */
  readonly second: AbortSignal;
}

/** A terminal's Ctrl-C may reach us twice, by itself and passed on by npm: what follows that closely is the same one. */
const sameOneMs = 500;

export function interruptBySignals(monotonicMs: () => number): Interrupt {
  const [first, second] = [new AbortController(), new AbortController()];
  let firstAtMs = Infinity;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (!first.signal.aborted) {
        firstAtMs = monotonicMs();
        first.abort(new Error('interrupted'));
      } else if (monotonicMs() - firstAtMs > sameOneMs) {
        second.abort(new Error('interrupted again'));
      }
    });
  }
  return { first: first.signal, second: second.signal };
}
