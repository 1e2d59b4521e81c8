import { setImmediate } from 'node:timers/promises';
import type { LedgerFact } from '../../../core/cost/ledger/fact.ts';
import {
  ledgerRecordsAtMost,
  type LedgerPlace,
  type LedgerReader,
  type LedgerRecord,
} from '../../../ports/records/ledger-records.ts';

/** A fact may be recorded so much later than it was true: an account covers a minute. Later than this it needs a correction. */
export const lateAtMostMs = 120_000;

/** Reads all records of a time, or those of some kinds, page by page; whoever waits for the process gets it between two pages. */
export async function* readRecords(
  reader: Pick<LedgerReader, 'ledgerRecords'>,
  fromMs: number,
  toMs: number,
  kinds?: readonly LedgerRecord['kind'][],
): AsyncGenerator<readonly LedgerRecord[]> {
  for (let after: LedgerPlace | null = null; ;) {
    const page: readonly LedgerRecord[] = await reader.ledgerRecords(fromMs, toMs, after, kinds);
    yield page;
    if (page.length < ledgerRecordsAtMost) return;
    after = page.at(-1) ?? null;
    await setImmediate();
  }
}

/**
 * Returns the facts that hours from `fromMs` up to `toMs` are derived from: those since the last checkpoint before them, and
 * those until `lateAtMostMs` after them.
 */
export async function readFacts(
  reader: Pick<LedgerReader, 'ledgerRecords' | 'lastLedgerRecord'>,
  fromMs: number,
  toMs: number,
): Promise<readonly LedgerFact[]> {
  const facts: LedgerFact[] = [];
  for await (const page of readRecords(reader, await beginOf(reader, fromMs), toMs + lateAtMostMs))
    for (const { fact } of page) if (fact !== null) facts.push(fact);
  return facts;
}

/** Where reading has to begin to know what stands at a time: what a checkpoint did not see yet came shortly before it. */
export async function beginOf(reader: Pick<LedgerReader, 'lastLedgerRecord'>, atMs: number): Promise<number> {
  const checkpoint = await reader.lastLedgerRecord(atMs, 'checkpoint');
  return checkpoint === null ? 0 : checkpoint.atMs - lateAtMostMs;
}
