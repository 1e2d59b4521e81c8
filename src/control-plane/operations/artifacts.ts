import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { coreSteps } from '../../core/units/next-steps/core-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { artifactDigest } from '../../core/registry/artifact.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { shortDigest, type Digest } from '../../core/units/digest.ts';
import type { ArtifactKind, ArtifactName } from '../../core/fleet/artifact-claim.ts';
import type { NewEvent } from '../../core/records/event.ts';
import type { ArtifactFile, DataVersion, ModelVersion } from '../../core/registry/model-version.ts';
import { createHash } from 'node:crypto';
import { summarizeData } from '../../formats/data-rows.ts';
import { storedRows } from '../../prove/artifacts/stored-data.ts';
import { listOthersBlobs } from '../ownership/others-blobs.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import { claimArtifact, requireClaimant, requireUse } from '../ownership/claims.ts';
import { makeAliasMovedEvent, makeDataAddedEvent, makeModelAddedEvent, makeSyncedEvent } from './operation-events.ts';
import { write, type OperationsSource } from './operations-source.ts';

/**
 * @throws PlimsollError `blob-missing` for the first file whose bytes are not stored, and for one that services of others alone hold:
 *   the answer does not tell whether it is there.
 */
export async function requireBlobs(
  source: Pick<OperationsSource, 'blobs' | 'store' | 'service' | 'grants' | 'proofs'>,
  environment: string,
  files: readonly ArtifactFile[],
  of: string,
): Promise<void> {
  const { service, grants, proofs } = source;
  const others = await listOthersBlobs(source.store, { service, environment, grants });
  const isOthers = ({ digest }: ArtifactFile): boolean =>
    others.has(digest) && proofs?.has({ service, environment }, digest) !== true;
  const taken = files.find(isOthers);
  if (taken !== undefined) throw blobMissing(source, taken, of);
  await requireStored(source, files, of);
}

/**
 * The same without whose they are, which reads the versions of all services: for a transaction, before which that was asked.
 * @throws PlimsollError `blob-missing`.
 */
export async function requireStored(
  source: Pick<OperationsSource, 'blobs' | 'service'>,
  files: readonly ArtifactFile[],
  of: string,
): Promise<void> {
  for (const file of files) if (!(await source.blobs.has(file.digest))) throw blobMissing(source, file, of);
}

const blobMissing = ({ service }: Pick<OperationsSource, 'service'>, file: ArtifactFile, of: string): PlimsollError =>
  new PlimsollError({
    code: 'blob-missing',
    category: 'not-found',
    message: `${file.path} of ${of} (${shortDigest(file.digest)}) is not in the blob store for ${service}`,
    next: nextStep(coreSteps, 'blob-missing/elsewhere'),
    details: { path: file.path, digest: file.digest },
  });

/** A version is called by the digest of its files, whoever names another. */
function requireOwnDigest(
  kind: ArtifactKind,
  { name, digest }: Pick<ModelVersion, 'name' | 'digest'>,
  own: Digest,
): void {
  if (own === digest) return;
  throw new PlimsollError({
    code: `${kind}-digest-mismatch`,
    category: 'input',
    message: `the files of ${kind} ${name} make ${own}, and it is said to be ${digest}`,
    next: nextStep(controlPlaneSteps, 'model-digest-mismatch+data-digest-mismatch', { kind }),
    details: { said: digest, own },
  });
}

/** Rows are read this long at most. */
const readWithinMs = 10 * 60_000;

/** The digest of the rows of stored files. @throws PlimsollError as `storedRows`. */
async function digestOfRows(blobs: Blobs, { name, files }: Pick<DataVersion, 'name' | 'files'>): Promise<Digest> {
  const hash = createHash('sha256');
  const running = {
    update: (text: string) => void hash.update(text),
    digest: (): Digest => `sha256:${hash.digest('hex')}`,
  };
  const rows = storedRows({ name, version: 0, files }, blobs, AbortSignal.timeout(readWithinMs));
  return (await summarizeData(rows, running)).digest;
}

export function artifactOperations(
  source: OperationsSource,
): Pick<Operations, 'addModelVersion' | 'addDataVersion' | 'moveAlias' | 'recordRegistrySync'> {
  return {
    async addModelVersion(version) {
      requireOwnDigest('model', version, artifactDigest(version.files));
      await requireBlobs(source, version.environment, version.files, `model ${version.name}`);
      return writeArtifact(source, { ...version, kind: 'model' }, async (tx) => {
        // Again where no collection runs: one may have removed a blob since.
        await requireStored(source, version.files, `model ${version.name}`);
        const now = source.clock.nowMs();
        const added = await tx.addModelVersion({ ...version, createdAtMs: now, createdBy: source.by });
        if (added.created) {
          await tx.appendEvent({ ...headOf(source, version, now), ...makeModelAddedEvent(added.version) });
        }
        return added;
      });
    },

    async addDataVersion(version) {
      await requireBlobs(source, version.environment, version.files, `data ${version.name}`);
      requireOwnDigest('data', version, await digestOfRows(source.blobs, version));
      return writeArtifact(source, { ...version, kind: 'data' }, async (tx) => {
        await requireStored(source, version.files, `data ${version.name}`);
        const now = source.clock.nowMs();
        const added = await tx.addDataVersion({ ...version, createdAtMs: now, createdBy: source.by });
        if (added.created) {
          await tx.appendEvent({ ...headOf(source, version, now), ...makeDataAddedEvent(added.version) });
        }
        return added;
      });
    },

    recordRegistrySync({ environment, ...sync }) {
      return write(source, environment, async (tx) => {
        await requireClaimant(tx, source, environment);
        if (sync.name !== undefined) {
          await requireUse(tx, source, { environment, kind: 'model', name: sync.name }, 'write');
        }
        const now = source.clock.nowMs();
        await tx.appendEvent({ ...headOf(source, { environment }, now), ...makeSyncedEvent(sync) });
      });
    },

    moveAlias(move) {
      return writeArtifact(source, { ...move, kind: 'model' }, async (tx) => {
        const now = source.clock.nowMs();
        await tx.moveAlias({ ...move, by: source.by, atMs: now });
        await tx.appendEvent({ ...headOf(source, move, now), ...makeAliasMovedEvent(move) });
      });
    },
  };
}

/** One transaction that changes an artifact, of whoever may act as the service that owns it. */
function writeArtifact<T>(
  source: OperationsSource,
  { environment, kind, name }: ArtifactName,
  work: (tx: StoreWriter) => Promise<T>,
): Promise<T> {
  return write(source, environment, async (tx) => {
    await requireClaimant(tx, source, environment);
    await claimArtifact(tx, source, { environment, kind, name }, 'write');
    return work(tx);
  });
}

function headOf(
  { service, by }: OperationsSource,
  { environment }: { readonly environment: string },
  atMs: number,
): Pick<NewEvent, 'service' | 'environment' | 'by' | 'atMs'> {
  return { service, environment, by, atMs };
}
