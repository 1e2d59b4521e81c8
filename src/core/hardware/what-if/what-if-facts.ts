import { classOnlyFacts } from '../../pool/classes/class-only-facts.ts';
import { compareVersions } from '../../units/quantity/quantity-version-range.ts';
import { readVersion } from '../../units/version.ts';
import { acceleratorClassOf as classOf, type AcceleratorClass } from '../../pool/classes/device-class.ts';
import { handedOutBy } from '../../pool/handed-out.ts';
import type { DeviceFacts, MigFacts, MigInstance, NodeFacts } from '../../pool/node-facts.ts';
import type { PoolSnapshot } from '../../pool/snapshot/pool-snapshot.ts';
import { cudaDrivers } from '../tables/cuda-drivers.ts';
import { migBoardOf, migBoards, type MigBoard } from '../tables/mig-profiles.ts';
import { citation } from '../tables/source.ts';
import type { WhatIf, WhatIfProduct } from './what-if.ts';

export interface ChangedPool {
  readonly snapshot: PoolSnapshot;
  /** What was assumed and what is not known, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * A pool as it would be. What CUDA a driver speaks is never inferred from its number: it is what was given, or what the
 * published row of exactly that driver says, or unknown.
 */
export function changePool(snapshot: PoolSnapshot, change: WhatIf): ChangedPool {
  const notes = new Set<string>();
  const spoken = change.driver === undefined ? undefined : cudaSpokenBy(change.driver, change.cuda, notes);
  const nodes = snapshot.nodes.map((node) => changeNode(node, change, spoken, notes));
  const declared = snapshot.declared.map((one) =>
    one.deviceClass.accelerator === 'cpu'
      ? one
      : {
          ...one,
          deviceClass: classOf(changeDevice(declaredDevice(one.deviceClass), change, spoken, notes)),
          devicesPerNode: change.count ?? one.devicesPerNode,
        },
  );
  const empty = nodes.length === 0 && declared.length === 0;
  const added =
    empty && change.product !== undefined
      ? [
          {
            deviceClass: classOf(changeDevice(boardOf(change.product, null), change, spoken, notes)),
            devicesPerNode: change.count ?? 1,
            labels: {},
          },
        ]
      : [];
  return { snapshot: { ...snapshot, nodes, declared: [...declared, ...added] }, notes: [...notes] };
}

function cudaSpokenBy(driver: string, given: string | undefined, notes: Set<string>): string | null {
  if (given !== undefined) return given;
  const row = cudaDrivers.find((one) => isSame(one.firstDriver, driver) || isSame(one.lastDriver, driver));
  if (row === undefined) {
    notes.add(
      `what CUDA driver ${driver} speaks is not known: no published row names exactly this driver; give it with cuda=, as \`driver=${driver},cuda=13.0\``,
    );
    return null;
  }
  notes.add(`driver ${driver} speaks CUDA ${row.cuda}: ${citation(row.source)}`);
  return row.cuda;
}

function isSame(published: string | null, driver: string): boolean {
  const [a, b] = [published === null ? null : readVersion(published), readVersion(driver)];
  return a !== null && b !== null && compareVersions(a, b) === 0;
}

function changeNode(node: NodeFacts, change: WhatIf, spoken: string | null | undefined, notes: Set<string>): NodeFacts {
  const { devices } = node;
  if (devices === null) {
    if (change.product === undefined) return node;
    notes.add(`the devices of ${node.name} are not known; they are taken to be replaced`);
  }
  const before = devices ?? [];
  const [first] = before;
  const { product } = change;
  const count = change.count ?? before.length;
  const boards = product === undefined ? before : before.map(() => boardOf(product, first ?? null));
  const sample = boards.at(-1) ?? (product === undefined ? undefined : boardOf(product, null));
  const counted = Array.from({ length: count }, (_, index) => boards[index] ?? sample).filter(
    (one) => one !== undefined,
  );
  const changed = counted.map((device, index) => ({ ...changeDevice(device, change, spoken, notes), index }));
  const resized = changed.length !== before.length && node.allocatable['nvidia.com/gpu'] !== undefined;
  return {
    ...node,
    devices: changed,
    ...(resized ? { allocatable: { ...node.allocatable, 'nvidia.com/gpu': changed.length } } : {}),
    ...(change.mig !== undefined && handedOutBy(node) !== null ? { allocatable: recut(node, changed) } : {}),
  };
}

/** The device plugin counts anew what there is, all of it as boards: which strategy it would have is not asked. */
function recut({ allocatable }: NodeFacts, devices: readonly DeviceFacts[]): NodeFacts['allocatable'] {
  const others = Object.entries(allocatable).filter(([name]) => !/^nvidia\.com\/(gpu(\.shared)?$|mig-)/.test(name));
  const units = devices.map(({ mig }) => (mig?.enabled === true ? mig.instances.length : 1));
  return { ...Object.fromEntries(others), 'nvidia.com/gpu': units.reduce((sum, one) => sum + one, 0) };
}

function changeDevice(
  device: DeviceFacts,
  change: WhatIf,
  spoken: string | null | undefined,
  notes: Set<string>,
): DeviceFacts {
  const driverCuda = spoken === undefined ? (change.cuda ?? device.driverCuda) : spoken;
  const told = { ...device, driver: change.driver ?? device.driver, driverCuda };
  if (change.mig === undefined) return told;
  const mig = partition(told, change.mig, notes);
  return mig === null ? told : { ...told, mig, sharing: mig.enabled ? 'mig' : 'exclusive' };
}

/** A board of another product in the place of one that is there: the driver belongs to the node and stays. */
function boardOf({ name, gpu, memoryBytes }: WhatIfProduct, before: DeviceFacts | null): DeviceFacts {
  const boards = migBoards.filter((board) => board.name === gpu.name || board.name.startsWith(`${gpu.name} `));
  return {
    index: null,
    uuid: null,
    product: name === gpu.name ? `NVIDIA ${gpu.name}` : name,
    brand: brandOf(gpu.name),
    architecture: null,
    pciDeviceId: boards.length === 1 ? (boards[0]?.pciDeviceIds[0] ?? null) : null,
    pciBusId: null,
    computeCapability: gpu.capability,
    memoryBytes,
    reservedBytes: null,
    driver: before?.driver ?? null,
    driverCuda: before?.driverCuda ?? null,
    mig: { capable: gpu.migInstances > 0, enabled: false, instances: [] },
    sharing: 'exclusive',
    eccEnabled: null,
    numaNode: null,
    link: null,
    powerLimitWatts: null,
    throttleReasons: null,
    certainty: 'declared',
    unknown: {
      ...(memoryBytes === null
        ? { memoryBytes: `${gpu.name} comes with ${gpu.memory.join(' or ')}; name it with memory=` }
        : {}),
      ...(before === null ? { driver: 'there is no node to take the driver from; name it with driver=' } : {}),
    },
  };
}

/** The brand as NVML says it: boards for data centres from Turing on read `nvidia`. */
function brandOf(name: string): string {
  if (/^RTX [345]090$/.test(name)) return 'geforce';
  if (name.startsWith('RTX')) return 'nvidia-rtx';
  return /^[PV]\d/.test(name) ? 'tesla' : 'nvidia';
}

/** Null where the board cannot be cut that way; no instance where it cannot be cut at all. A note says why. */
function partition(
  { product, pciDeviceId, mig }: DeviceFacts,
  { profiles, fill }: NonNullable<WhatIf['mig']>,
  notes: Set<string>,
): MigFacts | null {
  if (profiles.length === 0) return { capable: mig?.capable ?? null, enabled: false, instances: [] };
  const name = product ?? 'a product that is not known';
  if (mig?.capable === false) {
    notes.add(
      `${name} cannot be cut: its facts say that it is not capable of MIG, so that nothing of it is handed out`,
    );
    return { capable: false, enabled: true, instances: [] };
  }
  const board = migBoardOf(pciDeviceId);
  if (board === null) {
    notes.add(`${name}: which MIG profiles it has is not known; it stays as it is`);
    return null;
  }
  const wanted = fill ? Array.from({ length: mostOf(board, profiles[0] ?? '') }, () => profiles[0] ?? '') : profiles;
  const instances = wanted.length === 0 ? null : place(board, wanted);
  if (instances === null) {
    notes.add(`${name}: ${profiles.join(' + ')} cannot be placed on it (${citation(board.source)}); it stays as it is`);
    return null;
  }
  return { capable: true, enabled: true, instances };
}

const mostOf = (board: MigBoard, profile: string): number =>
  board.profiles.find((one) => one.profile === profile)?.maxInstances ?? 0;

/** The first arrangement, largest instances first, in which no two share a memory slice; null when there is none. */
function place(board: MigBoard, wanted: readonly string[]): readonly MigInstance[] | null {
  const found = wanted.map((name) => board.profiles.find(({ profile }) => profile === name));
  if (found.some((profile) => profile === undefined)) return null;
  const profiles = found.filter((profile) => profile !== undefined).sort((a, b) => b.size - a.size);
  const counts = new Map<string, number>();
  for (const { profile } of profiles) counts.set(profile, (counts.get(profile) ?? 0) + 1);
  if (profiles.some(({ profile, maxInstances }) => (counts.get(profile) ?? 0) > maxInstances)) return null;
  const search = (index: number, taken: number): readonly MigInstance[] | null => {
    const profile = profiles[index];
    if (profile === undefined) return [];
    for (const start of profile.starts) {
      const slices = ((1 << profile.size) - 1) << start;
      if ((taken & slices) !== 0) continue;
      const rest = search(index + 1, taken | slices);
      if (rest === null) continue;
      const placement = { start, size: profile.size };
      const memoryBytes = profile.memoryMib * 2 ** 20;
      return [{ profile: profile.profile, uuid: null, memoryBytes, multiprocessors: null, placement }, ...rest];
    }
    return null;
  };
  return search(0, 0);
}

/** A declared class as a device, so that it is changed by the same code. */
function declaredDevice(declared: AcceleratorClass): DeviceFacts {
  const { accelerator: _, migLayout, ...rest } = declared;
  const instances = (migLayout ?? []).map((one) => ({ ...one, uuid: null, multiprocessors: null, placement: null }));
  return {
    ...classOnlyFacts,
    ...rest,
    mig: migLayout === null ? null : { capable: null, enabled: instances.length > 0, instances },
  };
}
