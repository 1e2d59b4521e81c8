import type { BundledModel } from '../../core/bundle/bundle.ts';
import type { ArtifactFile } from '../../core/registry/model-version.ts';
import type { ReleasedModel } from '../../core/rollout/release.ts';
import { describeStoredModel } from '../judging/find-model.ts';
import { requireBlobs, requireStored } from '../operations/artifacts.ts';
import { claimArtifact } from '../ownership/claims.ts';
import { makeModelAddedEvent } from '../operations/operation-events.ts';
import { write, type OperationsSource } from '../operations/operations-source.ts';

const describeWithinMs = 60_000;

/**
 * Registers a version of files that are stored and make the digest of `model`.
 * @throws PlimsollError `blob-missing` where others alone hold one of them, or a collection took it meanwhile; as `describeStoredModel`.
 */
export async function registerStoredModel(
  source: OperationsSource,
  environment: string,
  model: BundledModel,
  files: readonly ArtifactFile[],
): Promise<ReleasedModel> {
  const { blobs, clock, by, service } = source;
  const signal = AbortSignal.timeout(describeWithinMs);
  const described = await describeStoredModel(blobs, environment, model, files, signal);
  const of = `model ${model.name}`;
  await requireBlobs(source, environment, files, of);
  const { version } = await write(source, environment, async (tx) => {
    await requireStored(source, files, of);
    await claimArtifact(tx, source, { environment, kind: 'model', name: model.name }, 'write');
    const atMs = clock.nowMs();
    const added = await tx.addModelVersion({ ...described, createdAtMs: atMs, createdBy: by });
    if (added.created) await tx.appendEvent({ service, environment, by, atMs, ...makeModelAddedEvent(added.version) });
    return added;
  });
  const { name, digest, format, signature } = version;
  return { name, version: version.version, digest, format, files: version.files, signature };
}
