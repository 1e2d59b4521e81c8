import type { Verdict } from '../units/verdict.ts';
import type { ServiceDemands } from './compatibility.ts';
import type { PoolOptions } from './judge-pool.ts';
import type { PoolSnapshot } from './pool-snapshot.ts';

/** `verify --every`: one cell of services x pools, small enough for thousands of them. */
export interface EveryCell {
  readonly service: string;
  readonly environment: string;
  readonly pool: string;
  readonly verdict: Verdict;
  /** One sentence: what limits it. */
  readonly reason: string;
  readonly restsOnDeclared: boolean;
  readonly nodes: { readonly [kind in Verdict | 'leftOut' | 'cannotLand']: number };
  /** Names of failing nodes and unknown ones, failing ones first; at most ten. */
  readonly worstNodes: readonly string[];
}

/** All services against all pools, in the order of services, then pools. `verifyPool` explains one cell. */
export function judgeEvery(
  demands: readonly ServiceDemands[],
  snapshots: readonly PoolSnapshot[],
  options: PoolOptions = {},
): readonly EveryCell[] {
  void options;
  return demands.flatMap(({ service, environment }) =>
    snapshots.map(({ pool }) => ({
      service,
      environment,
      pool,
      verdict: 'unknown' as const,
      reason: 'nothing was judged',
      restsOnDeclared: false,
      nodes: { pass: 0, fail: 0, inconclusive: 0, unknown: 0, leftOut: 0, cannotLand: 0 },
      worstNodes: [],
    })),
  );
}
