import { expect, it } from 'vitest';
import { placeDevices } from './place-devices.ts';

const gpus = [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }];

it('asks for accelerators beside what a placement asks for', () => {
  const placement = { resources: { limits: { memory: '8Gi' }, requests: { cpu: '2' } }, nodeSelector: { pool: 'a' } };
  expect(placeDevices(placement, 2, 'nvidia.com/gpu')).toEqual({
    resources: { limits: { memory: '8Gi', 'nvidia.com/gpu': '2' }, requests: { cpu: '2' } },
    nodeSelector: { pool: 'a' },
    tolerations: gpus,
  });
});

it('asks for parts of accelerators, whose nodes have the same taint', () => {
  expect(placeDevices({}, 1, 'nvidia.com/mig-3g.40gb')).toEqual({
    resources: { limits: { 'nvidia.com/mig-3g.40gb': '1' } },
    tolerations: gpus,
  });
});

it('asks for nothing where a replica needs none', () => {
  expect(placeDevices({}, 0, 'nvidia.com/gpu')).toEqual({});
});
