import type { DeviceSnapshot, ListReading, MeasuredRates } from '../../../core/diagnosis/readings/node-snapshot.ts';
import { makeReading, makeUnknown, type Reading } from '../../../core/diagnosis/readings/reading.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { NodeReadings } from '../../../ports/nodes/node-readings.ts';
import { readKernelFile } from '../kernel-file.ts';
import type { NodeRoots } from '../node/node-roots.ts';
import { findGroup } from './control-groups.ts';
import { findProcesses } from './process-tree.ts';
import { readDisks } from './read-disks.ts';
import { readMemory } from './read-memory.ts';
import { readNetwork } from './read-network.ts';
import { parseCores, readNumaNodes } from './read-numa.ts';
import { readPressure } from './read-pressure.ts';
import { readQuota } from './read-quota.ts';
import { readThreads } from './read-threads.ts';

export interface NodeReadingsParts {
  readonly roots: NodeRoots;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Accelerators of this node: by the driver, by DCGM through Prometheus, or both. Never rejects but for the signal. */
  readonly devices: (signal: AbortSignal) => Promise<ListReading<DeviceSnapshot>>;
  /** What a preflight measured of this node; left out where nobody asks for it. Never rejects but for the signal. */
  readonly measured?: (signal: AbortSignal) => Promise<MeasuredRates>;
}

const nothingMeasured: MeasuredRates = {
  takenAtMs: null,
  storageBytesPerSecond: makeUnknown('what a preflight measured is not looked at here'),
  cachedBytesPerSecond: makeUnknown('what a preflight measured is not looked at here'),
};

/** Counters of this machine from /proc, /sys and the control groups. A file that is missing makes its readings unknown. */
export function makeNodeReadings({ roots, clock, devices, measured }: NodeReadingsParts): NodeReadings {
  return {
    async read(watched, uuids, signal) {
      const processes = await findProcesses(roots.proc, watched);
      signal.throwIfAborted();
      // The group is of the process that was started as the replica: what it started may be in another.
      const replica = watched.find(({ role, pid }) => role === 'replica' && processes.some((each) => each.pid === pid));
      const groupOf = async (controller: 'cpu' | 'memory') =>
        replica === undefined
          ? ({ unknown: 'no process of the replica runs on this node' } as const)
          : findGroup(roots, replica.pid, controller);
      const [group, memoryGroup] = await Promise.all([groupOf('cpu'), groupOf('memory')]);
      const atMs = clock.monotonicMs();
      const [threads, quota, pressure, memory, disks, network, replicaNumaNodes, cores, all, rates] = await Promise.all(
        [
          readThreads(roots.proc, processes),
          readQuota(group),
          readPressure(roots.proc, group),
          readMemory(roots.proc, processes, memoryGroup),
          readDisks(roots),
          readNetwork(roots),
          readNumaNodes(roots, processes),
          readCores(roots),
          devices(signal),
          measured?.(signal) ?? nothingMeasured,
        ],
      );
      return {
        ...{ atMs, cores, threads, quota, pressure, memory, disks, network, replicaNumaNodes },
        devices: chooseDevices(all, uuids),
        measured: rates,
      };
    },
  };
}

async function readCores({ proc, sys }: NodeRoots): Promise<Reading> {
  const online = await readKernelFile(`${sys}/devices/system/cpu/online`);
  const count = 'text' in online ? parseCores(online.text.trim()).length : 0;
  if (count > 0) return makeReading(count);
  const info = await readKernelFile(`${proc}/cpuinfo`);
  const processors = 'text' in info ? [...info.text.matchAll(/^processor\s*:/gm)].length : 0;
  return processors > 0 ? makeReading(processors) : makeUnknown('the count of cores is not told');
}

/** The ones that the replica has; none where it has none, whatever the driver says. One that the driver does not list makes all of it unknown: others say nothing of it. */
function chooseDevices(all: ListReading<DeviceSnapshot>, uuids: readonly string[] | null): ListReading<DeviceSnapshot> {
  if (uuids?.length === 0) return { list: [] };
  if (uuids === null || !('list' in all)) return all;
  const missing = uuids.find((uuid) => !all.list.some((device) => device.uuid === uuid));
  if (missing !== undefined) return { unknown: `the driver does not list the accelerator ${missing} of the replica` };
  return { list: all.list.filter(({ uuid }) => uuid !== null && uuids.includes(uuid)) };
}
