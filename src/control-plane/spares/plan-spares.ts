import type { HostShare } from '../../core/contract/contract.ts';
import type { EnvironmentRecord } from '../../core/fleet/environment/environment-record.ts';
import { findSpareObstacle, makeWorkloadSpareKey, readSpareNeeds } from '../../core/rollout/spare-needs.ts';
import type { PairWorkload } from '../../core/rollout/workload.ts';
import type { SpareSpec } from '../../ports/serving/spares.ts';

/** A service that a release is live of. */
export interface SparedService {
  readonly service: string;
  readonly environment: string;
  readonly workload: PairWorkload;
}

/** Spares of one group of services, with what they are accounted by. */
export interface PlannedSpares extends SpareSpec {
  /** Of the services that any of these spares fits; in order. */
  readonly services: readonly string[];
  /** The largest share of a node among them: what a spare without an accelerator keeps. */
  readonly host: HostShare;
}

/**
 * Returns the spares that environment records ask for: so many for each group of services that one spare fits. A service that no spare
 * fits is in no group. Groups are in order of environment and key.
 */
export function planSpares(
  records: readonly Pick<EnvironmentRecord, 'environment' | 'warmPool'>[],
  services: readonly SparedService[],
): readonly PlannedSpares[] {
  const groups = new Map<string, PlannedSpares>();
  for (const { environment, warmPool: count = 0 } of records) {
    if (count === 0) continue;
    for (const { service, workload } of services.filter((each) => each.environment === environment)) {
      if (findSpareObstacle(workload) !== null) continue;
      const fits = makeWorkloadSpareKey(workload);
      const key = `${environment}\n${fits}`;
      const group = groups.get(key) ?? {
        ...{ environment, fits, needs: readSpareNeeds(workload), count, services: [], host: {} },
      };
      const cpus = Math.max(group.host.cpus ?? 0, workload.host?.cpus ?? 0);
      groups.set(key, {
        ...group,
        services: [...group.services, service].sort(),
        host: cpus === 0 ? {} : { cpus },
      });
    }
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
