import { describe, expect, it } from 'vitest';
import type { DeviceFacts } from '../core/pool/node-facts.ts';
import { seeDevices } from './seen-devices.ts';

const never = () => Promise.reject(new Error('the driver is asked'));
const board = (more: Partial<DeviceFacts>): DeviceFacts =>
  ({ uuid: 'GPU-1', product: 'NVIDIA H100 80GB HBM3', mig: null, ...more }) as DeviceFacts;

describe('the devices of a process', () => {
  it.each([undefined, '', 'none'])('are not told where the variable is %j', async (visible) => {
    expect(await seeDevices({ NVIDIA_VISIBLE_DEVICES: visible }, never)).toBeNull();
  });

  it('are the UUIDs of the variable, without the driver', async () => {
    const uuids = ['GPU-8f6b2e5c-1a37-4c11-9d20-3f6f0f8f3a11', 'MIG-4b1f0c8e-7c1a-5a3e-8a56-0f2f5f0b8a01'];
    const seen = await seeDevices({ NVIDIA_VISIBLE_DEVICES: uuids.join(',') }, never);
    expect(seen?.map(({ uuid }) => uuid)).toEqual(uuids);
  });

  it.each(['void', 'all', '0,1', 'GPU-1,$(reboot)'])(
    'are asked of the driver where the variable is %s',
    async (visible) => {
      const instance = { profile: '1g.10gb', uuid: 'MIG-1', memoryBytes: null, multiprocessors: null, placement: null };
      const parted = board({ uuid: 'GPU-2', mig: { capable: true, enabled: true, instances: [instance] } });
      const seen = await seeDevices({ NVIDIA_VISIBLE_DEVICES: visible }, () =>
        Promise.resolve({ devices: [board({}), parted] }),
      );
      expect(seen).toEqual([
        { uuid: 'GPU-1', product: 'NVIDIA H100 80GB HBM3', profile: null, parentUuid: null },
        { uuid: 'MIG-1', product: 'NVIDIA H100 80GB HBM3', profile: '1g.10gb', parentUuid: 'GPU-2' },
      ]);
    },
  );

  it.each([null, []])('are not told where the driver tells %j', async (devices) => {
    expect(await seeDevices({ NVIDIA_VISIBLE_DEVICES: 'void' }, () => Promise.resolve({ devices }))).toBeNull();
  });
});
