import { expect, it } from 'vitest';
import type { DcgmSample } from '../../cost/ledger/devices/read-dcgm-series.ts';
import { readPeerLooks } from './read-peer-looks.ts';

const sample = (name: string, value: number, labels: Readonly<Record<string, string>> = {}): DcgmSample => ({
  ...{ name, value },
  labels: Object.entries({ UUID: 'GPU-1', Hostname: 'node-1', modelName: 'NVIDIA H100', ...labels }),
});

it('makes one look a board of its series, whatever pods they name', () => {
  expect(
    readPeerLooks([
      sample('DCGM_FI_DEV_SM_CLOCK', 1_980, { pod: 'a' }),
      sample('DCGM_FI_DEV_SM_CLOCK', 1_980, { pod: 'b' }),
      sample('DCGM_FI_PROF_SM_ACTIVE', 0.7),
      sample('DCGM_FI_DEV_PCIE_LINK_WIDTH', 16),
      sample('DCGM_FI_DEV_SM_CLOCK', 1_400, { UUID: 'GPU-2', modelName: '', Hostname: 'node-2' }),
    ]),
  ).toEqual([
    {
      ...{ node: 'node-1', device: 'GPU-1', deviceClass: 'NVIDIA H100', isLoaded: true },
      facts: { bandwidth: null, 'link-width': 16, 'link-generation': null, clock: 1_980 },
    },
    expect.objectContaining({ device: 'GPU-2', isLoaded: false }),
  ]);
});

it('leaves out a board whose UUID two nodes tell, because its numbers are of either', () => {
  const twins = ['node-1', 'node-2'].map((Hostname) => sample('DCGM_FI_DEV_PCIE_LINK_WIDTH', 8, { Hostname }));
  const other = sample('DCGM_FI_DEV_PCIE_LINK_WIDTH', 16, { UUID: 'GPU-2' });
  expect(readPeerLooks([...twins, other]).map(({ device }) => device)).toEqual(['GPU-2']);
});

it('leaves out boards of no node, and knows nothing where copies contradict each other', () => {
  const { labels, ...other } = sample('DCGM_FI_DEV_SM_CLOCK', 1_980);
  expect(readPeerLooks([{ ...other, labels: labels.filter(([name]) => name !== 'Hostname') }])).toEqual([]);
  const copies = [1_000, 1_900].map((clock, at) => sample('DCGM_FI_DEV_SM_CLOCK', clock, { pod: String(at) }));
  expect(readPeerLooks(copies)[0]?.facts.clock).toBeNull();
});
