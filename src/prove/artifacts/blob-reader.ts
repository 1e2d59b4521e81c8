import { createReadStream } from 'node:fs';
import type { Digest } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';

/** Pieces of blobs; each blob is verified once, before its first byte leaves. */
export async function blobReader(
  blobs: Blobs,
  files: readonly { readonly digest: Digest }[],
  signal: AbortSignal,
): Promise<(digest: Digest, from: number, length: number) => AsyncIterable<Uint8Array>> {
  const paths = new Map<Digest, string>();
  for (const { digest } of files) paths.set(digest, await blobs.verifiedPath(digest, signal));
  return (digest, from, length) =>
    createReadStream(paths.get(digest) ?? '', { start: from, end: from + length - 1, signal });
}
