import type { Compatibility } from '../../core/contract/contract.ts';
import type { CaseRow, HardwareRow } from './case-row.ts';

const contract = 'docs/contract.md: hardware';
const migGuide = 'NVIDIA MIG User Guide (2026-11)';
const never = 'what is not known is never a pass';
const native = ['native', 'driver-native'] as const;
const a100 = 'A100-40 550.54.14 12.4';
const gib = (count: number): number => count * 2 ** 30;

type Answer = readonly [compatibility: Compatibility, rule: string];
const asked = (
  name: string,
  hardware: HardwareRow,
  [compatibility, rule]: Answer,
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device: a100,
  hardware,
  compatibility,
  rule,
  source: contract,
  ...rest,
});

const ranges: readonly CaseRow[] = [
  asked('capability inside', { computeCapability: '>=8.0' }, native),
  asked('capability below', { computeCapability: '>=8.6' }, ['incompatible', 'contract-capability']),
  asked('capability above', { computeCapability: '<8.0' }, ['incompatible', 'contract-capability']),
  asked('capability exactly', { computeCapability: '=8.0' }, native),
  asked('capability left out', { computeCapability: '!=8.0' }, ['incompatible', 'contract-capability']),
  asked('a capability of two digits is later than 9.0', { computeCapability: '>=9.0' }, native, {
    device: 'RTX-5090 580.95.05 13.0',
  }),
  asked('12.1 is above 12.0', { computeCapability: '<=12.0' }, ['incompatible', 'contract-capability'], {
    device: 'GB10 580.95.05 13.0',
  }),
  asked('capability is asked for and not known', { computeCapability: '>=8.0' }, ['unknown', 'contract-capability'], {
    deviceFacts: { computeCapability: null },
    source: never,
  }),
  asked('driver inside', { driver: '>=550.54.14' }, native),
  asked('driver below', { driver: '>=550.54.15' }, ['incompatible', 'contract-driver']),
  asked('driver above', { driver: '>=535 <550' }, ['incompatible', 'contract-driver']),
  asked('driver at the edge', { driver: '<=550.54.14' }, native),
  asked('driver is asked for and not known', { driver: '>=535' }, ['unknown', 'contract-driver'], {
    device: 'A100-40',
    source: never,
  }),
  asked('CUDA of the driver inside', { cuda: '>=12.4' }, native),
  asked('CUDA of the driver below', { cuda: '>=12.5' }, ['incompatible', 'contract-cuda']),
  asked('CUDA of the driver above', { cuda: '<12.4' }, ['incompatible', 'contract-cuda']),
  asked('CUDA 12.10 is later than 12.9', { cuda: '>12.9' }, native, { device: 'A100-40 579.10 12.10' }),
  asked('CUDA is asked for and not known', { cuda: '>=12.4' }, ['unknown', 'contract-cuda'], {
    device: 'A100-40 550.54.14',
    source: never,
  }),
];

const plugin = 'NVIDIA k8s-device-plugin, MPS control daemon: memory / replicas, in whole MiB (2024)';
const mps = { sharing: 'mps' as const };
const tolerated = ['exclusive', 'mps', 'time-slicing'] as const;

