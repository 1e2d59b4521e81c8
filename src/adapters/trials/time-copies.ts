/** How often a copy is repeated at most. */
const mostRepeats = 10_000;

/**
 * The rate of the fastest copy, after one that is not timed. What disturbs a copy makes it slower, and nothing makes it faster than what
 * carries it.
 *
 * @param bytes of one copy
 * @param copyMs for how long it is repeated
 */
export function timeCopies(bytes: number, copyMs: number, copy: () => void): { readonly bytesPerSecond: number } {
  copy();
  const until = performance.now() + copyMs;
  let leastMs = Infinity;
  for (let done = 0; done < mostRepeats && (done === 0 || performance.now() < until); done += 1) {
    const begun = performance.now();
    copy();
    leastMs = Math.min(leastMs, performance.now() - begun);
  }
  return { bytesPerSecond: Math.round((bytes / Math.max(leastMs, 1e-3)) * 1000) };
}
