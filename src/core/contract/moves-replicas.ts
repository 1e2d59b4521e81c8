import type { Contract } from './contract.ts';

/** Whether the contract lets the number of replicas move: `scaling` with `min` below `max`, or with scaling to zero. */
export function movesReplicas({ scaling }: Contract): boolean {
  return scaling !== undefined && (scaling.replicas.min < scaling.replicas.max || scaling.toZero !== 'never');
}
