import * as z from 'zod';
import type { ArtifactFile, DataVersion, ModelVersion } from '../../core/registry/model-version.ts';
import { remoteAnswer, requireSafePath } from '../../core/registry/remote-errors.ts';
import { canonicalJson, digestOf, isDigest, type Digest } from '../../core/units/digest.ts';

/**
 * CNCF ModelPack (https://github.com/modelpack/model-spec, `application/vnd.cncf.model.*` since 2025; the text before it
 * said `vnd.cnai`). Both are read, the newer is written. One raw layer a file: its digest is the file's own.
 */
export const modelPackType = 'application/vnd.cncf.model.manifest.v1+json';
const configType = 'application/vnd.cncf.model.config.v1+json';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
export const indexType = 'application/vnd.oci.image.index.v1+json';
export const evidenceType = 'application/vnd.plimsoll.evidence.v1+json';
const emptyType = 'application/vnd.oci.empty.v1+json';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** JSON that is pushed as it is: canonical, so that the same version is the same digest each time. */
export interface PackedJson {
  readonly text: string;
  readonly descriptor: Descriptor;
}

/** Canonical JSON with its descriptor. */
export function packJson(value: unknown, mediaType: string): PackedJson {
  const text = canonicalJson(value);
  // UTF-8 bytes: what is not ASCII is counted as it will be sent.
  return { text, descriptor: { mediaType, digest: digestOf(value), size: utf8Bytes(text) } };
}

const utf8Bytes = (text: string): number => encodeURIComponent(text).replaceAll(/%[0-9A-F]{2}/g, '.').length;

/** The config of artifacts that have none: OCI image specification 1.1. */
export const emptyConfig: PackedJson = packJson({}, emptyType);

function layer(kind: 'weight' | 'weight.config' | 'dataset', file: ArtifactFile): Descriptor {
  return {
    mediaType: `application/vnd.cncf.model.${kind}.v1.raw`,
    digest: file.digest,
    size: file.bytes,
    annotations: {
      'org.cncf.model.filepath': file.path,
      // By this one `oras pull` names its files.
      'org.opencontainers.image.title': file.path,
    },
  };
}

const isSmallText = (path: string): boolean => /\.(?:json|ya?ml|txt|md)$|(?:^|\/)MLmodel$/i.test(path);

export function packModel(version: ModelVersion): { readonly config: PackedJson; readonly manifest: PackedJson } {
  const layers = version.files.map((file) => layer(isSmallText(file.path) ? 'weight.config' : 'weight', file));
  return pack(version, version.format, layers, { 'dev.plimsoll.kind': 'model' });
}

export function packData(version: DataVersion): { readonly config: PackedJson; readonly manifest: PackedJson } {
  const layers = version.files.map((file) => layer('dataset', file));
  return pack(version, 'dataset', layers, { 'dev.plimsoll.kind': 'data', 'dev.plimsoll.rows': String(version.rows) });
}

function pack(
  version: Pick<ModelVersion, 'name' | 'version' | 'digest' | 'createdAtMs'>,
  format: string,
  layers: readonly Descriptor[],
  annotations: Readonly<Record<string, string>>,
): { readonly config: PackedJson; readonly manifest: PackedJson } {
  const createdAt = new Date(version.createdAtMs).toISOString();
  const config = packJson(
    {
      descriptor: { name: version.name, version: String(version.version), family: version.name, createdAt },
      config: { format },
      modelfs: { type: 'layers', diffIds: layers.map(({ digest }) => digest) },
    },
    configType,
  );
  const manifest = packJson(
    {
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType: modelPackType,
      config: config.descriptor,
      layers,
      annotations: {
        ...annotations,
        'dev.plimsoll.name': version.name,
        'dev.plimsoll.version': String(version.version),
        'dev.plimsoll.digest': version.digest,
      },
    },
    manifestType,
  );
  return { config, manifest };
}

/** What was measured of a model, as a manifest that refers to it: OCI image specification 1.1, `subject`. */
export function packEvidence(
  subject: Descriptor,
  record: unknown,
  kind: string,
): { readonly blob: PackedJson; readonly config: PackedJson; readonly manifest: PackedJson } {
  const blob = packJson(record, evidenceType);
  const config = emptyConfig;
  const manifest = packJson(
    {
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType: evidenceType,
      config: config.descriptor,
      layers: [blob.descriptor],
      subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
      annotations: { 'dev.plimsoll.evidence.kind': kind },
    },
    manifestType,
  );
  const annotations = { 'dev.plimsoll.evidence.kind': kind };
  return {
    blob,
    config,
    manifest: { ...manifest, descriptor: { ...manifest.descriptor, artifactType: evidenceType, annotations } },
  };
}

export const packIndex = (manifests: readonly Descriptor[]): PackedJson =>
  packJson({ schemaVersion: 2, mediaType: indexType, manifests }, indexType);

const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value));
const descriptorForm = z.object({
  mediaType: z.string().default(''),
  digest,
  size: z.int().nonnegative(),
  artifactType: z.string().optional(),
  annotations: z
    .record(z.string(), z.string())
    .nullish()
    .transform((each) => each ?? undefined),
});
const manifestForm = z.object({
  artifactType: z.string().optional(),
  config: descriptorForm,
  layers: z.array(descriptorForm).max(10_000),
  annotations: z
    .record(z.string(), z.string())
    .nullish()
    .transform((each) => each ?? {}),
});
const indexForm = z.object({ manifests: z.array(descriptorForm).max(10_000) });

export interface UnpackedManifest {
  readonly files: readonly ArtifactFile[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** @throws PlimsollError `remote-answer` for what is no ModelPack artifact, or one with layers that are archives. */
export function unpackModel(json: unknown, location: string): UnpackedManifest {
  const parsed = manifestForm.safeParse(json).data;
  const isPack = (type: string | undefined): boolean => /^application\/vnd\.(?:cncf|cnai)\.model\./.test(type ?? '');
  if (parsed === undefined || !(isPack(parsed.artifactType) || isPack(parsed.config.mediaType)))
    throw remoteAnswer(location, 'an artifact that is no ModelPack model');
  const files = parsed.layers.map((each): ArtifactFile => {
    const { annotations = {} } = each;
    const path =
      annotations['org.cncf.model.filepath'] ??
      annotations['org.cnai.model.filepath'] ??
      annotations['org.opencontainers.image.title'];
    if (/\.tar(?:\+\w+)?$/.test(each.mediaType) || path === undefined)
      throw remoteAnswer(location, `a layer (${each.mediaType.slice(0, 100)}) that is no single file with a path`);
    return { path: requireSafePath(location, path), digest: each.digest, bytes: each.size };
  });
  if (new Set(files.map(({ path }) => path)).size < files.length)
    throw remoteAnswer(location, 'two layers with one path');
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), annotations: parsed.annotations };
}

export function readIndex(json: unknown, location: string): readonly Descriptor[] {
  const parsed = indexForm.safeParse(json).data;
  if (parsed === undefined) throw remoteAnswer(location, 'a list of referrers that is none');
  return parsed.manifests;
}
