import { expect, it } from 'vitest';
import type { SharedDevice } from '../../../core/packing/shares/shared-device.ts';
import { makeDeviceVariables } from './device-variables.ts';

const device = (changes: Partial<SharedDevice>): SharedDevice => ({
  device: 'GPU-1',
  product: null,
  sharing: 'exclusive',
  shares: 1,
  memoryBytes: null,
  ...changes,
});
const hold = (name: string) => ({ device: name, slot: '0' });

it.each<[string, readonly string[], readonly SharedDevice[], Readonly<Record<string, string>>]>([
  [
    'whole devices',
    ['GPU-2', 'GPU-1'],
    [device({}), device({ device: 'GPU-2' })],
    { CUDA_VISIBLE_DEVICES: 'GPU-2,GPU-1' },
  ],
  [
    'a time slice',
    ['GPU-1'],
    [device({ sharing: 'time-slicing', shares: 4, memoryBytes: 2 ** 30 })],
    { CUDA_VISIBLE_DEVICES: 'GPU-1' },
  ],
  [
    // 24 GiB in three parts are 8192 MiB each; a third of all threads is 33.3%.
    'a third by MPS',
    ['GPU-1'],
    [device({ sharing: 'mps', shares: 3, memoryBytes: 8 * 2 ** 30 })],
    {
      CUDA_VISIBLE_DEVICES: 'GPU-1',
      CUDA_MPS_ACTIVE_THREAD_PERCENTAGE: '33',
      CUDA_MPS_PINNED_DEVICE_MEM_LIMIT: '0=8192M',
    },
  ],
  [
    'a half by MPS of a device whose memory is not known',
    ['GPU-1'],
    [device({ sharing: 'mps', shares: 2 })],
    { CUDA_VISIBLE_DEVICES: 'GPU-1', CUDA_MPS_ACTIVE_THREAD_PERCENTAGE: '50' },
  ],
  ['a device that is gone', ['GPU-9'], [device({})], {}],
])('%s', (_what, held, devices, variables) => {
  expect(makeDeviceVariables(held.map(hold), devices)).toEqual(variables);
});
