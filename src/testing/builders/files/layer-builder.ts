import type { LayerFacts, OverlaidLayer } from '../../../core/image/image-layer.ts';
import { digestOf } from '../../../core/units/digest.ts';

/** A layer without anything in it but these facts; `files` are the paths at which it holds a file. */
export function buildLayer(changes: Partial<LayerFacts> = {}, files: readonly string[] = []): OverlaidLayer {
  const facts: LayerFacts = {
    diffId: digestOf('layer'),
    bytes: 0,
    entries: 0,
    libraries: [],
    python: [],
    symlinks: [],
    hardLinks: [],
    whiteouts: [],
    opaque: [],
    unknown: {},
    ...changes,
  };
  return { facts, holdsFile: (path) => files.includes(path), holdsFolder: () => false };
}
