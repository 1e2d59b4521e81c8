import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import {
  bundleFileKey,
  type Bundle,
  type BundledModel,
  type BundleFile,
  type BundleRole,
} from '../../core/bundle/bundle.ts';
import { isModelPlace } from '../../core/bundle/model-place.ts';
import type { LoadedContract } from '../../core/contract/contract.ts';
import type { Lock, LockedEnvironment, PinnedModel } from '../../core/evidence/lock/lock.ts';
import { goldenFile, referenceFile } from '../../core/rollout/names.ts';
import { isDigest, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { BytesFrom } from '../../ports/artifacts/bundle-receiver.ts';
import type { Project } from '../../ports/project/project.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { requireGoodBundle } from '../../schemas/bundle/bundle-manifest.ts';
import { signaturesFile } from '../../schemas/lock/lock-signatures.ts';
import { requireRecordedGolden } from '../golden/edited-golden.ts';
import { readIfFile } from '../files/source-file.ts';

/** What this machine knows beside the checkout; a machine of CI may know nothing. */
export interface BundleSources {
  readonly store: StoreReader | null;
  readonly blobs: Blobs | null;
  readonly signal: AbortSignal;
}

export interface MadeBundle {
  readonly bundle: Bundle;
  /** The bytes of a blob that the bundle names; null where this machine has none of them. */
  open(digest: Digest): Promise<BytesFrom | null>;
}

/** A file of the bundle and where its bytes lie; null where they are a blob. */
interface FoundFile {
  readonly file: BundleFile;
  readonly location: string | null;
}

/**
 * A bundle of the files as they are on the disk, and the model that the lock pins by digest and place.
 * @throws PlimsollError as `codeFiles`; `golden-edited`, `bundle-file-escapes`, `bundle-invalid` (input); `lock-missing` (unavailable)
 * where the lock pins no model for the environment.
 */
export async function makeBundle(
  project: Project,
  loaded: LoadedContract,
  lock: Lock,
  environment: string,
  sources: BundleSources,
): Promise<MadeBundle> {
  const locked = lock.environments[environment];
  if (locked?.model === undefined) throw nothingPinned(environment);
  await requireRecordedGolden(project.folder, loaded.contract, lock, environment);
  const found = [
    ...(await findOwnFiles(project, loaded)),
    ...(await findNamedFiles(project, loaded, environment)),
    ...(await findGolden(project, loaded, locked, sources.blobs)),
    ...(await findReference(project, loaded, locked, sources.blobs)),
  ];
  const files = found.map(({ file }) => file).sort((a, b) => (bundleFileKey(a) < bundleFileKey(b) ? -1 : 1));
  const model = await bundledModel(locked.model, environment, sources.store);
  const bundle: Bundle = { bundleVersion: 1, service: loaded.contract.service, environment, files, model };
  requireGoodBundle(bundle);
  const locations = new Map(
    found.flatMap(({ file, location }) => (location === null ? [] : [[file.digest, location]])),
  );
  return { bundle, open: makeOpen(locations, sources) };
}

async function findOwnFiles(project: Project, { file }: LoadedContract): Promise<readonly FoundFile[]> {
  const inFolder = (name: string): string => path.join(project.folder, name);
  const code = await project.codeFiles();
  const metrics = await project.metricFiles();
  const features = await project.featureFiles();
  return [
    ...(await findFile(file, 'plimsoll.yaml', 'contract')),
    ...(await findFile(inFolder('plimsoll.lock'), 'plimsoll.lock', 'lock')),
    ...(await findFile(inFolder(signaturesFile), signaturesFile, 'signatures')),
    ...code.map((each): FoundFile => ({ file: { ...each, role: 'code' }, location: inFolder(each.path) })),
    ...metrics.map((each): FoundFile => ({ file: { ...each, role: 'metric' }, location: inFolder(each.path) })),
    ...features.map((each): FoundFile => ({ file: { ...each, role: 'feature' }, location: inFolder(each.path) })),
  ];
}

/** One that is not there is left out: what is judged by it is unknown then, and says so. */
async function findNamedFiles(
  project: Project,
  { contract }: LoadedContract,
  environment: string,
): Promise<readonly FoundFile[]> {
  const pool = contract.environments[environment]?.pool;
  return [
    ...(contract.cost?.prices === undefined ? [] : await findBelow(project, contract.cost.prices, 'prices')),
    ...(pool === undefined ? [] : await findBelow(project, `pools/${pool}.json`, 'pool')),
  ];
}

/** The golden outputs that the lock names. */
async function findGolden(
  project: Project,
  { contract }: LoadedContract,
  { evidence: { golden } }: LockedEnvironment,
  blobs: Blobs | null,
): Promise<readonly FoundFile[]> {
  const dataName = contract.monitoring?.golden;
  const model = golden?.subjects['model'];
  if (dataName === undefined || model === undefined) return [];
  return findRecorded(project, goldenFile(dataName, model), 'golden', golden?.measurements['goldenBlob'], blobs);
}

/** The features of the evaluated rows that the lock names. */
async function findReference(
  project: Project,
  { contract }: LoadedContract,
  { evidence: { evaluation } }: LockedEnvironment,
  blobs: Blobs | null,
): Promise<readonly FoundFile[]> {
  const dataName = contract.evaluation?.dataset;
  const model = evaluation?.subjects['model'];
  if (dataName === undefined || model === undefined) return [];
  const recorded = evaluation?.measurements['reference'];
  return findRecorded(project, referenceFile(dataName, model), 'reference', recorded, blobs);
}

/** What evidence names by its digest: the reviewed file, else the blob that was recorded here. */
async function findRecorded(
  project: Project,
  name: string,
  role: BundleRole,
  recorded: unknown,
  blobs: Blobs | null,
): Promise<readonly FoundFile[]> {
  if (typeof recorded !== 'string' || !isDigest(recorded)) return [];
  const [file] = await findBelow(project, name, role);
  if (file?.file.digest === recorded) return [file];
  const bytes = (await blobs?.stat(recorded))?.bytes ?? null;
  return bytes === null ? [] : [{ file: { path: name, digest: recorded, bytes, role }, location: null }];
}

/** @throws PlimsollError `bundle-file-escapes` where links lead out of the folder, as for files of the code. */
async function findBelow(project: Project, name: string, role: BundleRole): Promise<readonly FoundFile[]> {
  const location = path.join(project.folder, name);
  const [root, real] = await Promise.all([project.folder, location].map((each) => realpath(each).catch(() => each)));
  if (root !== undefined && real?.startsWith(root + path.sep) === false) throw escapes(name, real);
  return findFile(location, path.posix.normalize(name), role);
}

async function findFile(location: string, name: string, role: BundleRole): Promise<readonly FoundFile[]> {
  const bytes = await readIfFile(location);
  if (bytes === null) return [];
  const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return [{ file: { path: name, digest, bytes: bytes.length, role }, location }];
}

async function bundledModel(
  { name, version, digest, source }: PinnedModel,
  environment: string,
  store: StoreReader | null,
): Promise<BundledModel> {
  const registered = (await store?.modelVersion(environment, name, version)) ?? null;
  const known = registered?.digest === digest ? registered : null;
  const places = [source, known?.lineage.source].filter(isModelPlace);
  const files = known?.files.toSorted((a, b) => (a.path < b.path ? -1 : 1)) ?? null;
  return { name, digest, files, place: places[0] ?? null };
}

/** Each blob is verified once, however often a connection breaks while it is sent. */
function makeOpen(locations: ReadonlyMap<Digest, string>, { blobs, signal }: BundleSources): MadeBundle['open'] {
  const verified = new Map<Digest, string>();
  return async (digest) => {
    let location = locations.get(digest) ?? verified.get(digest);
    if (location === undefined) {
      if ((await blobs?.has(digest)) !== true) return null;
      location = (await blobs?.verifiedPath(digest, signal)) ?? '';
      verified.set(digest, location);
    }
    const from = location;
    return (start) => createReadStream(from, { start, highWaterMark: 1 << 18 });
  };
}

function nothingPinned(environment: string): PlimsollError {
  return new PlimsollError({
    code: 'lock-missing',
    category: 'unavailable',
    message: `plimsoll.lock pins no model for ${environment}, so that nothing says which one is meant`,
    next: nextStep(proveSteps, 'lock-missing/pin'),
  });
}

function escapes(name: string, real: string): PlimsollError {
  return new PlimsollError({
    code: 'bundle-file-escapes',
    category: 'input',
    message: `${name} leads to ${real}, outside the folder of the contract`,
    next: 'copy it below the folder of the contract',
    details: { path: name, real },
  });
}