const memory: readonly CaseRow[] = [
  asked('one of 4 that share by mps has enough', { memoryGib: 10, sharing: tolerated }, native, {
    deviceFacts: { ...mps, replicas: 4 },
    warnings: [],
    source: plugin,
  }),
  asked(
    'one of 4 that share by mps is asked for more',
    { memoryGib: 11, sharing: tolerated },
    ['incompatible', 'memory'],
    {
      deviceFacts: { ...mps, replicas: 4 },
      source: plugin,
    },
  ),
  asked(
    'one of 3 that share by mps gets whole MiB',
    { memoryGib: 40 / 3, sharing: tolerated },
    ['incompatible', 'memory'],
    {
      deviceFacts: { ...mps, replicas: 3 },
      source: plugin,
    },
  ),
  asked('one of 3 that share by mps gets every whole MiB', { memoryGib: 13653 / 1024, sharing: tolerated }, native, {
    deviceFacts: { ...mps, replicas: 3 },
    source: plugin,
  }),
  asked('one of 4 that share by mps cannot hold the weights', { sharing: tolerated }, ['incompatible', 'memory'], {
    deviceFacts: { ...mps, replicas: 4 },
    model: { weightsBytes: gib(11) },
    source: plugin,
  }),
  asked('shared by mps, and nothing tells by how many', { memoryGib: 1, sharing: tolerated }, ['unknown', 'memory'], {
    deviceFacts: mps,
    source: plugin,
  }),
  asked('shared in time slices, which divide no memory', { memoryGib: 40, sharing: tolerated }, native, {
    deviceFacts: { sharing: 'time-slicing', replicas: 2 },
    warnings: ['memory-shared'],
    source: 'NVIDIA GPU Operator, time-slicing (2026-11)',
  }),
  asked('memory is enough', { memoryGib: 20 }, native),
  asked('memory exactly', { memoryGib: 40 }, native),
  asked('memory is short by one MiB', { memoryGib: 40 }, ['incompatible', 'memory'], {
    deviceFacts: { memoryBytes: gib(40) - 2 ** 20 },
  }),
  asked('the contract asks for exactly what the weights take', { memoryGib: 1 }, native),
  asked('memory is not enough', { memoryGib: 41 }, ['incompatible', 'memory']),
  asked('memory is asked for and not known', { memoryGib: 20 }, ['unknown', 'memory'], {
    deviceFacts: { memoryBytes: null },
    source: never,
  }),
  asked('memory is not asked for and not known, and the weights are', {}, ['unknown', 'memory'], {
    deviceFacts: { memoryBytes: null },
    source: never,
  }),
  asked('weights do not fit, though the contract asks for less', { memoryGib: 20 }, ['incompatible', 'memory'], {
    model: { weightsBytes: gib(60) },
  }),
  asked(
    'weights fit, and the contract asks for more than the device has',
    { memoryGib: 41 },
    ['incompatible', 'memory'],
    { model: { weightsBytes: gib(1) } },
  ),
  asked('a file in which no tensor was found, and nothing written', {}, ['unknown', 'memory'], {
    model: { weightsBytes: 0 },
  }),
  asked('weights alone fit exactly, and what comes beside them may not', {}, ['unknown', 'memory'], {
    model: { weightsBytes: gib(40) },
  }),
  asked('weights are one byte too many', {}, ['incompatible', 'memory'], { model: { weightsBytes: gib(40) + 1 } }),
  asked('weights over two devices', { devices: 2 }, native, { model: { weightsBytes: gib(39) } }),
  asked(
    'weights over two devices, and room for as much again is short by a byte',
    { devices: 2 },
    ['unknown', 'memory'],
    {
      model: { weightsBytes: gib(39) + 1 },
    },
  ),
  asked('weights over two devices do not fit', { devices: 2 }, ['incompatible', 'memory'], {
    model: { weightsBytes: gib(81) },
  }),
  asked('weights are known and the memory is not', {}, ['unknown', 'memory'], {
    model: { weightsBytes: gib(1) },
    deviceFacts: { memoryBytes: null },
    source: never,
  }),
  asked('neither the contract nor the file tells what is needed', {}, ['unknown', 'memory'], {
    model: { weightsBytes: null },
    source: never,
  }),
  asked('nobody looked at the model, and the contract tells nothing', {}, ['unknown', 'memory'], {
    model: null,
    source: never,
  }),
  asked('the contract tells what is needed, and the file does not', { memoryGib: 40 }, native, {
    model: { weightsBytes: null },
  }),
  asked('the contract tells what is needed, and nobody looked at the model', { memoryGib: 40 }, native, {
    model: null,
  }),
];

const instance = (profile: string | null, memoryGib: number | null) => ({
  profile,
  memoryBytes: memoryGib === null ? null : memoryGib * 2 ** 30,
});
const mig = (...instances: readonly ReturnType<typeof instance>[]) => ({
  migLayout: instances,
  sharing: 'mig' as const,
});

const slices: readonly CaseRow[] = [
  asked('two boards that have no MIG, where MIG is not told', { devices: 2 }, native, {
    device: 'L4 550.54.14 12.4',
    deviceFacts: { migLayout: null, state: { iommu: 'off' } },
    source: migGuide,
  }),
  asked('an instance is enough', { memoryGib: 9, sharing: ['mig'] }, native, {
    deviceFacts: mig(instance('2g.10gb', 9.625)),
    source: migGuide,
  }),
  asked(
    'an instance is too small, though its board is not',
    { memoryGib: 10, sharing: ['mig'] },
    ['incompatible', 'memory'],
    { deviceFacts: mig(instance('1g.5gb', 4.75)), source: migGuide },
  ),
  asked(
    'the nominal size of a profile is more than it holds',
    { memoryGib: 10, sharing: ['mig'] },
    ['incompatible', 'memory'],
    { deviceFacts: mig(instance('2g.10gb', 9.625)), source: migGuide },
  ),
  asked('one of several instances is enough', { memoryGib: 15, sharing: ['mig'] }, native, {
    deviceFacts: mig(instance('1g.5gb', 4.75), instance('3g.20gb', 19.5)),
    source: migGuide,
  }),
  asked('the memory of the instance is not known', { memoryGib: 10, sharing: ['mig'] }, ['unknown', 'memory'], {
    deviceFacts: mig(instance('2g.10gb', null)),
    source: never,
  }),
  asked('an instance without a profile name is as good as its memory', { memoryGib: 9, sharing: ['mig'] }, native, {
    deviceFacts: mig(instance(null, 9.625)),
    source: migGuide,
  }),
  asked('MIG is on and holds no instance', { sharing: ['mig'] }, ['incompatible', 'mig-mode'], {
    deviceFacts: mig(instance(null, 0)),
    source: migGuide,
  }),
  asked('whether MIG is on is not known, on a board that has it', {}, ['unknown', 'mig-mode'], {
    deviceFacts: { migLayout: null },
    source: never,
  }),
  asked('whether MIG is on is not known, on a board that has none', {}, native, {
    device: 'L4 550.54.14 12.4',
    deviceFacts: { migLayout: null },
    source: migGuide,
  }),
  asked('whether MIG is on is not known, on a board of no table', {}, ['unknown', 'mig-mode'], {
    deviceFacts: { migLayout: null, product: 'NVIDIA R100' },
    source: never,
  }),
  asked('whether MIG is on is not known, on a board without a product', {}, ['unknown', 'mig-mode'], {
    device: 'L4 550.54.14 12.4',
    deviceFacts: { migLayout: null, product: null },
    source: never,
  }),
  asked('two devices cannot be two instances', { devices: 2, sharing: ['mig'] }, ['incompatible', 'mig-devices'], {
    deviceFacts: mig(instance('3g.20gb', 19.5), instance('3g.20gb', 19.5)),
    source: migGuide,
  }),
  asked('two whole boards are two devices', { devices: 2 }, native),
  asked('two devices on a board of unknown MIG mode', { devices: 2 }, ['unknown', 'mig-mode'], {
    deviceFacts: { migLayout: null },
    source: never,
  }),
];

