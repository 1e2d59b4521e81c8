import { describe, expect, it } from 'vitest';
import type { DeviceAsk } from '../../../core/packing/shares/shared-device.ts';
import { makeSimulatedDevices } from '../../../core/pool/simulated-devices.ts';
import { DeviceDesk, type DeviceClaim } from './device-desk.ts';

const half: DeviceAsk = { devices: 1, sharing: ['mps'], memoryBytes: null };
const one = () =>
  Promise.resolve(
    makeSimulatedDevices([{ product: 'L4', count: 1, memoryBytes: 24 * 2 ** 30, sharing: 'mps', shares: 2 }]),
  );

describe('the desk', () => {
  it('gives two replicas that ask at once different shares, and what one frees to a third', async () => {
    const desk = new DeviceDesk(one, () => Promise.resolve(new Map()));
    const answers = await Promise.all(['r1', 'r2', 'r3'].map((replica) => desk.assign(replica, half)));
    expect(answers).toMatchObject([
      { answer: 'assigned', holds: [{ device: 'simulated-0', slot: '0', memoryBytes: 12 * 2 ** 30 }] },
      { answer: 'assigned', holds: [{ slot: '1' }] },
      { answer: 'refused', fits: 'later' },
    ]);
    expect(await desk.assign('r1', half)).toMatchObject({ holds: [{ slot: '0' }] });
    desk.free('r1');
    expect(await desk.assign('r3', half)).toMatchObject({ answer: 'assigned', holds: [{ slot: '0' }] });
  });

  it('goes by records of replicas that another control plane started, for as long as they live', async () => {
    const records = new Map<string, DeviceClaim>([
      ['old', { ask: half, holds: [{ device: 'simulated-0', slot: '0' }] }],
    ]);
    const desk = new DeviceDesk(one, () => Promise.resolve(records));
    expect(await desk.assign('r1', half)).toMatchObject({ holds: [{ slot: '1' }] });
    expect(await desk.assign('r2', half)).toMatchObject({ fits: 'later' });
    records.delete('old');
    expect(await desk.assign('r2', half)).toMatchObject({ holds: [{ slot: '0' }] });
  });

  it('answers the next replica after the devices could not be read once', async () => {
    let broken = true;
    const desk = new DeviceDesk(
      () => (broken ? Promise.reject(new Error('unreadable')) : one()),
      () => Promise.resolve(new Map()),
    );
    await expect(desk.assign('r1', half)).rejects.toThrow('unreadable');
    broken = false;
    expect(await desk.assign('r2', half)).toMatchObject({ holds: [{ slot: '0' }] });
  });
});
