import { artifactDigest } from '../../core/registry/artifact.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { shortDigest } from '../../core/units/digest.ts';
import type { ArtifactKind, ArtifactName } from '../../core/fleet/artifact-claim.ts';
import type { NewEvent } from '../../core/records/event.ts';
import type { ArtifactFile, ModelVersion } from '../../core/registry/model-version.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import { claimArtifact, requireClaimant, requireUse } from '../ownership/claims.ts';
import { makeAliasMovedEvent, makeDataAddedEvent, makeModelAddedEvent, makeSyncedEvent } from './operation-events.ts';
import { write, type OperationsSource } from './operations-source.ts';

/** @throws PlimsollError `blob-missing` for the first file whose bytes are not stored. */
export async function requireBlobs(blobs: Blobs, files: readonly ArtifactFile[], of: string): Promise<void> {
  for (const file of files) {
    if (await blobs.has(file.digest)) continue;
    throw new PlimsollError({
      code: 'blob-missing',
      category: 'not-found',
      message: `${file.path} of ${of} (${shortDigest(file.digest)}) is not in the blob store`,
      next: 'run the command on the machine that holds the state folder, so that it can store the file first',
      details: { path: file.path, digest: file.digest },
    });
  }
}

/** A version is called by the digest of its files, whoever names another. */
function requireOwnDigest(
  kind: ArtifactKind,
  { name, digest, files }: Pick<ModelVersion, 'name' | 'digest' | 'files'>,
): void {
  const own = artifactDigest(files);
  if (own === digest) return;
  throw new PlimsollError({
    code: `${kind}-digest-mismatch`,
    category: 'input',
    message: `the files of ${kind} ${name} make ${own}, and it is said to be ${digest}`,
    next: `plimsoll ${kind} add FILE --name NAME reads the files and names their digest`,
    details: { said: digest, own },
  });
}

export function artifactOperations(
  source: OperationsSource,
): Pick<Operations, 'addModelVersion' | 'addDataVersion' | 'moveAlias' | 'recordRegistrySync'> {
  return {
    async addModelVersion(version) {
      requireOwnDigest('model', version);
      await requireBlobs(source.blobs, version.files, `model ${version.name}`);
      return writeArtifact(source, { ...version, kind: 'model' }, async (tx) => {
        // Again where no collection runs: one may have removed a blob since.
        await requireBlobs(source.blobs, version.files, `model ${version.name}`);
        const now = source.clock.nowMs();
        const added = await tx.addModelVersion({ ...version, createdAtMs: now, createdBy: source.by });
        if (added.created) {
          await tx.appendEvent({ ...headOf(source, version, now), ...makeModelAddedEvent(added.version) });
        }
        return added;
      });
    },

    async addDataVersion(version) {
      requireOwnDigest('data', version);
      await requireBlobs(source.blobs, version.files, `data ${version.name}`);
      return writeArtifact(source, { ...version, kind: 'data' }, async (tx) => {
        await requireBlobs(source.blobs, version.files, `data ${version.name}`);
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
