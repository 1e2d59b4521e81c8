import type { Bundle } from '../../core/bundle/bundle.ts';
import type { ArtifactFile } from '../../core/registry/model-version.ts';
import { digestOfBytes, type Digest } from '../../core/units/digest.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { BundleGuard, BundleOffer, BundleReceiver, MissingBlob } from '../../ports/artifacts/bundle-receiver.ts';
import type { Uploads } from '../../ports/artifacts/uploads.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { listOthersBlobs } from '../ownership/others-blobs.ts';
import type { BlobProofs } from './blob-proofs.ts';
import type { BoundedParser } from '../../ports/process/bounded-parser.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { mostManifestBytes } from '../../schemas/bundle/bundle-manifest.ts';

export interface BundleReceiverParts {
  readonly blobs: Blobs;
  readonly uploads: Uploads;
  readonly parser: Pick<BoundedParser, 'bundle'>;
  readonly clock: Clock;
  /** Whose blobs are, and who has sent which; left out where whoever sends reads the blobs as well. */
  readonly holdings?: {
    readonly store: StoreReader;
    readonly proofs: BlobProofs;
  };
  /** Of all files of a model together. */
  readonly maxModelBytes?: number;
}

/** Of all files of a model together, sent or fetched. */
export const maxModelBytes = 256 * 1024 ** 3;
/** Nobody goes on with an upload after so long. */
const staleMs = 24 * 60 * 60 * 1_000;
/** Bundles of which blobs are being sent: each names up to 20,000 files, and is asked for each of them. */
const rememberedBundles = 8;

interface OfferedBundle {
  readonly of: Pick<Bundle, 'service' | 'environment'>;
  /** First file of each digest, in the order of the manifest. */
  readonly files: ReadonlyMap<Digest, ArtifactFile>;
  /** Those of them that services of others alone held when it was told last what is missing; null before. */
  others: ReadonlySet<Digest> | null;
}

/** Takes bundles into the blobs: only what a valid manifest names, and only with the bytes that it says. */
export function makeBundleReceiver(parts: BundleReceiverParts): BundleReceiver {
  const { blobs, uploads, parser, clock, holdings, maxModelBytes: mostModelBytes = maxModelBytes } = parts;
  const remembered = new Map<Digest, OfferedBundle>();

  function remember(digest: Digest, offered: OfferedBundle): OfferedBundle {
    remembered.delete(digest);
    remembered.set(digest, offered);
    for (const oldest of [...remembered.keys()].slice(0, -rememberedBundles)) remembered.delete(oldest);
    return offered;
  }

  /** A blob that is something else than a valid manifest was not offered as one, and nothing of it is told. */
  async function readOffered(digest: Digest): Promise<OfferedBundle> {
    const size = (await blobs.stat(digest))?.bytes ?? null;
    if (size === null || size > mostManifestBytes) throw bundleUnknown(digest);
    try {
      return offeredBundle(await parser.bundle(await blobs.read(digest)));
    } catch (thrown) {
      throw asPlimsollError(thrown).code === 'bundle-invalid' ? bundleUnknown(digest) : thrown;
    }
  }

  async function find(digest: Digest, guard: BundleGuard | undefined): Promise<OfferedBundle> {
    const offered = remembered.get(digest) ?? (await readOffered(digest));
    guard?.(offered.of);
    return remember(digest, offered);
  }

  /** Reads every version of every service: once for an offer, and not for each part of each blob. A release looks again. */
  async function findOthers({ of, files }: OfferedBundle): Promise<ReadonlySet<Digest>> {
    if (holdings === undefined) return new Set();
    const others = await listOthersBlobs(holdings.store, { ...of, grants: [] });
    return new Set([...files.keys()].filter((digest) => others.has(digest)));
  }

  /** Whether a blob is to be sent although it is here, since only services of others hold it. */
  const isUnproven = ({ of, others }: OfferedBundle, digest: Digest): boolean =>
    others?.has(digest) === true && holdings?.proofs.has(of, digest) !== true;

  async function tellMissing(bundle: Digest, offered: OfferedBundle): Promise<BundleOffer> {
    const missing: MissingBlob[] = [];
    offered.others = await findOthers(offered);
    for (const file of offered.files.values()) {
      const size = isUnproven(offered, file.digest) ? null : ((await blobs.stat(file.digest))?.bytes ?? null);
      if (size !== null && size !== file.bytes) throw wrongSize(file, size);
      if (size !== null) continue;
      const received = await uploads.received(file.digest);
      const { path, digest, bytes } = file;
      missing.push({ digest, path, bytes, received: received > bytes ? 0 : received });
    }
    return { bundle, missing };
  }

  return {
    async offer(manifest, guard) {
      const bundle = await parser.bundle(manifest);
      guard?.(bundle);
      requireModelSize(bundle, mostModelBytes);
      await uploads.removeStale(staleMs, clock.nowMs());
      const { digest } = await blobs.put(manifest, { expected: digestOfBytes(manifest) });
      return tellMissing(digest, remember(digest, offeredBundle(bundle)));
    },
    missing: async (bundle, guard) => tellMissing(bundle, await find(bundle, guard)),
    async send(digest, { bundle, offset, totalBytes }, bytes, guard) {
      const offered = await find(bundle, guard);
      const file = offered.files.get(digest);
      if (file === undefined) throw notInBundle(digest, bundle);
      if (file.bytes !== totalBytes) throw wrongSize(file, totalBytes);
      offered.others ??= await findOthers(offered);
      if (!isUnproven(offered, digest) && (await blobs.has(digest))) return { received: totalBytes, complete: true };
      const proofs = holdings?.proofs;
      const sent = proofs?.count(offered.of, digest, offset, bytes(offset)) ?? bytes(offset);
      const { received } = await uploads.append(digest, { offset, totalBytes }, sent);
      if (received === totalBytes) proofs?.ended(offered.of, digest, totalBytes);
      return { received, complete: received === totalBytes };
    },
  };
}

