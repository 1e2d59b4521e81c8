import { createReadStream } from 'node:fs';
import { makeArtifactRepository } from '../../src/adapters/oci/artifact-repository.ts';
import { registryTimes } from '../../src/adapters/oci/registry/registry-http.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { blobFile, type PackedImage } from './image-layout.ts';

/** REGISTRY/NAME:TAG in its parts. @throws Error for another form. */
export function readPushReference(reference: string): { readonly name: string; readonly tag: string } {
  const [, name, tag] = /^([^@]+\/[^@]+):([\w][\w.-]{0,127})$/.exec(reference) ?? [];
  if (name !== undefined && tag !== undefined) return { name, tag };
  throw new Error(`--push must be REGISTRY/NAME:TAG, not \`${reference}\``);
}

/**
 * Sends an image and its list of parts to a registry, with the credentials of `docker login`.
 * @param reference REGISTRY/NAME:TAG
 * @returns the reference by digest.
 * @throws Error for a reference without a tag; PlimsollError `remote-refused`, `remote-unreachable`.
 */
export async function pushImage(
  folder: string,
  image: PackedImage,
  reference: string,
  plainHttp: boolean,
  signal: AbortSignal,
): Promise<string> {
  const { name, tag } = readPushReference(reference);
  const repository = makeArtifactRepository(name, {
    clock: systemClock,
    env: process.env,
    plainHttp,
    times: registryTimes,
  });
  const files = image.layers.map(({ name: path, descriptor: { digest, size } }) => ({ path, digest, bytes: size }));
  try {
    await repository.push(
      { files, config: image.config, manifest: image.manifest },
      (digest, from, length) => createReadStream(blobFile(folder, digest), { start: from, end: from + length - 1 }),
      tag,
      signal,
    );
    await repository.attach(image.manifest.descriptor.digest, image.sbom, signal);
  } finally {
    await repository.close();
  }
  return `${name}@${image.manifest.descriptor.digest}`;
}
