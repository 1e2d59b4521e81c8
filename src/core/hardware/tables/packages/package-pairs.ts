import type { Source } from '../source.ts';

/**
 * A published wheel that loads beside some versions of another distribution alone. Both ends of a range are included, by as many places
 * as they write; null for no end.
 */
export interface PackagePair {
  readonly distribution: string;
  readonly from: string;
  readonly to: string | null;
  readonly beside: string;
  readonly least: string | null;
  readonly most: string | null;
  readonly source: Source;
}

const torchvision: Source = {
  title: 'torchvision, README, "Installation": each minor version is built for one minor version of torch',
  url: 'https://github.com/pytorch/vision#installation',
  date: '2026-11',
};
/** torchvision 0.15 is of torch 2.0, and both count on. */
const visionRows = [...Array(12).keys()].map((minor): PackagePair => ({
  distribution: 'torchvision',
  from: `0.${minor + 15}`,
  to: `0.${minor + 15}`,
  beside: 'torch',
  least: `2.${minor}`,
  most: `2.${minor}`,
  source: torchvision,
}));

const compiledForNumPy1: Source = {
  title: 'onnxruntime issue 21063: wheels up to 1.18 were compiled for NumPy 1; release 1.19 supports NumPy 2',
  url: 'https://github.com/microsoft/onnxruntime/issues/21063',
  date: '2024-06-17',
};
const numpyRow = (distribution: string): PackagePair => ({
  distribution,
  from: '0',
  to: '1.18',
  beside: 'numpy',
  least: null,
  most: '1',
  source: compiledForNumPy1,
});

export const packagePairs: readonly PackagePair[] = [
  ...visionRows,
  {
    distribution: 'vllm',
    from: '0.3',
    to: '0.3',
    beside: 'torch',
    // Later versions are built by many for other versions of torch, under the same version.
    least: '2.1',
    most: '2.1',
    source: {
      title: 'vLLM issues 3147 and 3528: vLLM 0.3 has undefined symbols beside torch 2.2, and loads beside 2.1',
      url: 'https://github.com/vllm-project/vllm/issues/3147',
      date: '2024-04-17',
    },
  },
  numpyRow('onnxruntime-gpu'),
  numpyRow('onnxruntime'),
];

/** torchvision that was built without CUDA, or for another major, beside a torch for CUDA. */
export const otherBuild: Source = {
  title:
    'ComfyUI issue 10517: torchvision for the CPU beside torch for CUDA; torchvision, extension.py: CUDA majors must be equal',
  url: 'https://github.com/Comfy-Org/ComfyUI/issues/10517',
  date: '2025-10-28',
};
