import { expect, it } from 'vitest';
import { placeWorkload } from './place-workload.ts';

const gpus = [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }];

it('asks for accelerators beside what a placement asks for', () => {
  const placement = { resources: { limits: { memory: '8Gi' }, requests: { cpu: '2' } }, nodeSelector: { pool: 'a' } };
  expect(placeWorkload(placement, { devices: 2 }, 'nvidia.com/gpu')).toEqual({
    resources: { limits: { memory: '8Gi', 'nvidia.com/gpu': '2' }, requests: { cpu: '2' } },
    nodeSelector: { pool: 'a' },
    tolerations: gpus,
  });
});

it('asks for parts of accelerators, whose nodes have the same taint', () => {
  const own = { key: 'team', operator: 'Exists' };
  expect(placeWorkload({ tolerations: [own] }, { devices: 1 }, 'nvidia.com/mig-3g.40gb')).toEqual({
    resources: { limits: { 'nvidia.com/mig-3g.40gb': '1' } },
    tolerations: [own, ...gpus],
  });
});

it('asks for cores, and for memory as much as it limits it to', () => {
  expect(placeWorkload({}, { devices: 0, host: { cpus: 0.5, memoryBytes: 2 ** 32 } }, 'nvidia.com/gpu')).toEqual({
    resources: { requests: { cpu: '500m', memory: '4294967296' }, limits: { memory: '4294967296' } },
  });
  expect(placeWorkload({}, { devices: 0, host: { cpus: 0.0011 } }, 'nvidia.com/gpu')).toEqual({
    resources: { requests: { cpu: '2m' } },
  });
});

it('goes to nodes with the labels of the contract, which take none of the control plane’s back', () => {
  const placement = { nodeSelector: { pool: 'a' } };
  const selector = { pool: 'b', zone: 'c' };
  expect(placeWorkload(placement, { devices: 0, selector }, 'nvidia.com/gpu')).toEqual({
    nodeSelector: { pool: 'a', zone: 'c' },
  });
});

it('names a runtime class where it asks for accelerators', () => {
  expect(placeWorkload({}, { devices: 1, runtimeClass: 'nvidia' }, 'nvidia.com/gpu')).toEqual({
    resources: { limits: { 'nvidia.com/gpu': '1' } },
    tolerations: gpus,
    runtimeClassName: 'nvidia',
  });
  expect(placeWorkload({}, { devices: 0, runtimeClass: 'nvidia' }, 'nvidia.com/gpu')).toEqual({});
});

it('asks for nothing where a replica needs none', () => {
  expect(placeWorkload({}, { devices: 0 }, 'nvidia.com/gpu')).toEqual({});
  expect(placeWorkload({}, { devices: 0, host: {} }, 'nvidia.com/gpu')).toEqual({});
});
