import type { PoolVerdict, ServiceDemands } from './compatibility.ts';
import type { PoolSnapshot } from './pool-snapshot.ts';

export interface PoolOptions {
  /**
   * `each`: whoever places the service can choose among the devices of a node (DRA, the local platform). `any`: it gets
   * whichever is free (the device plugin), so that every device of a node must do. By default `any` on nodes with the
   * allocatable resource `nvidia.com/gpu` and no ResourceSlice, and `each` elsewhere.
   */
  readonly deviceChoice?: 'each' | 'any';
}

/** One service against one pool: every node that the selector admits, and the findings once for each class. */
export function verifyPool(demands: ServiceDemands, snapshot: PoolSnapshot, options: PoolOptions = {}): PoolVerdict {
  void options;
  return {
    service: demands.service,
    environment: demands.environment,
    pool: snapshot.pool,
    verdict: 'unknown',
    reasons: ['nothing was judged'],
    restsOnDeclared: false,
    nodes: [],
    nodesLeftOut: 0,
    classes: {},
  };
}
