import type { CountedDevice, MigResourceSlice } from '../builders/pools/mig-resource-slices.ts';

/**
 * Returns the device of each claim, in order, as the scheduler gives them: the first one of the profile whose counters are
 * left; null where there is none. Devices are tried in the order of the slices.
 */
export function allocateFirstFit(
  slices: readonly MigResourceSlice[],
  profiles: readonly string[],
): readonly (string | null)[] {
  const left = new Map<string, number>(
    slices.flatMap(({ spec }) =>
      (spec.sharedCounters ?? []).flatMap(({ name, counters }) =>
        Object.entries(counters).map(([counter, { value }]) => [`${String(name)} ${counter}`, Number(value)] as const),
      ),
    ),
  );
  const devices = slices.flatMap(({ spec }) => spec.devices ?? []);
  return profiles.map((profile) => {
    const found = devices.find(
      (device) =>
        device.attributes['profile']?.string === profile &&
        listNeeds(device).every(([counter, value]) => (left.get(counter) ?? 0) >= value),
    );
    if (found === undefined) return null;
    for (const [counter, value] of listNeeds(found)) left.set(counter, (left.get(counter) ?? 0) - value);
    return found.name;
  });
}

function listNeeds({ consumesCounters }: CountedDevice): readonly (readonly [counter: string, value: number])[] {
  return consumesCounters.flatMap(({ counterSet, counters }) =>
    Object.entries(counters).map(
      ([counter, { value }]) => [`${String(counterSet)} ${counter}`, Number(value)] as const,
    ),
  );
}
