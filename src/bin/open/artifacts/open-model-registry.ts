import type { CliContext } from '../../../cli/context.ts';
import type { RemoteReference } from '../../../prove/artifacts/remote-reference.ts';
import type { ArtifactRepository } from '../../../ports/artifacts/artifact-repository.ts';
import type { ModelRegistry, RemoteFiles } from '../../../ports/artifacts/model-registry.ts';
import type { WritablePlace } from '../../../ports/artifacts/writable-place.ts';

type Parts = Pick<CliContext, 'clock' | 'env' | 'signal'>;

/**
 * Whoever reads the registry that a reference names; files of other places are read by whoever reads those.
 * @param requirePlace throws for a place that the registry names and that must not be read.
 */
export async function openModelRegistry(
  parts: Parts,
  reference: Exclude<RemoteReference, { kind: 's3' }>,
  requirePlace: (uri: string) => void = () => undefined,
): Promise<ModelRegistry> {
  if (reference.kind === 'oci') return openArtifactRepository(parts, reference.name);
  const { makeMlflowRegistry } = await import('../../../adapters/mlflow/mlflow-registry.ts');
  return makeMlflowRegistry({
    base: new URL(reference.url),
    location: reference.location,
    env: parts.env,
    clock: parts.clock,
    openPlace: async (uri) => {
      if (!uri.startsWith('s3://')) return null;
      requirePlace(uri);
      return openRemotePlace(parts, uri);
    },
  });
}

export async function openArtifactRepository({ clock, env }: Parts, name: string): Promise<ArtifactRepository> {
  const [{ makeArtifactRepository }, { registryTimes }] = await Promise.all([
    import('../../../adapters/oci/artifact-repository.ts'),
    import('../../../adapters/oci/registry/registry-http.ts'),
  ]);
  const plainHttp = env['PLIMSOLL_PLAIN_HTTP'] === '1';
  return makeArtifactRepository(name, { clock, env, plainHttp, times: registryTimes });
}

/** The objects below an `s3://` address. */
export async function openRemotePlace({ clock, env, signal }: Parts, uri: string): Promise<RemoteFiles> {
  const { openS3Place } = await import('../../../adapters/s3/s3-registry.ts');
  return openS3Place({ uri, env, clock }, signal);
}

export async function openWritablePlace({ clock, env }: Parts, uri: string): Promise<WritablePlace> {
  const { openS3WritablePlace } = await import('../../../adapters/s3/s3-place.ts');
  return openS3WritablePlace({ uri, env, clock });
}
