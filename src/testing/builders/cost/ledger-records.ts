import type { LedgerFact } from '../../../core/cost/ledger/fact.ts';
import type { LedgerRecord } from '../../../ports/records/ledger-records.ts';

/** Records of facts as their recorder writes them, a checkpoint before them all and a heartbeat at a time. */
export function ledgerRecordsOf(facts: readonly LedgerFact[], beganAtMs: number, beatAtMs: number): LedgerRecord[] {
  const recorder = 'control-plane-1';
  const records = facts.map((fact, index): LedgerRecord => ({
    recorder,
    sequence: index + 2,
    atMs: fact.at.wallMs,
    kind: fact.kind,
    fact,
  }));
  return [
    { recorder, sequence: 1, atMs: beganAtMs, kind: 'checkpoint', fact: null },
    ...records,
    { recorder, sequence: facts.length + 2, atMs: beatAtMs, kind: 'heartbeat', fact: null },
  ];
}
