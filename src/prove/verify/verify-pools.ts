import path from 'node:path';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { EnvironmentSection } from '../../core/contract/contract.ts';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { poolOfMachine } from '../../core/hardware/judging/startup-check.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Pools } from '../../ports/project/pools.ts';
import { mostPoolBytes, readPoolSnapshot } from '../../schemas/pool/pool-snapshot.ts';
import { withSourceFile } from '../files/source-file.ts';
import type { ProvingPorts } from '../ports.ts';

/** The facts that a verdict rests on, and where they stand. */
export interface FoundPool {
  readonly snapshot: PoolSnapshot;
  /** Relative to the contract; null for the machine itself. */
  readonly file: string | null;
  /** What the environment names, and not what somebody asked about: only of it can evidence be recorded. */
  readonly own: boolean;
}

/**
 * | asked for | environment | answer |
 * |---|---|---|
 * | a file | any | that file |
 * | a name | any | `pools/NAME.json` |
 * | nothing | names a pool | `pools/NAME.json` |
 * | nothing | local, names none | this machine, probed |
 * | nothing | kubernetes, names none | unknown |
 * @throws PlimsollError `pool-missing`, `pool-not-named` (unavailable), `pool-invalid`, `file-missing` (input).
 */
export async function findPool(
  context: Pick<ProvingPorts, 'cwd' | 'clock' | 'signal' | 'nodeProbe'>,
  pools: Pools,
  environment: { readonly name: string; readonly section: EnvironmentSection | undefined },
  asked: string | undefined,
): Promise<FoundPool> {
  const { section } = environment;
  if (asked !== undefined && isFileName(asked)) {
    return {
      snapshot: await readPoolFile(path.resolve(context.cwd, asked), asked, context.signal),
      file: asked,
      own: false,
    };
  }
  const name = asked ?? section?.pool;
  if (name !== undefined) {
    const snapshot = await pools.read(name);
    if (snapshot === null) throw await poolMissing(name, pools);
    return { snapshot, file: `pools/${name}.json`, own: name === section?.pool };
  }
  if (section?.platform === 'kubernetes') throw poolNotNamed(environment.name);
  const probed = await (await context.nodeProbe()).probe(context.signal);
  return { snapshot: poolOfMachine(probed.facts, context.clock.nowMs()), file: null, own: true };
}

export const isFileName = (text: string): boolean => text.endsWith('.json') || text.includes('/');

function readPoolFile(location: string, shown: string, signal: AbortSignal): Promise<PoolSnapshot> {
  return withSourceFile({ location, shown }, signal, async ({ bytes, source }) => {
    const read = bytes > mostPoolBytes ? new Uint8Array(mostPoolBytes + 1) : await source.read(0, bytes);
    return readPoolSnapshot(read, shown);
  });
}

export async function poolMissing(name: string, pools: Pools): Promise<PlimsollError> {
  const known = await pools.names();
  const others = known.length === 0 ? '' : `; there are ${known.slice(0, 20).join(', ')}`;
  return new PlimsollError({
    code: 'pool-missing',
    category: 'unavailable',
    message: `nothing is known of the pool ${name}: there is no pools/${name}.json beside the contract${others}`,
    next: nextStep(proveSteps, 'pool-missing/pool-snapshot', { name }),
    details: { pool: name, known },
  });
}

export function poolNotNamed(environment: string): PlimsollError {
  return new PlimsollError({
    code: 'pool-not-named',
    category: 'unavailable',
    message: `the environment ${environment} names no pool, so that nothing is known of the nodes it lands on`,
    next: nextStep(proveSteps, 'pool-not-named', { environment }),
  });
}
