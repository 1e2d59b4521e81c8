/** What no output of nvidia-smi but one column tells, for boards that it is certain of. */
export interface Board {
  readonly product: string;
  readonly computeCapability: string;
  /** Whether the board can be partitioned. */
  readonly mig: boolean;
}

/**
 * Keyed on the PCI device number, never on a name. Sources, as of 2026-11:
 * device numbers: "Compatible GPUs" in the README of NVIDIA/open-gpu-kernel-modules (branch 550); for T4 the capture
 * fixtures/t4.xml; for V100 the PCI ID Repository; for B200 and GB200 the default MIG configuration of the NVIDIA GPU
 * Operator; for GB300 a public report of its memory and number (284,208 MiB, 0x31C210DE);
 * capability and MIG: NVIDIA's lists of CUDA GPUs and of GPUs that MIG supports.
 * A board that is not here is not known: a wrong row would be a wrong verdict.
 */
export const boards: Readonly<Record<string, Board>> = {
  '1DB1': { product: 'V100-SXM2-16GB', computeCapability: '7.0', mig: false },
  '1DB4': { product: 'V100-PCIE-16GB', computeCapability: '7.0', mig: false },
  '1DB5': { product: 'V100-SXM2-32GB', computeCapability: '7.0', mig: false },
  '1DB6': { product: 'V100-PCIE-32GB', computeCapability: '7.0', mig: false },
  '1EB8': { product: 'T4', computeCapability: '7.5', mig: false },
  '20B0': { product: 'A100-SXM4-40GB', computeCapability: '8.0', mig: true },
  '20B2': { product: 'A100-SXM4-80GB', computeCapability: '8.0', mig: true },
  '20B5': { product: 'A100 80GB PCIe', computeCapability: '8.0', mig: true },
  '20B7': { product: 'A30', computeCapability: '8.0', mig: true },
  '20F1': { product: 'A100-PCIE-40GB', computeCapability: '8.0', mig: true },
  '2235': { product: 'A40', computeCapability: '8.6', mig: false },
  '2236': { product: 'A10', computeCapability: '8.6', mig: false },
  '2321': { product: 'H100 NVL', computeCapability: '9.0', mig: true },
  '2330': { product: 'H100 80GB HBM3', computeCapability: '9.0', mig: true },
  '2331': { product: 'H100 PCIe', computeCapability: '9.0', mig: true },
  '2335': { product: 'H200', computeCapability: '9.0', mig: true },
  '2342': { product: 'GH200', computeCapability: '9.0', mig: true },
  '2684': { product: 'GeForce RTX 4090', computeCapability: '8.9', mig: false },
  '26B5': { product: 'L40', computeCapability: '8.9', mig: false },
  '26B9': { product: 'L40S', computeCapability: '8.9', mig: false },
  '27B8': { product: 'L4', computeCapability: '8.9', mig: false },
  '2901': { product: 'B200', computeCapability: '10.0', mig: true },
  '2941': { product: 'GB200', computeCapability: '10.0', mig: true },
  '31C2': { product: 'GB300', computeCapability: '10.3', mig: true },
};

/** @param pciDeviceId device and vendor, `0x20B010DE`. */
export function boardOf(pciDeviceId: string | null): Board | null {
  const match = /^0x([0-9A-F]{4})10DE$/.exec(pciDeviceId ?? '');
  return boards[match?.[1] ?? ''] ?? null;
}
