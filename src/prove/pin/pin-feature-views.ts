import type { FeatureViews } from '../../core/evidence/features/feature-view.ts';
import { remoteTooLarge } from '../../core/registry/remote-errors.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import { feastBytesAtMost, feastRegistryMissing } from '../../formats/feast/read-feast-sources.ts';
import type { RemoteFiles } from '../../ports/artifacts/model-registry.ts';
import type { Project } from '../../ports/project/project.ts';

/** Where a registry is read that is no file of this machine. */
export interface RegistrySources {
  readonly remotePlace: (uri: string) => Promise<RemoteFiles>;
  readonly signal: AbortSignal;
}

/**
 * What defines the feature views that the contract names, also of a registry elsewhere.
 * @throws PlimsollError as `Project.featureViews`, and as `remotePlace`; `remote-too-large` (input).
 */
export async function pinFeatureViews(
  project: Pick<Project, 'featureViews'>,
  sources: RegistrySources,
): Promise<{ readonly featureViews?: FeatureViews }> {
  const featureViews = await project.featureViews((uri) => readRemoteRegistry(uri, sources));
  return featureViews === null ? {} : { featureViews };
}

async function readRemoteRegistry(uri: string, { remotePlace, signal }: RegistrySources): Promise<Uint8Array> {
  const place = await remotePlace(uri).catch((thrown: unknown) => {
    throw asPlimsollError(thrown).code === 'remote-model-unknown' ? feastRegistryMissing(uri) : thrown;
  });
  const [file, ...others] = place.files;
  if (file === undefined || others.length > 0) throw feastRegistryMissing(uri, ': it is a folder, and no file');
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of place.read(file, signal)) {
    bytes += chunk.length;
    if (bytes > feastBytesAtMost) throw remoteTooLarge(uri, `a registry of more than ${feastBytesAtMost} bytes`);
    chunks.push(chunk.slice());
  }
  return Buffer.concat(chunks);
}
