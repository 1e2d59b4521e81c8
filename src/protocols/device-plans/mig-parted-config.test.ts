import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { listLayouts } from '../../core/packing/slices/layouts.ts';
import { migBoards, type MigBoard } from '../../core/hardware/tables/mig-profiles.ts';
import { buildPlanNode, buildSlicePlan, findBoard, placeOn } from '../../testing/builders/packing/slice-plans.ts';
import { makeMigPartedConfig } from './mig-parted-config.ts';
import type { PlacedPlan } from './place-plan.ts';

const board = findBoard('A100-80');
const smaller = findBoard('A100-40');

interface Entry {
  readonly 'device-filter': readonly string[];
  readonly devices: readonly number[];
  readonly 'mig-enabled': boolean;
  readonly 'mig-devices': Readonly<Record<string, number>>;
}
const readConfig = (yaml: string) =>
  parse(yaml) as { readonly version: string; readonly 'mig-configs': Readonly<Record<string, readonly Entry[]>> };

/** Instances of each GPU of each node, as a node reads them from the file by its label. */
function readBack(plan: PlacedPlan): readonly string[] {
  const { yaml, labels } = makeMigPartedConfig(plan);
  return Object.entries(labels).flatMap(([node, own]) =>
    (readConfig(yaml)['mig-configs'][own['nvidia.com/mig.config'] ?? ''] ?? []).flatMap((entry) =>
      entry.devices.map((gpu) => `${node} ${gpu} ${JSON.stringify(sortKeys(entry['mig-devices']))}`),
    ),
  );
}
const sortKeys = (counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));

function listPlanned(plan: PlacedPlan): readonly string[] {
  return plan.nodes.flatMap(({ name, gpus }) =>
    gpus.map(({ index, instances }) => {
      const groups = Map.groupBy(instances, ({ point }) => point.profile);
      const counts = Object.fromEntries([...groups].map(([profile, group]) => [profile, group.length]));
      return `${name} ${index} ${JSON.stringify(sortKeys(counts))}`;
    }),
  );
}

/** Every layout of a board that cannot hold one more instance, as a GPU of a plan. */
const listFullGpus = (of: MigBoard): readonly string[] =>
  listLayouts(of, of.profiles).map(({ instances }) =>
    instances.map(({ profile, start }) => `s:${of.profiles[profile]?.profile ?? ''}@${start}`).join(' '),
  );

describe('the configuration of mig-parted', () => {
  it('is this text', () => {
    const plan = placeOn(
      buildSlicePlan('a:1g.10gb@0 a:1g.10gb@1 b:3g.40gb@4', 'b:3g.40gb@0 b:3g.40gb@4'),
      board,
      buildPlanNode('n1', [0, 1]),
    );
    expect(makeMigPartedConfig(plan)).toEqual({
      labels: { n1: { 'nvidia.com/mig.config': 'plimsoll-259548296b6e' } },
      yaml: `version: v1
mig-configs:
  plimsoll-259548296b6e:
    - device-filter:
        - "0x20B210DE"
        - "0x20B510DE"
        - "0x20F310DE"
        - "0x20F510DE"
      devices:
        - 0
      mig-enabled: true
      mig-devices:
        "3g.40gb": 2
    - device-filter:
        - "0x20B210DE"
        - "0x20B510DE"
        - "0x20F310DE"
        - "0x20F510DE"
      devices:
        - 1
      mig-enabled: true
      mig-devices:
        "3g.40gb": 1
        "1g.10gb": 2
`,
    });
  });

  it('has one configuration for nodes with the same layouts, and its name follows the layouts alone', () => {
    const one = 's:3g.40gb@0 s:3g.40gb@4';
    const other = 'other:3g.40gb@4 other:3g.40gb@0';
    const nodes = [buildPlanNode('n1', [0]), buildPlanNode('n2', [0]), buildPlanNode('n3', [1])];
    const { yaml, labels } = makeMigPartedConfig(placeOn(buildSlicePlan(one, other, one), board, ...nodes));
    expect(labels['n1']).toEqual(labels['n2']);
    expect(labels['n3']).not.toEqual(labels['n1']);
    expect(Object.keys(readConfig(yaml)['mig-configs'])).toHaveLength(2);
    const alone = makeMigPartedConfig(placeOn(buildSlicePlan(other), board, buildPlanNode('n9', [0])));
    expect(alone.labels['n9']).toEqual(labels['n1']);
    // The same profile of another board is another configuration.
    const twin = findBoard('H100-80');
    const elsewhere = makeMigPartedConfig(placeOn(buildSlicePlan(one), twin, buildPlanNode('n1', [0])));
    expect(elsewhere.labels['n1']).not.toEqual(labels['n1']);
  });

  it('gives back the instances of each GPU of each node', () => {
    const gpu = fc.constantFrom(...listFullGpus(board));
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(gpu, { minLength: 1, maxLength: 4 }), sizes, (gpus, nodes) => {
        const given = nodes.map((size, at) => buildPlanNode(`n${at}`, [...Array(size).keys()]));
        const plan = placeOn(buildSlicePlan(...gpus), board, ...given);
        expect([...readBack(plan)].sort()).toEqual([...listPlanned(plan)].sort());
      }),
    );
  });

  it.each(migBoards.map((each) => [each.name, each] as const))('keeps to the format on %s', (_, each) => {
    const gpus = listFullGpus(each);
    const node = buildPlanNode('n1', [...gpus.keys()]);
    const { yaml, labels } = makeMigPartedConfig(placeOn(buildSlicePlan(...gpus), each, node));
    const config = readConfig(yaml);
    expect(Object.keys(config)).toEqual(['version', 'mig-configs']);
    expect(config.version).toBe('v1');
    expect(labels['n1']?.['nvidia.com/mig.config']).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$/);
    const entries = Object.values(config['mig-configs']).flat();
    expect(entries.flatMap(({ devices }) => devices)).toHaveLength(gpus.length);
    for (const entry of entries) {
      expect(Object.keys(entry)).toEqual(['device-filter', 'devices', 'mig-enabled', 'mig-devices']);
      for (const profile of Object.keys(entry['mig-devices'])) expect(profile).toMatch(/^\d+g\.\d+gb(\+me)?$/);
    }
  });
});

