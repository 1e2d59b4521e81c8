import { describe, expect, it } from 'vitest';
import { migBoards } from '../../../core/hardware/tables/mig-profiles.ts';
import { devicesOfSlices } from '../../../protocols/kubernetes-objects/devices-of-slices.ts';
import { resourceSliceOf } from '../../../protocols/kubernetes-objects/resource-slice.ts';
import { allocateFirstFit } from '../../oracles/first-fit-claims.ts';
import { makeMigResourceSlices } from './mig-resource-slices.ts';
import { findBoard } from '../packing/slice-plans.ts';

const product = 'NVIDIA A100-SXM4-80GB';
const board = findBoard('A100-80');

describe('ResourceSlices of GPUs that can be divided on demand', () => {
  it('are within the limits of Kubernetes on every board, for nodes of up to 16 GPUs', () => {
    for (const each of migBoards) {
      for (const count of [1, 2, 8, 16]) {
        const slices = makeMigResourceSlices({ name: 'n1', product, board: each, gpus: [...Array(count).keys()] });
        const names = slices.flatMap(({ spec }) => (spec.devices ?? []).map(({ name }) => name));
        expect(new Set(names).size).toBe(count * (1 + each.profiles.flatMap(({ starts }) => starts).length));
        for (const { spec } of slices) {
          expect(spec.pool.resourceSliceCount).toBe(slices.length);
          expect(Number(spec.devices === undefined) + Number(spec.sharedCounters === undefined)).toBe(1);
          expect(spec.devices?.length ?? 1).toBeLessThanOrEqual(64);
          expect(spec.sharedCounters?.length ?? 1).toBeLessThanOrEqual(8);
          for (const { name } of spec.devices ?? []) expect(name).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])$/);
        }
      }
    }
  });

  it('have an instance at each start, which takes the memory slices from there', () => {
    const [, slice] = makeMigResourceSlices({ name: 'n1', product, board, gpus: [3] });
    expect(slice?.spec.devices?.filter(({ name }) => name.includes('2g20gb'))).toEqual(
      [0, 2, 4].map((start) => ({
        name: `gpu-3-mig-2g20gb-${start}-2`,
        attributes: {
          type: { string: 'mig' },
          parentUUID: { string: 'GPU-00000000-0000-4000-8000-000000000003' },
          profile: { string: '2g.20gb' },
          productName: { string: product },
        },
        capacity: { memory: { value: '19968Mi' } },
        consumesCounters: [
          {
            counterSet: 'gpu-3-counter-set',
            counters: { [`memory-slice-${start}`]: { value: '1' }, [`memory-slice-${start + 1}`]: { value: '1' } },
          },
        ],
      })),
    );
  });

  it('let a GPU be given whole or divided, never both, and have one instance with media extensions', () => {
    const slices = makeMigResourceSlices({ name: 'n1', product, board, gpus: [0] });
    expect(allocateFirstFit(slices, ['7g.80gb', '1g.10gb'])).toEqual(['gpu-0-mig-7g80gb-0-8', null]);
    expect(allocateFirstFit(slices, ['1g.10gb', '7g.80gb'])).toEqual(['gpu-0-mig-1g10gb-0-1', null]);
    expect(allocateFirstFit(slices, ['1g.10gb+me', '1g.10gb+me', '1g.10gb'])).toEqual([
      'gpu-0-mig-1g10gb-me-0-1',
      null,
      'gpu-0-mig-1g10gb-1-1',
    ]);
    const whole = slices.flatMap(({ spec }) => spec.devices ?? []).find(({ name }) => name === 'gpu-0');
    expect(whole?.consumesCounters[0]?.counters).toEqual(slices[0]?.spec.sharedCounters?.[0]?.counters);
  });

  it('are read as whole boards, and not as instances that are there', () => {
    const devices = makeMigResourceSlices({ name: 'n1', product, board, gpus: [0, 1] }).flatMap(
      (slice) => resourceSliceOf({ ...slice })?.devices.get('n1') ?? [],
    );
    const found = devicesOfSlices({ devices, problems: [] });
    expect(found.devices).toHaveLength(2);
    expect(found.devices?.[0]).toMatchObject({ product, mig: { capable: true, enabled: false, instances: [] } });
  });
});