const sharing: readonly CaseRow[] = [
  asked('exclusive is tolerated by default', {}, native),
  asked('a slice is not tolerated by default', {}, ['incompatible', 'sharing'], {
    deviceFacts: mig(instance('3g.20gb', 19.5)),
  }),
  asked('a slice is a slice also where the source says exclusive', {}, ['incompatible', 'sharing'], {
    deviceFacts: { ...mig(instance('3g.20gb', 19.5)), sharing: 'exclusive' },
  }),
  asked(
    'a slice may be handed out in turn where the source does not tell',
    { sharing: ['exclusive', 'mig'] },
    ['unknown', 'sharing'],
    {
      deviceFacts: { ...mig(instance('3g.20gb', 19.5)), sharing: null },
      source: never,
    },
  ),
  asked('a slice that is handed out in turn', { sharing: ['mig'] }, ['incompatible', 'sharing'], {
    deviceFacts: { ...mig(instance('3g.20gb', 19.5)), sharing: 'time-slicing' },
  }),
  asked('a slice that is handed out by MPS', { sharing: ['mig'] }, ['incompatible', 'sharing'], {
    deviceFacts: { ...mig(instance('3g.20gb', 19.5)), sharing: 'mps' },
  }),
  asked('time-slicing is not tolerated', {}, ['incompatible', 'sharing'], { deviceFacts: { sharing: 'time-slicing' } }),
  asked('time-slicing is tolerated', { sharing: ['exclusive', 'time-slicing'] }, native, {
    deviceFacts: { sharing: 'time-slicing' },
  }),
  asked('MPS is not tolerated', { sharing: ['exclusive', 'mig'] }, ['incompatible', 'sharing'], {
    deviceFacts: { sharing: 'mps' },
  }),
  asked('MPS is tolerated', { sharing: ['mps'] }, native, { deviceFacts: { sharing: 'mps', replicas: 2 } }),
  asked('a whole board where only slices are named', { sharing: ['mig'] }, ['incompatible', 'sharing']),
  asked('how the device is handed out is not known', {}, ['unknown', 'sharing'], {
    deviceFacts: { sharing: null },
    source: never,
  }),
];

const certainty: readonly CaseRow[] = [
  asked('a declared class counts', {}, native, { deviceFacts: { certainty: 'declared' } }),
  asked(
    'labels of a mixed node tell the driver of every device: too old for all of them',
    {},
    ['incompatible', 'driver-too-old'],
    { device: 'A100-40 470.82.01 11.4', deviceFacts: { certainty: 'node' } },
  ),
  asked('labels of a mixed node do not tell the memory of this device', { memoryGib: 20 }, ['unknown', 'memory'], {
    deviceFacts: { certainty: 'node' },
    source: never,
  }),
  asked(
    'labels of a mixed node do not tell the capability of this device',
    { computeCapability: '>=8.6' },
    ['unknown', 'contract-capability'],
    { deviceFacts: { certainty: 'node' }, source: never },
  ),
  asked('labels of a mixed node do not tell whether MIG is on', {}, ['unknown', 'mig-mode'], {
    deviceFacts: { certainty: 'node' },
    source: never,
  }),
];

export const deviceCases: readonly CaseRow[] = [...ranges, ...memory, ...slices, ...sharing, ...certainty];
