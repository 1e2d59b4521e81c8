import { describe, expect, it } from 'vitest';
import type { DeviceLayout } from '../../../core/cost/ledger/fact.ts';
import type { ReplicaDevice } from '../../../core/rollout/replica-devices.ts';
import { findHolds } from './find-holds.ts';
import { StandingFacts } from '../record/standing-facts.ts';

const at = { recorder: 'r', monotonicMs: 0, wallMs: 0 };
function standingWith(...devices: readonly (readonly [string, DeviceLayout])[]): StandingFacts {
  const standing = new StandingFacts();
  for (const [device, layout] of devices) {
    const place = { pool: 'p', node: 'n1', place: null, deviceClass: 'c', pciDeviceId: '0x20B010DE' };
    standing.apply({ kind: 'device-appeared', id: device, at, device, ...place, layout });
  }
  return standing;
}
const whole: DeviceLayout = { kind: 'whole' };
const cores: DeviceLayout = { kind: 'cores', cores: 8 };
const told = (over: Partial<ReplicaDevice>) => ({
  toldBy: 'kubelet' as const,
  devices: [{ name: null, uuid: null, product: null, mig: null, share: null, memoryBytes: null, ...over }],
  unknown: null,
});

describe('findHolds', () => {
  it.each([
    [{}, 1_000],
    [{ host: { cpus: 0.5 } }, 500],
    [{ host: { memoryBytes: 5 } }, 1_000],
    [{ devices: 0, host: { cpus: 3 } }, 3_000],
  ])('cores for a release without accelerators: %j', (code, milliCores) => {
    // Where the contract says no number it is the least that is charged.
    const isDefault = 'host' in code && 'cpus' in code.host ? {} : { isDefault: true };
    const holds = [{ device: 'n1/cores', milliCores, ...isDefault }];
    expect(findHolds(standingWith(['n1/cores', cores], ['a', whole]), { node: 'n1' }, code)).toEqual({ holds });
  });

  it('is not known while the inventory does not have the node, or its cores', () => {
    const missing = { missing: 'node-unknown' };
    expect(findHolds(standingWith(['a', whole]), { node: 'n2' }, { devices: 1 })).toEqual(missing);
    expect(findHolds(standingWith(['a', whole]), { node: 'n1' }, {})).toEqual(missing);
  });

  it.each<[string, Partial<ReplicaDevice>, DeviceLayout, object]>([
    ['a device by its UUID', { uuid: 'b' }, whole, { device: 'b', slot: 'whole' }],
    [
      'a share that the device plugin names',
      { name: 'b::3' },
      { kind: 'shared', sharing: 'mps', shares: 4 },
      { device: 'b', slot: '3' },
    ],
    [
      'an instance by its UUID',
      { uuid: 'MIG-1' },
      { kind: 'mig', instances: [{ slot: 'MIG-1', profile: '1g.5gb', start: 1 }] },
      { device: 'b', slot: 'MIG-1' },
    ],
  ])('%s', (_what, device, layout, hold) => {
    const standing = standingWith(['a', whole], ['b', layout]);
    expect(findHolds(standing, { node: 'n1', devices: told(device) }, { devices: 1 })).toEqual({ holds: [hold] });
  });

  it('nothing while the platform has not assigned it a device', () => {
    const standing = standingWith(['a', { kind: 'shared', sharing: 'mps', shares: 2 }]);
    const waiting = { toldBy: 'platform', devices: [], unknown: null } as const;
    expect(findHolds(standing, { node: 'n1', devices: waiting }, { devices: 1 })).toEqual({ missing: 'not-assigned' });
  });

  it('all whole devices of the node, where it has as many as are asked for', () => {
    const standing = standingWith(['a', whole], ['b', whole], ['n1/cores', cores]);
    const holds = ['a', 'b'].map((device) => ({ device, slot: 'whole' }));
    expect(findHolds(standing, { node: 'n1' }, { devices: 2 })).toEqual({ holds });
  });

  it('an equal part of each slot that no replica is known to hold, where nobody tells which one it has', () => {
    const standing = standingWith(
      ['a', whole],
      ['b', { kind: 'shared', sharing: 'time-slicing', shares: 2 }],
      ['c', { kind: 'mig', instances: [{ slot: 'MIG-1', profile: 'none', start: -1 }] }],
      ['n1/cores', cores],
    );
    const part = (device: string, slot: string, milliSlot: number) => ({ device, slot, milliSlot });
    const all = [
      ['a', 'whole'],
      ['b', '0'],
      ['b', '1'],
      ['c', '(unknown layout)'],
    ] as const;
    const spread = { holds: all.map(([device, slot]) => part(device, slot, 250)), isGuess: true };
    expect(findHolds(standing, { node: 'n1' }, { devices: 1 })).toEqual(spread);
    expect(findHolds(standing, { node: 'n1', devices: told({ uuid: 'x' }) }, { devices: 1 })).toEqual(spread);
    const owner = { service: 's', environment: 'e', release: null, team: null, model: null };
    const claim = { kind: 'claim-began', id: 'r1', at, claim: 'r1', owner, purpose: 'answers' } as const;
    standing.apply({ ...claim, holds: [{ device: 'a', slot: 'whole' }] });
    expect(findHolds(standing, { node: 'n1' }, { devices: 3 })).toEqual({
      holds: all.slice(1).map(([device, slot]) => part(device, slot, 1_000)),
      isGuess: true,
    });
    expect(findHolds(standing, { node: 'n1' }, { devices: 9 })).toEqual({
      holds: all.map(([device, slot]) => part(device, slot, 1_000)),
      isGuess: true,
    });
    expect(findHolds(standing, { node: 'n1', devices: told({ uuid: 'MIG-1' }) }, { devices: 1 })).toEqual({
      holds: [part('c', '(unknown layout)', 1_000)],
    });
  });

  it('cores, where no accelerator of the node could be held', () => {
    const holds = [{ device: 'n1/cores', milliCores: 1_000, isDefault: true }];
    const standing = standingWith(['a', { kind: 'mig', instances: [] }], ['n1/cores', cores]);
    expect(findHolds(standing, { node: 'n1' }, { devices: 1 })).toEqual({ holds });
    expect(findHolds(standingWith(['n1/cores', cores]), { node: 'n1' }, { devices: 2 })).toEqual({ holds });
  });
});
