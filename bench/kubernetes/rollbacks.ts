import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterPlace } from '../../test/kubernetes/cluster/place.ts';
import { ProductLoad } from '../../test/kubernetes/product-load.ts';
import { ServingWorld } from '../../test/kubernetes/serving-world.ts';
import { median } from '../median.ts';

/** Rollbacks of the model to a version whose pods are kept, under load, on a real kubelet. */
export interface Rollbacks {
  readonly rollbacks: number;
  readonly requests: number;
  readonly failures: readonly string[];
  /** From the request for the rollback to the first answer of the version before. */
  readonly firstAnswerMs: { readonly median: number; readonly most: number; readonly each: readonly number[] };
}

export async function measureRollbacks(
  place: ClusterPlace,
  rollbacks: number,
  requests: number,
  say: (line: string) => void,
): Promise<Rollbacks> {
  const world = await ServingWorld.open(place, 17_680);
  const versions = Array.from({ length: rollbacks + 1 }, (_, at) => at + 1);
  let load: ProductLoad | null = null;
  try {
    await world.release(1, 2);
    load = new ProductLoad(
      world.gatewayUrl,
      versions.map((version) => version + 1),
      5,
    );
    const each: number[] = [];
    for (const version of versions.slice(1)) {
      // What was left is barred, so that each round has a version of its own.
      await world.release(version, 2);
      await load.untilAnsweredBy(version + 1);
      const back = load.untilAnsweredBy(2);
      const askedMs = performance.now();
      await Promise.all([world.rollback(), back.then(() => each.push(performance.now() - askedMs))]);
      await world.untilLive(2 * version - 1);
      say(`rollback ${version - 1}: ${each.at(-1)?.toFixed(0)} ms`);
    }
    while (load.total < requests && load.failures.length === 0) await delay(500);
    const failures = await load.end();
    return {
      rollbacks,
      requests: load.total,
      failures,
      firstAnswerMs: { median: median(each), most: Math.max(...each), each },
    };
  } finally {
    await load?.end().catch(() => undefined);
    await world.close();
  }
}
