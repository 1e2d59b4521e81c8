import { PlimsollError } from '../../core/units/errors.ts';
import { shortDigest } from '../../core/units/digest.ts';
import type { ArtifactFile } from '../../core/registry/model-version.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Operations } from '../../ports/records/operations.ts';
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

export function artifactOperations(
  source: OperationsSource,
): Pick<Operations, 'addModelVersion' | 'addDataVersion' | 'moveAlias' | 'recordRegistrySync'> {
  return {
    async addModelVersion(version) {
      await requireBlobs(source.blobs, version.files, `model ${version.name}`);
      return write(source, version.environment, async (tx) => {
        const now = source.clock.nowMs();
        const added = await tx.addModelVersion({ ...version, createdAtMs: now, createdBy: source.by });
        if (added.created) {
          await tx.appendEvent({
            service: source.service,
            environment: version.environment,
            kind: 'model.added',
            summary: `Model ${version.name} version ${added.version.version} (${shortDigest(version.digest)}) was added`,
            by: source.by,
            atMs: now,
            data: {
              name: version.name,
              version: added.version.version,
              digest: version.digest,
              format: version.format,
            },
          });
        }
        return added;
      });
    },

    async addDataVersion(version) {
      await requireBlobs(source.blobs, version.files, `data ${version.name}`);
      return write(source, version.environment, async (tx) => {
        const now = source.clock.nowMs();
        const added = await tx.addDataVersion({ ...version, createdAtMs: now, createdBy: source.by });
        if (added.created) {
          await tx.appendEvent({
            service: source.service,
            environment: version.environment,
            kind: 'data.added',
            summary: `Data ${version.name} version ${added.version.version} (${version.rows} rows) was added`,
            by: source.by,
            atMs: now,
            data: { name: version.name, version: added.version.version, digest: version.digest, rows: version.rows },
          });
        }
        return added;
      });
    },

    recordRegistrySync({ environment, ...sync }) {
      return write(source, environment, async (tx) => {
        const what = sync.alias === null ? `version ${sync.remote}` : `alias ${sync.alias}`;
        await tx.appendEvent({
          service: source.service,
          environment,
          kind: 'registry.synced',
          summary: `${sync.location}/${sync.remoteName}, ${what}: ${sync.outcome} (${sync.reason})`,
          by: source.by,
          atMs: source.clock.nowMs(),
          data: { ...sync },
        });
      });
    },

    moveAlias(move) {
      return write(source, move.environment, async (tx) => {
        const now = source.clock.nowMs();
        await tx.moveAlias({ ...move, by: source.by, atMs: now });
        await tx.appendEvent({
          service: source.service,
          environment: move.environment,
          kind: 'alias.moved',
          summary:
            move.to === null
              ? `Alias ${move.alias} of ${move.name} was removed (it was at version ${move.from})`
              : `Alias ${move.alias} of ${move.name} moved to version ${move.to}${move.from === null ? '' : ` from ${move.from}`}`,
          by: source.by,
          atMs: now,
          data: { ...move },
        });
      });
    },
  };
}
