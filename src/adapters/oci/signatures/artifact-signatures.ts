import * as z from 'zod';
import { digestOfBytes, isDigest, type Digest } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { ArtifactSignatures, SignedManifest } from '../../../ports/artifacts/artifact-signatures.ts';
import { unpackModel } from '../../../schemas/artifact/model-pack.ts';
import { makeArtifactRepository } from '../artifact-repository.ts';
import { parseImageReference } from '../registry/reference.ts';
import type { RegistryOptions } from '../registry/registry-source.ts';
import { readSignatures } from './read-signatures.ts';

const indexForm = z.object({ manifests: z.array(z.object({ digest: z.string() })).max(10_000) });

/** Signatures by the OCI distribution specification 1.1, with the credentials of the environment. */
export function makeArtifactSignatures(options: RegistryOptions): ArtifactSignatures {
  return {
    async ofImage(reference, manifest, signal) {
      const parsed = parseImageReference(reference);
      if (parsed.kind !== 'registry') throw noRegistry(reference);
      const repository = makeArtifactRepository(`${parsed.registry}/${parsed.repository}`, options);
      const { reader } = repository;
      try {
        const own = { digest: manifest, signatures: await readSignatures(reader, manifest, signal) };
        const root = await reader.manifest(parsed.digest ?? parsed.tag ?? 'latest', signal).catch(unlessUnknown);
        const index = root === null ? null : indexOver(root, manifest);
        if (index === null) return [own];
        return [own, { digest: index, signatures: await readSignatures(reader, index, signal) }];
      } finally {
        await repository.close();
      }
    },
    async ofModel(place, signal) {
      const [, name, version] = /^oci:\/\/([^@]+?)[:@]((?:sha256:[0-9a-f]{64})|\w[\w.-]{0,127})$/.exec(place) ?? [];
      if (name === undefined || version === undefined) return null;
      const repository = makeArtifactRepository(name, options);
      try {
        const bytes = await repository.reader.manifest(version, signal);
        const { files } = unpackModel(JSON.parse(Buffer.from(bytes).toString('utf8')), place);
        const digest = digestOfBytes(bytes);
        const signed: SignedManifest = {
          digest,
          signatures: await readSignatures(repository.reader, digest, signal),
        };
        return { files, manifests: [signed] };
      } finally {
        await repository.close();
      }
    },
  };
}

/** The digest of an index that lists a manifest; null for anything else. */
function indexOver(bytes: Uint8Array, manifest: Digest): Digest | null {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
  const listed = indexForm.safeParse(json).data?.manifests ?? [];
  const digest = digestOfBytes(bytes);
  return listed.some((each) => isDigest(each.digest) && each.digest === manifest) ? digest : null;
}

/** A tag that is gone takes nothing from the manifest itself. */
function unlessUnknown(thrown: unknown): null {
  if (thrown instanceof PlimsollError && thrown.code === 'remote-version-unknown') return null;
  throw thrown;
}

function noRegistry(reference: string): PlimsollError {
  return new PlimsollError({
    code: 'image-in-no-registry',
    category: 'input',
    message: `${reference.slice(0, 200)} lies in no registry, so that no signature of it can be found`,
    next: 'push the image, and name it by its registry in code.image',
  });
}
