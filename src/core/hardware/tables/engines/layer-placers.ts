import type { Source } from '../source.ts';

/** A program that puts as many layers of a model on the devices as fit, and computes the others on the CPU. */
export interface LayerPlacer {
  readonly name: string;
  /** Folder that its libraries lie in. */
  readonly folder: string;
  /** Fewest layers of the models that it serves: one of them must fit. */
  readonly leastLayers: number;
  /** What it keeps of a device beside layers: the CUDA context, and buffers of the computation. */
  readonly reservedBytes: number;
  readonly source: Source;
}

export const layerPlacers: readonly LayerPlacer[] = [
  {
    name: 'Ollama',
    folder: 'ollama',
    leastLayers: 16,
    reservedBytes: 2 ** 30,
    source: {
      title:
        'Ollama, FAQ: "48%/52% CPU/GPU" is a model that is loaded partly on both; ollama-benchmark pull request 9: 7B models on a GTX 1060 of 3 GB',
      url: 'https://github.com/ollama/ollama/blob/main/docs/faq.mdx',
      date: '2024-06-10',
      // Neither says how little memory still takes a layer.
      inferred: true,
    },
  },
];
