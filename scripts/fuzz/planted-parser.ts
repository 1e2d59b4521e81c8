export type PlantedFault = 'exception' | 'hang' | 'memory';

/**
 * A parser with a planted fault behind four comparisons that only coverage leads past: the tests prove with it that the fuzzer
 * still sees an exception, an input that never ends, and one that takes too much memory.
 */
export function plantedParser(bytes: Uint8Array, fault: PlantedFault): number {
  if (bytes[0] === 0x46) {
    if (bytes[1] === 0x55) {
      if (bytes[2] === 0x5a) {
        if (bytes[3] === 0x21) return broken(fault);
      }
    }
  }
  return bytes.length;
}

function broken(fault: PlantedFault): number {
  switch (fault) {
    case 'exception':
      throw new TypeError('planted exception');
    case 'hang':
      return forever();
    case 'memory':
      return new Float64Array(40 * 2 ** 20).fill(1).length;
  }
}

function forever(): number {
  for (let turn = 0; ; turn += 1) if (turn < 0) return turn;
}
