import { describeClass, acceleratorClassOf, profilesText, type AcceleratorClass } from '../classes/device-class.ts';
import type { DeviceFacts, NodeFacts } from '../node-facts.ts';

/** Changes of one node in sentences; of a node that is on one side only, its devices. */
export function nodeChanges(from: NodeFacts | null, to: NodeFacts | null): readonly string[] {
  if (from === null || to === null) return devicesText(to ?? from);
  return [...deviceChanges(from.devices, to.devices), ...ownChanges(from, to)];
}

function devicesText(node: NodeFacts | null): readonly string[] {
  if (node === null) return [];
  if (node.devices === null) return ['devices not known'];
  return counted(node.devices.map((device) => describeClass(acceleratorClassOf(device))));
}

/** `8x NVIDIA A100 ...`, each once. */
function counted(lines: readonly string[]): readonly string[] {
  const groups = Map.groupBy(lines, (line) => line);
  return [...groups].map(([line, same]) => (same.length === 1 ? line : `${same.length}x ${line}`));
}

function deviceChanges(from: NodeFacts['devices'], to: NodeFacts['devices']): readonly string[] {
  if (from === null || to === null) {
    if (from === to) return [];
    return [
      `devices ${from === null ? 'not known' : String(from.length)} -> ${to === null ? 'not known' : String(to.length)}`,
    ];
  }
  const { pairs, went, appeared } = pairUp(from, to);
  const changes = pairs.flatMap(([was, is]) => classChanges(acceleratorClassOf(was), acceleratorClassOf(is)));
  const name = (device: DeviceFacts): string => device.product ?? 'a device that is not known';
  return [
    ...(from.length === to.length ? [] : [`devices ${from.length} -> ${to.length}`]),
    ...counted(went.map((device) => `went: ${name(device)}`)),
    ...counted(appeared.map((device) => `appeared: ${name(device)}`)),
    ...counted(changes).map((line) => line.replace(/^(\d+)x (.*)$/, `$2 (on $1 of ${to.length} devices)`)),
  ];
}

interface Pairs {
  readonly pairs: readonly (readonly [DeviceFacts, DeviceFacts])[];
  readonly went: readonly DeviceFacts[];
  readonly appeared: readonly DeviceFacts[];
}

/** By UUID, else by bus, else by position among the rest. */
function pairUp(from: readonly DeviceFacts[], to: readonly DeviceFacts[]): Pairs {
  const pairs: (readonly [DeviceFacts, DeviceFacts])[] = [];
  let [left, right] = [[...from], [...to]];
  for (const key of ['uuid', 'pciBusId'] as const) {
    const byKey = Map.groupBy(
      right.filter((device) => device[key] !== null),
      (device) => device[key],
    );
    const rest: DeviceFacts[] = [];
    for (const device of left) {
      // Captures with blanked UUIDs hold the same one several times.
      const match = device[key] === null ? undefined : byKey.get(device[key])?.shift();
      if (match === undefined) rest.push(device);
      else pairs.push([device, match]);
    }
    const taken = new Set(pairs.map(([, match]) => match));
    [left, right] = [rest, right.filter((device) => !taken.has(device))];
  }
  const common = Math.min(left.length, right.length);
  left.slice(0, common).forEach((device, at) => pairs.push([device, right[at] ?? device]));
  return { pairs, went: left.slice(common), appeared: right.slice(common) };
}

const words: Readonly<Partial<Record<keyof AcceleratorClass, string>>> = {
  product: 'product',
  pciDeviceId: 'PCI device id',
  brand: 'brand',
  computeCapability: 'compute capability',
  memoryBytes: 'memory in bytes',
  driver: 'driver',
  driverCuda: 'CUDA of the driver',
  eccEnabled: 'ECC',
  sharing: 'sharing',
  replicas: 'replicas',
  migLayout: 'MIG',
  certainty: 'certainty',
};

function classChanges(from: AcceleratorClass, to: AcceleratorClass): readonly string[] {
  const fields = Object.keys(words) as (keyof AcceleratorClass)[];
  return fields.flatMap((field) => {
    const [was, is] = [valueText(from, field), valueText(to, field)];
    return was === is ? [] : [`${words[field] ?? field} ${was} -> ${is}`];
  });
}

function valueText(deviceClass: AcceleratorClass, field: keyof AcceleratorClass): string {
  if (field === 'migLayout') return deviceClass.migLayout === null ? 'not known' : profilesText(deviceClass.migLayout);
  const value = deviceClass[field];
  if (value === null) return 'not known';
  return field === 'eccEnabled' ? (value === true ? 'on' : 'off') : String(value);
}

/** Facts of the node that no class of accelerator holds; a label may decide which service lands there. */
function ownChanges(from: NodeFacts, to: NodeFacts): readonly string[] {
  const single = (word: string, was: string | number | null, is: string | number | null): readonly string[] =>
    was === is ? [] : [`${word} ${was ?? 'not known'} -> ${is ?? 'not known'}`];
  return [
    ...single('kernel', from.kernel, to.kernel),
    ...single('container toolkit', from.containerToolkit, to.containerToolkit),
    ...single('CPU', from.cpu?.model ?? null, to.cpu?.model ?? null),
    ...recordChanges('label', notOfDevices(from.labels), notOfDevices(to.labels)),
    ...recordChanges('allocatable', from.allocatable, to.allocatable),
  ];
}

/** Labels of GPU Feature Discovery are told as devices already. */
const notOfDevices = (labels: NodeFacts['labels']): NodeFacts['labels'] =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => !key.startsWith('nvidia.com/')));

function recordChanges(
  word: string,
  from: Readonly<Record<string, string | number>>,
  to: Readonly<Record<string, string | number>>,
): readonly string[] {
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return keys.flatMap((key) => {
    const [was, is] = [from[key], to[key]];
    return was === is ? [] : [`${word} ${key} ${was ?? 'none'} -> ${is ?? 'none'}`];
  });
}
