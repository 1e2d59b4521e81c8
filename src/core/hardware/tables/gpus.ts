import type { Source } from './source.ts';

/** Table G: what a product is. */
export interface Gpu {
  readonly name: string;
  /** Regular expression for the product as the driver names it, after `NVIDIA` and `Tesla` are taken off. */
  readonly product: string;
  readonly capability: string;
  /** MiB as nvidia-smi reports them where that is known, else the nominal GB as text. */
  readonly memory: readonly string[];
  /** Largest number of MIG instances; 0 on boards without MIG. */
  readonly migInstances: number;
  /** Only where the board is soldered to its CPU. */
  readonly hostArchitecture: 'arm64' | null;
  readonly source: Source;
}

const list: Source = {
  title: 'NVIDIA, "CUDA GPU Compute Capability"; MIG User Guide, "Supported GPUs"',
  url: 'https://developer.nvidia.com/cuda-gpus',
  date: '2026-11',
};
const row = (
  name: string,
  product: string,
  capability: string,
  memory: string,
  migInstances = 0,
  hostArchitecture: 'arm64' | null = null,
): Gpu => ({ name, product, capability, memory: memory.split(' / '), migInstances, hostArchitecture, source: list });

/** Rows that were not looked up again for this table: capability and memory as they are commonly known. */
const unchecked = (gpu: Gpu): Gpu => ({ ...gpu, source: { ...gpu.source, inferred: true } });

/** The first row that matches counts: the superchips stand before the boards that their names contain. */
export const gpus: readonly Gpu[] = [
  row('GB300', String.raw`^GB300\b`, '10.3', '284208 MiB', 7, 'arm64'),
  row('GB200', String.raw`^GB200\b`, '10.0', '189471 MiB', 7, 'arm64'),
  row('GH200', String.raw`^GH200\b`, '9.0', '96 GB / 144 GB', 7, 'arm64'),
  unchecked(row('GB10', String.raw`^GB10\b`, '12.1', '128 GB shared', 0, 'arm64')),
  row('B300', String.raw`^B300\b`, '10.3', '288 GB', 7),
  row('B200', String.raw`^B200\b`, '10.0', '183359 MiB', 7),
  row('H200', String.raw`^H200\b`, '9.0', '141 GB', 7),
  row('H100', String.raw`^H100\b`, '9.0', '81559 MiB / 94 GB / 96 GB', 7),
  row('H20', String.raw`^H20\b`, '9.0', '96 GB', 7),
  row('A100', String.raw`^(?:A100|PG506|GRID A100)`, '8.0', '40960 MiB / 81920 MiB', 7),
  row('A30', String.raw`^A30\b`, '8.0', '24 GB', 4),
  row('A10', String.raw`^A10G?\b`, '8.6', '24 GB'),
  unchecked(row('A16', String.raw`^A16\b`, '8.6', '16 GB')),
  row('A40', String.raw`^A40\b`, '8.6', '48 GB'),
  unchecked(row('A2', String.raw`^A2\b`, '8.6', '16 GB')),
  row('L4', String.raw`^L4\b`, '8.9', '24 GB'),
  row('L40S', String.raw`^L40S\b`, '8.9', '46068 MiB'),
  row('L40', String.raw`^L40\b`, '8.9', '48 GB'),
  row('T4', String.raw`^T4G?\b`, '7.5', '15360 MiB'),
  row('V100', String.raw`^V100`, '7.0', '16 GB / 32 GB'),
  unchecked(row('P100', String.raw`^P100`, '6.0', '16 GB')),
  unchecked(row('P40', String.raw`^P40\b`, '6.1', '24 GB')),
  unchecked(row('P4', String.raw`^P4\b`, '6.1', '8 GB')),
  row('RTX PRO 6000', String.raw`^RTX PRO 6000 Blackwell`, '12.0', '96 GB', 4),
  unchecked(row('RTX 6000 Ada', String.raw`^RTX 6000 Ada`, '8.9', '48 GB')),
  unchecked(row('RTX A6000', String.raw`^RTX A6000\b`, '8.6', '48 GB')),
  row('RTX 5090', String.raw`^GeForce RTX 5090\b`, '12.0', '32 GB'),
  row('RTX 4090', String.raw`^GeForce RTX 4090\b`, '8.9', '24 GB'),
  unchecked(row('RTX 3090', String.raw`^GeForce RTX 3090\b`, '8.6', '24 GB')),
];

const patterns = gpus.map((gpu) => ({ gpu, pattern: new RegExp(gpu.product) }));

/** Null for a product that no row names. */
export function gpuOf(product: string | null): Gpu | null {
  if (product === null) return null;
  const bare = product.replace(/^(?:NVIDIA |Tesla )+/, '').replace(/-MIG-.*$/, '');
  return patterns.find(({ pattern }) => pattern.test(bare))?.gpu ?? null;
}
