import * as z from 'zod';
import { isNodeName } from '../../core/pool/node-name.ts';
import { deviceStateForm } from './device-state.ts';
import type { DeviceFacts, MigInstance, NodeFacts } from '../../core/pool/node-facts.ts';

/**
 * `pools/NAME.json` as it is written. Equal facts are written once, as a kind, because ten thousand nodes of one pool
 * differ in little but their names; what is one device's own stands on that device's line.
 */
export const poolSnapshotVersion = 1;

const text = z.string().max(1024);
const count = z.int().min(0);
const texts = z.record(z.string(), z.string().max(4096));
const sharing = z.enum(['exclusive', 'mig', 'mps', 'time-slicing']).nullable();
const certainty = z.enum(['device', 'node', 'declared']);
const sourceKind = z.enum(['nvml', 'nvidia-smi', 'resource-slice', 'node-labels', 'declared', 'proc']);
const moment = z.iso.datetime({ offset: true });

const instance = z.strictObject({
  profile: text.nullable(),
  memoryBytes: count.nullable(),
  multiprocessors: count.nullable(),
  placement: z.strictObject({ start: count, size: count }).nullable(),
});
const deviceKind = z.strictObject({
  product: text.nullable(),
  brand: text.nullable(),
  architecture: text.nullable(),
  pciDeviceId: text.nullable(),
  computeCapability: text.nullable(),
  memoryBytes: count.nullable(),
  driver: text.nullable(),
  driverCuda: text.nullable(),
  mig: z
    .strictObject({ capable: z.boolean().nullable(), enabled: z.boolean(), instances: z.array(instance) })
    .nullable(),
  sharing,
  replicas: z.int().min(1).exactOptional(),
  state: deviceStateForm.exactOptional(),
  eccEnabled: z.boolean().nullable(),
  certainty,
  unknown: texts,
});
const device = z.strictObject({
  kind: text,
  index: count.exactOptional(),
  uuid: text.exactOptional(),
  pciBusId: text.exactOptional(),
  numaNode: z.int().exactOptional(),
  reservedBytes: count.exactOptional(),
  link: z
    .strictObject({
      generation: count.nullable(),
      maxGeneration: count.nullable(),
      width: count.nullable(),
      maxWidth: count.nullable(),
    })
    .exactOptional(),
  powerLimitWatts: z.number().min(0).exactOptional(),
  throttleReasons: z.array(text).exactOptional(),
  /** UUIDs of the kind's MIG instances, in their order. */
  migUuids: z.array(text.nullable()).exactOptional(),
});
const cpu = z.strictObject({
  architecture: text,
  model: text.nullable(),
  cores: count.nullable(),
  features: z.array(text).nullable(),
});
const nodeKind = z.strictObject({
  source: sourceKind,
  allocatable: z.record(z.string(), count),
  containerToolkit: text.nullable(),
  cpu: text.nullable(),
  kernel: text.nullable(),
  unknown: texts,
});
const node = z.strictObject({
  kind: text,
  /** Sets of labels that other nodes carry too, one for each domain. */
  labelSets: z.array(text),
  /** Labels that no other node of the pool carries. */
  labels: texts.exactOptional(),
  memoryBytes: count.exactOptional(),
  /** Null: not known. Left out: as the snapshot. */
  takenAt: moment.nullable().exactOptional(),
  devices: z.array(device).nullable(),
});
const acceleratorClass = z.strictObject({
  accelerator: z.literal('nvidia'),
  product: text.nullable(),
  pciDeviceId: text.nullable(),
  brand: text.nullable(),
  computeCapability: text.nullable(),
  memoryBytes: count.nullable(),
  driver: text.nullable(),
  driverCuda: text.nullable(),
  eccEnabled: z.boolean().nullable(),
  sharing,
  replicas: z.int().min(1).exactOptional(),
  state: deviceStateForm.exactOptional(),
  migLayout: z.array(z.strictObject({ profile: text.nullable(), memoryBytes: count.nullable() })).nullable(),
  certainty,
});
const cpuClass = z.strictObject({ accelerator: z.literal('cpu'), arch: text, model: text });
const declared = z.strictObject({
  deviceClass: z.discriminatedUnion('accelerator', [acceleratorClass, cpuClass]),
  devicesPerNode: z.int().min(1).max(1024),
  labels: texts,
});

export const poolFileSchema = z.strictObject({
  snapshotVersion: z.literal(poolSnapshotVersion),
  pool: text,
  takenAt: moment,
  sources: z.array(z.string().max(4096)),
  declared: z.array(declared),
  cpus: z.record(z.string(), cpu),
  deviceKinds: z.record(z.string(), deviceKind),
  labelSets: z.record(z.string(), texts),
  nodeKinds: z.record(z.string(), nodeKind),
  nodes: z.record(z.string().refine(isNodeName, { error: 'expected a name of one line' }), node),
});

export type PoolFile = z.output<typeof poolFileSchema>;
export type DeviceEntry = z.output<typeof device>;
export type NodeEntry = z.output<typeof node>;

/** What devices of one kind share. */
export type DeviceKind = Omit<
  DeviceFacts,
  'index' | 'uuid' | 'pciBusId' | 'numaNode' | 'reservedBytes' | 'link' | 'powerLimitWatts' | 'throttleReasons' | 'mig'
> & {
  readonly mig: {
    readonly capable: boolean | null;
    readonly enabled: boolean;
    readonly instances: readonly Omit<MigInstance, 'uuid'>[];
  } | null;
};
/** What nodes of one kind share; `cpu` is a key of `cpus`. */
export type NodeKind = Omit<NodeFacts, 'name' | 'takenAtMs' | 'memoryBytes' | 'devices' | 'cpu' | 'labels'> & {
  readonly cpu: string | null;
};
