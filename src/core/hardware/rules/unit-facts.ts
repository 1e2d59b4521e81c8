import type { Sharing } from '../../contract/contract.ts';
import { compareVersions } from '../../units/quantity/quantity-version-range.ts';
import type { VersionNumbers } from '../../units/version.ts';
import type { AcceleratorClass } from '../../pool/classes/device-class.ts';
import type { DeviceState } from '../../pool/device-state.ts';
import { cudaDrivers, cudaToldFrom } from '../tables/cuda-drivers.ts';
import { gridBoards, vgpuBrands, vgpuProducts } from '../tables/device-states.ts';
import { gpuOf } from '../tables/gpus.ts';
import { capabilityNumber, cudaNumber, versionOf } from './numbers.ts';

/** What is handed to one replica as one device: a whole board, or one MIG instance of it. Texts parsed, once per class. */
export interface UnitFacts {
  readonly driver: VersionNumbers | null;
  readonly driverText: string | null;
  /** First number of the driver: 570. */
  readonly branch: number | null;
  /** See `cudaNumber`. */
  readonly driverCuda: number | null;
  readonly capability: number | null;
  readonly brand: string | null;
  readonly product: string | null;
  /** Whether it is a virtual GPU; null where neither brand nor product is known. */
  readonly virtual: boolean | null;
  readonly pciDeviceId: string | null;
  /** Of the board, or of the instance. */
  readonly memoryBytes: number | null;
  readonly sharing: Sharing | null;
  /** As how many a shared unit is handed out; null where it is not shared, or that is not known. */
  readonly replicas: number | null;
  /** `board`, a MIG `instance`, `unknown` where MIG itself is, `empty` where MIG is on and holds no instance. */
  readonly kind: 'board' | 'instance' | 'unknown' | 'empty';
  readonly profile: string | null;
  /** A fact that is left out was not read. */
  readonly state: DeviceState;
  /** Known only from labels of a node of several kinds: what differs between kinds is taken as not known. */
  readonly fromLabels: boolean;
}

/** Every unit of a class, in the order of its layout; a board without MIG is one. An instance of 0 bytes stands for none. */
export function unitsOf(deviceClass: AcceleratorClass): readonly UnitFacts[] {
  const board = boardUnit(deviceClass);
  const { migLayout } = deviceClass;
  if (board.kind !== 'instance' || migLayout === null) return [board];
  return migLayout.map(({ profile, memoryBytes }) => ({
    ...board,
    kind: memoryBytes === 0 ? 'empty' : 'instance',
    profile,
    memoryBytes: board.fromLabels ? null : memoryBytes,
    sharing: instanceSharing(deviceClass.sharing),
  }));
}

/** An instance is a share of its board also where the source says `exclusive` of it; it may be shared again besides. */
const instanceSharing = (sharing: Sharing | null): Sharing | null => (sharing === 'exclusive' ? 'mig' : sharing);

function boardUnit(deviceClass: AcceleratorClass): UnitFacts {
  const { driver, driverCuda, sharing, certainty } = deviceClass;
  const fromLabels = certainty === 'node';
  const own = <Fact>(fact: Fact): Fact | null => (fromLabels ? null : fact);
  const parsed = versionOf(driver);
  return {
    driver: parsed,
    driverText: driver,
    branch: parsed?.[0] ?? null,
    driverCuda: cudaNumber(driverCuda) ?? cudaOfOldDriver(parsed),
    capability: capabilityNumber(own(deviceClass.computeCapability)),
    brand: brandOf(own(deviceClass.brand), own(deviceClass.product)),
    product: own(deviceClass.product),
    virtual: virtualOf(own(deviceClass.brand), own(deviceClass.product)),
    pciDeviceId: own(deviceClass.pciDeviceId),
    memoryBytes: own(deviceClass.memoryBytes),
    sharing,
    replicas: own(deviceClass.replicas ?? null),
    kind: kindOf(deviceClass, fromLabels),
    profile: null,
    state: deviceClass.state ?? {},
    fromLabels,
  };
}

/** CUDA of a driver whose nvidia-smi does not tell it; null for any other, and for one that table A does not go back to. */
export function cudaOfOldDriver(driver: VersionNumbers | null): number | null {
  if (driver === null || (driver[0] ?? Infinity) >= cudaToldFrom.branch) return null;
  const row = cudaDrivers.findLast(
    ({ firstDriver }) => firstDriver !== null && compareVersions(driver, versionOf(firstDriver) ?? []) >= 0,
  );
  return cudaNumber(row?.cuda);
}

const virtualName = new RegExp(vgpuProducts);
const gridBoard = new RegExp(gridBoards);

function virtualOf(brand: string | null, product: string | null): boolean | null {
  if (brand === null && product === null) return null;
  if (gridBoard.test(product ?? '')) return false;
  return (brand !== null && vgpuBrands.includes(brand)) || virtualName.test(product ?? '');
}

/** GeForce and TITAN have brands of their own: a product named so under another brand is one or the other. */
export function consumerBrand(product: string | null): 'geforce' | 'titan' | null {
  const named = /\b(geforce|titan)\b/i.exec(product ?? '')?.[1]?.toLowerCase();
  return named === 'geforce' || named === 'titan' ? named : null;
}

/** Null also where the product is not known: it could be the one that contradicts. */
function brandOf(brand: string | null, product: string | null): string | null {
  if (product === null) return null;
  const consumer = consumerBrand(product);
  return consumer === null || brand?.startsWith(consumer) === true ? brand : null;
}

function kindOf({ migLayout, product }: AcceleratorClass, fromLabels: boolean): UnitFacts['kind'] {
  if (fromLabels) return 'unknown';
  if (migLayout === null) return gpuOf(product)?.migInstances === 0 ? 'board' : 'unknown';
  return migLayout.length === 0 ? 'board' : 'instance';
}

/**
 * What one replica may take of the unit. Under MPS the device plugin limits each to an equal part in whole MiB (40,960 MiB as
 * 3 are 13,653), so that without the number of replicas it is not known. Time slices divide no memory, and reserve none.
 */
export function memoryOfReplica({ memoryBytes, sharing, replicas }: UnitFacts): number | null {
  if (sharing !== 'mps') return memoryBytes;
  if (memoryBytes === null || replicas === null) return null;
  return Math.floor(memoryBytes / replicas / mib) * mib;
}

const mib = 2 ** 20;

/** Whether the driver of the unit is at least this one; null when the driver is not known. */
export const driverAtLeast = ({ driver }: UnitFacts, least: VersionNumbers): boolean | null =>
  driver === null ? null : compareVersions(driver, least) >= 0;
