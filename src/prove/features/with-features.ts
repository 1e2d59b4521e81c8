import type { Contract } from '../../core/contract/contract.ts';
import type { ReferenceQuestion } from '../evaluate/evaluate-reference.ts';
import { makeFeatureRunner } from './compute-features.ts';

/** Runs the programs of the contract's features in its folder while `use` needs them. */
export async function withFeatures<T>(
  { monitoring }: Pick<Contract, 'monitoring'>,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  use: (custom: NonNullable<ReferenceQuestion['custom']> | null) => Promise<T>,
): Promise<T> {
  const programs = monitoring?.features;
  if (programs === undefined) return use(null);
  const known = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const runner = makeFeatureRunner(programs, folder, Object.fromEntries(known));
  try {
    return await use({ programs, runner });
  } finally {
    runner.close();
  }
}
