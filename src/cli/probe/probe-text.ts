import type { DeviceFacts, MigInstance, NodeFacts } from '../../core/pool/node-facts.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import { painter } from '../terminal/paint.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

/** The flags that decide which kernels a CPU runs, out of the hundred that it has. */
const tellingFeatures = [
  'avx',
  'avx2',
  'avx512f',
  'avx512_vnni',
  'avx512_bf16',
  'amx_tile',
  'amx_bf16',
  'amx_int8',
  'asimd',
  'asimddp',
  'bf16',
  'i8mm',
  'sve',
  'sve2',
];

const sources: Readonly<Record<NodeFacts['source'], string>> = {
  nvml: 'NVML',
  'nvidia-smi': 'nvidia-smi',
  'resource-slice': 'a ResourceSlice',
  'node-labels': 'node labels',
  declared: 'a declaration',
  proc: '/proc and /sys',
};

/** A node for people: what it is, its devices, what is not known and why, what more rights would tell. */
export function probeText(facts: NodeFacts, withPrivilege: readonly string[], colour: boolean): string {
  const paint = painter(colour);
  return textOfLines([
    `${paint('strong', facts.name)}, read by ${sources[facts.source]}`,
    ...alignedTable(nodeRows(facts), '  '),
    '',
    ...deviceLines(facts),
    ...section('not known', unknownLines(facts)),
    ...section('more rights would tell', withPrivilege),
  ]);
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function nodeRows({ cpu, memoryBytes, kernel, containerToolkit, devices }: NodeFacts): readonly (readonly string[])[] {
  const features = tellingFeatures.filter((feature) => cpu?.features?.includes(feature) === true);
  const drivers = distinct((devices ?? []).map(driverText));
  return [
    ...row('cpu', cpu === null ? null : [cpu.model ?? 'a model that is not known', cpu.architecture].join(', ')),
    ...row('cores', cpu?.cores === null || cpu === null ? null : String(cpu.cores)),
    ...row('features', features.length === 0 ? null : features.join(' ')),
    ...row('memory', memoryBytes === null ? null : formatBytes(memoryBytes)),
    ...row('kernel', kernel),
    ...row('toolkit', containerToolkit),
    ...row('driver', drivers.length === 0 ? null : drivers.join('; ')),
  ];
}

const row = (name: string, value: string | null): readonly (readonly string[])[] =>
  value === null ? [] : [[name, value]];

function driverText({ driver, driverCuda }: DeviceFacts): string {
  return `${driver ?? 'version not known'}, CUDA ${driverCuda ?? 'not known'}`;
}

function deviceLines(facts: NodeFacts): readonly string[] {
  const boards = facts.unlisted ?? [];
  return [
    ...listedLines(facts),
    ...(boards.length === 0 ? [] : [`not listed by the driver, so that nothing runs on them: ${boards.join(', ')}`]),
  ];
}

function listedLines({ devices, source, unknown, unlisted }: NodeFacts): readonly string[] {
  if (devices === null) return ['accelerators: not known'];
  if (devices.length > 0) {
    const header = [
      'GPU',
      'PRODUCT',
      'CAPABILITY',
      'MEMORY',
      'MIG',
      'ECC',
      'PCIE',
      'NUMA',
      'POWER',
      'CLOCKS LOWERED BY',
    ];
    return alignedTable([header, ...devices.flatMap(deviceRows)]);
  }
  if (unknown['devices'] !== undefined) return ['accelerators: none is listed'];
  if (unlisted !== undefined) return ['accelerators: none that a driver lists'];
  if (source !== 'proc') return [`accelerators: none, says ${sources[source]}`];
  return ['accelerators: none; the PCI bus has no NVIDIA device, and no NVIDIA driver is loaded'];
}

function deviceRows(device: DeviceFacts): readonly (readonly string[])[] {
  const { mig, memoryBytes, numaNode, powerLimitWatts, throttleReasons } = device;
  const board = [
    told(device.index),
    told(device.product),
    told(device.computeCapability),
    memoryBytes === null ? '?' : formatBytes(memoryBytes),
    migText(mig),
    onOff(device.eccEnabled),
    linkText(device.link),
    told(numaNode),
    powerLimitWatts === null ? '?' : `${powerLimitWatts} W`,
    reasonsText(throttleReasons),
  ];
  return [board, ...(mig?.instances ?? []).map((instance) => instanceRow(instance, memoryBytes))];
}

/** Under the product, since a profile says what part of the board it is. */
function instanceRow(instance: MigInstance, boardBytes: number | null): readonly string[] {
  const { profile, memoryBytes, multiprocessors } = instance;
  const size = `${multiprocessors === null ? '?' : multiprocessors} SM`;
  return [
    '',
    `  ${profile ?? 'no name'}`,
    '',
    memoryBytes === null ? '?' : formatBytes(memoryBytes),
    `${size.padEnd(6)} ${placementPicture(instance, boardBytes)}`.trimEnd(),
  ];
}

/** The memory slices of the board with those of the instance filled: `■■■■····` for a half in front. */
function placementPicture({ placement, memoryBytes }: MigInstance, boardBytes: number | null): string {
  if (placement === null) return '';
  const { start, size } = placement;
  const last = start + size;
  // A slice holds a little less than its share of the board: 4864 MiB of 40960 is one of eight.
  const share = memoryBytes === null || boardBytes === null ? 0 : Math.round((boardBytes * size) / memoryBytes);
  const slices = Math.min(Math.max(share, last), 16);
  return Array.from({ length: slices }, (_, at) => (at >= start && at < last ? '■' : '·')).join('');
}

function migText(mig: DeviceFacts['mig']): string {
  if (mig === null) return '?';
  if (mig.enabled) return mig.instances.length === 1 ? '1 instance' : `${mig.instances.length} instances`;
  return mig.capable === false ? 'none' : 'off';
}

/** Now and at most, where they differ: an idle link slows down by itself. */
function linkText(link: DeviceFacts['link']): string {
  if (link === null) return '?';
  const { generation, maxGeneration, width, maxWidth } = link;
  const now = `${told(generation)}.0 x${told(width)}`;
  const most = `${told(maxGeneration)}.0 x${told(maxWidth)}`;
  return now === most ? now : `${now} of ${most}`;
}

const told = (value: string | number | null): string => (value === null ? '?' : String(value));
const onOff = (value: boolean | null): string => (value === null ? '?' : value ? 'on' : 'off');
const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)];

