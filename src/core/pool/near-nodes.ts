import type { DeviceFacts } from './node-facts.ts';

/**
 * Returns the NUMA nodes that some accelerators are on, in order; none where one of them or its place is not known, or two have its
 * UUID: cores near some of them are no better for the others.
 *
 * @param uuids of the accelerators; null where it is not known which they are.
 */
export function findNearNodes(
  devices: readonly Pick<DeviceFacts, 'uuid' | 'numaNode'>[] | null,
  uuids: readonly string[] | null,
): readonly number[] {
  const nodes = (uuids ?? []).map((uuid) => {
    const [found, twin] = devices?.filter((device) => device.uuid === uuid) ?? [];
    return twin === undefined ? (found?.numaNode ?? null) : null;
  });
  const known = nodes.filter((node) => node !== null);
  return known.length < nodes.length ? [] : [...new Set(known)].sort((a, b) => a - b);
}
