import { expect, it } from 'vitest';
import type { ReplicaDevices } from '../../core/rollout/replica-devices.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { digestOf } from '../../core/units/digest.ts';
import { makeReplicaEvents } from './replica-changes.ts';

const replica: ObservedReplica = {
  replicaId: 'r-1',
  set: 's',
  pair: digestOf('pair'),
  release: 1,
  state: 'starting',
  reason: '',
  endpoint: null,
  pid: null,
  node: 'n1',
  restarts: 0,
  startedAtMs: 0,
  readyAtMs: null,
  phases: [],
};
const devices: ReplicaDevices = {
  toldBy: 'kubelet',
  devices: [{ name: 'GPU-1::3', uuid: 'GPU-1', product: null, mig: null, share: '3', memoryBytes: null }],
  unknown: null,
};

it('records once that a pending replica waits for a device', () => {
  const waiting = (unknown: string | null): ObservedReplica => ({
    ...replica,
    state: 'pending',
    reason: unknown === null ? 'verifies and lays out its files' : `waits for a device: ${unknown}`,
    readyAtMs: null,
    devices: { toldBy: 'platform', devices: [], unknown },
  });
  const after = (known: string | null, unknown: string | null) =>
    makeReplicaEvents(new Map([[replica.replicaId, waiting(known)]]), [waiting(unknown)]).map(({ kind, summary }) => [
      kind,
      summary.replace(/^.* is pending: /, ''),
    ]);
  expect(after(null, null)).toEqual([]);
  expect(after(null, 'no device has half free')).toEqual([
    ['replica.pending', 'waits for a device: no device has half free'],
  ]);
  expect(after('no device has half free', 'no device has a third free')).toEqual([]);
});

it('records the node and the devices of a replica, and says nothing of devices where the platform hands out none', () => {
  const before = new Map([['r-1', replica]]);
  const ready = { ...replica, state: 'ready', readyAtMs: 2_000 } as const;
  expect(makeReplicaEvents(before, [{ ...ready, devices }])).toMatchObject([
    { kind: 'replica.ready', data: { node: 'n1', devices } },
  ]);
  expect(makeReplicaEvents(before, [ready])[0]?.data).not.toHaveProperty('devices');
});
