import type { NodeSnapshot } from './node-snapshot.ts';
import { makeUnknown } from './reading.ts';

/**
 * Returns a look at a node that cannot be looked at: everything is unknown for one reason.
 * @param hasNoDevice a replica that has no accelerator is known to have none, wherever it runs.
 */
export function makeAbsentNode(atMs: number, reason: string, hasNoDevice: boolean): NodeSnapshot {
  const unknown = makeUnknown(reason);
  const list = { unknown: reason };
  return {
    atMs,
    cores: unknown,
    threads: list,
    quota: { quotaCores: unknown, periods: unknown, throttledPeriods: unknown, throttledMs: unknown },
    pressure: { of: 'node', cpuSomeMs: unknown, ioFullMs: unknown, memoryFullMs: unknown },
    memory: {
      majorFaults: unknown,
      replicaReadBytes: unknown,
      refaultedPages: unknown,
      limitHits: unknown,
      swappedInPages: unknown,
      availableBytes: unknown,
      totalBytes: unknown,
    },
    disks: list,
    network: { sentSegments: unknown, retransmittedSegments: unknown, interfaces: list },
    replicaNumaNodes: list,
    devices: hasNoDevice ? { list: [] } : list,
    measured: { takenAtMs: null, storageBytesPerSecond: unknown, cachedBytesPerSecond: unknown },
  };
}
