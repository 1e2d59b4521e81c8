import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';

/** The pools of a project: `pools/NAME.json` beside the contract, in git. */
export interface Pools {
  /** Null when there is no such file. @throws PlimsollError `pool-invalid` (input) with file and key. */
  read(pool: string): Promise<PoolSnapshot | null>;
  /** Atomic. @returns the absolute path of the file. @throws PlimsollError `pool-name-invalid` (input). */
  write(snapshot: PoolSnapshot): Promise<string>;
  names(): Promise<readonly string[]>;
}
