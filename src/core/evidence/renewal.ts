import type { Contract } from '../contract/contract.ts';
import { kindTable, type EvidenceKind, type KindTable } from './kinds/table.ts';

/** Whether this version can measure the kind. The others read missing, and must be waived to release. */
export const isAvailable = (kind: EvidenceKind, table: KindTable = kindTable): boolean =>
  table[kind].judge !== null || table[kind].judgedLive === true;
export const notYetAvailable = 'not yet available in this version';

/** The command that proves a kind; `environment` is named where the contract has several. */
export function renewCommand(kind: EvidenceKind, environment?: string, table: KindTable = kindTable): string {
  const where = environment === undefined ? '' : ` --environment ${environment}`;
  return isAvailable(kind, table) ? `${table[kind].renewal}${where}` : `${waiveCommand(kind)}${where}`;
}

/** What to do about a fresh measurement that decides nothing; `renew` is the command that measures again. */
export function decideCommand(
  kind: EvidenceKind,
  contract: Contract,
  renew: string,
  table: KindTable = kindTable,
): string {
  const first = table[kind].undecidedWithout?.(contract) ?? null;
  return first === null ? renew : `${first}, then ${renew}`;
}

export function waiveCommand(kind: EvidenceKind, option = '--waive'): string {
  return `plimsoll release ${option} ${kind} --reason TEXT --until 7d`;
}

/** The way out of a failure is to mend it; to release with the failure is the last resort. */
export function mendFailure(kind: EvidenceKind, renew: string): string {
  return `mend what fails, then ${renew}; as a last resort ${waiveCommand(kind, '--waive-failing')}`;
}
