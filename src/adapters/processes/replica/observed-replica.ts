import { wholeSlot } from '../../../core/cost/ledger/devices/device-slots.ts';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import type { ReplicaDevices } from '../../../core/rollout/replica-devices.ts';
import type { RecordedClaim } from '../devices/claim-schema.ts';
import { hasEnded, type ReplicaRecord } from './replica-record.ts';

/** Returns what a platform shows of a replica, by its record. */
export function observed(record: ReplicaRecord, node: string): ObservedReplica {
  return {
    replicaId: record.replicaId,
    set: record.set,
    pair: record.pair,
    release: record.release,
    state: record.state,
    reason: record.reason,
    endpoint: record.endpoint,
    pid: hasEnded(record) ? null : record.pid,
    node,
    restarts: record.restarts,
    startedAtMs: record.scheduledAtMs,
    readyAtMs: record.readyAtMs,
    phases: record.phases,
    ...(record.spare === undefined ? {} : { spare: record.spare.id }),
    ...(record.outdated === undefined ? {} : { outdated: record.outdated }),
    ...(record.foreign === undefined ? {} : { foreign: record.foreign }),
    ...(record.devices === undefined ? {} : { devices: observedDevices(record.devices) }),
  };
}

/** Returns what a platform shows of assigned parts of devices. */
export function observedDevices({ holds, lacking }: RecordedClaim): ReplicaDevices {
  const devices = holds.map(({ device, slot, product, memoryBytes }) => ({
    ...{ name: device, uuid: device, product, mig: null, memoryBytes },
    share: slot === wholeSlot ? null : slot,
  }));
  return { toldBy: 'platform', devices, unknown: lacking };
}
