import path from 'node:path';
import { combineComparisons, compareGoldenCase } from '../../core/monitoring/golden-comparison.ts';
import type { GoldenSet } from '../../core/monitoring/golden.ts';
import { goldenFile } from '../../core/rollout/names.ts';
import { digestOfBytes, isDigest, type Digest } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Project } from '../../ports/project/project.ts';
import type { ReplicaClient } from '../../ports/serving/replica-client.ts';
import { goldenSetSchema } from '../../schemas/artifact/golden-set.ts';
import { readIfFile } from '../files/source-file.ts';

/** A recorded golden set by its blob, or by the file in git that holds the same bytes; null where neither is there. */
export async function findGoldenSet(
  project: Project,
  blobs: Blobs,
  blob: unknown,
  named: { readonly dataName: string | undefined; readonly modelDigest: Digest },
): Promise<{ readonly digest: Digest; readonly golden: GoldenSet; readonly bytes: Uint8Array } | null> {
  if (typeof blob !== 'string' || !isDigest(blob)) return null;
  const bytes = (await blobs.read(blob).catch(() => null)) ?? (await fromFile(project, blob, named));
  if (bytes === null) return null;
  const read = goldenSetSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
  return read.success && read.data.modelDigest === named.modelDigest
    ? { digest: blob, golden: read.data, bytes }
    : null;
}

async function fromFile(
  project: Project,
  blob: Digest,
  { dataName, modelDigest }: { readonly dataName: string | undefined; readonly modelDigest: Digest },
): Promise<Uint8Array | null> {
  if (dataName === undefined) return null;
  const bytes = await readIfFile(path.join(project.folder, goldenFile(dataName, modelDigest)));
  return bytes !== null && digestOfBytes(bytes) === blob ? bytes : null;
}

/** Whether a replica gives the pinned outputs of every case, within the bands of the set; the first offence if not. */
export async function replayGolden(
  client: ReplicaClient,
  endpoint: string,
  model: string,
  { cases, tolerance }: GoldenSet,
  signal: AbortSignal,
) {
  const comparisons = [];
  for (const one of cases) {
    comparisons.push(compareGoldenCase(one, await client.infer(endpoint, model, one.inputs, signal), tolerance));
  }
  return combineComparisons(comparisons);
}
