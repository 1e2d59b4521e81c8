import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { BundledModel } from '../../core/bundle/bundle.ts';
import { artifactDigest } from '../../core/registry/artifact.ts';
import type { ArtifactFile } from '../../core/registry/model-version.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { shortDigest, type Digest } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { RemoteFile, RemoteFiles } from '../../ports/artifacts/model-registry.ts';
import { modelTooLarge } from '../bundles/receive-bundle.ts';

/** What is asked of a place before the first byte is read. */
export interface ExpectedModel {
  readonly model: BundledModel;
  /** As the bundle names it. */
  readonly shown: string;
  /** Files that an earlier try stored. */
  readonly fetched: readonly ArtifactFile[];
  readonly maxBytes: number;
}

/**
 * The files of a place, each with its digest where it is known: by the bundle, by the place, or from an earlier try.
 * @throws PlimsollError `model-of-another-digest` (refused) where the place cannot hold the model, `model-too-large` (input).
 */
export async function expectFiles(place: RemoteFiles, expected: ExpectedModel, blobs: Blobs): Promise<RemoteFiles> {
  const { model, shown, fetched, maxBytes } = expected;
  const bytes = place.files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  if (bytes > maxBytes) throw modelTooLarge(model.name, bytes, maxBytes);
  const files =
    model.files === null ? await withFetched(place.files, fetched, blobs) : withNamed(place.files, expected);
  const known = files.flatMap(({ path, digest }) => (digest === null ? [] : [{ path, digest }]));
  if (known.length === files.length) requireDigest(known, model, shown);
  const own = new Map(place.files.map((file) => [file.path, file]));
  return { files, read: (file, signal) => place.read(own.get(file.path) ?? file, signal) };
}

/** @throws PlimsollError `model-of-another-digest` (refused) unless the files make the digest of the model. */
export function requireDigest(
  files: readonly Pick<ArtifactFile, 'path' | 'digest'>[],
  model: BundledModel,
  shown: string,
): void {
  const own = artifactDigest(files);
  if (own !== model.digest) throw anotherModel(shown, model, `its files make ${shortDigest(own)}`, own);
}

export function anotherModel(
  shown: string,
  { name, digest }: BundledModel,
  why: string,
  own: Digest | null = null,
): PlimsollError {
  return new PlimsollError({
    code: 'model-of-another-digest',
    category: 'refused',
    message: `${shown} does not hold model ${name} ${shortDigest(digest)}, which the bundle names: ${why}`,
    next: nextStep(controlPlaneSteps, 'model-of-another-digest', { shown, name }),
    details: { place: shown, digest, own },
  });
}

async function withFetched(
  files: readonly RemoteFile[],
  fetched: readonly ArtifactFile[],
  blobs: Blobs,
): Promise<readonly RemoteFile[]> {
  const byPath = new Map(fetched.map((file) => [file.path, file]));
  const found: RemoteFile[] = [];
  for (const file of files) {
    const before = file.digest === null ? byPath.get(file.path) : undefined;
    const isSame = before !== undefined && (file.bytes === null || file.bytes === before.bytes);
    found.push(isSame && (await blobs.has(before.digest)) ? before : file);
  }
  return found;
}

function withNamed(files: readonly RemoteFile[], { model, shown }: ExpectedModel): readonly RemoteFile[] {
  const named = new Map((model.files ?? []).map((file) => [file.path, file]));
  const missing = [...named.keys()].find((path) => files.every((file) => file.path !== path));
  if (missing !== undefined) throw anotherModel(shown, model, `it has no file ${missing}`);
  return files.map(({ path, bytes, digest }) => {
    const file = named.get(path);
    if (file === undefined) throw anotherModel(shown, model, `it has a file ${path}`);
    if (bytes !== null && bytes !== file.bytes)
      throw anotherModel(shown, model, `${path} has ${bytes} bytes, not ${file.bytes}`);
    if (digest !== null && digest !== file.digest)
      throw anotherModel(shown, model, `${path} is ${shortDigest(digest)}`);
    return file;
  });
}
