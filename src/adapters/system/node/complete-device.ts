import { productsOnHostMemory } from '../../../core/hardware/tables/device-states.ts';
import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { DeviceFacts } from '../../../core/pool/node-facts.ts';
import { shortBusId } from './bus-boards.ts';
import type { HandedOut } from './handed-out.ts';
import type { NvidiaTraces } from './nvidia-traces.ts';
import type { PciDevice, PciListing } from './pci-devices.ts';

/** What the machine shows beside its driver. */
export interface Surroundings {
  readonly pci: PciListing;
  readonly traces: NvidiaTraces;
  readonly handedOut: HandedOut;
  /** Of the container runtime, where its program tells it. */
  readonly mode: DeviceState['containerRuntime'] | undefined;
  /** NUMA nodes of the cores that may be used; empty where that is not told. */
  readonly numaNodes: readonly number[];
  readonly machineBytes: number | null;
  readonly machineState: DeviceState;
  /** Of /dev/shm, which replicas of this machine share; null where it was not read. */
  readonly shmBytes: number | null;
  /** This process is in no container, so that what it does not see is not there. */
  readonly isOwn: boolean;
  /** The Linux of the WSL holds a driver for Linux. */
  readonly isForeign: boolean;
}

/** What the driver did not tell, from the bus, the kernel module and what runs beside it. */
export function completeDevice(device: DeviceFacts, around: Surroundings): DeviceFacts {
  const { pci, traces, handedOut } = around;
  const settled = new Set<string>();
  const found =
    'devices' in pci ? pci.devices.find(({ busId }) => shortBusId(busId) === shortBusId(device.pciBusId)) : undefined;
  const settle = <T>(field: string, told: T | null, otherwise: T | null | undefined): T | null => {
    if (told !== null) return told;
    if (otherwise === null || otherwise === undefined) return null;
    settled.add(field);
    return otherwise;
  };
  const numaNode = settle('numaNode', device.numaNode, found?.numaNode);
  const link = {
    generation: settle('link.generation', device.link?.generation ?? null, found?.link.generation),
    maxGeneration: settle('link.maxGeneration', device.link?.maxGeneration ?? null, found?.link.maxGeneration),
    width: settle('link.width', device.link?.width ?? null, found?.link.width),
    maxWidth: settle('link.maxWidth', device.link?.maxWidth ?? null, found?.link.maxWidth),
  };
  const pciDeviceId = settle('pciDeviceId', device.pciDeviceId, found?.pciDeviceId);
  const driver = settle('driver', device.driver, traces.moduleVersion);
  // A board in MIG mode is shared as such, and one whose mode is not known may be.
  const sharing = device.mig?.enabled === false ? settle('sharing', device.sharing, handedOut.sharing) : device.sharing;
  const onHost = device.memoryBytes === null && withoutMemory.test(device.product ?? '');
  const memoryBytes = onHost ? settle('memoryBytes', null, wholeGib(around.machineBytes)) : device.memoryBytes;
  const unknown = Object.fromEntries(Object.entries(device.unknown).filter(([field]) => !settled.has(field)));
  return {
    ...device,
    pciDeviceId,
    driver,
    sharing,
    memoryBytes,
    numaNode,
    link: Object.values(link).every((value) => value === null) ? null : link,
    ...stateOf({ ...device, numaNode }, found, around, onHost),
    unknown: {
      ...unknown,
      ...(numaNode === null ? { numaNode: numaReason(found, pci) } : {}),
      ...(sharing === null && 'reason' in handedOut ? { sharing: handedOut.reason } : {}),
    },
  };
}

/** The state that the driver tells, with the kernel module and the IOMMU; nothing where nothing of it was read. */
function stateOf(
  device: DeviceFacts,
  found: PciDevice | undefined,
  { traces: { moduleFlavour }, mode, numaNodes, shmBytes, machineState, isOwn, isForeign }: Surroundings,
  onHost: boolean,
): Pick<DeviceFacts, 'state'> {
  const iommu = found?.iommu ?? null;
  const isRemote = device.numaNode !== null && numaNodes.length > 0 && !numaNodes.includes(device.numaNode);
  const state = {
    ...(moduleFlavour === null ? {} : { kernelModule: moduleFlavour }),
    ...(iommu === null ? {} : { iommu }),
    ...(mode === undefined ? {} : { containerRuntime: mode }),
    ...(isRemote ? { numa: 'remote' as const } : {}),
    ...(shmBytes === null ? {} : { shmBytes }),
    ...machineState,
    ...(onHost ? { hostMemory: 'shared' as const } : {}),
    ...ownState(device.state, isOwn),
    ...(isForeign ? { driverLibrary: 'foreign' as const } : {}),
  };
  return Object.keys(state).length === 0 ? {} : { state };
}

/** A container may lack the library that the machine has. */
function ownState(state: DeviceState | undefined, isOwn: boolean): DeviceState | undefined {
  if (isOwn || state?.driverLibrary === undefined) return state;
  const { driverLibrary: _hidden, ...rest } = state;
  return rest;
}

const withoutMemory = new RegExp(productsOnHostMemory);
const gib = 2 ** 30;
/** Rounded down, so that machines that are alike make one class of their devices. */
const wholeGib = (bytes: number | null): number | null => (bytes === null ? null : Math.floor(bytes / gib) * gib);

function numaReason(found: PciDevice | undefined, pci: PciListing): string {
  if ('reason' in pci) return pci.reason;
  return found === undefined ? 'the PCI bus does not list the device' : 'the firmware assigned none';
}
