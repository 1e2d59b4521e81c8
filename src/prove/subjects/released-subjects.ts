import { createReadStream } from 'node:fs';
import path from 'node:path';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { LoadedContract } from '../../core/contract/contract.ts';
import { lockMismatches, mismatchText } from '../../core/evidence/lock/lock-step.ts';
import type { Lock, LockedEnvironment, PinnedCode, PinnedModel } from '../../core/evidence/lock/lock.ts';
import { dataNames } from '../../core/evidence/present-subjects.ts';
import type { ReleasedCode, ReleasedModel } from '../../core/rollout/release.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { checkoutFeatures } from './checkout-features.ts';
import { requireSignatureFit } from './signature-fit.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Project } from '../../ports/project/project.ts';
import type { StoreReader } from '../../ports/records/store.ts';

export interface PinnedSubjects {
  readonly lock: Lock;
  readonly locked: LockedEnvironment & { readonly code: PinnedCode; readonly model: PinnedModel };
}

/**
 * What the lock pins for an environment.
 * @throws PlimsollError `lock-missing` (unavailable), `lock-out-of-step` (refused), with every mismatch.
 */
export async function pinnedInStep(
  project: Project,
  loaded: LoadedContract,
  environment: string,
): Promise<PinnedSubjects> {
  const lock = await project.lock();
  if (lock === null) throw noLock();
  const mismatches = lockMismatches({
    contract: loaded.contract,
    environment,
    lock,
    codeDigest: await project.codeDigest(environment),
    dataNames: dataNames(loaded),
    features: await checkoutFeatures(project, loaded.contract, await project.featureViews()),
  });
  if (mismatches.length > 0) throw lockOutOfStep(mismatches.map(mismatchText));
  const locked = lock.environments[environment];
  const { code, model } = locked ?? {};
  if (locked === undefined || code === undefined || model === undefined) throw lockOutOfStep(['nothing is pinned']);
  requireSignatureFit(loaded.contract, model);
  return { lock, locked: { ...locked, code, model } };
}

/** Missing, as `check` has it: nothing is wrong yet, and nothing is proven either. */
function noLock(): PlimsollError {
  return new PlimsollError({
    code: 'lock-missing',
    category: 'unavailable',
    message: 'there is no plimsoll.lock, so that nothing says which code and which model are meant',
    next: nextStep(proveSteps, 'lock-missing/pin'),
  });
}

/** What the lock says is not what the files say. */
export function lockOutOfStep(mismatches: readonly string[]): PlimsollError {
  return new PlimsollError({
    code: 'lock-out-of-step',
    category: 'refused',
    message: `plimsoll.lock does not say what is there: ${mismatches.join('; ')}`,
    next: nextStep(proveSteps, 'lock-out-of-step'),
    details: { mismatches },
  });
}

/** The code as it is pinned, its files stored as blobs, so that a rollback brings back the very bytes. */
export async function storeCode(
  project: Project,
  loaded: LoadedContract,
  pinned: PinnedCode,
  blobs: Blobs,
  signal: AbortSignal,
): Promise<ReleasedCode> {
  const files = await project.codeFiles();
  for (const file of files) {
    if (await blobs.has(file.digest)) continue;
    await blobs.put(createReadStream(path.join(project.folder, file.path)), { expected: file.digest, signal });
  }
  return { digest: pinned.digest, section: loaded.contract.code, files };
}

/** The pinned model as the registry has it. @throws PlimsollError `model-version-missing`, `model-moved`. */
export async function pinnedModel(
  store: StoreReader,
  environment: string,
  { name, version, digest }: PinnedModel,
): Promise<ReleasedModel> {
  const found = await store.modelVersion(environment, name, version);
  if (found === null) {
    throw new PlimsollError({
      code: 'model-version-missing',
      category: 'not-found',
      message: `the lock pins model ${name} version ${version}, which the registry of ${environment} does not have`,
      next: nextStep(proveSteps, 'model-version-missing/model-list', { name }),
    });
  }
  if (found.digest !== digest) {
    throw new PlimsollError({
      code: 'model-moved',
      category: 'refused',
      message: `model ${name} version ${version} in the registry is not the one that the lock pins`,
      next: nextStep(proveSteps, 'model-moved/pin'),
      details: { pinned: digest, registered: found.digest },
    });
  }
  return { name, version, digest, format: found.format, files: found.files, signature: found.signature };
}
