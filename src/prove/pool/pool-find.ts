import path from 'node:path';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { nearest } from '../../core/units/nearest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { mostPoolBytes, readPoolSnapshot } from '../../schemas/pool/pool-snapshot.ts';
import { withSourceFile } from '../files/source-file.ts';
import { isFileName } from '../verify/verify-pools.ts';
import type { ProvingPorts } from '../ports.ts';

/**
 * A snapshot by the name of its pool, or by a file, for which no project is needed.
 * @throws PlimsollError `pool-missing` (unavailable), `pool-invalid` (input), and what opening a file throws.
 */
export async function findSnapshot(
  context: Pick<ProvingPorts, 'cwd' | 'pools' | 'signal'>,
  asked: string,
): Promise<PoolSnapshot> {
  if (isFileName(asked)) return readSnapshotFile(context, asked);
  const pools = await context.pools();
  const found = await pools.read(asked);
  if (found !== null) return found;
  const names = await pools.names();
  const meant = nearest(asked, names);
  throw new PlimsollError({
    code: 'pool-missing',
    category: 'unavailable',
    message: `there is no pool ${asked}${meant === null ? '' : `; did you mean ${meant}?`}`,
    next:
      meant === null
        ? nextStep(proveSteps, 'pool-missing/pool-snapshot', { name: asked })
        : nextStep(proveSteps, 'pool-missing/pool-show', { name: meant }),
    details: { pools: names.slice(0, 50) },
  });
}

function readSnapshotFile(context: Pick<ProvingPorts, 'cwd' | 'signal'>, shown: string): Promise<PoolSnapshot> {
  const location = path.resolve(context.cwd, shown);
  return withSourceFile({ location, shown }, context.signal, async ({ bytes, source }) => {
    // One byte beyond the bound is enough to tell that a file is too large.
    return readPoolSnapshot(await source.read(0, Math.min(bytes, mostPoolBytes + 1)), shown);
  });
}
