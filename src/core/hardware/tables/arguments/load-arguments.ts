import type { Source } from '../source.ts';

/** Arguments by which an engine is told how many tokens one sequence may reach. */
export interface LengthArgument {
  /** Python distribution of the engine; null for programs that open GGUF files, which are no distributions. */
  readonly engine: string | null;
  readonly names: readonly string[];
  readonly source: Source;
}

const vllm: Source = {
  title: 'vLLM, "Conserving Memory" and "Quantized KV Cache": max_model_len bounds the cache, and FP8 halves it',
  url: 'https://docs.vllm.ai/en/latest/configuration/conserving_memory.html',
  date: '2026-11',
};
const sglang: Source = {
  title: 'SGLang, "Server Arguments": --context-length and --kv-cache-dtype',
  url: 'https://docs.sglang.ai/advanced_features/server_arguments.html',
  date: '2026-11',
};
const llamaCpp: Source = {
  title: 'llama.cpp, tools/server/README.md: --ctx-size is the size of the context, --n-gpu-layers the layers in VRAM',
  url: 'https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md',
  date: '2026-11',
};

export const lengthArguments: readonly LengthArgument[] = [
  { engine: 'vllm', names: ['--max-model-len'], source: vllm },
  { engine: 'sglang', names: ['--context-length'], source: sglang },
  { engine: null, names: ['--ctx-size', '--n-ctx', '-c'], source: llamaCpp },
];

/** Engines that start only where one sequence as long as the model allows fits, unless an argument changes that. */
export interface WholeContext {
  readonly engine: string;
  readonly from: string;
  /** Null for the newest. */
  readonly to: string | null;
  /** Whether its tokenizer may allow fewer tokens than the model. */
  readonly byTokenizer: boolean;
  readonly source: Source;
}

export const wholeContexts: readonly WholeContext[] = [
  {
    engine: 'vllm',
    from: '0.2.7',
    to: '0.9.0',
    byTokenizer: false,
    source: {
      title:
        'vLLM pull request 2163 and issue 2418: 0.2.7 stops where the longest sequence of the model does not fit the cache',
      url: 'https://github.com/vllm-project/vllm/pull/2163',
      date: '2024-01-11',
    },
  },
  {
    engine: 'vllm',
    from: '0.9.1',
    to: null,
    byTokenizer: true,
    source: {
      title:
        'vLLM pulls 19201 and 19660: model_max_length of the tokenizer counts too; issues 34076 (0.15) and 49878 (0.26) still stop there',
      url: 'https://github.com/vllm-project/vllm/pull/19201',
      date: '2026-07-26',
    },
  },
];

/** Arguments beside which nothing is known of it: they change the sequence, the tokenizer, the weights on devices, or name a file that does. */
export const contextChangers: readonly string[] = [
  ...['--max-model-len', '--hf-overrides', '--rope-scaling', '--config', '--tokenizer', '--skip-tokenizer-init'],
  ...['--cpu-offload-gb', '--quantization', '-q', '--load-format', '--num-gpu-blocks-override'],
];

/** Arguments that store keys and values in fewer bits than the model computes in: values, and what is left of 16 bits. */
export interface CacheArgument {
  readonly engine: string;
  readonly name: string;
  readonly values: readonly string[];
  readonly share: number;
  readonly source: Source;
}

export const cacheArguments: readonly CacheArgument[] = [
  { engine: 'vllm', name: '--kv-cache-dtype', values: ['fp8', 'fp8_e4m3', 'fp8_e5m2'], share: 0.5, source: vllm },
  { engine: 'sglang', name: '--kv-cache-dtype', values: ['fp8_e4m3', 'fp8_e5m2'], share: 0.5, source: sglang },
];

/**
 * Arguments that say how many layers of a GGUF file are put on devices; the others are computed on the CPU. Models have no fewer layers
 * than `fewestLayers`, which counts where nobody read how many the file has.
 */
export const layerArguments: {
  readonly names: readonly string[];
  readonly fewestLayers: number;
  readonly source: Source;
} = {
  names: ['--n-gpu-layers', '--gpu-layers', '-ngl'],
  fewestLayers: 16,
  source: llamaCpp,
};

/** Arguments that keep parts of the weights in the memory of the machine: so many GiB for each device, or as many as the program sees fit. */
export const hostArguments: {
  readonly gib: readonly string[];
  readonly open: readonly string[];
  readonly source: Source;
} = {
  gib: ['--cpu-offload-gb'],
  open: ['--cpu-offloading', '--medvram', '--medvram-sdxl', '--lowvram', '--novram'],
  source: {
    title:
      'vLLM, "Conserving Memory" and SGLang, "Server Arguments" (--cpu-offload-gb); FastChat, README (--cpu-offloading); stable-diffusion-webui, "Command Line Arguments" (--medvram, --lowvram); ComfyUI, cli_args.py (--lowvram, --novram)',
    url: 'https://github.com/AUTOMATIC1111/stable-diffusion-webui/wiki/Command-Line-Arguments-and-Settings',
    date: '2026-11',
  },
};