function offeredBundle({ service, environment, files, model }: Bundle): OfferedBundle {
  const byDigest = new Map<Digest, ArtifactFile>();
  for (const file of [...files, ...(model.files ?? [])]) {
    if (!byDigest.has(file.digest)) byDigest.set(file.digest, file);
  }
  return { of: { service, environment }, files: byDigest, others: null };
}

function bundleUnknown(digest: Digest): PlimsollError {
  return new PlimsollError({
    code: 'bundle-unknown',
    category: 'not-found',
    message: `no bundle ${digest} was offered here`,
    next: 'offer its manifest first: POST /v1/bundles',
    details: { bundle: digest },
  });
}

function requireModelSize({ model }: Bundle, mostBytes: number): void {
  const bytes = (model.files ?? []).reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > mostBytes) throw modelTooLarge(model.name, bytes, mostBytes);
}

export function modelTooLarge(name: string, bytes: number, mostBytes: number): PlimsollError {
  return new PlimsollError({
    code: 'model-too-large',
    category: 'input',
    message: `the files of model ${name} have ${formatBytes(bytes)}; this control plane takes ${formatBytes(mostBytes)}`,
    next: 'release a smaller model',
    details: { bytes, maxModelBytes: mostBytes },
  });
}

function notInBundle(digest: Digest, bundle: Digest): PlimsollError {
  return new PlimsollError({
    code: 'blob-not-in-bundle',
    category: 'not-found',
    message: `the bundle ${bundle} names no blob ${digest}`,
    next: `send only what the bundle lacks: GET /v1/bundles/${bundle}/missing`,
    details: { digest, bundle },
  });
}

function wrongSize({ path, digest, bytes }: ArtifactFile, foundBytes: number): PlimsollError {
  return new PlimsollError({
    code: 'upload-size',
    category: 'input',
    message: `${path} has ${bytes} bytes by the bundle, and ${foundBytes} in truth: ${digest}`,
    next: 'make the bundle of the present files, and offer it',
    details: { digest, path, bytes, foundBytes },
  });
}
