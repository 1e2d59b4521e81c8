import { correctLedgerRows } from '../../../core/cost/ledger/correct-rows.ts';
import { hourMs } from '../../../core/cost/ledger/row.ts';
import { digestOf } from '../../../core/units/digest.ts';
import type { LedgerReader } from '../../../ports/records/ledger-records.ts';
import type { RebuiltLedger } from '../../../schemas/http/cost/http-cost.ts';
import { addEntries, deriveHour } from './close-hours.ts';

/**
 * Returns whether recorded hours come out the same when they are derived again from the facts: each number of each row, and
 * each error. Nothing is written. Hours whose facts are not kept any more are counted, and not compared.
 */
export async function rebuildLedger(reader: LedgerReader, fromMs: number, toMs: number): Promise<RebuiltLedger> {
  const first = await reader.lastLedgerRecord(fromMs, 'checkpoint');
  const oldest = first ?? (await reader.firstLedgerRecord());
  const recordedDigests: string[] = [];
  const rebuiltDigests: string[] = [];
  const different: RebuiltLedger['different'] = [];
  let forgotten = 0;
  for (let hour = fromMs; hour < toMs; hour += hourMs) {
    const entries = await reader.ledgerEntries(hour, hour + hourMs);
    if (entries.length === 0) continue;
    if (oldest === null || hour + hourMs <= oldest.atMs) {
      forgotten += 1;
      continue;
    }
    const [recorded, rebuilt] = [addEntries(entries), await deriveHour(reader, hour)];
    recordedDigests.push(digestOf(recorded));
    rebuiltDigests.push(digestOf(rebuilt));
    const { rows, newErrors, withdrawnErrors } = correctLedgerRows(recorded, rebuilt);
    const errors = newErrors.length + withdrawnErrors.length;
    if (rows.length + errors > 0) different.push({ hourMs: hour, rows: rows.length, errors });
  }
  return {
    ...{ fromMs, toMs, hours: recordedDigests.length, forgotten, identical: different.length === 0, different },
    recordedDigest: digestOf(recordedDigests),
    rebuiltDigest: digestOf(rebuiltDigests),
  };
}
