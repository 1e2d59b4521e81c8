import * as z from 'zod';
import { remoteAnswer } from '../../../core/registry/remote-errors.ts';
import { digestOfBytes, isDigest, type Digest } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { AttachedSignature } from '../../../ports/artifacts/artifact-signatures.ts';
import type { Descriptor } from '../../../schemas/artifact/model-pack.ts';
import { findJsonExcess } from '../../../schemas/source/bounded-json.ts';
import { gather } from '../bounded-bytes.ts';

/** What is read of one repository. */
export interface RepositoryReader {
  readonly location: string;
  /** @throws PlimsollError `remote-version-unknown`. */
  manifest(named: string, signal: AbortSignal): Promise<Uint8Array>;
  blob(file: { readonly digest: Digest; readonly size: number }, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Everything that refers to a manifest. */
  referrers(subject: Digest, signal: AbortSignal): Promise<readonly Descriptor[]>;
}

/** Source: sigstore/cosign specs/SIGNATURE_SPEC.md, specs/BUNDLE_SPEC.md (2025). */
const simpleType = 'application/vnd.dev.cosign.simplesigning.v1+json';
const simpleArtifactType = 'application/vnd.dev.cosign.artifact.sig.v1+json';
const bundleType = 'application/vnd.dev.sigstore.bundle';
const signatureAnnotation = 'dev.cosignproject.cosign/signature';

/** A few people and a CI system sign an image. */
const signaturesAtMost = 64;
const referrersAtMost = 256;
const bytesAtMost = 256 * 1024;
const jsonBounds = { depth: 24, values: 20_000 } as const;

const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value));
const manifestForm = z.object({
  artifactType: z.string().nullish(),
  config: z.object({ mediaType: z.string().nullish() }).nullish(),
  layers: z
    .array(
      z.object({
        mediaType: z.string().default(''),
        digest,
        size: z.int().nonnegative(),
        annotations: z.record(z.string(), z.string()).nullish(),
      }),
    )
    .max(1_000)
    .default([]),
});
type Manifest = z.infer<typeof manifestForm>;

/**
 * Returns the signatures of one manifest, in both forms of cosign; none where there are none.
 * @throws PlimsollError `remote-answer` for more than 64, or for what cannot be read: what was left out could be what counts.
 */
export async function readSignatures(
  reader: RepositoryReader,
  subject: Digest,
  signal: AbortSignal,
): Promise<readonly AttachedSignature[]> {
  const found: AttachedSignature[] = [];
  const tagged = await findManifest(reader, `${subject.replace(':', '-')}.sig`, signal);
  if (tagged !== null) found.push(...(await readLayers(reader, tagged, signal)));
  const referring = await reader.referrers(subject, signal);
  if (referring.length > referrersAtMost) throw tooMany(reader, referring.length, 'referrers');
  for (const { digest: named, artifactType } of referring) {
    // Older registries and older clients leave the type out of the list, or put that of the config there.
    if (artifactType !== undefined && !isOfSignature(artifactType) && !/config|empty/.test(artifactType)) continue;
    const manifest = await findManifest(reader, named, signal);
    const type = manifest?.artifactType ?? manifest?.config?.mediaType ?? '';
    if (manifest !== null && isOfSignature(type)) found.push(...(await readLayers(reader, manifest, signal)));
    if (found.length > signaturesAtMost) throw tooMany(reader, found.length, 'signatures');
  }
  return found;
}

const isOfSignature = (type: string): boolean => type === simpleArtifactType || type.startsWith(bundleType);

async function readLayers(
  reader: RepositoryReader,
  { layers }: Manifest,
  signal: AbortSignal,
): Promise<readonly AttachedSignature[]> {
  const signing = layers.filter(({ mediaType }) => mediaType === simpleType || mediaType.startsWith(bundleType));
  if (signing.length > signaturesAtMost) throw tooMany(reader, signing.length, 'signatures');
  const read: AttachedSignature[] = [];
  for (const { mediaType, annotations, ...file } of signing) {
    const bytes = await gather(reader.blob(file, signal), bytesAtMost, 'a signature');
    if (digestOfBytes(bytes) !== file.digest) throw remoteAnswer(reader.location, 'a signature that is not its digest');
    const signature = annotations?.[signatureAnnotation];
    if (mediaType.startsWith(bundleType)) read.push({ form: 'bundle', bundle: jsonOf(reader, bytes) });
    else if (signature !== undefined) read.push({ form: 'simple', payload: bytes, signature });
  }
  return read;
}

async function findManifest(reader: RepositoryReader, named: string, signal: AbortSignal): Promise<Manifest | null> {
  let bytes: Uint8Array;
  try {
    bytes = await reader.manifest(named, signal);
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === 'remote-version-unknown') return null;
    throw thrown;
  }
  const parsed = manifestForm.safeParse(jsonOf(reader, bytes)).data;
  if (parsed === undefined) throw remoteAnswer(reader.location, `a manifest of ${named} that is none`);
  return parsed;
}

function jsonOf({ location }: RepositoryReader, bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString('utf8');
  if (findJsonExcess(text, jsonBounds) !== null) throw remoteAnswer(location, 'JSON beyond its bounds');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw remoteAnswer(location, 'something that is no JSON', cause);
  }
}

const tooMany = ({ location }: RepositoryReader, count: number, what: string): PlimsollError =>
  remoteAnswer(location, `${count} ${what} of one manifest`);
