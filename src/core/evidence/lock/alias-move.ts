import type { Contract } from '../../contract/contract.ts';
import { shortDigest, type Digest } from '../../units/digest.ts';
import type { PinnedModel } from './lock.ts';

/** The alias that the contract names stands for something else than the lock pins. */
export interface MovedAlias {
  readonly alias: string;
  /** What the alias stands for now; null where it is no alias any more. */
  readonly version: number | null;
  readonly digest: Digest | null;
  readonly message: string;
}

/**
 * Null while the alias stands for what is pinned, and where the contract and the lock name no alias, or not the same one: that
 * is what `lockMismatches` says.
 * @param present what the alias stands for in the registry; null where the registry has no such alias.
 */
export function aliasMove(
  pinned: PinnedModel | undefined,
  { model }: Pick<Contract, 'model'>,
  present: { readonly version: number; readonly digest: Digest } | null,
): MovedAlias | null {
  const alias = model.version;
  if (pinned?.alias !== alias || pinned.name !== model.name) return null;
  if (present === null) {
    return { alias, version: null, digest: null, message: `${alias} is not an alias any more; run plimsoll pin` };
  }
  const { version, digest } = present;
  // Version numbers are labels of one registry; the digest is what is pinned.
  if (pinned.digest === digest) return null;
  const message = `${alias} is now version ${version} (${shortDigest(digest)}); run plimsoll pin`;
  return { alias, version, digest, message };
}
