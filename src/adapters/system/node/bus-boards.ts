import type { DeviceFacts } from '../../../core/pool/node-facts.ts';
import type { PciDevice, PciListing } from './pci-devices.ts';

const boardText = ({ busId, pciDeviceId, kernelDriver, unplacedBytes }: PciDevice): string => {
  const holder = kernelDriver === null ? 'no driver holds it' : `held by ${kernelDriver}`;
  const place = unplacedBytes === null ? '' : `; ${mibText(unplacedBytes)} of its memory have no address: ${remedy}`;
  return `${busId} (${pciDeviceId}, ${holder}${place})`;
};

const mibText = (bytes: number): string => `${bytes / 2 ** 20} MiB`;
const remedy = 'turn on "Above 4G Decoding" in the firmware, or 64-bit MMIO of the virtual machine';

/** What the bus has, for a reason. */
export const onTheBus = (devices: readonly PciDevice[]): string =>
  `the PCI bus has ${counted(devices.length)}: ${devices.map(boardText).join(', ')}`;

/** Boards of the bus that are not among those that the driver lists. A board without a place is taken to be on the bus. */
export function unlistedBoards(devices: readonly DeviceFacts[], pci: PciListing): readonly string[] {
  if (!('devices' in pci) || pci.devices.length <= devices.length) return [];
  const places = new Set(devices.map(({ pciBusId }) => shortBusId(pciBusId)));
  return places.has(null)
    ? []
    : pci.devices.filter(({ busId }) => !places.has(shortBusId(busId))).map((device) => boardText(device));
}

const counted = (count: number): string => (count === 1 ? '1 NVIDIA device' : `${count} NVIDIA devices`);

/** In a container that is given some of the boards this is as it should be, so that it is told and no more. */
export function fewerThanOnTheBus(count: number, pci: PciListing): string | null {
  if (!('devices' in pci) || pci.devices.length <= count) return null;
  return `the driver lists ${count} here, and ${onTheBus(pci.devices)}`;
}

/** NVML writes the domain with eight digits, the kernel with four or more. */
export const shortBusId = (busId: string | null): string | null =>
  busId?.toLowerCase().replace(/^0+(?=[0-9a-f]{4}:)/, '') ?? null;