/**
 * What mig-parted knows of an A100-40, in words: instances with all of their compute have at most 7 compute slices together,
 * and at most so many of each profile. pkg/mig/config/known_configs.go of https://github.com/NVIDIA/mig-parted (read 2026-11).
 */
const knownMost: Readonly<Record<string, number>> = {
  '1g.5gb': 7,
  '2g.10gb': 3,
  '3g.20gb': 2,
  '4g.20gb': 1,
  '7g.40gb': 1,
};
const isKnown = (counts: Readonly<Record<string, number>>): boolean =>
  Object.entries(counts).every(([profile, count]) => count <= (knownMost[profile] ?? 0)) &&
  Object.entries(counts).reduce((sum, [profile, count]) => sum + count * Number(profile[0]), 0) <= 7;

const describeCounts = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(sortKeys(counts))
    .filter(([, count]) => count > 0)
    .map(([profile, count]) => `${count}x${profile}`)
    .join(' ');

/** All counts that are at most these. */
function listParts(counts: readonly (readonly [string, number])[]): readonly Readonly<Record<string, number>>[] {
  const [first, ...others] = counts;
  if (first === undefined) return [{}];
  const [profile, most] = first;
  return listParts(others).flatMap((part) =>
    Array.from({ length: most + 1 }, (_, count) => ({ ...part, [profile]: count })),
  );
}

describe('parity with what mig-parted knows', () => {
  const known = Object.keys(knownMost);
  const ours = new Set(
    listFullGpus(smaller)
      .map((gpu) => Map.groupBy(gpu.match(/\dg\.\d+gb(\+me)?/g) ?? [], (profile) => profile))
      // The list is older than the profiles 1g.10gb and +me.
      .map((groups) => [...groups].filter(([profile]) => known.includes(profile)))
      .flatMap((groups) => listParts(groups.map(([profile, group]) => [profile, group.length])))
      .map((counts) => JSON.stringify(sortKeys(counts))),
  );
  const emitted = [...ours].map((text) => JSON.parse(text) as Readonly<Record<string, number>>);

  it('emits no instances of an A100-40 that its list does not have', () => {
    expect(emitted.filter((counts) => !isKnown(counts))).toEqual([]);
  });

  it('emits all of its list but what needs nine of eight memory slices', () => {
    const list = new Set(listParts(Object.entries(knownMost)).filter(isKnown).map(describeCounts));
    const mine = new Set(emitted.map(describeCounts));
    expect([...list].filter((counts) => !mine.has(counts))).toEqual(['1x1g.5gb 2x3g.20gb']);
  });

  /** Counts of `all-balanced`, by the first PCI id: deployments/systemd/config-default.yaml (read 2026-11). */
  it.each([
    ['0x294110DE', '1g.24gb 1g.24gb 2g.47gb 3g.95gb'],
    ['0x2BB510DE', '1g.24gb 1g.24gb 2g.48gb'],
    ['0x290110DE', '1g.23gb 1g.23gb 2g.45gb 3g.90gb'],
    ['0x234810DE', '1g.18gb 1g.18gb 2g.36gb 3g.72gb'],
    ['0x233510DE', '1g.18gb 1g.18gb 2g.35gb 3g.71gb'],
    ['0x232110DE', '1g.12gb 1g.12gb 2g.24gb 3g.47gb'],
    ['0x233010DE', '1g.10gb 1g.10gb 2g.20gb 3g.40gb'],
    ['0x20B210DE', '1g.10gb 1g.10gb 2g.20gb 3g.40gb'],
    ['0x20B010DE', '1g.5gb 1g.5gb 2g.10gb 3g.20gb'],
    ['0x20B710DE', '1g.6gb 1g.6gb 2g.12gb'],
    ['0x234210DE', '1g.12gb 1g.12gb 2g.24gb 3g.48gb'],
  ])('can emit the balanced configuration of the board %s', (id, profiles) => {
    const found = migBoards.find(({ pciDeviceIds }) => pciDeviceIds.includes(id));
    const full = found === undefined ? [] : listFullGpus(found);
    const sorted = (gpu: string): string => (gpu.match(/\dg\.\d+gb(\+me)?/g) ?? []).sort().join(' ');
    expect(full.map(sorted)).toContain(profiles);
  });
});
