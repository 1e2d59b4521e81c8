import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { digestsIn, readBundleNames, type BundleNames } from '../../core/bundle/bundle-names.ts';
import { listKeptBundles, type NamingRecords, type ServiceRecords } from '../../core/rollout/keeping/kept-blobs.ts';
import type { Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { PredictionIndex, PredictionRecord } from '../../ports/project/prediction-index.ts';
import type { StoreReader } from '../../ports/records/store.ts';

/** Everything in the store that names blobs. */
export async function readStoreNames(
  store: StoreReader,
): Promise<Pick<NamingRecords, 'services' | 'asks' | 'models' | 'data'>> {
  const services: ServiceRecords[] = [];
  for (const { service, environment } of await store.released()) {
    const scope = [service, environment] as const;
    services.push({
      releases: await store.releases(...scope),
      outcomes: await store.releaseOutcomes(...scope),
      deployment: await store.deployment(...scope),
      bars: await store.bars(...scope),
      renewed: await store.releaseEvidence(...scope),
    });
  }
  const models: NamingRecords['models'][number][] = [];
  const data: NamingRecords['data'][number][] = [];
  for (const environment of await store.environments()) {
    for (const name of await store.modelNames(environment)) {
      const versions = await store.modelVersions(environment, name);
      models.push({ versions, aliases: await store.aliases(environment, name) });
    }
    for (const name of await store.dataNames(environment)) data.push(...(await store.dataVersions(environment, name)));
  }
  return { services, asks: await store.openReleaseAsks(), models, data };
}

/** @throws PlimsollError `predictions-unreadable` (corrupt). */
export async function readPredictions(index: PredictionIndex): Promise<readonly PredictionRecord[]> {
  const records: PredictionRecord[] = [];
  for await (const record of index.list()) records.push(record);
  return records;
}

/**
 * What each kept bundle names. Nothing in a bundle ever changes: what was read is used again.
 * @throws PlimsollError `bundle-unreadable` (corrupt): without it nobody knows what must be kept.
 */
export async function readKeptNames(
  records: NamingRecords,
  blobs: Blobs,
  known: Map<Digest, BundleNames>,
  signal: AbortSignal,
): Promise<void> {
  for (const { digest } of listKeptBundles(records)) {
    if (known.has(digest)) continue;
    const names = readBundleNames(await readText(blobs, digest, digest, signal));
    if (names === null) throw bundleUnreadable(digest, 'its manifest is none');
    const inside = [...names.inside];
    for (const lock of names.locks) inside.push(...digestsIn(await readText(blobs, lock, digest, signal)));
    known.set(digest, { ...names, inside });
  }
}

async function readText(blobs: Blobs, digest: Digest, bundle: Digest, signal: AbortSignal): Promise<string> {
  try {
    return new TextDecoder().decode(await blobs.read(digest, signal));
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError) || !['blob-missing', 'blob-corrupt'].includes(thrown.code)) throw thrown;
    throw bundleUnreadable(bundle, thrown.message, thrown);
  }
}

function bundleUnreadable(bundle: Digest, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'bundle-unreadable',
    category: 'corrupt',
    message: `bundle ${bundle} is kept, and what it names cannot be read, so that nothing was done: ${why}`,
    next: nextStep(controlPlaneSteps, 'bundle-unreadable'),
    details: { bundle },
    cause,
  });
}
