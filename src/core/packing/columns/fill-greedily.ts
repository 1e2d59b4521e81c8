import { fillNode } from '../filling/fill-node.ts';
import type { Filling } from '../filling/filling.ts';
import { listGains, type PackingTask } from '../packing-task.ts';
import { totalDeviceMilli } from '../room.ts';

export interface NodeFilling {
  readonly nodeClass: number;
  readonly filling: Filling;
}

/** What a replica that adds nothing to the objective is worth here, for each CPU, so that it is placed too. */
const nanoPerCpuMilli = 1_000;
const nanoPerDeviceMilli = 1_000_000;
/** Below this many nodes or replicas nothing is left. */
const nearlyNone = 1e-9;

/**
 * Returns fillings to start a linear program from: each class of nodes in turn is filled with what is worth the most of the
 * replicas that are left. Parts of nodes count: this only shows the program what goes together.
 */
export function fillGreedily(task: PackingTask, labelsAtMost: number): readonly NodeFilling[] {
  const types = task.replicas.map(({ shape }) => shape);
  const gains = listGains(task).map((gain, at) => {
    const { cpuMilli } = types[at] ?? { cpuMilli: 0 };
    const milli = totalDeviceMilli(types[at] ?? noReplica);
    return gain > 0 ? gain : milli * nanoPerDeviceMilli + cpuMilli * nanoPerCpuMilli;
  });
  const left = task.replicas.map(({ count }) => count);
  const fillings: NodeFilling[] = [];
  for (const [nodeClass, { shape, count }] of task.nodes.entries()) {
    let nodes = count;
    while (nodes > nearlyNone) {
      const worths = gains.map((gain, at) => ((left[at] ?? 0) > nearlyNone ? gain : 0));
      const { filling } = fillNode(shape, types, worths, Math.min(labelsAtMost, greedyLabels));
      if (filling.classes.length === 0) break;
      const used = filling.classes.reduce(
        (least, replica, at) => Math.min(least, (left[replica] ?? 0) / (filling.counts[at] ?? 1)),
        nodes,
      );
      for (const [at, replica] of filling.classes.entries()) {
        left[replica] = (left[replica] ?? 0) - used * (filling.counts[at] ?? 0);
      }
      nodes -= used;
      fillings.push({ nodeClass, filling });
    }
  }
  return fillings;
}

const greedyLabels = 20;
const noReplica = { cpuMilli: 0, memoryMib: 0, devices: 0, deviceMilli: 0, models: [] };
