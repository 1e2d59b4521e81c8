import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { adapterSteps } from '../../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { isPoolName, requirePoolName } from '../../../core/pool/pool-name.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Pools } from '../../../ports/project/pools.ts';
import { mostPoolBytes, poolSnapshotText, readPoolSnapshot } from '../../../schemas/pool/pool-snapshot.ts';
import { readRegular } from '../regular-file.ts';
import { storageError, systemCode } from '../storage-errors.ts';
import { writeDurably } from '../write-durably.ts';

/** `pools/NAME.json` in the project's folder. */
export function makeFilePools(projectFolder: string): Pools {
  const folder = path.join(projectFolder, 'pools');
  const fileOf = (pool: string): string => {
    requirePoolName(pool);
    return path.join(folder, `${pool}.json`);
  };
  return {
    async read(pool) {
      const file = fileOf(pool);
      const bytes = await readBounded(file);
      if (bytes === null) return null;
      const snapshot = readPoolSnapshot(bytes, path.join('pools', path.basename(file)));
      if (snapshot.pool === pool) return snapshot;
      throw new PlimsollError({
        code: 'pool-invalid',
        category: 'input',
        message: `pools/${pool}.json is a snapshot of the pool \`${snapshot.pool}\``,
        next: nextStep(adapterSteps, 'pool-invalid', { pool, stated: snapshot.pool }),
      });
    },
    async write(snapshot) {
      const file = fileOf(snapshot.pool);
      await writeDurably(file, poolSnapshotText(snapshot), { doing: 'writing the pool' });
      return file;
    },
    async names() {
      const found = await readdir(folder).catch(async (thrown: unknown) => {
        if (systemCode(thrown) === 'ENOENT') return [];
        throw await storageError(thrown, 'listing the pools', folder);
      });
      return found
        .filter((name) => name.endsWith('.json'))
        .map((name) => name.slice(0, -'.json'.length))
        .filter(isPoolName)
        .sort();
    },
  };
}

/** Null when there is no such file. A file beyond the bound is not read at all. */
async function readBounded(file: string): Promise<Uint8Array | null> {
  try {
    const { size } = await stat(file);
    if (size > mostPoolBytes) throw tooLarge(file, size);
    return await readRegular(file, path.join('pools', path.basename(file)));
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null;
    throw await storageError(thrown, 'reading the pool', file);
  }
}

function tooLarge(file: string, bytes: number): PlimsollError {
  return new PlimsollError({
    code: 'pool-invalid',
    category: 'input',
    message: `${file} is too large for a snapshot: ${bytes} bytes of at most ${mostPoolBytes}`,
    next: 'take the snapshot of fewer nodes, as several pools',
  });
}
