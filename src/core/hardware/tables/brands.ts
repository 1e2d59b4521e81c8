import type { Source } from './source.ts';

/** How NVML numbers the brand of a device, and whether forward compatibility covers it where the image has no note. */
export interface Brand {
  /** `nvmlBrandType_t`. */
  readonly number: number;
  /** As node facts write it. */
  readonly name: string;
  /** As the newer container toolkit writes it for `brand=`. */
  readonly requireName: string;
  /** By the published words "data center GPUs, select NGC-ready RTX cards, Jetson": `some` cannot be told by the brand. */
  readonly forward: 'yes' | 'no' | 'some';
  readonly source: Source;
}

const nvml: Source = {
  title: 'NVML API reference, nvmlBrandType_t; CUDA Compatibility, "Forward Compatibility" (which systems)',
  url: 'https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceEnumvs.html',
  date: '2026-11',
  // The document names kinds of board, not brands.
  inferred: true,
};
const row = (number: number, name: string, forward: Brand['forward']): Brand => ({
  number,
  name,
  requireName: name.replaceAll('-', ''),
  forward,
  source: nvml,
});

/** A T4 and every data-centre board from Ampere on reads `nvidia`; GeForce and TITAN are told apart by their own brands. */
export const brands: readonly Brand[] = [
  row(1, 'quadro', 'some'),
  row(2, 'tesla', 'yes'),
  row(3, 'nvs', 'no'),
  row(4, 'grid', 'some'),
  row(5, 'geforce', 'no'),
  row(6, 'titan', 'no'),
  row(7, 'nvidia-vapps', 'some'),
  row(8, 'nvidia-vpc', 'some'),
  row(9, 'nvidia-vcs', 'some'),
  row(10, 'nvidia-vws', 'some'),
  row(11, 'nvidia-cloud-gaming', 'some'),
  row(12, 'quadro-rtx', 'some'),
  row(13, 'nvidia-rtx', 'some'),
  row(14, 'nvidia', 'yes'),
  row(15, 'geforce-rtx', 'no'),
  row(16, 'titan-rtx', 'no'),
];
