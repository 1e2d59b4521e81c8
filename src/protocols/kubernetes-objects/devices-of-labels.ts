import type { DeviceFacts, MigFacts } from '../../core/pool/node-facts.ts';
import type { GfdLabels, LabelledResource } from './gfd-labels.ts';
import { certaintyOfLabels } from './label-certainty.ts';
import type { NodeObject } from './node-object.ts';

/** No node has as many boards, instances and partitions; what says more is not believed. */
export const mostDevices = 1024;

export interface DevicesFound {
  readonly devices: readonly DeviceFacts[] | null;
  /** Of the node: name of a field to the reason why it is null or incomplete. */
  readonly unknown: Readonly<Record<string, string>>;
}

/**
 * The devices that labels and capacity tell of. Whole boards stand for themselves. Labels count MIG instances of a node and
 * do not say which board holds them, so that each instance stands for itself, as a board of which only it is known: that is
 * how the device plugin hands them out.
 */
export function devicesOfLabels(node: NodeObject, labels: GfdLabels | null): DevicesFound {
  if (labels === null) return devicesWithoutLabels(node);
  const { migState } = labels;
  if (migState !== null && migState !== 'success' && labels.migCapable !== false) {
    const reason = `the MIG manager says ${migState} (nvidia.com/mig.config.state): which instances the boards hold is not known`;
    return { devices: null, unknown: { devices: reason } };
  }
  const judged = certaintyOfLabels(labels, node);
  const shared = { ...sharedFacts(labels), certainty: judged.certainty };
  const migs = labels.gpu.profile === null ? labels.migs : [labels.gpu];
  const counts = [wholeBoards(labels, node), ...migs.map(({ count }) => count ?? 0)];
  if (counts.reduce((sum, one) => sum + one, 0) > mostDevices) {
    return { devices: null, unknown: { devices: `labels count more than ${mostDevices} devices on one node` } };
  }
  const boards = alike(counts[0] ?? 0, board(labels, shared, judged.certainty === 'device'));
  const instances = migs.flatMap((resource, at) => alike(counts[at + 1] ?? 0, instanceOf(labels, resource, shared)));
  return {
    devices: [...boards, ...instances],
    unknown: judged.certainty === 'device' ? {} : { devices: judged.reason },
  };
}

const alike = (count: number, device: DeviceFacts): DeviceFacts[] => Array.from({ length: count }, () => device);

/**
 * Boards that are handed out whole. The label counts those of one product; the capacity counts all, so that on a mixed
 * node it says how many there are. Under strategy `single` with instances there are none.
 */
function wholeBoards(labels: GfdLabels, node: NodeObject): number {
  const { gpu } = labels;
  if (gpu.profile !== null || gpu.invalid) return 0;
  const replicas = Math.max(1, gpu.replicas ?? 1);
  if (labels.migs.length > 0 || node.migCapacity > 0) return Math.floor((node.boardCapacity ?? 0) / replicas);
  const byCapacity = node.boardCapacity === null ? 0 : Math.ceil(node.boardCapacity / replicas);
  return Math.max(gpu.count ?? 0, byCapacity);
}

const notTold = 'node labels do not tell it';

function sharedFacts(
  labels: GfdLabels,
): Omit<DeviceFacts, 'memoryBytes' | 'mig' | 'sharing' | 'replicas' | 'certainty' | 'product'> {
  const unknown: Record<string, string> = { brand: notTold, eccEnabled: notTold, pciDeviceId: notTold };
  const { driver, driverCuda } = labels;
  if (driver.value === null) unknown['driver'] = driver.reason;
  if (driverCuda.value === null) unknown['driverCuda'] = driverCuda.reason;
  if (labels.computeCapability === null) unknown['computeCapability'] = 'no label tells it';
  return {
    index: null,
    uuid: null,
    brand: null,
    architecture: labels.architecture,
    pciDeviceId: null,
    pciBusId: null,
    computeCapability: labels.computeCapability,
    reservedBytes: null,
    driver: driver.value,
    driverCuda: driverCuda.value,
    eccEnabled: null,
    numaNode: null,
    link: null,
    powerLimitWatts: null,
    throttleReasons: null,
    unknown,
  };
}

type Shared = ReturnType<typeof sharedFacts> & { readonly certainty: DeviceFacts['certainty'] };

function board(labels: GfdLabels, shared: Shared, oneProduct: boolean): DeviceFacts {
  const { product, memoryBytes, sharing } = labels.gpu;
  const mig = migOfBoards(labels, oneProduct);
  const unknown = {
    ...shared.unknown,
    ...(product === null ? { product: 'no label tells it' } : {}),
    ...(memoryBytes === null ? { memoryBytes: 'no label tells it' } : {}),
    ...(mig === null ? { mig: 'labels tell no MIG state of the boards' } : {}),
    ...(sharing === null ? { sharing: 'no label tells it' } : {}),
  };
  return { ...shared, product, memoryBytes, sharing, ...replicasOf(labels.gpu), mig, unknown };
}

/** 0 is written where a board with MIG on won the label: it tells of no shared board. */
const replicasOf = ({ sharing, replicas }: LabelledResource): Pick<DeviceFacts, 'replicas'> =>
  (sharing === 'mps' || sharing === 'time-slicing') && replicas !== null && replicas > 0 ? { replicas } : {};

/**
 * | strategy | labels of instances | MIG of the boards |
 * |---|---|---|
 * | any | none, and `mig.capable` false | off: no board of the node can |
 * | single | none | off: with it on, the product would say so |
 * | mixed | none, and the counts agree | off: the plugin leaves boards with MIG on out of its capacity |
 * | mixed | some, or the counts differ | not known |
 * | none, or no label | none | not known: the strategy labels boards with MIG like those without |
 */
function migOfBoards(labels: GfdLabels, oneProduct: boolean): MigFacts | null {
  const off: MigFacts = { capable: labels.migCapable, enabled: false, instances: [] };
  if (labels.migCapable === false) return off;
  if (labels.migStrategy === 'single' && labels.gpu.profile === null && !labels.gpu.invalid) return off;
  return labels.migStrategy === 'mixed' && labels.migs.length === 0 && oneProduct ? off : null;
}

function instanceOf(labels: GfdLabels, resource: LabelledResource, shared: Shared): DeviceFacts {
  const { product, profile, memoryBytes, multiprocessors, sharing } = resource;
  return {
    ...shared,
    product: product ?? labels.gpu.product,
    memoryBytes: null,
    sharing,
    ...replicasOf(resource),
    mig: {
      capable: true,
      enabled: true,
      instances: [{ profile, uuid: null, memoryBytes, multiprocessors, placement: null }],
    },
    unknown: {
      ...shared.unknown,
      memoryBytes: 'labels tell the memory of the MIG instance, not of its board',
      mig: 'labels do not tell which board holds which instance: each instance stands for itself',
    },
  };
}

function devicesWithoutLabels(node: NodeObject): DevicesFound {
  const count = (node.boardCapacity ?? 0) + node.migCapacity;
  if (count > 0) {
    const reason = `the node has ${count} of nvidia.com/gpu or nvidia.com/mig-*, and no label of GPU Feature Discovery says what they are`;
    return { devices: null, unknown: { devices: reason } };
  }
  const pci = Object.entries(node.labels).some(
    ([key, value]) => /^feature\.node\.kubernetes\.io\/pci-.*10de.*\.present$/.test(key) && value === 'true',
  );
  if (pci || node.labels['nvidia.com/gpu.present'] === 'true') {
    return { devices: null, unknown: { devices: 'the node has an NVIDIA board, and nothing says which' } };
  }
  return { devices: [], unknown: {} };
}
