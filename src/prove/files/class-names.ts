import type { Contract } from '../../core/contract/contract.ts';
import type { NamedClass } from '../../core/cost/prices/class-names.ts';
import type { Project } from '../../ports/project/project.ts';

/** Returns the device classes of the pool's snapshot beside the contract; none where the environment names no pool. */
export async function readClassNames(
  project: Pick<Project, 'pool'>,
  contract: Contract,
  environment: string,
): Promise<readonly NamedClass[]> {
  const pool = contract.environments[environment]?.pool;
  const snapshot = pool === undefined ? null : await project.pool(pool);
  if (snapshot === null) return [];
  const [{ classesOf }, { describeClass }] = await Promise.all([
    import('../../core/pool/snapshot/pool-snapshot.ts'),
    import('../../core/pool/classes/device-class.ts'),
  ]);
  const classes = classesOf(snapshot, contract.hardware?.accelerator ?? 'cpu');
  return [...classes].map(([digest, each]) => ({ digest, text: describeClass(each) }));
}
