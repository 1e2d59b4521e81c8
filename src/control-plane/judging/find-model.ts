import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { coreSteps } from '../../core/units/next-steps/core-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { BundledModel } from '../../core/bundle/bundle.ts';
import { artifactDigest } from '../../core/registry/artifact.ts';
import type { ArtifactFile, ModelVersion } from '../../core/registry/model-version.ts';
import type { ReleasedModel } from '../../core/rollout/release.ts';
import { shortDigest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { chooseMain } from '../../prove/artifacts/model-files.ts';
import { parseModel } from '../../prove/artifacts/model-parse.ts';
import { pickleByName, refusePickles } from '../../prove/artifacts/refuse-pickle.ts';

/** Where the model of a bundle is, as far as this control plane knows. */
export type FoundModel =
  | { readonly kind: 'registered'; readonly model: ReleasedModel }
  /** Its files are here, and no version has been made of them yet. */
  | { readonly kind: 'stored'; readonly files: readonly ArtifactFile[] }
  | { readonly kind: 'elsewhere'; readonly place: string }
  | { readonly kind: 'nowhere' };

/** Looks for a model by its digest: in the registry of the environment, then among the blobs, then by its place. */
export async function findModel(
  reader: Pick<StoreReader, 'modelVersionByDigest'>,
  blobs: Blobs,
  environment: string,
  { name, digest, files, place }: BundledModel,
): Promise<FoundModel> {
  const version = await reader.modelVersionByDigest(environment, name, digest);
  // The digest of a version is that of its list of files, and each file is stored under its own.
  if (version !== null && artifactDigest(version.files) === digest && (await holdsAll(blobs, version.files))) {
    const { format, signature } = version;
    return {
      kind: 'registered',
      model: { name, version: version.version, digest, format, files: version.files, signature },
    };
  }
  if (files !== null && artifactDigest(files) === digest && (await holdsAll(blobs, files))) {
    return { kind: 'stored', files };
  }
  return place === null ? { kind: 'nowhere' } : { kind: 'elsewhere', place };
}

/** Whether each file is stored; false for no files. */
export async function holdsAll(blobs: Blobs, files: readonly ArtifactFile[]): Promise<boolean> {
  for (const { digest } of files) if (!(await blobs.has(digest))) return false;
  return files.length > 0;
}

/** A version of files that came with a bundle: format and signature are read from the files, and from nobody's word. */
export async function describeStoredModel(
  blobs: Blobs,
  environment: string,
  { name, digest, place }: BundledModel,
  files: readonly ArtifactFile[],
  signal: AbortSignal,
): Promise<Omit<ModelVersion, 'version' | 'createdAtMs' | 'createdBy'>> {
  refusePickledNames(name, files);
  const named = files.map(({ path }) => ({ path, location: '', shown: path }));
  const { main, format } = chooseMain(named, `model ${name}`);
  const file = files.find(({ path }) => path === main.path);
  if (file === undefined) throw new RangeError(`${main.path} was chosen, and is none of the files`);
  // Only the formats that are parsed need the file itself.
  const location = format === 'onnx' ? await blobs.verifiedPath(file.digest, signal) : '';
  const { signature, facts } = await parseModel({ ...main, location }, format, signal);
  const lineage = place === null ? { note: 'came with a bundle' } : { source: place };
  return { environment, name, digest, format, files, signature, facts, lineage };
}

/** What its name says is pickled: a pickle runs whatever program it holds. @throws PlimsollError `model-pickled` (refused). */
function refusePickledNames(name: string, files: readonly ArtifactFile[]): void {
  const pickles = files.flatMap(({ path }) => {
    const why = pickleByName(path);
    return why === undefined ? [] : [{ path, why }];
  });
  refusePickles(pickles, `model ${name}`, nextStep(coreSteps, 'model-pickled/elsewhere', { name }));
}

/** @throws PlimsollError `model-nowhere` (not-found), with the digest and where it could come from. */
export function modelNowhere(environment: string, { name, digest }: BundledModel): PlimsollError {
  return new PlimsollError({
    code: 'model-nowhere',
    category: 'not-found',
    message: `nobody here has model ${name} ${shortDigest(digest)}: not the registry of ${environment}, not the bundle, and the lock names no place to fetch it from`,
    next: nextStep(controlPlaneSteps, 'model-nowhere', { name }),
    details: { model: name, digest },
  });
}
