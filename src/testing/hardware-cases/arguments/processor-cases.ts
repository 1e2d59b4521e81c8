import type { CaseRow, ImageRow } from '../case-row.ts';

const engines = 'vLLM 0.8.5, "Engine Arguments"; SGLang, "Server Arguments"';
const whisper = 'wyoming-faster-whisper pull request 114 (2026-09-01); CTranslate2, "Python package"';
const jax = 'JAX issue 23208 (2024-08-23)';
const llamaCpp = 'llama.cpp, tools/server/README.md';
const ollama = 'Ollama issues 3891 (2024-05-01) and 13069 (2025-11-12)';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const processor: Answer = ['incompatible', 'processor-choice'];
const undecided: Answer = ['unknown', 'processor-choice'];

const row = (
  name: string,
  image: ImageRow,
  args: readonly string[],
  [compatibility, rule]: Answer,
  source: string,
): CaseRow => ({ name, device: 'A100-40 580.95.05 13.0', image, args, compatibility, rule, source });

const told = (python: Readonly<Record<string, string>>, args: readonly string[], answer: Answer): CaseRow =>
  row(`${Object.keys(python).join(' ')} with ${args.join(' ') || 'nothing'}`, { python }, args, answer, engines);

const byVariable = (
  python: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
  answer: Answer,
  source: string,
): CaseRow => {
  const written = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return row(`${Object.keys(python).join(' ')} with ${written.join(' ')}`, { python, env }, [], answer, source);
};

const kernels = 'sm_80 compute_80';
const llama = { 'app/llama-server': kernels, 'app/libggml-cuda.so': kernels, 'app/libcublas.so.12': kernels };
const ollamaFolders = {
  'usr/lib/ollama/cuda_v12/libggml-cuda.so': kernels,
  'usr/lib/ollama/cuda_v13/libggml-cuda.so': kernels,
};
const ofPaths = (
  name: string,
  libraries: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  answer: Answer,
  source: string,
): CaseRow => row(name, { libraries, env }, args, answer, source);

/** Programs that are told to compute on the processor. */
export const processorCases: readonly CaseRow[] = [
  { ...told({ vllm: '0.8.5' }, ['--device', 'cpu'], processor), says: '--device cpu: vLLM computes on the processor' },
  told({ vllm: '0.8.5' }, ['--device=CPU'], processor),
  told({ vllm: '0.8.5' }, ['--device', 'cuda'], native),
  told({ vllm: '0.8.5' }, ['--device', 'auto'], native),
  told({ vllm: '0.8.5' }, ['--device', 'cpu', '--device', 'cuda'], native),
  told({ sglang: '0.4.9' }, ['--device', 'cpu'], processor),
  told({ sglang: '0.4.9' }, ['--device', 'cuda:0'], native),
  told({ 'text-generation-server': '2.2.0' }, ['--device', 'cpu'], native),
  {
    ...row('Wyoming faster-whisper by itself', { python: wyoming() }, [], processor, whisper),
    says: 'no --device',
  },
  row('Wyoming faster-whisper on the processor', { python: wyoming() }, ['--device', 'cpu'], processor, whisper),
  row('Wyoming faster-whisper on a device', { python: wyoming() }, ['--device', 'cuda'], native, whisper),
  row('faster-whisper by an argument', { python: { ctranslate2: '4.6.0' } }, ['--device', 'cpu'], processor, whisper),
  byVariable({ ctranslate2: '4.6.0' }, { WHISPER__INFERENCE_DEVICE: 'cpu' }, processor, whisper),
  byVariable({ ctranslate2: '4.6.0' }, { WHISPER__INFERENCE_DEVICE: 'auto' }, native, whisper),
  byVariable({ ctranslate2: '4.6.0' }, { ASR_DEVICE: 'cpu' }, processor, whisper),
  byVariable({ ctranslate2: '4.6.0' }, { TRANSCRIBE_DEVICE: 'cpu' }, processor, whisper),
  byVariable({ ctranslate2: '4.6.0' }, { TRANSCRIBE_DEVICE: '' }, native, whisper),
  byVariable({ jax: '0.4.26' }, { JAX_PLATFORMS: 'cpu' }, processor, jax),
  byVariable({ jax: '0.4.26' }, { JAX_PLATFORM_NAME: 'cpu' }, processor, jax),
  byVariable({ jax: '0.4.26' }, { JAX_PLATFORMS: 'cuda,cpu' }, native, jax),
  byVariable({ jax: '0.4.26', torch: '2.3.0+cu121' }, { JAX_PLATFORMS: 'cpu' }, native, jax),
  ofPaths('llama.cpp that offloads nothing', llama, {}, ['--device', 'none'], processor, llamaCpp),
  ofPaths('llama.cpp that offloads nothing, in short', llama, {}, ['-dev', 'none'], processor, llamaCpp),
  ofPaths(
    'llama.cpp that a variable lets offload nothing',
    llama,
    { LLAMA_ARG_DEVICE: 'none' },
    [],
    processor,
    llamaCpp,
  ),
  ofPaths('llama.cpp on a device', llama, { LLAMA_ARG_DEVICE: 'none' }, ['--device', 'CUDA0'], native, llamaCpp),
  ofPaths('Ollama on the processor', ollamaFolders, { OLLAMA_LLM_LIBRARY: 'cpu_avx2' }, [], processor, ollama),
  ofPaths('Ollama by a folder of its own', ollamaFolders, { OLLAMA_LLM_LIBRARY: 'cuda_v12' }, [], native, ollama),
  ofPaths(
    'Ollama by a folder of its own beside a library of all',
    { 'usr/lib/ollama/cuda_v12/libggml-cuda.so': kernels, 'usr/lib/ollama/libother.so': kernels },
    { OLLAMA_LLM_LIBRARY: 'cuda_v12' },
    [],
    native,
    ollama,
  ),
  ofPaths('Ollama by a folder that is not there', ollamaFolders, { OLLAMA_LLM_LIBRARY: 'gguf' }, [], undecided, ollama),
  {
    ...ofPaths('Ollama by a long name', ollamaFolders, { OLLAMA_LLM_LIBRARY: 'x'.repeat(81) }, [], undecided, ollama),
    says: `=${'x'.repeat(80)} names no folder`,
  },
  ofPaths('another program with the variable', llama, { OLLAMA_LLM_LIBRARY: 'gguf' }, [], native, ollama),
];

function wyoming(): Readonly<Record<string, string>> {
  return { 'wyoming-faster-whisper': '3.1.0', ctranslate2: '4.6.0' };
}
