import { describe, expect, it } from 'vitest';
import { buildDevice } from '../../../testing/builders/pools/pool-builders.ts';
import type { DcgmSample } from '../../cost/ledger/devices/read-dcgm-series.ts';
import { reasonsOfMask } from './dcgm-fields.ts';
import { makeDeviceSnapshots, makeDistantDevices } from './device-snapshots.ts';
import { noCeilings } from './measured-ceilings.ts';
import { listOrNone } from './node-snapshot.ts';
import { makeReading, makeUnknown } from './reading.ts';

const of = makeReading;
const sample = (name: string, value: number, labels: Readonly<Record<string, string>> = {}): DcgmSample => ({
  ...{ name: `DCGM_FI_DEV_${name}`, value },
  labels: Object.entries({ UUID: 'GPU-1', Hostname: 'gpu-1', gpu: '0', ...labels }),
});
const distant = (...samples: readonly DcgmSample[]) =>
  listOrNone(makeDistantDevices(['GPU-1'], { samples }, 'another node'))[0];

describe('the mask of reasons for lowered clocks', () => {
  it.each([
    [0, []],
    [0x1, ['gpu_idle']],
    [0x4 + 0x40, ['sw_power_cap', 'hw_thermal_slowdown']],
    [0x200, ['reason_0x200']],
  ])('%i is %j', (mask, reasons) => {
    expect(reasonsOfMask(of(mask))).toEqual(reasons);
  });

  it.each([0.87, -1, 1_980_000, 65_536])('is none where it reads %d, which is another unit', (mask) => {
    expect(reasonsOfMask(of(mask))).toBeNull();
  });

  it('is none where it was not read', () => {
    expect(reasonsOfMask(makeUnknown('no DCGM'))).toBeNull();
  });
});

describe('an accelerator of another node', () => {
  it('is told by DCGM alone', () => {
    expect(
      distant(
        sample('PCIE_LINK_GEN', 1),
        sample('PCIE_MAX_LINK_GEN', 5),
        sample('PCIE_LINK_WIDTH', 8),
        sample('PCIE_MAX_LINK_WIDTH', 16),
        sample('CLOCK_THROTTLE_REASONS', 0x20),
        sample('ROW_REMAP_PENDING', 1),
        sample('FB_TOTAL', 81_920),
      ),
    ).toMatchObject({
      ...{ uuid: 'GPU-1', linkGeneration: of(1), linkGenerationAtMost: of(5) },
      ...{ linkWidth: of(8), linkWidthAtMost: of(16), throttleReasons: ['sw_thermal_slowdown'] },
      ...{ remapPending: of(1), memoryTotalBytes: of(81_920 * 1024 * 1024) },
      numaNode: { unknown: 'the driver of another node is not asked' },
    });
  });

  it.each([
    ['a rate for a generation', sample('PCIE_LINK_GEN', 16), 'linkGeneration', /no generation 16/],
    ['a width that no link has', sample('PCIE_LINK_WIDTH', 3), 'linkWidth', /no 3 lanes/],
    ['a count of rows for a flag', sample('ROW_REMAP_PENDING', 12), 'remapPending', /neither 0 nor 1/],
  ] as const)('is not believed where it tells %s', (_what, lie, field, said) => {
    expect(distant(lie)?.[field]).toEqual({ unknown: expect.stringMatching(said) as string });
  });

  it('is unknown where two accelerators tell its UUID, on one node or on two, even where both tell the same', () => {
    for (const other of [{ Hostname: 'gpu-2' }, { gpu: '1' }]) {
      expect(distant(sample('PCIE_LINK_GEN', 1), sample('PCIE_LINK_GEN', 1, other))?.linkGeneration).toEqual({
        unknown: expect.stringContaining('two accelerators of the UUID GPU-1') as string,
      });
    }
  });

  it('is unknown while nobody tells which it is', () => {
    expect(makeDistantDevices(null, { samples: [] }, '')).toEqual({
      unknown: 'nobody tells which accelerators the replica has',
    });
  });
});

it('believes the driver of this node before DCGM, and takes DCGM where the driver does not tell', () => {
  const device = buildDevice({
    ...{ uuid: 'GPU-1', throttleReasons: ['sw_power_cap'] },
    link: { generation: 5, maxGeneration: 5, width: null, maxWidth: 16 },
  });
  const samples = [
    sample('PCIE_LINK_GEN', 1),
    sample('PCIE_LINK_WIDTH', 8),
    sample('CLOCKS_EVENT_REASONS', 0x8),
    sample('ROW_REMAP_PENDING', 0),
  ];
  expect(listOrNone(makeDeviceSnapshots([device], '', { samples }, noCeilings('')))[0]).toMatchObject({
    ...{ linkGeneration: of(5), linkWidth: of(8), throttleReasons: ['sw_power_cap'], remapPending: of(0) },
  });
});
