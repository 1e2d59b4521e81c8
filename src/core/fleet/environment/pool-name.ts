import type { EnvironmentSection } from '../../contract/contract.ts';
import type { EnvironmentTerms } from './environment-record.ts';

/** Pool of the machine that a control plane runs on; all environments share it. */
export const localPool = 'local';

/**
 * Returns the pool that devices of an environment are accounted in.
 *
 * | platform, by the record, else by the contract | pool |
 * |---|---|
 * | local | `local` |
 * | kubernetes | the pool of the record; without one it is named as the environment |
 */
export function poolNameOf(
  environment: string,
  record: Pick<EnvironmentTerms, 'platform' | 'pool'> | null,
  section: Pick<EnvironmentSection, 'platform'> | undefined,
): string {
  const platform = record?.platform ?? section?.platform ?? 'local';
  return platform === 'local' ? localPool : (record?.pool?.name ?? environment);
}
