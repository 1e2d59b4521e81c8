import { expect, it } from 'vitest';
import type { ReplicaDevices } from '../../core/rollout/replica-devices.ts';
import { countAccelerators, observeServing } from './observed-service.ts';

const gateway = { gatewayId: 'g1', address: 'http://g1', acknowledgedGeneration: 3 };
const replica = { replicaId: 'r1', state: 'ready', endpoint: 'http://r1', pid: 7 } as const;
const device = { name: null, uuid: 'GPU-1', product: null, mig: null, share: null, memoryBytes: null };
const devicesOf = (...devices: NonNullable<ReplicaDevices['devices']>): ReplicaDevices => ({
  ...{ toldBy: 'platform', devices, unknown: null },
});
const uuidsOf = (devices: ReplicaDevices) =>
  observeServing({ service: 'digits', environment: 'prod' }, [], [{ ...replica, devices }]).replicas[0]?.devices;

it('looks at ready replicas alone, and keeps of a gateway what it is reached by', () => {
  const starting = { ...replica, replicaId: 'r2', state: 'starting' } as const;
  expect(observeServing({ service: 'digits', environment: 'prod' }, [gateway], [replica, starting])).toEqual({
    ...{ service: 'digits', environment: 'prod' },
    gateways: [{ gatewayId: 'g1', address: 'http://g1' }],
    replicas: [{ replicaId: 'r1', endpoint: 'http://r1', pid: 7, devices: null }],
  });
});

it('knows boards by their UUIDs, those of MIG instances by their parent, and none where one is not told', () => {
  const instance = { ...device, uuid: 'MIG-7', mig: { profile: '1g.10gb', parentUuid: 'GPU-2' } };
  expect(uuidsOf(devicesOf(device, instance))).toEqual(['GPU-1', 'GPU-2']);
  expect(uuidsOf(devicesOf(device, { ...device, uuid: null }))).toBeNull();
  expect(uuidsOf({ ...devicesOf(), devices: null })).toBeNull();
});

it('counts accelerators, and a replica without any as one', () => {
  const two = { devices: devicesOf(device, { ...device, uuid: 'GPU-2' }) };
  expect([countAccelerators(two), countAccelerators({ devices: devicesOf() }), countAccelerators({})]).toEqual([
    2, 1, 1,
  ]);
});
