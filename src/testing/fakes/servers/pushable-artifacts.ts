import { makeArtifactRepository } from '../../../adapters/oci/artifact-repository.ts';
import { registryTimes } from '../../../adapters/oci/registry/registry-http.ts';
import { digestOfBytes, type Digest } from '../../../core/units/digest.ts';
import { artifactDigest } from '../../../core/registry/artifact.ts';
import type { ArtifactRepository } from '../../../ports/artifacts/artifact-repository.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import { packModel } from '../../../schemas/artifact/model-pack.ts';
import { FakeClock } from '../fake-clock.ts';

/** A clock that no test waits for. */
export const patient = (): Clock => Object.assign(new FakeClock(), { sleep: () => Promise.resolve() });

export function openRepository(host: string, clock: Clock = patient()): ArtifactRepository {
  const times = { ...registryTimes, idleMs: 500, attempts: 2 };
  return makeArtifactRepository(`${host}/team/digits`, { clock, env: {}, plainHttp: false, times });
}

/** Pushes files as a version of a model, as `model push` does. */
export async function pushFiles(
  repository: ArtifactRepository,
  files: Readonly<Record<string, Uint8Array>>,
  tag: string,
): Promise<ReturnType<typeof packModel>> {
  const blobs = new Map(Object.values(files).map((bytes) => [digestOfBytes(bytes), bytes] as const));
  const listed = Object.entries(files).map(([name, bytes]) => ({
    path: name,
    digest: digestOfBytes(bytes),
    bytes: bytes.length,
  }));
  const pack = packModel({
    ...{ environment: 'default', name: 'digits', version: 1, format: 'onnx', files: listed },
    ...{ digest: artifactDigest(listed), signature: null, facts: {}, lineage: {}, createdAtMs: 0, createdBy: 'tests' },
  });
  async function* read(digest: Digest, from: number, length: number) {
    yield await Promise.resolve((blobs.get(digest) ?? new Uint8Array()).subarray(from, from + length));
  }
  await repository.push({ files: listed, ...pack }, read, tag, new AbortController().signal);
  return pack;
}
