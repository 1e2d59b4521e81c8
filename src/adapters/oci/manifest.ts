import * as z from 'zod';
import { isDigest, type Digest } from '../../core/units/digest.ts';
import { damaged } from './image-errors.ts';

/** What the OCI image specification 1.1 and Docker's schema 2 say, as far as it is read here. */
const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), {
  error: 'expected `sha256:` and 64 hexadecimal digits',
});
const platform = z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() });
const annotations = z.record(z.string(), z.string()).nullish();
const descriptor = z.object({ mediaType: z.string().default(''), digest, size: z.int().nonnegative(), annotations });

const indexForm = z.object({
  schemaVersion: z.literal(2),
  manifests: z
    .array(
      descriptor.extend({
        platform: platform.nullish().transform((each) => each ?? undefined),
        artifactType: z.string().optional(),
      }),
    )
    .max(10_000),
});
const manifestForm = z.object({
  schemaVersion: z.literal(2),
  config: descriptor,
  layers: z.array(descriptor).max(10_000),
});
const configForm = z.object({
  os: z.string().default('linux'),
  architecture: z.string().default('amd64'),
  variant: z.string().optional(),
  config: z
    .object({ Env: z.array(z.string()).nullish(), Labels: z.record(z.string(), z.string()).nullish() })
    .nullish(),
  rootfs: z.object({ diff_ids: z.array(digest).nullish() }),
});

export type Descriptor = z.infer<typeof descriptor>;
export type ImageIndex = z.infer<typeof indexForm>;
export type ImageManifest = z.infer<typeof manifestForm>;
export type ImageConfig = z.infer<typeof configForm>;
export type ImagePlatform = z.infer<typeof platform>;

export const manifestBytesAtMost = 4 * 1024 * 1024;
export const configBytesAtMost = 8 * 1024 * 1024;

export const acceptedManifests = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** What a manifest is follows from what it holds: media types are often missing, and sometimes wrong. */
export function readManifest(bytes: Uint8Array, what: string): ImageIndex | ImageManifest {
  const json = jsonOf(bytes, what);
  if (typeof json === 'object' && json !== null && 'manifests' in json) return checked(indexForm, json, what);
  if (typeof json === 'object' && json !== null && 'schemaVersion' in json && json.schemaVersion === 1) {
    throw damaged(
      `${what} has the schema 1 of 2014, which names no layers by what they hold; push it with a newer program`,
    );
  }
  const manifest = checked(manifestForm, json, what);
  if (/json$/.test(manifest.config.mediaType) && !isImageConfig(manifest.config.mediaType)) {
    throw damaged(`${what} is not a container image: its configuration is ${manifest.config.mediaType}`);
  }
  return manifest;
}

const isImageConfig = (mediaType: string): boolean =>
  mediaType === 'application/vnd.oci.image.config.v1+json' ||
  mediaType === 'application/vnd.docker.container.image.v1+json';

export const readConfig = (bytes: Uint8Array, what: string): ImageConfig =>
  checked(configForm, jsonOf(bytes, what), what);

export function jsonOf(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw damaged(`${what} is not JSON`, cause);
  }
}

export function checked<T>(form: z.ZodType<T>, json: unknown, what: string): T {
  const parsed = form.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(`${what} does not follow its specification: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}
