import { measuredPool, mostMeasured } from '../../core/hardware/measured-pool.ts';
import { classesOf, digestOfClasses } from '../../core/pool/pool-snapshot.ts';
import type { PoolVerdict } from '../../core/hardware/compatibility.ts';
import type { Contract } from '../../core/contract/contract.ts';
import type { Evidence, Lock } from '../../core/evidence/lock/lock.ts';
import { bindSubjects } from '../../core/evidence/subjects.ts';
import { grouped } from '../../core/hardware/verdict-words.ts';
import type { Project } from '../../ports/project/project.ts';
import type { FoundPool } from './verify-pools.ts';
import type { ProvingPorts } from '../ports.ts';

/** `next`: what would make it possible. */
export type Recorded = { readonly in: string } | { readonly not: string; readonly next?: string };

export interface VerifiedService {
  readonly project: Project;
  readonly contract: Contract;
  readonly lock: Lock;
  readonly environment: string;
  readonly pool: FoundPool;
  readonly verdict: PoolVerdict;
}

/** Writes what was measured into the lock, bound to the classes that were looked at; the verdict itself is not stored. */
export async function recordHardware(
  context: Pick<ProvingPorts, 'clock' | 'user' | 'version'>,
  { project, contract, lock, environment, pool, verdict }: VerifiedService,
): Promise<Recorded> {
  const locked = lock.environments[environment];
  if (locked === undefined || contract.hardware === undefined) return { not: `the lock does not pin ${environment}` };
  const measurements = measuredPool(verdict, pool.snapshot, contract);
  if (measurements === null) {
    const most = grouped(mostMeasured);
    return {
      not: `the pool has more than ${most} kinds of device or node, too many for a lock, so that check finds no evidence`,
      next: `split the pool into several of at most ${most} kinds, each with its environment: plimsoll pool snapshot NAME SOURCE... --selector KEY=VALUE`,
    };
  }
  const classes = classesOf(pool.snapshot, contract.hardware.accelerator);
  const present = await project.presentSubjects(environment);
  const evidence: Evidence = {
    kind: 'hardware',
    subjects: bindSubjects('hardware', { ...present, 'device-classes': digestOfClasses(classes) }),
    measurements: { ...measurements },
    measuredAtMs: context.clock.nowMs(),
    by: context.user,
    plimsollVersion: context.version,
  };
  await project.writeLock({
    ...lock,
    environments: {
      ...lock.environments,
      [environment]: { ...locked, evidence: { ...locked.evidence, hardware: evidence } },
    },
  });
  return { in: 'plimsoll.lock' };
}
