import { kindTable, type EvidenceKind, type KindTable } from './kinds/table.ts';

/** Whether this version can measure the kind. The others read missing, and must be waived to release. */
export const isAvailable = (kind: EvidenceKind, table: KindTable = kindTable): boolean => table[kind].judge !== null;
export const notYetAvailable = 'not yet available in this version';

/** The command that proves a kind; `environment` is named where the contract has several. */
export function renewCommand(kind: EvidenceKind, environment?: string, table: KindTable = kindTable): string {
  const where = environment === undefined ? '' : ` --environment ${environment}`;
  return isAvailable(kind, table) ? `${table[kind].renewal}${where}` : `${waiveCommand(kind)}${where}`;
}

export function waiveCommand(kind: EvidenceKind): string {
  return `plimsoll release --waive ${kind} --reason TEXT --until DATE`;
}
