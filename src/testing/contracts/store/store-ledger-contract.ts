import { expect, it } from 'vitest';
import type { LedgerError, LedgerRow } from '../../../core/cost/ledger/row.ts';
import { ledgerRecordsAtMost, type LedgerEntry, type LedgerRecord } from '../../../ports/records/ledger-records.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

const hour = 3_600_000;

const gap = (sequence: number, atMs: number, recorder = 'one'): LedgerRecord => ({
  ...{ recorder, sequence, atMs, kind: 'gap-began' },
  fact: {
    ...{ kind: 'gap-began', id: `${recorder}-${sequence}`, gap: 'g "1"', cause: 'node-gone' },
    at: { recorder, monotonicMs: 5, wallMs: 2 ** 52 },
    scope: { of: 'node', node: 'box' },
  },
});
const mark = (kind: 'heartbeat' | 'checkpoint', sequence: number, atMs: number): LedgerRecord => ({
  ...{ recorder: 'one', sequence, atMs, kind },
  fact: null,
});
const row = (device: string, computeMs: number): LedgerRow => ({
  ...{ hourMs: 0, pool: 'gpus', device, deviceClass: 'h100', unit: 'accelerator', state: 'idle' },
  owner: { service: 'digits', environment: 'prod', release: '3', team: null, model: 'digits:2' },
  ...{ claim: 'r1', purpose: 'answers', cause: 'min-replicas', reason: null, grade: 'reserved' },
  ...{ computeMs, memoryMs: computeMs, filledMs: 0, unratedMs: 0, answers: 0, tokens: 0 },
});
const entry = (hourMs: number, number: number, rows: readonly LedgerRow[]): LedgerEntry => ({
  ...{ hourMs, entry: number, derivedAtMs: 2 ** 52, rows, newErrors: [], withdrawnErrors: [] },
});

/** The part of the store's contract that keeps the facts of accelerator time, and the hours derived from them. */
export function storeLedgerContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  it('records of the ledger come in order of time, recorder and number', () =>
    writing(async (store, write) => {
      expect(await store.ledgerRecords(0, 9, null)).toEqual([]);
      const [late, other, first, second] = [gap(3, 8), gap(1, 4, 'two'), gap(1, 4), mark('heartbeat', 2, 4)];
      await write((tx) => tx.appendLedgerRecords([late, other]));
      await write((tx) => tx.appendLedgerRecords([second, first]));
      expect(await store.ledgerRecords(0, 9, null)).toEqual([first, second, other, late]);
      expect(await store.ledgerRecords(4, 8, null)).toEqual([first, second, other]);
      expect(await store.ledgerRecords(0, 9, second)).toEqual([other, late]);
      expect(await store.ledgerRecords(5, 9, late)).toEqual([]);
      expect(await store.ledgerRecords(0, 9, null, ['gap-began'])).toEqual([first, other, late]);
      expect(await store.ledgerRecords(0, 9, first, ['gap-began', 'gap-ended'])).toEqual([other, late]);
      expect(await store.ledgerRecords(0, 9, null, ['checkpoint'])).toEqual([]);
    }));

  it('records of the ledger are read page by page, and none is left out', () =>
    writing(async (store, write) => {
      const all = Array.from({ length: ledgerRecordsAtMost + 7 }, (_, index) => mark('heartbeat', index + 1, 3));
      await write((tx) => tx.appendLedgerRecords(all));
      const page = await store.ledgerRecords(0, 9, null);
      expect(page).toHaveLength(ledgerRecordsAtMost);
      expect(await store.ledgerRecords(0, 9, page.at(-1) ?? null)).toEqual(all.slice(ledgerRecordsAtMost));
    }));

  it('the last record of the ledger is told by its time, of all kinds and of one', () =>
    writing(async (store, write) => {
      expect(await store.lastLedgerRecord(99)).toBeNull();
      expect(await store.firstLedgerRecord()).toBeNull();
      const records = [mark('checkpoint', 1, 1), gap(2, 2), mark('checkpoint', 3, 3), gap(4, 3)];
      await write((tx) => tx.appendLedgerRecords(records));
      expect(await store.firstLedgerRecord()).toEqual(records[0]);
      expect(await store.lastLedgerRecord(99)).toEqual(records[3]);
      expect(await store.lastLedgerRecord(2)).toEqual(records[1]);
      expect(await store.lastLedgerRecord(99, 'checkpoint')).toEqual(records[2]);
      expect(await store.lastLedgerRecord(2, 'checkpoint')).toEqual(records[0]);
      expect(await store.lastLedgerRecord(0)).toBeNull();
    }));

  it('a number that a recorder used before is refused with all of its transaction', () =>
    writing(async (store, write) => {
      await write((tx) => tx.appendLedgerRecords([gap(1, 1)]));
      await expect(write((tx) => tx.appendLedgerRecords([gap(2, 2), gap(1, 3)]))).rejects.toThrow();
      expect(await store.ledgerRecords(0, 9, null)).toEqual([gap(1, 1)]);
    }));

  it('entries of hours are added and never edited', () =>
    writing(async (store, write) => {
      expect(await store.lastLedgerHour()).toBeNull();
      const many = Array.from({ length: 2_345 }, (_, index) => row(`gpu-${index}`, index));
      const error: LedgerError = {
        ...{ kind: 'claimed-twice', fromMs: 1, toMs: 2, device: null, slot: null, claims: ['a'], shareMs: 0 },
        message: 'two "claims"',
      };
      const first = entry(hour, 1, many);
      const correction = { ...entry(hour, 2, [row('gpu-0', -5)]), newErrors: [error], withdrawnErrors: [error] };
      await write((tx) => tx.appendLedgerEntry(first));
      await write((tx) => tx.appendLedgerEntry(entry(2 * hour, 1, [])));
      await write((tx) => tx.appendLedgerEntry(correction));
      await expect(write((tx) => tx.appendLedgerEntry(entry(hour, 2, [])))).rejects.toThrow();
      expect(await store.ledgerEntries(0, 3 * hour)).toEqual([first, correction, entry(2 * hour, 1, [])]);
      expect(await store.ledgerEntries(hour, 2 * hour)).toEqual([first, correction]);
      expect(await store.lastLedgerHour()).toBe(2 * hour);
    }));

  it('the ledger forgets what is older than it is asked to keep', () =>
    writing(async (store, write) => {
      await write(async (tx) => {
        await tx.appendLedgerRecords([gap(1, 1), gap(2, 2), gap(3, 3)]);
        await tx.appendLedgerEntry(entry(hour, 1, []));
        await tx.appendLedgerEntry(entry(2 * hour, 1, []));
        await tx.forgetLedger(2, 2 * hour);
      });
      expect(await store.ledgerRecords(0, 9, null)).toEqual([gap(2, 2), gap(3, 3)]);
      expect((await store.ledgerEntries(0, 9 * hour)).map(({ hourMs }) => hourMs)).toEqual([2 * hour]);
    }));
}
