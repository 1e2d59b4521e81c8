import type { ResourceSlice, SliceDevice } from './resource-slice.ts';

/** What one driver publishes for one node. */
export interface NodeSlices {
  readonly devices: readonly SliceDevice[];
  /** Why the devices may not be all, or not be right. */
  readonly problems: readonly string[];
}

/**
 * The devices of each node by the rule of the API: "A consumer must only use ResourceSlices with the highest generation
 * number and ignore all others"; the pool is whole when as many of them are there as each says.
 * https://kubernetes.io/docs/reference/kubernetes-api/resource/resource-slice-v1/
 */
export function devicesByNode(slices: readonly ResourceSlice[]): ReadonlyMap<string | null, NodeSlices> {
  const nodes = new Map<string | null, { devices: SliceDevice[]; problems: string[] }>();
  for (const pool of Map.groupBy(slices, ({ driver, pool: name }) => `${driver} ${name}`).values()) {
    const newest = Math.max(...pool.map(({ generation }) => generation));
    const current = pool.filter(({ generation }) => generation === newest);
    const problems = problemsOf(current);
    for (const slice of current) {
      for (const [node, devices] of slice.devices) {
        const entry = nodes.get(node) ?? { devices: [], problems: [] };
        for (const device of devices) entry.devices.push(device);
        entry.problems.push(...problems);
        nodes.set(node, entry);
      }
    }
  }
  return new Map(
    [...nodes].map(([node, { devices, problems }]) => [node, { devices, problems: [...new Set(problems)] }]),
  );
}

function problemsOf(current: readonly ResourceSlice[]): readonly string[] {
  const [first] = current;
  if (first === undefined) return [];
  const names = current.flatMap(({ devices }) => [...devices.values()].flat().map(({ name }) => name));
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  return [
    ...(current.length === first.sliceCount
      ? []
      : [
          `${current.length} of ${first.sliceCount} ResourceSlices of generation ${first.generation} of the pool ${first.pool} are there, so that devices may be missing`,
        ]),
    ...(twice === undefined ? [] : [`the ResourceSlices of the pool ${first.pool} name the device ${twice} twice`]),
  ];
}
