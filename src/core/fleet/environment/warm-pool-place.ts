import type { EnvironmentSection } from '../../contract/contract.ts';
import type { EnvironmentTerms } from './environment-record.ts';

/** Where the replicas of an environment run, as far as it is known. */
export interface WarmPoolPlace {
  /** Of the record. */
  readonly recorded: EnvironmentTerms['platform'];
  /** Of the environment in a contract that is released there; null where no contract is known. */
  readonly contract: Pick<EnvironmentSection, 'platform'> | null;
}

/**
 * Returns why the warm pool of a record is not kept, or is not known to be; null where it is kept, or none is asked for.
 *
 * | platform, by the record, else by the contract | `warmPool` |
 * |---|---|
 * | `local` | kept |
 * | `kubernetes` | not kept |
 * | not known: neither states one, or no contract is known | unknown |
 */
export function findWarmPoolProblem(
  environment: string,
  warmPool: number,
  { recorded, contract }: WarmPoolPlace,
): string | null {
  if (warmPool === 0) return null;
  const platform = recorded ?? contract?.platform;
  if (platform === 'local') return null;
  const asked = `the record of ${environment} asks for a warm pool of ${warmPool}`;
  if (platform === 'kubernetes')
    return `${asked}, and its replicas run on Kubernetes: no spare is kept there; next: take the key back, plimsoll environment clear ${environment} warmPool`;
  return `${asked}, and it is unknown whether its platform keeps spares: only \`local\` does; next: write \`platform: local\` into the record`;
}
