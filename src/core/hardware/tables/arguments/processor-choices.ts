import type { Source } from '../source.ts';

/** How a program is told to compute on the processor, and to leave every accelerator alone. */
export interface ProcessorChoice {
  readonly program: string;
  /** Python distribution; left out for programs that are none. */
  readonly distribution?: string;
  /** Regular expression over the paths of libraries and programs, for programs that are no distributions. */
  readonly path?: string;
  readonly arguments: readonly string[];
  readonly variables: readonly string[];
  /** Regular expression over the value. */
  readonly values: string;
  /** It computes on the processor also where nothing is written. */
  readonly byDefault?: boolean;
  /** It counts where no other program of the image may use an accelerator: a variable says nothing of those. */
  readonly alone?: boolean;
  readonly source: Source;
}

const cpu = '^cpu$';

export const processorChoices: readonly ProcessorChoice[] = [
  {
    program: 'vLLM',
    distribution: 'vllm',
    arguments: ['--device'],
    variables: [],
    values: cpu,
    source: {
      title:
        'vLLM 0.8.5, "Engine Arguments": --device takes auto, cuda, neuron, cpu, tpu, xpu and hpu; later versions refuse it',
      url: 'https://docs.vllm.ai/en/v0.8.5/serving/engine_args.html',
      date: '2025-04-28',
    },
  },
  {
    program: 'SGLang',
    distribution: 'sglang',
    arguments: ['--device'],
    variables: [],
    values: cpu,
    source: {
      title:
        'SGLang, "Server Arguments": --device is one of cuda, xpu, hpu, npu and cpu, and found by itself where it is not written',
      url: 'https://docs.sglang.ai/advanced_features/server_arguments.html',
      date: '2026-11',
    },
  },
  {
    program: 'Wyoming faster-whisper',
    distribution: 'wyoming-faster-whisper',
    arguments: ['--device'],
    variables: [],
    values: cpu,
    byDefault: true,
    source: {
      title: 'wyoming-faster-whisper pull request 114: --device cuda, and the processor where it is not written',
      url: 'https://github.com/OHF-Voice/wyoming-faster-whisper/pull/114',
      date: '2026-09-01',
    },
  },
  {
    program: 'CTranslate2',
    distribution: 'ctranslate2',
    arguments: ['--device'],
    variables: ['WHISPER__INFERENCE_DEVICE', 'ASR_DEVICE', 'TRANSCRIBE_DEVICE'],
    values: cpu,
    source: {
      title:
        'CTranslate2, "Python package": device is cpu, cuda or auto; Speaches, whisper-asr-webservice and subgen read it of a variable',
      url: 'https://opennmt.net/CTranslate2/python/ctranslate2.models.Whisper.html',
      date: '2025-10',
    },
  },
  {
    program: 'JAX',
    distribution: 'jax',
    arguments: [],
    variables: ['JAX_PLATFORMS', 'JAX_PLATFORM_NAME'],
    values: cpu,
    alone: true,
    source: {
      title: 'JAX issue 23208: JAX_PLATFORMS=cpu in the environment keeps JAX on the processor',
      url: 'https://github.com/jax-ml/jax/issues/23208',
      date: '2024-08-23',
    },
  },
  {
    program: 'llama.cpp',
    path: String.raw`^(?!.*/ollama/).*/(?:libggml-cuda[^/]*\.so|llama-server$)`,
    arguments: ['--device', '-dev'],
    variables: ['LLAMA_ARG_DEVICE'],
    values: '^none$',
    source: {
      title: 'llama.cpp, tools/server/README.md: --device none (LLAMA_ARG_DEVICE) puts nothing on devices',
      url: 'https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md',
      date: '2026-11',
    },
  },
  {
    program: 'Ollama',
    path: '/ollama/',
    arguments: [],
    variables: ['OLLAMA_LLM_LIBRARY'],
    values: String.raw`^cpu(?:_\w+)?$`,
    source: {
      title: 'Ollama issue 3891, docs/troubleshooting.md: OLLAMA_LLM_LIBRARY="cpu_avx2" keeps Ollama on the processor',
      url: 'https://github.com/ollama/ollama/issues/3891',
      date: '2024-05-01',
    },
  },
];

/**
 * The variable that names the one folder whose libraries Ollama opens. Releases since late 2025 compute on the processor where no folder has the name;
 * older ones then choose by themselves.
 */
export const ollamaFolder: { readonly variable: string; readonly source: Source } = {
  variable: 'OLLAMA_LLM_LIBRARY',
  source: {
    title:
      'Ollama issue 13069 (0.12.10 uses no board, 0.9.6 does); discover/runner.go: every folder of another name is skipped',
    url: 'https://github.com/ollama/ollama/issues/13069',
    date: '2025-11-12',
  },
};
