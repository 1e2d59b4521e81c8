import { expect, it } from 'vitest';
import type { ReplicaDevices } from '../../core/rollout/replica-devices.ts';
import { countAccelerators, observeServing } from './observed-service.ts';

const gateway = { gatewayId: 'g1', address: 'http://g1', acknowledgedGeneration: 3 };
const replica = { replicaId: 'r1', state: 'ready', endpoint: 'http://r1', pid: 7 } as const;
const devicesOf = (...devices: NonNullable<ReplicaDevices['devices']>): ReplicaDevices => ({ source: 'platform', devices }) as ReplicaDevices;

it('looks at ready replicas alone, and keeps of a gateway what it is reached by', () => {
  const starting = { ...replica, replicaId: 'r2', state: 'starting' } as const;
  expect(observeServing({ service: 'digits', environment: 'prod' }, [gateway], [replica, starting])).toEqual({
    ...{ service: 'digits', environment: 'prod' },
    gateways: [{ gatewayId: 'g1', address: 'http://g1' }],
    replicas: [{ replicaId: 'r1', endpoint: 'http://r1', pid: 7, devices: null }],
  });
});
