import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { imageFolder, registryAddress } from './registry.ts';
import type { ClusterPlace } from './place.ts';

/** Puts an image of an OCI layout into the registry, tagged `1`. @returns its reference by digest. */
export function putLayout(place: ClusterPlace, layout: string, name: string, digest: string): string {
  const blobs = path.join(layout, 'blobs', 'sha256');
  for (const hex of readdirSync(blobs)) {
    cpSync(path.join(blobs, hex), path.join(imageFolder(place), 'blobs', `sha256:${hex}`));
  }
  const tags = path.join(imageFolder(place), 'tags', name);
  mkdirSync(tags, { recursive: true });
  writeFileSync(path.join(tags, '1'), digest);
  return `${registryAddress}/${name}@${digest}`;
}
