/** How often each fault is repeated: 20 in CI, `PLIMSOLL_FAULT_ROUNDS=100` for the figures. */
export const rounds = Number(process.env['PLIMSOLL_FAULT_ROUNDS'] ?? '20');
/** Moments are drawn from this seed, so that a failing run can be made again. */
export const seed = Number(process.env['PLIMSOLL_FAULT_SEED'] ?? '20261124');

/** Mulberry32: uniform in [0, 1), the same sequence for the same seed. */
export function seededRandom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A line of counts in the report of the run. */
export function report(text: string): void {
  console.log(`faults: ${text}`);
}
