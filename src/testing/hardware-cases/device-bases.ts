import type { AcceleratorClass } from '../../core/pool/classes/device-class.ts';

type Base = Pick<AcceleratorClass, 'product' | 'pciDeviceId' | 'brand' | 'computeCapability' | 'memoryBytes'>;

const mib = (count: number): number => count * 2 ** 20;
const base = (
  product: string,
  brand: string,
  computeCapability: string,
  memoryBytes: number,
  pciDeviceId: string | null = null,
): Base => ({ product, brand, computeCapability, memoryBytes, pciDeviceId });

/** Devices of the cases, as nvidia-smi reports them (captures, and the vendor's lists of products). */
export const deviceBases: Readonly<Record<string, Base>> = {
  'A100-40': base('NVIDIA A100-SXM4-40GB', 'nvidia', '8.0', mib(40960), '0x20B010DE'),
  'A100-80': base('NVIDIA A100-SXM4-80GB', 'nvidia', '8.0', mib(81920), '0x20B210DE'),
  A30: base('NVIDIA A30', 'nvidia', '8.0', mib(24576), '0x20B710DE'),
  A10: base('NVIDIA A10', 'nvidia', '8.6', mib(23028), '0x223610DE'),
  L4: base('NVIDIA L4', 'nvidia', '8.9', mib(23034), '0x27B810DE'),
  L40S: base('NVIDIA L40S', 'nvidia', '8.9', mib(46068), '0x26B910DE'),
  T4: base('Tesla T4', 'nvidia', '7.5', mib(15360), '0x1EB810DE'),
  V100: base('Tesla V100-SXM2-16GB', 'tesla', '7.0', mib(16384), '0x1DB110DE'),
  K80: base('Tesla K80', 'tesla', '3.7', mib(11441)),
  P100: base('Tesla P100-PCIE-16GB', 'tesla', '6.0', mib(16384), '0x15F810DE'),
  H100: base('NVIDIA H100 80GB HBM3', 'nvidia', '9.0', mib(81559), '0x233010DE'),
  H200: base('NVIDIA H200', 'nvidia', '9.0', mib(143771), '0x233510DE'),
  GH200: base('NVIDIA GH200 480GB', 'nvidia', '9.0', mib(97871), '0x234210DE'),
  B200: base('NVIDIA B200', 'nvidia', '10.0', mib(183359), '0x290110DE'),
  B300: base('NVIDIA B300 SXM6 AC', 'nvidia', '10.3', mib(275040), '0x318210DE'),
  Thor: base('NVIDIA Thor', 'nvidia', '11.0', mib(125772)),
  Orin: base('Orin (nvgpu)', 'nvidia', '8.7', mib(62841)),
  GB10: base('NVIDIA GB10', 'nvidia', '12.1', mib(122572)),
  'RTX-5090': base('NVIDIA GeForce RTX 5090', 'geforce', '12.0', mib(32607)),
  'RTX-4090': base('NVIDIA GeForce RTX 4090', 'geforce', '8.9', mib(24564)),
  'RTX-A6000': base('NVIDIA RTX A6000', 'nvidia-rtx', '8.6', mib(49140)),
  'TITAN-RTX': base('NVIDIA TITAN RTX', 'titan-rtx', '7.5', mib(24576)),
  'RTX-PRO-6000': base('NVIDIA RTX PRO 6000 Blackwell Server Edition', 'nvidia', '12.0', mib(97887), '0x2BB510DE'),
};
