import { nanoPerUnit, type NodeClass, type PackingTask } from '../packing-task.ts';
import { totalDeviceMilli, wholeDeviceMilli, type ReplicaShape } from '../room.ts';

/** What is known of replicas that have not come: how often each class comes. */
export interface ExpectedReplicas {
  readonly types: readonly ReplicaShape[];
  /** How often each class comes, in any unit. */
  readonly weights: readonly number[];
}

/**
 * What a replica without a device is worth for each thousandth of a CPU: as much as a device with 12.5 CPU. It has to be placed
 * like every other one, and so its CPU is not there for devices. With 0 the program would leave it out.
 */
const nanoPerCpuMilli = nanoPerUnit / 12_500;

/**
 * Returns the task of placing the replicas that are expected, at a load of so many times all devices. Counts are not whole.
 *
 * Throws RangeError where no replica asks for a device.
 */
export function makeExpectedTask(
  { types, weights }: ExpectedReplicas,
  nodes: readonly NodeClass[],
  load: number,
): PackingTask {
  const askedMilli = types.reduce((sum, type, at) => sum + totalDeviceMilli(type) * (weights[at] ?? 0), 0);
  if (askedMilli === 0) throw new RangeError('no replica asks for a device');
  const allMilli = nodes.reduce((sum, { shape, count }) => sum + wholeDeviceMilli * shape.devices * count, 0);
  const replicas = types.map((shape, at) => ({
    shape,
    count: ((weights[at] ?? 0) * load * allMilli) / askedMilli,
    ...(shape.devices === 0 ? { gainNano: Math.round(shape.cpuMilli * nanoPerCpuMilli) } : {}),
  }));
  return { objective: 'most-accelerators', replicas, nodes };
}
