import type { LedgerReader } from '../../../ports/records/ledger-records.ts';

/** Where no account is as new as this, gateways are silent, and the time since then is rightly `work-not-reported`. */
const recentMs = 180_000;
/** Replicas that end have an account of their own between two of all; so many are looked past. */
const looksAtMost = 50;

/**
 * Returns the newest time at which the work of all replicas was accounted, so that time which merely waits for its account is not
 * read as unattributable: a heartbeat or checkpoint with an account at the same time. Where there is none in the last three
 * minutes, `nowMs`.
 */
export async function findAccounted(reader: Pick<LedgerReader, 'lastLedgerRecord'>, nowMs: number): Promise<number> {
  let beforeMs = nowMs;
  for (let looked = 0; looked < looksAtMost; looked += 1) {
    const account = await reader.lastLedgerRecord(beforeMs, 'work-account');
    if (account === null || account.atMs < nowMs - recentMs) return nowMs;
    for (const kind of ['heartbeat', 'checkpoint'] as const) {
      const mark = await reader.lastLedgerRecord(account.atMs, kind);
      if (mark?.atMs === account.atMs) return account.atMs;
    }
    beforeMs = account.atMs - 1;
  }
  return nowMs;
}
