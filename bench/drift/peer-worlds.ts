import type { Random } from '../../src/core/statistics/random.ts';
import { drawNormal, type Null } from './nulls.ts';

/** Rows with a number and a class; null is a missing number. */
export interface PeerRows {
  readonly x: readonly (number | null)[];
  readonly c: readonly string[];
}

export interface PeerRun {
  readonly reference: PeerRows;
  readonly windows: readonly PeerRows[];
}

/** What is other after a change, `after` windows of it: a number for each place where the world can differ. */
export interface Change {
  readonly name: string;
  readonly at: (after: number) => Partial<Row>;
}

interface Row {
  readonly shift: number;
  readonly spread: number;
  /** Shares of the classes a to f. */
  readonly shares: readonly number[];
  readonly missing: number;
}

const usual: Row = { shift: 0, spread: 1, shares: [0.3, 0.3, 0.2, 0.1, 0.1, 0], missing: 0.02 };

export const changes: readonly Change[] = [
  { name: 'mean shift, 0.3 sd of a row', at: () => ({ shift: 0.3 }) },
  { name: 'spread 1.3 times as large', at: () => ({ spread: 1.3 }) },
  { name: 'a class of 10% vanishes', at: () => ({ shares: [0.35, 0.35, 0.2, 0.1, 0, 0] }) },
  { name: 'gradual, to 0.6 sd in 100 windows', at: (after) => ({ shift: Math.min(0.6, (0.6 * after) / 100) }) },
  { name: 'a new category of 3%', at: () => ({ shares: [0.28, 0.29, 0.2, 0.1, 0.1, 0.03] }) },
  { name: 'missing from 2% to 8%', at: () => ({ missing: 0.08 }) },
];

export const rowsOfWindow = 50;

/**
 * Windows of 50 rows whose level wanders: a part of each row's number is common to its window, and neighbouring windows are
 * alike (an autoregression with rho 0.5). `changeAt`: the first window of the change.
 */
export function drawWindows(random: Random, windows: number, change: Change | null, changeAt: number): PeerRows[] {
  let level = drawNormal(random);
  return Array.from({ length: windows }, (_, at) => {
    level = 0.5 * level + Math.sqrt(0.75) * drawNormal(random);
    const row = { ...usual, ...(change === null || at < changeAt ? {} : change.at(at - changeAt + 1)) };
    const x = Array.from({ length: rowsOfWindow }, () => {
      const value = row.shift + 0.15 * level + row.spread * drawNormal(random);
      return random.nextShare() < row.missing ? null : value;
    });
    return { x, c: Array.from({ length: rowsOfWindow }, () => drawClass(random, row.shares)) };
  });
}

/** Windows of rows that are a null stream themselves; the class of a row is read from a second stream. */
export function drawNull(random: Random, { begin }: Null, windows: number): PeerRows[] {
  const [number, other] = [begin(random), begin(random)];
  return Array.from({ length: windows }, () => ({
    x: Array.from({ length: rowsOfWindow }, number),
    c: Array.from({ length: rowsOfWindow }, () => {
      const value = other();
      return value < -0.5 ? 'a' : value < 1 ? 'b' : 'c';
    }),
  }));
}

/** The first 20 windows are the reference: 1,000 rows, where the peers choose the tests for few rows. */
export function asPeerRun(windows: readonly PeerRows[], from: number): PeerRun {
  const before = windows.slice(from - 20, from);
  return {
    reference: { x: before.flatMap(({ x }) => x), c: before.flatMap(({ c }) => c) },
    windows: windows.slice(from),
  };
}

function drawClass(random: Random, shares: readonly number[]): string {
  let left = random.nextShare();
  for (const [at, share] of shares.entries()) {
    left -= share;
    if (left < 0) return 'abcdef'[at] ?? 'a';
  }
  return 'a';
}
