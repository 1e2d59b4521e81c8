import type { TrialLine } from './trial-line.ts';

/** Apart from what reads a line: a worker that writes would carry, and load, a validator of 220 kB. */
export function sayLine(line: TrialLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
