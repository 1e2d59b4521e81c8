import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { measuredPool, mostMeasured } from '../../core/hardware/measured-pool.ts';
import { classesOf, digestOfClasses } from '../../core/pool/snapshot/pool-snapshot.ts';
import type { PoolVerdict } from '../../core/hardware/compatibility.ts';
import { grouped } from '../../core/hardware/verdict-words.ts';
import { beginMeasuring } from '../evidence/measuring.ts';
import { recordEvidence } from '../evidence/record-evidence.ts';
import type { FoundPool } from './verify-pools.ts';
import type { ServiceInEnvironment } from './verify-service.ts';
import type { ProvingPorts } from '../ports.ts';

/** `next`: what would make it possible. */
export type Recorded = { readonly in: string } | { readonly not: string; readonly next?: string };

export interface VerifiedService {
  readonly service: ServiceInEnvironment;
  readonly pool: FoundPool;
  readonly verdict: PoolVerdict;
}

/** Writes what was measured into the lock, bound to the classes that were looked at; the verdict itself is not stored. */
export async function recordHardware(
  context: Pick<ProvingPorts, 'clock' | 'user' | 'version'>,
  { service: { project, loaded, locked, environment }, pool, verdict }: VerifiedService,
): Promise<Recorded> {
  const { contract } = loaded;
  if (contract.hardware === undefined) return { not: 'the contract does not ask for hardware' };
  const measurements = measuredPool(verdict, pool.snapshot, contract);
  if (measurements === null) {
    const most = grouped(mostMeasured);
    return {
      not: `the pool has more than ${most} kinds of device or node, too many for a lock, so that check finds no evidence`,
      next: nextStep(proveSteps, 'pool-too-mixed', { most }),
    };
  }
  const classes = digestOfClasses(classesOf(pool.snapshot, contract.hardware.accelerator));
  const measuring = await beginMeasuring(project, loaded, environment, locked);
  await recordEvidence(context, measuring, { kind: 'hardware', measurements, known: { 'device-classes': classes } });
  return { in: 'plimsoll.lock' };
}
