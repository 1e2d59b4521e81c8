import type { EvidenceKind } from './lock/lock.ts';

const commandOf: Readonly<Record<EvidenceKind, string>> = {
  hardware: 'plimsoll verify',
  golden: 'plimsoll golden record',
  evaluation: 'plimsoll evaluate',
  'cold-start': 'plimsoll coldstart',
  capacity: 'plimsoll capacity',
  scaling: 'plimsoll scale simulate --record --trace FILE',
  monitoring: 'plimsoll up',
  rollback: 'plimsoll rollback --drill',
  cost: 'plimsoll cost',
};

/** Kinds that this version can measure. The others read missing, and must be waived to release. */
const available: ReadonlySet<EvidenceKind> = new Set<EvidenceKind>([
  'hardware',
  'golden',
  'evaluation',
  'cold-start',
  'capacity',
  'scaling',
  'rollback',
]);

export const isAvailable = (kind: EvidenceKind): boolean => available.has(kind);
export const notYetAvailable = 'not yet available in this version';

/** The command that proves a kind; `environment` is named where the contract has several. */
export function renewCommand(kind: EvidenceKind, environment?: string): string {
  const where = environment === undefined ? '' : ` --environment ${environment}`;
  return isAvailable(kind) ? `${commandOf[kind]}${where}` : `${waiveCommand(kind)}${where}`;
}

export function waiveCommand(kind: EvidenceKind): string {
  return `plimsoll release --waive ${kind} --reason TEXT --until DATE`;
}
