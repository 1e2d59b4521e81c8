import type { Contract } from '../contract/contract.ts';
import type { Judgement } from '../units/verdict.ts';
import { kindTable, type KindTable } from './kinds/table.ts';
import type { Evidence } from './lock/lock.ts';
import { notYetAvailable } from './renewal.ts';

/** The verdict on evidence by the contract as it is now; unknown for a kind that this version cannot measure. */
export function judgeEvidence(evidence: Evidence, contract: Contract, table: KindTable = kindTable): Judgement {
  const { judge } = table[evidence.kind];
  return judge?.(evidence.measurements, contract) ?? { verdict: 'unknown', reasons: [notYetAvailable] };
}
