import type { Source } from '../source.ts';

/** Architectures (`general.architecture`) that a minor version of Transformers reads of GGUF. */
export interface GgufReader {
  readonly version: string;
  /** Those that it adds to the versions before it. */
  readonly adds: readonly string[];
}

/** In order of their versions; lists only grow. */
export const ggufReaders: readonly GgufReader[] = [
  { version: '4.44', adds: ['llama', 'mistral', 'qwen2'] },
  { version: '4.45', adds: ['qwen2moe', 'phi3'] },
  { version: '4.46', adds: ['bloom', 'falcon', 'gpt2', 'stablelm', 'starcoder2'] },
  { version: '4.47', adds: ['mamba', 'nemotron', 't5', 't5encoder'] },
  { version: '4.51', adds: ['gemma2'] },
  { version: '4.53', adds: ['gemma3'] },
  { version: '4.55', adds: ['qwen3', 'qwen3moe'] },
  { version: '4.56', adds: ['deci'] },
  { version: '4.57', adds: ['lfm2', 'umt5'] },
];

export const ggufReadersSource: Source = {
  title:
    'Transformers, integrations/ggml.py of the last patch of these versions; vLLM issues 7357, 15277, 28691 and 33229: "GGUF model with architecture ... is not supported yet"',
  url: 'https://github.com/vllm-project/vllm/issues/28691',
  date: '2026-01-28',
};

/** The engine that asks Transformers for the configuration of a GGUF file, unless an argument names one that lies elsewhere. */
export const ggufEngine = { engine: 'vllm', to: '0.14', unless: '--hf-config-path' } as const;

/** Programs that read GGUF themselves. */
export const ggufPrograms: readonly string[] = ['llama-cpp-python', 'ctransformers', 'ktransformers'];
