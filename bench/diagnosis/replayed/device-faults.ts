import type { Cause, Experiment } from '../../../src/core/diagnosis/cause.ts';
import type { Random } from '../../../src/core/statistics/random.ts';
import { between, clockAtMost, copyCeiling, withBoard, withStarved, type Truth } from './board.ts';

/** A fault of an accelerator, or of what feeds it, as counters show it. */
export interface DeviceFault {
  readonly name: string;
  /** The right answer; null: nothing is wrong. */
  readonly cause: Cause | null;
  readonly what: string;
  /** Word of the reason that has to be told with the cause; left out where the cause says it all. */
  readonly reason?: string;
  /** Only the driver of the node, or a preflight on it, tells it: DCGM alone does not. */
  readonly isOfDriver?: true;
  readonly apply: (truth: Truth, random: Random) => Truth;
  /** More answers while an experiment takes the cause away, as a factor. Others change nothing. */
  readonly helps?: { readonly experiment: Experiment; readonly from: number; readonly to: number };
}

/** A clock that is held down takes the board's work longer: it is more active for the same answers. */
const heldDown =
  (reason: number, from: number, to: number): DeviceFault['apply'] =>
  (truth, random) => {
    const share = between(random, from, to);
    const [board] = truth.boards;
    const smActiveShare = Math.min(0.98, board.smActiveShare / share);
    return withBoard(truth, { reason, clockMhz: clockAtMost * share, smActiveShare });
  };

/** One row a fault. Bits are those of nvmlClocksEventReasons. */
export const deviceFaults: readonly DeviceFault[] = [
  {
    name: 'none',
    cause: null,
    what: 'two healthy boards under load; a third of them is busy all the time with full batches',
    apply: (truth, random) => {
      if (random.nextShare() < 2 / 3) return truth;
      const busy = { smActiveShare: between(random, 0.85, 0.95), dramActiveShare: between(random, 0.35, 0.6) };
      const [first, second] = truth.boards;
      return {
        host: { ...truth.host, engineShare: 0.96, rowsOfBatch: between(random, 13.5, 16) },
        boards: [
          { ...first, ...busy },
          { ...second, ...busy },
        ],
      };
    },
  },
  {
    name: 'idle',
    cause: 'under-loaded',
    what: 'few requests: the boards lower their clocks, and their links to generation 1',
    apply: (truth, random) => {
      const idle = { smActiveShare: between(random, 0.01, 0.04), generation: 1, clockMhz: 345, reason: 0x1 };
      const [first, second] = truth.boards;
      return {
        host: { ...truth.host, requestsPerSecond: between(random, 2, 10), engineShare: 0.05 },
        boards: [
          { ...first, ...idle, busBytesPerSecond: 1e6 },
          { ...second, ...idle, busBytesPerSecond: 1e6 },
        ],
      };
    },
  },
  {
    name: 'power',
    cause: 'throttled',
    what: 'the power limit holds clocks at 55 to 80%',
    reason: 'sw_power_cap',
    apply: heldDown(0x4, 0.55, 0.8),
  },
  {
    name: 'heat',
    cause: 'throttled',
    what: 'the driver lowers clocks to 45 to 75% because of heat',
    reason: 'sw_thermal_slowdown',
    apply: heldDown(0x20, 0.45, 0.75),
  },
  {
    name: 'hardware-slowdown',
    cause: 'throttled',
    what: 'the board halves its clock by itself',
    reason: 'hw_slowdown',
    apply: heldDown(0x8, 0.45, 0.5),
  },
  {
    name: 'narrow-link',
    cause: 'pcie-link',
    what: '8 lanes of 16',
    apply: (truth, random) =>
      withBoard(withStarved(truth, random), { lanes: 8, busBytesPerSecond: between(random, 9e9, 12e9) }),
    helps: { experiment: 'preloaded-data', from: 1.25, to: 1.8 },
  },
  {
    name: 'old-generation',
    cause: 'pcie-link',
    what: 'a link that stays at generation 1 under load',
    apply: (truth, random) =>
      withBoard(withStarved(truth, random), { generation: 1, busBytesPerSecond: between(random, 2.6e9, 3.8e9) }),
    helps: { experiment: 'preloaded-data', from: 1.5, to: 2.5 },
  },
  {
    name: 'memory-bound',
    cause: 'memory-bound',
    what: 'small batches read all weights for each few rows',
    apply: (truth, random) => {
      const busy = { smActiveShare: between(random, 0.86, 0.95), dramActiveShare: between(random, 0.82, 0.94) };
      const [first, second] = truth.boards;
      const host = { ...truth.host, engineShare: 0.97, rowsOfBatch: between(random, 13.5, 15.5) };
      return {
        host,
        boards: [
          { ...first, ...busy },
          { ...second, ...busy },
        ],
      };
    },
    helps: { experiment: 'larger-batch', from: 1.2, to: 1.6 },
  },
  {
    name: 'starved-by-thread',
    cause: 'cpu-thread',
    what: 'one thread of the server is full, and requests wait',
    apply: (truth, random) => {
      const starved = withStarved(truth, random);
      const { host } = truth;
      const totalMs = host.totalMs * between(random, 2, 3);
      return {
        ...starved,
        host: { ...host, threadShare: between(random, 0.95, 1), engineShare: between(random, 0.2, 0.45), totalMs },
      };
    },
    helps: { experiment: 'synthetic-input', from: 1.4, to: 2.2 },
  },
  {
    name: 'starved-by-bus',
    cause: 'pcie-traffic',
    what: 'copies take 78 to 95% of what a preflight measured',
    isOfDriver: true,
    apply: (truth, random) =>
      withBoard(withStarved(truth, random), { busBytesPerSecond: copyCeiling * between(random, 0.78, 0.95) }),
    helps: { experiment: 'second-copy-stream', from: 1.2, to: 1.5 },
  },
  {
    name: 'far-cores',
    cause: 'numa',
    what: 'the replica runs on the other NUMA node than its board',
    isOfDriver: true,
    apply: (truth, random) => withBoard(withStarved(truth, random), { numaNode: 1 }),
    helps: { experiment: 'other-cores', from: 1.2, to: 1.6 },
  },
  {
    name: 'peers-off',
    cause: 'peer-access',
    what: 'the boards reach each other by way of the host alone',
    isOfDriver: true,
    apply: (truth, random) => withBoard(withStarved(truth, random), { isPeerRefused: true }),
  },
  {
    name: 'remap-pending',
    cause: 'memory-repair',
    what: 'rows of memory wait for a reset to be replaced',
    apply: (truth) => withBoard(truth, { isRemapPending: true }),
  },
];

/** Faults that stand at the same time. */
export const devicePairs: readonly (readonly [string, string])[] = [
  ['power', 'narrow-link'],
  ['heat', 'memory-bound'],
  ['old-generation', 'starved-by-thread'],
  ['remap-pending', 'memory-bound'],
  ['far-cores', 'narrow-link'],
  ['peers-off', 'hardware-slowdown'],
];
