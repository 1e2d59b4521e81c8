import type { OperatingPoint } from '../../core/packing/slices/operating-points.ts';
import type { PlacedPlan } from './place-plan.ts';

/** One MIG instance that one replica of a service asks for. */
export interface PlannedClaim {
  readonly node: string;
  readonly service: string;
  readonly profile: string;
}

/** All instances of one profile that a service has. */
export interface ServiceShare {
  readonly service: string;
  readonly profile: string;
  /** How a replica runs in its instance. */
  readonly point: OperatingPoint;
  /** One replica in each instance. */
  readonly replicas: number;
  /** Names of the nodes that have such an instance for the service. */
  readonly nodes: readonly string[];
}

/**
 * Returns one claim for each instance, in an order that the scheduler can follow: GPU by GPU, from the lowest start.
 *
 * The scheduler gives a claim the first device that is free. In this order each claim ends no higher than its instance in
 * the plan does, so that the claims of a GPU never need another one. In another order they may: `3g.40gb` begins at 0 on
 * an empty A100, and beside it only three of four `1g.10gb` fit.
 */
export function listClaims({ nodes }: PlacedPlan): readonly PlannedClaim[] {
  return nodes.flatMap(({ name: node, gpus }) =>
    gpus.flatMap(({ instances }) =>
      [...instances]
        .sort((a, b) => a.start - b.start)
        .map(({ service, point }) => ({ node, service, profile: point.profile })),
    ),
  );
}

/** Returns the shares of all services, by service and then by profile. */
export function listShares({ nodes }: PlacedPlan): readonly ServiceShare[] {
  const instances = nodes.flatMap(({ name, gpus }) =>
    gpus.flatMap((gpu) => gpu.instances.map(({ service, point }) => ({ node: name, service, point }))),
  );
  const groups = Map.groupBy(instances, ({ service, point }) => `${service} ${point.profile}`);
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) => {
      const [first] = group;
      if (first === undefined) return [];
      const { service, point } = first;
      const names = [...new Set(group.map(({ node }) => node))];
      return { service, profile: point.profile, point, replicas: group.length, nodes: names };
    });
}
