import type { LoadedContract } from '../../core/contract/contract.ts';
import { aliasMove } from '../../core/evidence/lock/alias-move.ts';
import type { LockMismatch } from '../../core/evidence/lock/lock-step.ts';
import type { LockedEnvironment, PinnedModel } from '../../core/evidence/lock/lock.ts';
import { pinDifferences } from '../../core/evidence/lock/pin-differences.ts';
import { dataNames } from '../../core/evidence/present-subjects.ts';
import { shortDigest } from '../../core/units/digest.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { modelUnknown, pinData, resolveModel } from './pin-environment.ts';

/**
 * How model and data in the store differ from what the lock pins of them.
 * @throws PlimsollError `model-unknown`, `data-unknown` (not-found) where the store has no version of what the contract names.
 */
export async function movedArtifacts(
  loaded: LoadedContract,
  environment: string,
  locked: LockedEnvironment,
  store: StoreReader,
): Promise<readonly LockMismatch[]> {
  const { code: _code, model, ...pinned } = locked;
  const moved = await movedModel(loaded, environment, model, store);
  const data = await pinData(dataNames(loaded), environment, store);
  return [...moved, ...pinDifferences(pinned, { ...pinned, data }).map((one) => ({ environment, ...one }))];
}

/** None where the lock pins a model that the contract does not name: that is seen offline. */
async function movedModel(
  { contract }: LoadedContract,
  environment: string,
  pinned: PinnedModel | undefined,
  store: StoreReader,
): Promise<readonly LockMismatch[]> {
  const { name, version } = contract.model;
  const present = await resolveModel(contract, environment, store);
  const isPinned = pinned?.name === name && (pinned.alias ?? String(pinned.version)) === version;
  if (present === null && !(isPinned && pinned.alias !== undefined && (await isKnown(name, environment, store))))
    throw await modelUnknown(contract.model, environment, store);
  if (!isPinned) return [];
  const words = (of: { readonly version: number; readonly digest: PinnedModel['digest'] }): string =>
    `${name}:${of.version}${pinned.alias === undefined ? '' : ` (${pinned.alias})`} ${shortDigest(of.digest)}`;
  const moved = aliasMove(pinned, contract, present);
  const message = moved === null ? {} : { message: moved.message };
  if (moved === null && present?.digest === pinned.digest) return [];
  const to = present === null ? 'gone' : words(present);
  return [{ environment, subject: 'model', from: words(pinned), to, ...message }];
}

async function isKnown(name: string, environment: string, store: StoreReader): Promise<boolean> {
  return (await store.modelVersions(environment, name)).length > 0;
}
