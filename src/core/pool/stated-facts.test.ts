import { describe, expect, it } from 'vitest';
import { buildDevice, buildNode } from '../../testing/builders/pools/hardware-builders.ts';
import { withStatedFacts } from './stated-facts.ts';

const why = { sharing: 'nvidia-smi does not tell it', numaNode: 'nor this' };
const node = buildNode('n', [buildDevice({ sharing: null, unknown: why }), buildDevice({ sharing: 'mig' })], {
  unknown: { cpu: 'nvidia-smi tells of the devices only' },
});

describe('facts that a person states', () => {
  it('fill what no source tells, and take its reason away', () => {
    const { devices, cpu, unknown } = withStatedFacts(node, { sharing: 'exclusive', architecture: 'x64' });
    expect(devices?.map(({ sharing }) => sharing)).toEqual(['exclusive', 'mig']);
    expect(devices?.[0]?.unknown).toEqual({ numaNode: 'nor this' });
    expect(cpu).toEqual({ architecture: 'x64', model: null, cores: null, features: null });
    expect(Object.keys(unknown)).toEqual(['cpu.model', 'cpu.cores', 'cpu.features']);
  });

  it('never contradict a source', () => {
    const known = buildNode('n', [buildDevice({ sharing: 'mps' })], {
      cpu: { architecture: 'arm64', model: 'Grace', cores: 72, features: [] },
    });
    expect(withStatedFacts(known, { sharing: 'exclusive', architecture: 'x64' })).toEqual(known);
  });

  it('are none where nothing is stated, and none of devices that are not known', () => {
    expect(withStatedFacts(node, {})).toEqual(node);
    const dark = { ...node, devices: null };
    expect(withStatedFacts(dark, { sharing: 'exclusive' })).toEqual(dark);
  });
});
