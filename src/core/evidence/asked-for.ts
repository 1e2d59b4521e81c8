import type { Contract } from '../contract/contract.ts';
import { kindTable, type EvidenceKind, type KindTable } from './kinds/table.ts';

/** Whether the contract asks for a kind. A key that the contract does not write asks for nothing. */
export function asksFor(contract: Contract, kind: EvidenceKind, table: KindTable = kindTable): boolean {
  return table[kind].askedBy.isAsked(contract);
}

/** Why a contract does not ask for a kind, in words. */
export function whyNotAsked(contract: Contract, kind: EvidenceKind, table: KindTable = kindTable): string {
  const { key, whyNot } = table[kind].askedBy;
  return whyNot?.(contract) ?? `the contract does not write \`${key}\``;
}
