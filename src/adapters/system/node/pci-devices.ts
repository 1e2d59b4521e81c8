import { readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { LinkFacts } from '../../../core/pool/node-facts.ts';
import { readKernelFile, textOf, type KernelText } from '../kernel-file.ts';
import type { NodeRoots } from './node-roots.ts';

/** An NVIDIA display or compute device as the bus shows it, driver or not. */
export interface PciDevice {
  /** `0000:06:00.0`. */
  readonly busId: string;
  /** Device and vendor, `0x20B010DE`. */
  readonly pciDeviceId: string;
  /** Kernel driver that holds it: `nvidia`, `vfio-pci`, `nouveau`; null when none does. */
  readonly kernelDriver: string | null;
  /** Null also where the firmware assigned none. */
  readonly numaNode: number | null;
  readonly link: LinkFacts;
  /** What the IOMMU does with the device; null where its kind is not one of those that are known. */
  readonly iommu: DeviceState['iommu'] | null;
  /** Size of the largest range of its memory that got no address, so that no driver takes it; null where each has one, or that is not told. */
  readonly unplacedBytes: number | null;
}

export type PciListing = { readonly devices: readonly PciDevice[] } | { readonly reason: string };

const nvidiaVendor = '0x10de';
const mostDevices = 10_000;

/** Transfer rates of PCI Express by generation, in GT/s (PCI-SIG). */
const generations: Readonly<Record<string, number>> = { '2.5': 1, '5': 2, '8': 3, '16': 4, '32': 5, '64': 6 };

/** Class 0x03 is display: 0x0300 with a screen, 0x0302 without. Sound and switches of the same vendor are others. */
export async function readPciDevices({ sys }: NodeRoots): Promise<PciListing> {
  const folder = path.join(sys, 'bus/pci/devices');
  const names = await readdir(folder).catch(() => null);
  if (names === null) return { reason: `${folder} is not there` };
  const devices: PciDevice[] = [];
  for (const busId of names.sort().slice(0, mostDevices)) {
    const read = async (file: string): Promise<string> =>
      textOf(await readKernelFile(path.join(folder, busId, file))) ?? '';
    if ((await read('vendor')) !== nvidiaVendor || !(await read('class')).startsWith('0x03')) continue;
    const numa = await read('numa_node');
    devices.push({
      busId,
      pciDeviceId: `0x${`${(await read('device')).slice(2)}10de`.toUpperCase()}`,
      kernelDriver: await readlink(path.join(folder, busId, 'driver')).then(
        (target) => path.basename(target),
        () => null,
      ),
      numaNode: /^\d{1,4}$/.test(numa) ? Number(numa) : null,
      link: {
        generation: generationOf(await read('current_link_speed')),
        maxGeneration: generationOf(await read('max_link_speed')),
        width: widthOf(await read('current_link_width')),
        maxWidth: widthOf(await read('max_link_width')),
      },
      unplacedBytes: unplacedOf(await read('resource')),
      iommu: iommuOf(await readKernelFile(path.join(folder, busId, 'iommu_group/type'))),
    });
  }
  return { devices };
}

const ofMemory = 0x200n;
const withoutAddress = 0x2000_0000n;
const rangesOfDevice = 6;
const isNumber = (value: bigint | null | undefined): value is bigint => typeof value === 'bigint';

/**
 * A line is `start end flags` in hexadecimal (Linux, resource_show). A range that the firmware and the kernel found no place for keeps its size: it starts
 * at 0, or has the flag IORESOURCE_UNSET. The driver then says "BAR1 is 0M @ 0x0" and leaves the board.
 */
function unplacedOf(resource: string): number | null {
  const sizes = resource
    .split('\n')
    .slice(0, rangesOfDevice)
    .flatMap((line) => {
      const [start, end, flags] = line.split(' ').map((word) => (/^0x[\da-f]{1,16}$/.test(word) ? BigInt(word) : null));
      if (!isNumber(start) || !isNumber(end) || !isNumber(flags)) return [];
      if ((flags & ofMemory) === 0n || end <= start) return [];
      return start === 0n || (flags & withoutAddress) !== 0n ? [Number(end - start + 1n)] : [];
    });
  return sizes.length === 0 ? null : Math.max(...sizes);
}

/** A device without a group has no IOMMU; `DMA` and `DMA-FQ` are domains that translate, `identity` is one that does not. */
function iommuOf(file: KernelText): PciDevice['iommu'] {
  if ('reason' in file) return file.reason.endsWith('is not there') ? 'off' : null;
  const type = file.text.trim();
  if (type === 'identity') return 'passthrough';
  return type.startsWith('DMA') ? 'translating' : null;
}

/** `16.0 GT/s PCIe`; `Unknown` where the bus does not tell. */
function generationOf(speed: string): number | null {
  const rate = /^(\d+(?:\.\d+)?) GT\/s/.exec(speed)?.[1];
  return rate === undefined ? null : (generations[String(Number(rate))] ?? null);
}

/** 0, 63 and 255 stand for not known. */
function widthOf(width: string): number | null {
  return /^(?:1|2|4|8|12|16|32)$/.test(width) ? Number(width) : null;
}