/** What is missing for one reason stands in one line, and devices that miss the same stand together. */
function unknownLines({ devices, unknown }: NodeFacts): readonly string[] {
  const byText = new Map<string, string[]>();
  for (const device of devices ?? []) {
    for (const text of reasonLines(device.unknown)) {
      byText.set(text, [...(byText.get(text) ?? []), told(device.index)]);
    }
  }
  const all = (devices ?? []).length;
  return [
    ...reasonLines(unknown),
    ...[...byText].map(([text, indexes]) =>
      indexes.length === all && all > 1 ? `every GPU, ${text}` : `GPU ${indexes.join(', ')}, ${text}`,
    ),
  ];
}

/** `cpu, kernel: nvidia-smi tells of the devices only`. */
function reasonLines(unknown: Readonly<Record<string, string>>): readonly string[] {
  const fields = new Map<string, string[]>();
  for (const [field, reason] of Object.entries(unknown)) {
    fields.set(reason, [...(fields.get(reason) ?? []), field]);
  }
  return [...fields].map(([reason, names]) => `${names.join(', ')}: ${reason}`);
}

/** An idle board lowers its clocks, which is no reason to look at. */
function reasonsText(reasons: readonly string[] | null): string {
  if (reasons === null) return '?';
  const told = reasons.filter((reason) => reason !== 'gpu_idle');
  return told.length === 0 ? '-' : told.join(' ');
}
