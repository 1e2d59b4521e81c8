import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyPool, buildDevice, buildNode } from '../../../testing/builders/pools/pool-builders.ts';
import type { FactsSource, NodeFacts } from '../node-facts.ts';
import { mergeNodes, type SourcedFacts } from './pool-merge.ts';

const from = (facts: NodeFacts, source = `${facts.source}.json`): SourcedFacts => ({ source, facts });
const blank = {
  brand: null,
  pciDeviceId: null,
  eccEnabled: null,
  pciBusId: null,
  index: null,
  reservedBytes: null,
} as const;
const sliceDevice = buildDevice({ ...blank, driver: '570.148.8', unknown: { eccEnabled: 'not told' } });
const slices = buildNode('n1', { source: 'resource-slice', devices: [sliceDevice] });
const labelDevice = buildDevice({ ...blank, uuid: null, product: 'NVIDIA-Other', certainty: 'node' });
const labels = buildNode('n1', {
  source: 'node-labels',
  labels: { zone: 'a' },
  allocatable: { 'nvidia.com/gpu': 1 },
  devices: [labelDevice],
  kernel: '6.8.0',
  unknown: { containerToolkit: 'not told', devices: 'other devices too' },
});
const probe = buildNode('n1', { kernel: '6.9.0', containerToolkit: '1.17.8' });
const one = (...found: readonly NodeFacts[]) => mergeNodes(found.map((facts) => from(facts))).nodes[0];

describe('facts of one node from several sources', () => {
  it('are the devices of the ResourceSlice, with labels and allocatable of the Node object', () => {
    for (const merged of [one(slices, labels), one(labels, slices)]) {
      expect(merged).toMatchObject({
        source: 'resource-slice',
        labels: { zone: 'a' },
        allocatable: { 'nvidia.com/gpu': 1 },
        kernel: '6.8.0',
        devices: [sliceDevice],
      });
      expect(merged?.unknown).toEqual({ containerToolkit: 'not told' });
    }
  });

  it('fill what the first source does not tell, and drop the reason why it was unknown', () => {
    const merged = one(slices, probe, labels);
    expect(merged).toMatchObject({ source: 'nvml', kernel: '6.9.0', containerToolkit: '1.17.8', unknown: {} });
    expect(merged?.devices?.[0]).toEqual(buildDevice());
  });

  it('are none where the machine itself says that its driver lists none, whatever labels say', () => {
    const unlisted = ['0000:06:00.0 (0x20B010DE, no driver holds it)'];
    const none = buildNode('n1', { source: 'proc', devices: [], unlisted });
    expect(one(none, labels)).toMatchObject({ source: 'proc', devices: [], unlisted });
    expect(one({ ...probe, unlisted }, labels)).toMatchObject({ source: 'nvml', unlisted });
    const { unlisted: _none, ...silent } = none;
    expect(one(silent, labels)).toMatchObject({ source: 'node-labels', devices: [labelDevice] });
  });

  it('are not known where two that tell of each device differ, and say so', () => {
    const merged = one(probe, { ...slices, devices: [{ ...sliceDevice, driver: '580.65.6' }] });
    expect(merged?.devices?.[0]).toMatchObject({
      driver: null,
      unknown: { driver: 'nvml says 570.148.08, resource-slice says 580.65.6' },
    });
  });

  it('have the CPU that labels tell, as everybody reads it who may list nodes', () => {
    const cpu = { architecture: 'x64', model: 'AMD family 25 model 17', cores: 8, features: null };
    const probed = { ...probe, cpu: { ...cpu, model: 'AMD EPYC', features: ['avx2'] } };
    expect(one(probed, { ...labels, cpu })?.cpu).toEqual({ ...cpu, features: ['avx2'] });
    expect(one(probed, { ...labels, cpu: { ...cpu, model: null } })?.cpu?.model).toBe('AMD EPYC');
  });

  it('are those of the devices where the labels say another driver, and say so', () => {
    const merged = one(slices, { ...labels, devices: [{ ...labelDevice, driver: '550.54.15' }] });
    expect(merged?.devices?.[0]?.driver).toBe('570.148.8');
    expect(merged?.unknown['labels']).toBe('node labels say driver 550.54.15, the devices 570.148.8');
  });

  it('keep a device that only one source tells of', () => {
    const second = { ...sliceDevice, uuid: 'GPU-second' };
    const merged = one(probe, { ...slices, devices: [sliceDevice, second] });
    expect(merged?.devices).toHaveLength(2);
    expect(merged?.unknown['devices']).toBe('1 devices are told of by resource-slice only');
  });

  it('of one kind are the newer ones, where both say when', () => {
    const older = { ...probe, takenAtMs: 1, kernel: '5.0' };
    const newer = { ...probe, takenAtMs: 2 };
    const merged = mergeNodes([from(older, 'old.json'), from(newer, 'new.json')]);
    expect(merged.nodes[0]?.kernel).toBe('6.9.0');
    expect(merged.notes).toEqual(['n1: new.json is newer than old.json, which is left out']);
  });

  it('of one kind that differ without a date are refused; equal ones are not', () => {
    expect(mergeNodes([from(probe, 'a'), from(probe, 'b')]).nodes).toEqual([probe]);
    const other = { ...probe, kernel: '5.0' };
    expect(() => mergeNodes([from(probe, 'a.json'), from(other, 'b.json')])).toThrow('in a.json and in b.json');
  });

  it('are as old as the oldest, and not dated when one is not', () => {
    expect(one({ ...probe, takenAtMs: 5 }, { ...labels, takenAtMs: 3 })?.takenAtMs).toBe(3);
    expect(one({ ...probe, takenAtMs: 5 }, labels)?.takenAtMs).toBe(null);
  });

  it('name the node that two files name differently, by the board that both hold', () => {
    const { notes } = mergeNodes([from(probe), from({ ...probe, name: 'n1.example' })]);
    expect(notes).toEqual([
      'n1 and n1.example hold the same board, so that they are one node under two names: name the files after the node',
    ]);
  });
});

describe('putting sources together', () => {
  it('changes nothing where each node has one source, whatever the order', () => {
    fc.assert(
      fc.property(anyPool, ({ nodes }) => {
        const merged = mergeNodes(nodes.map((facts) => from(facts)));
        expect(merged.nodes.map(({ name, devices }) => [name, devices])).toEqual(
          nodes.map(({ name, devices }) => [name, devices]),
        );
      }),
    );
  });

  it('gives every fact that any source tells of a node, whatever the order of the sources', () => {
    const sources: readonly FactsSource[] = ['nvml', 'nvidia-smi', 'resource-slice', 'node-labels'];
    fc.assert(
      fc.property(fc.array(anyPool, { minLength: 2, maxLength: 4 }), fc.nat(), (pools, seed) => {
        const found = pools.flatMap(({ nodes: [first] }, at) =>
          first === undefined ? [] : [{ ...first, name: 'n', source: sources[at] ?? 'proc' }],
        );
        const shuffled = found.map((_, at) => found[(at + seed) % found.length]).filter((node) => node !== undefined);
        const [merged, again] = [one(...found), one(...shuffled)];
        expect(again).toEqual(merged);
        expect((merged?.kernel ?? null) === null).toBe(found.every(({ kernel }) => kernel === null));
        expect((merged?.devices ?? null) === null).toBe(found.every(({ devices }) => devices === null));
      }),
    );
  });
});
