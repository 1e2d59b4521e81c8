import { seededRandom } from '../../src/core/statistics/random.ts';
import type { PackingObjective, PackingTask } from '../../src/core/packing/packing-task.ts';

const services = 40;
const replicas = 10_000;
const devices = 2_000;
const devicesPerNode = 8;

/**
 * Returns the task of placing 10,000 replicas of 40 services on 2,000 devices: shares of 50 to 450 thousandths of a device with
 * 0.5 to 3 CPU and 1 to 12 GiB of memory, on nodes of 8 devices with 96 CPU and 384 GiB.
 */
export function makeFleetTask(objective: PackingObjective): PackingTask {
  const random = seededRandom(11);
  const between = (least: number, most: number): number => least + random.nextBelow(most - least + 1);
  return {
    objective,
    replicas: Array.from({ length: services }, () => ({
      count: replicas / services,
      shape: {
        cpuMilli: 500 * between(1, 6),
        memoryMib: 1_024 * between(1, 12),
        devices: 1,
        // Small shares are more frequent, so that 10,000 nearly fill the devices.
        deviceMilli: 50 * Math.min(between(1, 9), between(1, 9)),
        models: [],
      },
    })),
    nodes: [
      {
        count: devices / devicesPerNode,
        shape: { cpuMilli: 96_000, memoryMib: 393_216, devices: devicesPerNode, model: 'A10' },
      },
    ],
  };
}
