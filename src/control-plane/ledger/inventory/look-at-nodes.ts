import { localPool } from '../../../core/fleet/environment/pool-name.ts';
import { canonicalJson } from '../../../core/units/digest.ts';
import type { OwnNodes } from '../../../ports/nodes/own-nodes.ts';
import type { PooledNode } from './list-devices.ts';
import type { AskedDevices } from '../record/service-ledger.ts';

const lookTimeoutMs = 20_000;

/**
 * Returns the nodes that services ask for, with the pool that each is accounted in: `local` on one machine; in a cluster the
 * pool of the environment, which is named as the environment where no pool is recorded.
 * @param poolOf names of pools by environment, where one is recorded.
 * @throws PlimsollError as the nodes: then nothing is known of them.
 */
export async function lookAtNodes(
  nodes: OwnNodes,
  asked: readonly AskedDevices[],
  poolOf: ReadonlyMap<string, string>,
): Promise<readonly PooledNode[]> {
  const signal = AbortSignal.timeout(lookTimeoutMs);
  const { cluster } = nodes;
  if (cluster === undefined) {
    const node = await nodes.probe(signal);
    const hasDevices = (node.devices ?? []).some(({ mig }) => mig?.enabled !== true || mig.instances.length > 0);
    // A service that asks for an accelerator on a machine without one computes on its cores all the same.
    const countsCores = !hasDevices || asked.some(({ accelerator }) => accelerator === 'cpu');
    return [{ pool: localPool, node, countsCores }];
  }
  const questions = new Map(
    asked.map(({ environment, accelerator, selector }) => {
      const question = { pool: poolOf.get(environment) ?? environment, accelerator, selector };
      return [canonicalJson(question), question] as const;
    }),
  );
  const pooled: PooledNode[] = [];
  for (const { pool, accelerator, selector } of questions.values()) {
    const found = await cluster.nodes({ accelerator, selector }, signal);
    pooled.push(...found.map((node) => ({ pool, node, countsCores: accelerator === 'cpu' })));
  }
  return pooled;
}
