import { describe, expect, it } from 'vitest';
import { buildDevice } from '../../../testing/builders/pools/pool-builders.ts';
import type { DcgmSample } from '../../cost/ledger/devices/read-dcgm-series.ts';
import { noCeilings } from './measured-ceilings.ts';
import { listOrNone } from './node-snapshot.ts';
import { makeDeviceSnapshots } from './device-snapshots.ts';

const uuid = 'GPU-1';
const sample = (name: string, value: number, labels: Readonly<Record<string, string>> = {}): DcgmSample => ({
  ...{ name, value },
  labels: Object.entries({ UUID: uuid, ...labels }),
});
const none = noCeilings('nothing was measured');
const snapshotOf = (samples: readonly DcgmSample[]) =>
  listOrNone(makeDeviceSnapshots([buildDevice({ uuid })], '', { samples }, none))[0];

describe('makeDeviceSnapshots', () => {
  it('takes activity and traffic of DCGM and the link of the driver', () => {
    const link = { generation: 3, maxGeneration: 5, width: 16, maxWidth: 16 };
    const samples = [
      sample('DCGM_FI_PROF_SM_ACTIVE', 0.4),
      sample('DCGM_FI_PROF_PCIE_TX_BYTES', 2e9),
      sample('DCGM_FI_PROF_PCIE_RX_BYTES', 9e9),
      sample('DCGM_FI_DEV_GPU_UTIL', 100),
    ];
    expect(listOrNone(makeDeviceSnapshots([buildDevice({ uuid, link })], '', { samples }, none))[0]).toMatchObject({
      smActiveShare: { value: 0.4 },
      busBytesPerSecond: { value: 9e9 },
      linkGeneration: { value: 3 },
      linkGenerationAtMost: { value: 5 },
      dramActiveShare: { unknown: 'DCGM does not tell DCGM_FI_PROF_DRAM_ACTIVE of this accelerator' },
    });
  });

  it('counts a measurement once that the exporter copied to two pods, and none where the copies differ', () => {
    const copies = (second: number) => [
      sample('DCGM_FI_PROF_SM_ACTIVE', 0.4, { pod: 'a' }),
      sample('DCGM_FI_PROF_SM_ACTIVE', second, { pod: 'b' }),
    ];
    expect(snapshotOf(copies(0.4))?.smActiveShare).toEqual({ value: 0.4 });
    expect(snapshotOf(copies(0.5))?.smActiveShare).toEqual({
      unknown: 'copies of DCGM_FI_PROF_SM_ACTIVE contradict each other',
    });
  });

  it('holds traffic against the copy that a preflight measured of this device, and of no other', () => {
    const measured = { ...none, takenAtMs: 1, copyBytesPerSecond: new Map([[1, 24e9]]), missing: 'not measured' };
    const devices = [buildDevice({ uuid, index: 1 }), buildDevice({ uuid: 'GPU-2', index: 2 })];
    const [first, second] = listOrNone(makeDeviceSnapshots(devices, '', { samples: [] }, measured));
    expect(first?.busBytesPerSecondAtMost).toEqual({ value: 24e9 });
    expect(second?.busBytesPerSecondAtMost).toEqual({ unknown: 'not measured' });
  });

  it('leaves out accelerators of other nodes', () => {
    const other = sample('DCGM_FI_PROF_SM_ACTIVE', 0.9, { UUID: 'GPU-elsewhere' });
    expect(makeDeviceSnapshots([], '', { samples: [other] }, none)).toEqual({ list: [] });
  });

  it('says why accelerators or DCGM are not known', () => {
    expect(makeDeviceSnapshots(null, 'the driver cannot be asked', { samples: [] }, none)).toEqual({
      unknown: 'the driver cannot be asked',
    });
    const [device] = listOrNone(
      makeDeviceSnapshots([buildDevice({ uuid })], '', { unknown: 'no server is named' }, none),
    );
    expect(device?.smActiveShare).toEqual({ unknown: 'no server is named' });
  });
});
