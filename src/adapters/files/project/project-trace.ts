import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { LockedEnvironment } from '../../../core/evidence/lock/lock.ts';
import { readScaling } from '../../../core/evidence/kinds/scaling/scaling-measurements.ts';
import type { Digest } from '../../../core/units/digest.ts';
import { digestOfFile } from './project-code-files.ts';

/**
 * Digest of the trace that scaling evidence names, as it is now; null where it is not there. A trace is large and is asked for
 * often, so that it is read again only when its size or its time of change is another.
 */
export function makeTraceDigest(folder: string): (locked: LockedEnvironment | null) => Promise<Digest | null> {
  let last: { readonly key: string; readonly digest: Digest } | null = null;
  return async (locked) => {
    const arrivals = readScaling(locked?.evidence.scaling?.measurements ?? {})?.arrivals;
    if (arrivals?.kind !== 'trace') return null;
    const file = path.resolve(folder, arrivals.name);
    const found = await stat(file, { bigint: true }).catch(() => null);
    if (found === null || !found.isFile()) return null;
    const key = `${file} ${found.size} ${found.mtimeNs}`;
    if (last?.key !== key) last = { key, digest: (await digestOfFile(file)).digest };
    return last.digest;
  };
}
