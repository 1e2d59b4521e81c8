import type { MigBoard } from '../../../core/hardware/tables/mig-profiles.ts';
import { hasMediaEngines } from '../../../core/packing/slices/layouts.ts';
import { draDriver } from '../../../core/hardware/selectors/dra-selector.ts';

/** One device of a ResourceSlice that takes counters of its GPU. */
export interface CountedDevice {
  readonly name: string;
  readonly attributes: Readonly<Record<string, { readonly string: string }>>;
  readonly capacity: Readonly<Record<string, { readonly value: string }>>;
  readonly consumesCounters: readonly CounterSet[];
}

export interface CounterSet {
  readonly [key: string]: unknown;
  readonly counters: Readonly<Record<string, { readonly value: string }>>;
}

export interface MigResourceSlice {
  readonly apiVersion: 'resource.k8s.io/v1';
  readonly kind: 'ResourceSlice';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly driver: string;
    readonly nodeName: string;
    readonly pool: { readonly name: string; readonly generation: number; readonly resourceSliceCount: number };
    readonly sharedCounters?: readonly CounterSet[];
    readonly devices?: readonly CountedDevice[];
  };
}

export interface MigNode {
  readonly name: string;
  readonly product: string;
  readonly board: MigBoard;
  /** Minor numbers of its GPUs. */
  readonly gpus: readonly number[];
}

/**
 * Limits of a ResourceSlice of resource.k8s.io/v1: https://github.com/kubernetes/api, resource/v1/types.go. A slice has counter
 * sets or devices, not both. At most 128 devices without counters.
 */
const mostDevices = 64;
const mostCounterSets = 8;

/**
 * Returns the ResourceSlices that NVIDIA's DRA driver would publish of a node whose GPUs can be divided on demand: a counter
 * for each memory slice, each instance at each of its starts, and the GPU as a whole, which takes all counters.
 *
 * | kept as the driver does | left out |
 * |---|---|
 * | names of counter sets and counters, attributes that selectors use, order of devices | other attributes and engines |
 *
 * The counter `ofa-engines` is 1 on boards with a `+me` profile, so that a GPU has one such instance.
 * Source: https://github.com/kubernetes-sigs/dra-driver-nvidia-gpu, partitions.go (read 2026-11). Later versions of the driver
 * write the id of the profile and the start in a device's name, and not start and size.
 */
export function makeMigResourceSlices(node: MigNode): readonly MigResourceSlice[] {
  const counterSets = node.gpus.map((gpu) => ({ name: counterSetOf(gpu), counters: countAll(node.board) }));
  const perGpu = node.gpus.map((gpu) => makeDevices(node, gpu));
  const gpusPerSlice = Math.max(1, Math.floor(mostDevices / (perGpu[0]?.length ?? 1)));
  const contents = [
    ...chunk(counterSets, mostCounterSets).map((sharedCounters) => ({ sharedCounters })),
    ...chunk(perGpu, gpusPerSlice).map((devices) => ({ devices: devices.flat() })),
  ];
  return contents.map((content, at) => ({
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name: `${node.name}-${draDriver}-${String(at).padStart(2, '0')}` },
    spec: {
      driver: draDriver,
      nodeName: node.name,
      pool: { name: node.name, generation: 1, resourceSliceCount: contents.length },
      ...content,
    },
  }));
}

function makeDevices({ product, board }: MigNode, gpu: number): readonly CountedDevice[] {
  const uuid = `GPU-00000000-0000-4000-8000-${String(gpu).padStart(12, '0')}`;
  const memory = (mib: number) => ({ memory: { value: `${mib}Mi` } });
  const take = (counters: CounterSet['counters']) => [{ counterSet: counterSetOf(gpu), counters }];
  const whole: CountedDevice = {
    name: `gpu-${gpu}`,
    attributes: { type: text('gpu'), uuid: text(uuid), productName: text(product) },
    capacity: memory(Math.max(...board.profiles.map(({ memoryMib }) => memoryMib))),
    consumesCounters: take(countAll(board)),
  };
  const parts = board.profiles.flatMap(({ profile, starts, size, memoryMib }) =>
    starts.map((start): CountedDevice => ({
      name: `gpu-${gpu}-mig-${profile.replace('.', '').replaceAll(/[^a-z0-9]/g, '-')}-${start}-${size}`,
      attributes: {
        type: text('mig'),
        parentUUID: text(uuid),
        profile: text(profile),
        productName: text(product),
      },
      capacity: memory(memoryMib),
      consumesCounters: take({ ...countSlices(start, size), ...(hasMediaEngines({ profile }) ? engine : {}) }),
    })),
  );
  return [whole, ...parts];
}

const engine = { 'ofa-engines': { value: '1' } };
const text = (string: string) => ({ string });
const counterSetOf = (gpu: number): string => `gpu-${gpu}-counter-set`;

const countAll = ({ slices, profiles }: MigBoard): CounterSet['counters'] => ({
  ...countSlices(0, slices),
  ...(profiles.some(hasMediaEngines) ? engine : {}),
});

function countSlices(start: number, size: number): CounterSet['counters'] {
  return Object.fromEntries(Array.from({ length: size }, (_, at) => [`memory-slice-${start + at}`, { value: '1' }]));
}

function chunk<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}
