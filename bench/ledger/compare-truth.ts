import type { LedgerRow } from '../../src/core/cost/ledger/row.ts';
import type { PlacedFact } from '../../src/core/cost/ledger/record/place-facts.ts';
import { worldBeginMs } from './world/recorder.ts';
import type { Truth } from './world/truth.ts';

const hourMs = 3_600_000;

export interface Compared {
  /** Device-milliseconds that exist in truth. */
  readonly deviceMs: number;
  /** Sum over pools and hours of |booked - existing|, both accounts. */
  readonly conservationErrorMs: number;
  /** Device-milliseconds in another state or with another owner than in truth: the larger of both accounts. */
  readonly wrongMs: number;
  /** The same by state of the truth, compute account: what the ledger has too little of. */
  readonly missingByState: Readonly<Record<string, number>>;
}

/**
 * Holds the ledger of some hours against what really happened. Which devices exist is the simulator's own list; when they came
 * and went is what the recorder's clock says, so that an error of a clock counts as a wrong state and not as a lost device.
 */
export function compareTruth(
  rows: readonly LedgerRow[],
  truth: Truth,
  placed: readonly PlacedFact[],
  untilMs: number,
): Compared {
  const existed = countExistence(truth, placed, untilMs);
  const booked = new Map<string, { compute: number; memory: number }>();
  const sums = new Map<string, { compute: number; memory: number }>();
  for (const row of rows) {
    const hour = (row.hourMs - worldBeginMs) / hourMs;
    add(booked, `${hour}|${row.device}|${row.state}|${row.owner?.service ?? ''}|${row.claim ?? ''}`, row);
    add(sums, `${hour}|${row.pool}`, row);
  }
  let conservationErrorMs = 0;
  let deviceMs = 0;
  for (const key of new Set([...sums.keys(), ...existed.keys()])) {
    const exists = existed.get(key) ?? 0;
    const { compute = 0, memory = 0 } = sums.get(key) ?? {};
    deviceMs += exists;
    conservationErrorMs += Math.abs(compute - exists) + Math.abs(memory - exists);
  }
  let [compute, memory] = [0, 0];
  const missingByState: Record<string, number> = {};
  for (const key of new Set([...booked.keys(), ...truth.times.keys()])) {
    const [is, was] = [booked.get(key), truth.times.get(key)];
    const difference = (was?.compute ?? 0) - (is?.compute ?? 0);
    compute += Math.abs(difference);
    memory += Math.abs((was?.memory ?? 0) - (is?.memory ?? 0));
    const state = key.split('|')[2] ?? '';
    if (difference > 0) missingByState[state] = (missingByState[state] ?? 0) + difference;
  }
  return { deviceMs, conservationErrorMs, wrongMs: Math.max(compute, memory) / 2, missingByState };
}

function countExistence(truth: Truth, placed: readonly PlacedFact[], untilMs: number): ReadonlyMap<string, number> {
  const times = new Map(placed.map(({ id, atMs }) => [id, atMs]));
  const existed = new Map<string, number>();
  for (const { pool, devices, appeared, gone } of truth.existed) {
    const from = Math.max(worldBeginMs, times.get(appeared) ?? NaN);
    const to = Math.min(untilMs, gone === null ? untilMs : (times.get(gone) ?? NaN));
    for (let at = from; at < to;) {
      const hour = Math.floor((at - worldBeginMs) / hourMs);
      const end = Math.min(to, worldBeginMs + (hour + 1) * hourMs);
      const key = `${hour}|${pool}`;
      existed.set(key, (existed.get(key) ?? 0) + (end - at) * devices);
      at = end;
    }
  }
  return existed;
}

function add(sums: Map<string, { compute: number; memory: number }>, key: string, row: LedgerRow): void {
  const sum = sums.get(key) ?? { compute: 0, memory: 0 };
  sum.compute += row.computeMs;
  sum.memory += row.memoryMs;
  sums.set(key, sum);
}
