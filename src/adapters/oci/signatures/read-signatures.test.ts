import { expect, it } from 'vitest';
import { remoteVersionUnknown } from '../../../core/registry/remote-errors.ts';
import { canonicalJson, digestOf, digestOfBytes, type Digest } from '../../../core/units/digest.ts';
import type { Descriptor } from '../../../schemas/artifact/model-pack.ts';
import { readSignatures, type RepositoryReader } from './read-signatures.ts';

const subject = digestOf('image');
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const simpleType = 'application/vnd.dev.cosign.simplesigning.v1+json';
const { signal } = new AbortController();

interface Layer {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A repository that holds these manifests by name, and lists those with a type as referrers. */
function open(
  manifests: Readonly<Record<string, { readonly layers: readonly Layer[]; readonly artifactType?: string }>>,
  referring: readonly { readonly name: string; readonly artifactType?: string }[] = [],
): RepositoryReader {
  const blobs = new Map<Digest, Uint8Array>();
  const texts = Object.entries(manifests).map(([name, { layers, artifactType }]) => {
    const listed = layers.map(({ mediaType, bytes, annotations }) => {
      const digest = digestOfBytes(bytes);
      blobs.set(digest, bytes);
      return { mediaType, digest, size: bytes.length, ...(annotations === undefined ? {} : { annotations }) };
    });
    return [name, canonicalJson({ schemaVersion: 2, artifactType, layers: listed })] as const;
  });
  const byName = new Map(
    texts.flatMap(([name, text]) => [[name, text] as const, [digestOfBytes(Buffer.from(text)), text] as const]),
  );
  return {
    location: 'oci://r.example/a',
    manifest: async (named) => {
      const text = byName.get(named);
      if (text === undefined) throw remoteVersionUnknown('oci://r.example/a', 'a', named);
      return Buffer.from(text);
    },
    async *blob({ digest }) {
      yield await Promise.resolve(blobs.get(digest) ?? new Uint8Array());
    },
    referrers: async () =>
      referring.map(({ name, artifactType }): Descriptor => {
        const digest = digestOfBytes(Buffer.from(byName.get(name) ?? ''));
        return { mediaType: '', digest, size: 1, ...(artifactType === undefined ? {} : { artifactType }) };
      }),
  };
}

const tag = `${subject.replace(':', '-')}.sig`;
const payload = Buffer.from('{"critical":{}}');
const signed: Layer = {
  mediaType: simpleType,
  bytes: payload,
  annotations: { 'dev.cosignproject.cosign/signature': 'c2ln' },
};
const bundle: Layer = { mediaType: bundleType, bytes: Buffer.from('{"mediaType":"b"}') };
const simple = { form: 'simple', payload, signature: 'c2ln' };

it('finds signatures under the tag, and leaves layers without one out', async () => {
  const { annotations: _, ...unsigned } = signed;
  const reader = open({ [tag]: { layers: [signed, unsigned, { mediaType: 'text/plain', bytes: Buffer.from('x') }] } });
  expect(await readSignatures(reader, subject, signal)).toEqual([simple]);
});

it.each([
  ['of its type', bundleType],
  ['whose list leaves the type out', undefined],
  ['whose list has the type of the config', 'application/vnd.oci.empty.v1+json'],
])('finds a bundle that refers to it, %s', async (_what, listedType) => {
  const manifests = { b: { layers: [bundle], artifactType: bundleType } };
  const reader = open(manifests, [{ name: 'b', ...(listedType === undefined ? {} : { artifactType: listedType }) }]);
  expect(await readSignatures(reader, subject, signal)).toEqual([{ form: 'bundle', bundle: { mediaType: 'b' } }]);
});

it('finds simple signing that refers to it', async () => {
  const artifactType = 'application/vnd.dev.cosign.artifact.sig.v1+json';
  const reader = open({ s: { layers: [signed], artifactType } }, [{ name: 's', artifactType }]);
  expect(await readSignatures(reader, subject, signal)).toEqual([simple]);
});

it('reads no other referrers', async () => {
  const artifactType = 'application/vnd.plimsoll.evidence.v1+json';
  const reader = open({ e: { layers: [bundle], artifactType } }, [{ name: 'e', artifactType }]);
  expect(await readSignatures(reader, subject, signal)).toEqual([]);
});

it('finds none where there are none', async () => {
  expect(await readSignatures(open({}), subject, signal)).toEqual([]);
});

const many = Array.from({ length: 65 }, (_each, at): Layer => ({ ...bundle, bytes: Buffer.from(`{"at":${at}}`) }));

it.each<readonly [string, RepositoryReader]>([
  ['more than 64 signatures', open({ [tag]: { layers: many } })],
  ['a bundle that is no JSON', open({ [tag]: { layers: [{ ...bundle, bytes: Buffer.from('{') }] } })],
  [
    'a bundle that is nested too deep',
    open({ [tag]: { layers: [{ ...bundle, bytes: Buffer.from('['.repeat(99)) }] } }),
  ],
  [
    'a blob that is not its digest',
    {
      ...open({ [tag]: { layers: [signed] } }),
      blob: async function* () {
        yield await Promise.resolve(Buffer.from('other'));
      },
    },
  ],
])('tells of %s, and counts nothing of it', async (_what, reader) => {
  await expect(readSignatures(reader, subject, signal)).rejects.toMatchObject({ code: 'remote-answer' });
});
