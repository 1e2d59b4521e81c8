import { stat } from 'node:fs/promises';
import type { Digest } from '../../../core/units/digest.ts';
import { digestOfFile } from './project-code-files.ts';

/** Files that are asked for again and again: a trace, prices, golden outputs. */
const keptAtMost = 64;

/**
 * Digest of a file; null where none is there. A trace is large and is asked for often, so that a file is read again only
 * when its size or its time of change is another.
 */
export function makeFileDigest(): (file: string) => Promise<Digest | null> {
  const known = new Map<string, { readonly as: string; readonly digest: Digest }>();
  return async (file) => {
    const found = await stat(file, { bigint: true }).catch(() => null);
    if (found === null || !found.isFile()) return null;
    const as = `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
    const before = known.get(file);
    if (before?.as === as) return before.digest;
    const { digest } = await digestOfFile(file);
    if (known.size >= keptAtMost) known.clear();
    known.set(file, { as, digest });
    return digest;
  };
}
