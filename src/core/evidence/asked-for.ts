import type { Contract } from '../contract/contract.ts';
import type { EvidenceKind } from './lock/lock.ts';

/** The key of the contract that asks for a kind of evidence; the "asked for by" column of DESIGN.md's table. */
export const askingKey: Readonly<Record<EvidenceKind, string>> = {
  hardware: 'hardware',
  golden: 'monitoring.golden',
  evaluation: 'evaluation',
  'cold-start': 'coldStart',
  capacity: 'scaling',
  scaling: 'scaling',
  monitoring: 'monitoring.falseAlarms',
  rollback: 'rollout.steps',
  cost: 'cost',
};

/** A key that the contract does not write asks for nothing. */
export function asksFor(contract: Contract, kind: EvidenceKind): boolean {
  switch (kind) {
    case 'hardware':
      return contract.hardware !== undefined;
    case 'golden':
      return contract.monitoring?.golden !== undefined;
    case 'evaluation':
      return contract.evaluation !== undefined;
    case 'cold-start':
      return contract.coldStart !== undefined;
    case 'capacity':
    case 'scaling':
      return movesReplicas(contract);
    case 'monitoring':
      return contract.monitoring?.falseAlarms !== undefined;
    case 'rollback':
      return contract.rollout?.steps !== undefined;
    case 'cost':
      return contract.cost !== undefined;
  }
}

/** `scaling` with `min` below `max`, or with scaling to zero. */
export function movesReplicas({ scaling }: Contract): boolean {
  return scaling !== undefined && (scaling.replicas.min < scaling.replicas.max || scaling.toZero !== 'never');
}
