import type { LayerDistribution, LayerLibrary, OverlaidLayer } from './image-layer.ts';

/** What stands at one path: what a hard link to it is, whatever becomes of that path. */
export interface LinkedContent {
  readonly library: LayerLibrary | undefined;
  readonly distribution: LayerDistribution | undefined;
  /** Where a symlink leads; a hard link to one is another symlink. */
  readonly symlink: string | undefined;
}

/** A layer, and what it took from those below. */
export interface LaidLayer {
  readonly layer: OverlaidLayer;
  readonly hides: (path: string) => boolean;
}

/** Whether a file of these layers, lowest first, is there when they lie on each other. */
export function isThere(path: string, laid: readonly LaidLayer[]): boolean {
  for (const { layer, hides } of laid.toReversed()) {
    if (layer.holdsFile(path)) return true;
    if (hides(path)) return false;
  }
  return false;
}

/** What stands in place of a link whose file is nowhere: engines refuse to unpack it, and it may not count as read. */
export function lostLink(path: string, target: string): LayerLibrary {
  const why = `it is a hard link to ${target.slice(0, 200)}, which is in no layer`;
  return { path, bytes: 0, device: null, versions: {}, compatNote: null, cpuLevel: null, unknown: { link: why } };
}
