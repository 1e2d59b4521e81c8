import type { Random } from '../../../src/core/statistics/random.ts';

/** What a board does while it is looked at, before noise. Rates are bytes a second. */
export interface Board {
  readonly smActiveShare: number;
  readonly dramActiveShare: number;
  readonly busBytesPerSecond: number;
  readonly clockMhz: number;
  readonly generation: number;
  readonly lanes: number;
  /** A bit of nvmlClocksEventReasons that stands; 0: none. */
  readonly reason: number;
  readonly isRemapPending: boolean;
  readonly isPeerRefused: boolean;
  readonly numaNode: number;
}

/** What the service and the host beside it do. */
export interface Host {
  /** Share of one core that the busiest thread of the replica takes. */
  readonly threadShare: number;
  readonly requestsPerSecond: number;
  /** Time of one request: waiting for a batch, running, and all. */
  readonly waitMs: number;
  readonly runMs: number;
  readonly totalMs: number;
  /** Share of time in which the engine runs a batch, copies to and from the board among it. */
  readonly engineShare: number;
  readonly rowsOfBatch: number;
}

/** One run before its noise: what is true. */
export interface Truth {
  /** Two boards, of which the replica has both. Faults are of the first. */
  readonly boards: readonly [Board, Board];
  readonly host: Host;
}

/** Bytes a second of the fastest copy that a preflight measured on each board. */
export const copyCeiling = 24e9;
export const rowsAtMost = 16;
export const clockAtMost = 1_980;

export const between = (random: Random, from: number, to: number): number => from + random.nextShare() * (to - from);

/** Two boards under a load that fills two thirds of them. */
export function drawHealthy(random: Random): Truth {
  const smActiveShare = between(random, 0.55, 0.75);
  const board = (): Board => ({
    smActiveShare: smActiveShare + between(random, -0.03, 0.03),
    dramActiveShare: between(random, 0.2, 0.5),
    busBytesPerSecond: between(random, 1e9, 8e9),
    clockMhz: between(random, 1_850, clockAtMost),
    ...{ generation: 5, lanes: 16, reason: 0, isRemapPending: false, isPeerRefused: false, numaNode: 0 },
  });
  const runMs = between(random, 8, 20);
  const waitMs = between(random, 1, 4);
  return {
    boards: [board(), board()],
    host: {
      threadShare: between(random, 0.2, 0.6),
      requestsPerSecond: between(random, 200, 500),
      ...{ runMs, waitMs, totalMs: runMs + waitMs + between(random, 3, 6) },
      engineShare: smActiveShare,
      rowsOfBatch: between(random, 8, 12),
    },
  };
}

/** Changes the first board. */
export const withBoard = (truth: Truth, change: Partial<Board>): Truth => ({
  ...truth,
  boards: [{ ...truth.boards[0], ...change }, truth.boards[1]],
});

/** Both boards wait, because a batch goes over both of them. */
export function withStarved(truth: Truth, random: Random): Truth {
  const { host } = truth;
  const share = between(random, 0.15, 0.4);
  const runMs = host.runMs * between(random, 1.6, 2.4);
  const [first, second] = truth.boards;
  return {
    boards: [
      { ...first, smActiveShare: share },
      { ...second, smActiveShare: share },
    ],
    host: {
      ...host,
      ...{ runMs, engineShare: between(random, 0.85, 0.97), totalMs: runMs + host.waitMs + 5 },
    },
  };
}
