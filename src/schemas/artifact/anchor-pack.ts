import { emptyConfig, packJson, type PackedJson } from './model-pack.ts';

const anchorType = 'application/vnd.plimsoll.anchor.v1';
/** Holds the line of the anchor, so that one request reads it. */
export const anchorAnnotation = 'dev.plimsoll.anchor';

/** An anchor as an artifact whose only layer is the empty object (OCI image specification 1.1, "Guidelines for artifact usage"). */
export function packAnchor(line: string): { readonly config: PackedJson; readonly manifest: PackedJson } {
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: anchorType,
    config: emptyConfig.descriptor,
    layers: [emptyConfig.descriptor],
    annotations: { [anchorAnnotation]: line },
  };
  return { config: emptyConfig, manifest: packJson(manifest, manifestType) };
}
