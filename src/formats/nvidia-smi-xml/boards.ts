import { gpuOf } from '../../core/hardware/tables/gpus.ts';

/** What no output of nvidia-smi but one column tells, for boards that it is certain of. */
export interface Board {
  readonly computeCapability: string;
  /** Whether the board can be partitioned. */
  readonly mig: boolean;
}

/**
 * Product by PCI device number, never by a name that somebody may change. What the product is stands in the one table of products
 * (`gpus`). Sources of the numbers, as of 2026-11: "Compatible GPUs" in the README of NVIDIA/open-gpu-kernel-modules (branch 550);
 * for T4 the capture fixtures/t4.xml; for V100, Pascal, A10G and boards of workstations the PCI ID Repository; for H20, H200 NVL,
 * B300 and RTX PRO 6000 the configuration of mig-parted; for B200 and GB200 the default MIG configuration of the NVIDIA
 * GPU Operator; for GB300 a public report of its memory and number (284,208 MiB, 0x31C210DE).
 */
export const products: Readonly<Record<string, string>> = {
  '15F8': 'P100-PCIE-16GB',
  '15F9': 'P100-SXM2-16GB',
  '1B38': 'P40',
  '1BB3': 'P4',
  '1DB1': 'V100-SXM2-16GB',
  '1DB4': 'V100-PCIE-16GB',
  '1DB5': 'V100-SXM2-32GB',
  '1DB6': 'V100-PCIE-32GB',
  '1EB8': 'T4',
  '20B0': 'A100-SXM4-40GB',
  '20B2': 'A100-SXM4-80GB',
  '20B5': 'A100 80GB PCIe',
  '20B7': 'A30',
  '20F1': 'A100-PCIE-40GB',
  '2204': 'GeForce RTX 3090',
  '2230': 'RTX A6000',
  '2235': 'A40',
  '2236': 'A10',
  '2237': 'A10G',
  '2321': 'H100 NVL',
  '2329': 'H20',
  '2330': 'H100 80GB HBM3',
  '2331': 'H100 PCIe',
  '2335': 'H200',
  '233B': 'H200 NVL',
  '2342': 'GH200',
  '2684': 'GeForce RTX 4090',
  '26B1': 'RTX 6000 Ada Generation',
  '26B5': 'L40',
  '26B9': 'L40S',
  '27B8': 'L4',
  '2901': 'B200',
  '2941': 'GB200',
  '2B85': 'GeForce RTX 5090',
  '2BB5': 'RTX PRO 6000 Blackwell Server Edition',
  '3182': 'B300 SXM6 AC',
  '31C2': 'GB300',
};

/**
 * Null for a number that is not here: a name alone is no ground, and a wrong row would be a wrong verdict.
 * @param pciDeviceId device and vendor, `0x20B010DE`.
 */
export function boardOf(pciDeviceId: string | null): Board | null {
  const number = /^0x([0-9A-F]{4})10DE$/.exec(pciDeviceId ?? '')?.[1] ?? '';
  const gpu = gpuOf(products[number] ?? null);
  return gpu === null ? null : { computeCapability: gpu.capability, mig: gpu.migInstances > 0 };
}
