import type { LoadedContract } from '../../core/contract/contract.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { findDifferences, type Recomputed } from '../../core/proof/recomputed.ts';
import type { Project } from '../../ports/project/project.ts';

/** Judges the pool's snapshot again by what the lock pins of image and model, and by the rules of this version. */
export async function recomputeHardware(
  project: Pick<Project, 'pool'>,
  { contract }: LoadedContract,
  locked: LockedEnvironment,
  environment: string,
): Promise<Recomputed | null> {
  const stated = locked.evidence.hardware?.measurements;
  if (stated === undefined || contract.hardware === undefined) return null;
  const unable = (reason: string): Recomputed => ({ kind: 'hardware', outcome: 'unable', reasons: [reason] });
  const name = contract.environments[environment]?.pool;
  const snapshot = name === undefined ? null : await project.pool(name);
  if (snapshot === null) return unable('no snapshot of the pool lies beside the contract');
  const [{ readDemands }, { verifyPool }, { measuredPool }] = await Promise.all([
    import('../../core/hardware/service-demands.ts'),
    import('../../core/hardware/judging/judge-pool.ts'),
    import('../../core/hardware/measured-pool.ts'),
  ]);
  const reading = readDemands(contract, environment, locked);
  if (reading.kind !== 'known') return unable('the lock does not pin what image and model need');
  const measured = measuredPool(verifyPool(reading.demands, snapshot), snapshot, contract);
  if (measured === null) return unable('the pool has too many kinds of device');
  // The snapshot may have been taken again since, with the same devices.
  const reasons = findDifferences({ ...stated, takenAtMs: 0 }, { ...measured, takenAtMs: 0 });
  return { kind: 'hardware', outcome: reasons.length === 0 ? 'same' : 'differs', reasons };
}
