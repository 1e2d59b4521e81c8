import { describe, expect, it } from 'vitest';
import { hour0, worked } from '../../../testing/builders/cost/ledger-builders.ts';
import { memoryLedgerReader } from '../../../testing/fakes/memory/records/memory-ledger.ts';
import type { LedgerRecord } from '../../../ports/records/ledger-records.ts';
import { findAccounted } from './find-accounted.ts';

/** Seconds after `hour0` at which accounts and marks were recorded. */
async function find(
  accounts: readonly number[],
  beats: readonly number[],
  now: number,
  checkpoints: readonly number[] = [],
) {
  const place = (second: number, index: number) => ({
    ...{ atMs: hour0 + second * 1_000, recorder: 'r', sequence: index + 1 },
  });
  const mark =
    (kind: 'heartbeat' | 'checkpoint') =>
    (second: number, index: number): LedgerRecord => ({
      ...place(second, index),
      ...{ kind, fact: null },
    });
  const ledgerRecords = [
    ...accounts.map((second, index): LedgerRecord => ({
      ...{ ...place(second, index), kind: 'work-account' },
      fact: worked(second * 1_000 - 1_000, second * 1_000, 'a', 500),
    })),
    ...beats.map(mark('heartbeat')),
    ...checkpoints.map(mark('checkpoint')),
  ];
  const found = await findAccounted(
    memoryLedgerReader(() => ({ ledgerRecords, ledgerEntries: [] })),
    hour0 + now * 1_000,
  );
  return (found - hour0) / 1_000;
}

describe('findAccounted', () => {
  it('is the last beat that work was accounted at, and not a later one', async () => {
    expect(await find([60, 120], [60, 120, 130, 140, 150], 155)).toBe(120);
  });

  it('looks past the account of a replica that ended between two beats', async () => {
    expect(await find([60, 60, 120, 137, 138], [60, 120, 130], 140)).toBe(120);
  });

  it('takes a checkpoint as a beat', async () => {
    expect(await find([60, 120], [60, 130], 140, [120])).toBe(120);
  });

  it('is now where nothing was accounted for three minutes', async () => {
    expect(await find([], [60, 120], 130)).toBe(130);
    expect(await find([60], [60, 120, 180, 240], 240)).toBe(60);
    expect(await find([60], [60, 120, 180, 240], 241)).toBe(241);
  });
});
