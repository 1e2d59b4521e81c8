import { availableParallelism } from 'node:os';
import type { ImageCache } from '../image-cache.ts';
import { wrongDigest, damaged } from '../image-errors.ts';
import type { ImageSource } from '../image-source.ts';
import type { Descriptor } from '../manifest.ts';
import { shortDigest, type Digest } from '../../../core/units/digest.ts';
import { readLayer, type LayerLimits, type ReadLayer } from './read-layer.ts';

/** Each has buffers and an inflater of its own; more than this only takes memory. */
const atOnceAtMost = 3;

export interface LayersToRead {
  readonly source: ImageSource;
  readonly cache: ImageCache;
  readonly layers: readonly Descriptor[];
  /** Of each layer, as the configuration states them. */
  readonly diffIds: readonly Digest[];
  readonly limits: LayerLimits;
  readonly signal: AbortSignal;
  readonly progress: (doneBytes: number, totalBytes: number) => void;
}

/** The layers lowest first; those that the cache has are not fetched, and one that an image has twice is read once. */
export async function readLayers(request: LayersToRead): Promise<readonly ReadLayer[]> {
  const { layers, diffIds, cache } = request;
  if (layers.length !== diffIds.length) {
    throw damaged(`the manifest has ${layers.length} layers, and the configuration ${diffIds.length}`);
  }
  const read = new Map<Digest, ReadLayer>();
  const missing: (Descriptor & { readonly diffId: Digest })[] = [];
  for (const [index, layer] of layers.entries()) {
    const diffId = diffIds[index] ?? layer.digest;
    if (read.has(layer.digest) || missing.some(({ digest }) => digest === layer.digest)) continue;
    const kept = await cache.layer(layer.digest);
    if (kept === null) missing.push({ ...layer, diffId });
    else read.set(layer.digest, kept);
  }
  await readMissing(missing, request, read);
  return layers.map((layer, index) => {
    const found = read.get(layer.digest);
    if (found === undefined) throw damaged(`layer ${shortDigest(layer.digest)} was not read`);
    const stated = diffIds[index];
    if (stated !== found.facts.diffId) {
      throw wrongDigest(`the content of layer ${shortDigest(layer.digest)}`, String(stated), found.facts.diffId);
    }
    return found;
  });
}

async function readMissing(
  missing: readonly (Descriptor & { readonly diffId: Digest })[],
  { source, cache, limits, signal, progress }: LayersToRead,
  read: Map<Digest, ReadLayer>,
): Promise<void> {
  const totalBytes = missing.reduce((sum, { size }) => sum + size, 0);
  let doneBytes = 0;
  // The first failure stops the others.
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  // Largest first, so that no core waits for one at the end.
  const queue = [...missing].sort((a, b) => b.size - a.size);
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { digest, size, diffId } = next;
      const layer = await readLayer(source.blob(next, either), {
        digest,
        size,
        diffId,
        limits,
        signal: either,
        progress: (bytes) => progress((doneBytes += bytes), totalBytes),
      });
      read.set(digest, layer);
      await cache.keepLayer(digest, layer);
    }
  };
  const atOnce = Math.min(atOnceAtMost, Math.max(1, availableParallelism()), queue.length);
  const workers = Array.from({ length: atOnce }, () =>
    work().catch((thrown: unknown) => {
      failure.abort(thrown);
      throw thrown;
    }),
  );
  const outcomes = await Promise.allSettled(workers);
  if (failure.signal.aborted) throw failure.signal.reason;
  if (outcomes.some(({ status }) => status === 'rejected')) signal.throwIfAborted();
}
