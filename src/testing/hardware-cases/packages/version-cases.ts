import type { CaseRow, ImageRow } from '../case-row.ts';

const flashInfer = 'FlashInfer issue 4781 (2026-08-27); vLLM issue 49804 (2026-07-25)';
const jaxPlugin = 'JAX, jaxlib/plugin_support.py; issue 24901 (2024-11-14)';
const jax = 'JAX, jax/_src/lib; Alpa, documentation';
const aimv2 = 'vLLM issue 22178; gpustack issue 2665 (2025-08-04)';
const fifth = 'vLLM pull request 29686 (2025-11-28); Qwen3-VL issue 2058 (2026-03-09)';
const needs = 'Transformers, dependency_versions_table.py; huggingface_hub issue 2377 (2024-07-05)';
const numba = 'gpustack issue 2769 (2025-08-22); Numba issue 10033 (2025-04-07)';
const tensorflow = 'TensorFlow issue 102743 (2025-10-22)';

export type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
export type Python = Readonly<Record<string, string>>;
export const native: Answer = ['native', 'driver-native'];
const other: Answer = ['incompatible', 'same-version'];
export const broken: Answer = ['incompatible', 'package-pair'];

export const row = (
  name: string,
  python: Python,
  [compatibility, rule]: Answer,
  source: string,
  image: ImageRow = {},
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device: 'A10 580.95.05 13.0',
  image: { cuda: '12.4', instructions: {}, compilers: ['usr/bin/gcc', 'usr/local/cuda/bin/nvcc'], python, ...image },
  model: { format: 'safetensors', precisions: ['fp16'], headSize: 128, modelType: 'llama', experts: false },
  compatibility,
  rule,
  source,
  ...rest,
});

const cubin = (
  name: string,
  own: string,
  python: string,
  answer: Answer,
  more: Python = { vllm: '0.13.0' },
  image: ImageRow = {},
): CaseRow => row(name, { 'flashinfer-cubin': own, 'flashinfer-python': python, ...more }, answer, flashInfer, image);
const same: readonly CaseRow[] = [
  {
    ...cubin('flashinfer-cubin that is newer', '0.6.0', '0.5.3', other),
    says: 'FlashInfer does not import where flashinfer-cubin is 0.6.0 and flashinfer-python 0.5.3: it needs flashinfer-cubin 0.5.3',
  },
  cubin('flashinfer-cubin that is older', '0.6.13', '0.6.14', other),
  cubin('flashinfer-cubin of the version', '0.6.13', '0.6.13', native),
  cubin('flashinfer-cubin without the post release', '0.6.8', '0.6.8.post1', other),
  cubin('flashinfer-cubin of the post release', '0.6.8.post1', '0.6.8.post1', native),
  cubin('flashinfer-cubin of another post release', '0.6.8.post2', '0.6.8.post1', other),
  cubin('flashinfer-cubin beside a FlashInfer before it', '0.6.0', '0.3.1', native),
  cubin('flashinfer-cubin beside the first FlashInfer that compares', '0.6.0', '0.4.0', other),
  cubin('flashinfer-cubin that a variable leaves alone', '0.6.0', '0.5.3', native, undefined, {
    env: { FLASHINFER_DISABLE_VERSION_CHECK: '1' },
  }),
  cubin('flashinfer-cubin and a variable of another value', '0.6.0', '0.5.3', other, undefined, {
    env: { FLASHINFER_DISABLE_VERSION_CHECK: '0' },
  }),
  cubin('flashinfer-cubin in SGLang', '0.6.0', '0.5.3', other, { sglang: '0.5.6' }),
  cubin('flashinfer-cubin in TensorRT-LLM', '0.6.0', '0.5.3', other, { 'tensorrt-llm': '1.2.0' }),
  cubin('flashinfer-cubin that nobody imports', '0.6.0', '0.5.3', native, {}),
  cubin('flashinfer-cubin of a version that cannot be read', 'main', '0.5.3', native),
  row('flashinfer-cubin without FlashInfer', { vllm: '0.13.0', 'flashinfer-cubin': '0.6.0' }, native, flashInfer),
  row(
    'flashinfer-jit-cache for a CUDA version',
    { vllm: '0.13.0', 'flashinfer-jit-cache': '0.6.16+cu130', 'flashinfer-python': '0.6.16' },
    native,
    flashInfer,
  ),
  row(
    'flashinfer-jit-cache of another version',
    { vllm: '0.13.0', 'flashinfer-jit-cache': '0.6.10+cu130', 'flashinfer-python': '0.6.1' },
    other,
    flashInfer,
  ),
  row(
    'a plugin of JAX that is newer',
    { jax: '0.9.0.1', jaxlib: '0.9.0.1', 'jax-cuda12-plugin': '0.9.2' },
    other,
    jaxPlugin,
    { components: { cudnn: '9.13.1' } },
  ),
  row(
    'a plugin of JAX that is older',
    { jax: '0.10.0', jaxlib: '0.10.0', 'jax-cuda12-plugin': '0.5.3' },
    other,
    jaxPlugin,
    { components: { cudnn: '9.13.1' } },
  ),
  row(
    'a plugin of JAX for CUDA 13 that is older',
    { jax: '0.9.2', jaxlib: '0.9.2', 'jax-cuda13-plugin': '0.9.1' },
    other,
    jaxPlugin,
  ),
  row(
    'a plugin of JAX of the version',
    { jax: '0.9.2', jaxlib: '0.9.2', 'jax-cuda13-plugin': '0.9.2' },
    native,
    jaxPlugin,
    { cuda: '13.0', components: { cudnn: '9.12.0' } },
  ),
  row(
    'a plugin of JAX of the version, of somebody',
    { jax: '0.9.1', jaxlib: '0.9.1.dev20260317', 'jax-cuda13-plugin': '0.9.1+local' },
    native,
    jaxPlugin,
  ),
  row(
    'a plugin of JAX beside a jaxlib that compares nothing',
    { jax: '0.4.31', jaxlib: '0.4.31', 'jax-cuda12-plugin': '0.4.30' },
    native,
    jaxPlugin,
    { components: { cudnn: '9.1' } },
  ),
  row(
    'a plugin of JAX beside the first jaxlib that compares',
    { jax: '0.4.32', jaxlib: '0.4.32', 'jax-cuda12-plugin': '0.4.31' },
    other,
    jaxPlugin,
    { components: { cudnn: '9.1' } },
  ),
  row(
    'a plugin of JAX beside torch',
    { jax: '0.9.2', jaxlib: '0.9.2', 'jax-cuda13-plugin': '0.9.1', torch: '2.9.0' },
    native,
    jaxPlugin,
  ),
  row(
    'a jaxlib that is newer than JAX',
    { jax: '0.4.21', jaxlib: '0.6.0' },
    other,
    jax,
    {},
    { says: 'it needs jaxlib 0.4.21 or older' },
  ),
  row('a jaxlib that is older than JAX', { jax: '0.4.26', jaxlib: '0.4.23' }, native, jax),
  row('a jaxlib that is one version newer than JAX', { jax: '0.4.26', jaxlib: '0.4.27' }, other, jax),
  row('a jaxlib of the version of JAX', { jax: '0.4.26', jaxlib: '0.4.26' }, native, jax),
  row('a jaxlib that is newer than the first JAX', { jax: '0.2.28', jaxlib: '0.4.26' }, native, jax),
  row('a jaxlib that is newer than an early JAX', { jax: '0.3.5', jaxlib: '0.3.7' }, other, jax),
  row(
    'a jaxlib that is newer than JAX, beside ONNX Runtime',
    { jax: '0.4.21', jaxlib: '0.6.0', 'onnxruntime-gpu': '1.20.0' },
    native,
    jax,
    { components: { cudnn: '9.3.0' } },
  ),
];

const beside = (
  first: string,
  second: string,
  version: string,
  answer: Answer,
  source: string,
  name = 'transformers',
): CaseRow =>
  row(
    `${first} beside ${name} ${second}`,
    { ...(first === '' ? {} : { vllm: first }), [name]: second, torch: version },
    answer,
    source,
  );
const ofNeeds = (transformers: string, name: string, version: string, answer: Answer, more: Python = {}): CaseRow =>
  row(
    `Transformers ${transformers} beside ${name} ${version} ${Object.keys(more).join(' ')}`,
    { transformers, [name]: version, ...more },
    answer,
    needs,
    more['onnxruntime-gpu'] === undefined ? {} : { components: { cudnn: '9.3.0' } },
  );
const pairs: readonly CaseRow[] = [
  beside('0.9.2', '4.54.1', '2.7.0', broken, aimv2),
  beside('0.9.0', '4.55.0', '2.7.0', broken, aimv2),
  beside('0.9.2', '4.53.3', '2.7.0', native, aimv2),
  beside('0.10.0', '4.54.1', '2.7.1', native, aimv2),
  beside('0.8.5', '4.54.1', '2.6.0', native, aimv2),
  beside('0.11.0', '5.1.0', '2.8.0', broken, fifth),
  beside('0.6.3', '5.0.0', '2.4.0', broken, fifth),
  beside('0.3.0', '5.0.0', '2.1.2', broken, fifth),
  beside('0.11.0', '4.57.6', '2.8.0', native, fifth),
  beside('0.12.0', '5.0.0rc0', '2.9.0', native, fifth),

  ofNeeds('4.39.3', 'tokenizers', '0.19.1', broken),
  ofNeeds('4.39.3', 'tokenizers', '0.15.2', native),
  ofNeeds('4.39.3', 'tokenizers', '0.13.3', broken),
  ofNeeds('4.40.2', 'tokenizers', '0.20.3', broken),
  ofNeeds('4.44.2', 'tokenizers', '0.19.1', native),
  ofNeeds('4.44.2', 'tokenizers', '0.15.2', broken),
  ofNeeds('4.45.2', 'tokenizers', '0.19.1', broken),
  ofNeeds('4.46.3', 'tokenizers', '0.20.3', native),
  ofNeeds('4.46.3', 'tokenizers', '0.21.0', broken),
  ofNeeds('4.47.1', 'tokenizers', '0.20.3', broken),
  ofNeeds('4.47.1', 'tokenizers', '0.21.0', native),
  ofNeeds('4.55.4', 'tokenizers', '0.21.4', native),
  ofNeeds('4.55.4', 'tokenizers', '0.22.0', broken),
  ofNeeds('4.56.2', 'tokenizers', '0.21.4', broken),
  ofNeeds('4.57.3', 'tokenizers', '0.22.1', native),
  ofNeeds('4.57.3', 'tokenizers', '0.23.0', native),
  ofNeeds('4.57.3', 'tokenizers', '0.23.1', broken),
  ofNeeds('4.38.2', 'tokenizers', '0.22.1', native),
  ofNeeds('4.39.3', 'huggingface-hub', '0.19.3', native),
  ofNeeds('4.39.3', 'huggingface-hub', '0.17.1', broken),
  ofNeeds('4.42.4', 'huggingface-hub', '0.19.3', native),
  ofNeeds('4.42.4', 'huggingface-hub', '1.0.0', broken),
  ofNeeds('4.43.4', 'huggingface-hub', '0.23.1', broken),
  ofNeeds('4.46.3', 'huggingface-hub', '0.23.2', native),
  ofNeeds('4.47.1', 'huggingface-hub', '0.23.5', broken),
  ofNeeds('4.48.3', 'huggingface-hub', '0.24.0', native),
  ofNeeds('4.49.0', 'huggingface-hub', '0.25.2', broken),
  ofNeeds('4.50.3', 'huggingface-hub', '0.26.0', native),
  ofNeeds('4.51.3', 'huggingface-hub', '0.29.3', broken),
  ofNeeds('4.54.1', 'huggingface-hub', '0.30.0', native),
  ofNeeds('4.55.4', 'huggingface-hub', '0.33.5', broken),
  ofNeeds('4.57.3', 'huggingface-hub', '0.36.0', native),
  {
    ...ofNeeds('4.57.3', 'huggingface-hub', '1.2.3', broken),
    says: '0.34 to the last before 1.0; the image brings 1.2.3',
  },
  ofNeeds('5.0.0', 'huggingface-hub', '0.36.0', broken),
  ofNeeds('5.0.0', 'huggingface-hub', '1.3.0', native),
  ofNeeds('5.0.0', 'huggingface-hub', '2.0.0', broken),
  ofNeeds('5.1.0', 'huggingface-hub', '0.36.0', native),
  ofNeeds('4.57.3', 'huggingface-hub', '1.2.3', broken, { sglang: '0.5.3' }),
  ofNeeds('4.57.3', 'huggingface-hub', '1.2.3', broken, { vllm: '0.11.0', 'onnxruntime-gpu': '1.20.0' }),
  ofNeeds('4.57.3', 'huggingface-hub', '1.2.3', broken, { torch: '2.9.0', diffusers: '0.35.0' }),
  ofNeeds('4.57.3', 'huggingface-hub', '1.2.3', native, { 'onnxruntime-gpu': '1.20.0' }),
  ofNeeds('4.57.3', 'huggingface-hub', '1.2.3', native, { 'llama-cpp-python': '0.3.9' }),
  ofNeeds('4.57.3', 'huggingface-hub', '1.2.3', broken, {
    'sentence-transformers': '5.1.0',
    'onnxruntime-gpu': '1.20.0',
  }),
  ofNeeds('4.57.3', 'huggingface-hub', '1.2.3', broken, { lmdeploy: '0.10.0', ctranslate2: '4.6.0' }),
  ofNeeds('4.57.3', 'huggingface-hub', '1.2.3', broken, {
    'text-generation-server': '3.3.0',
    'llama-cpp-python': '0.3.9',
  }),

  row('Numba 0.61.2 beside NumPy 2.3, in vLLM', { vllm: '0.10.1', numba: '0.61.2', numpy: '2.3.2' }, broken, numba),
  row('Numba 0.61.2 beside NumPy 2.2, in vLLM', { vllm: '0.10.1', numba: '0.61.2', numpy: '2.2.6' }, native, numba),
  row('Numba 0.61.0 beside NumPy 2.2, in vLLM', { vllm: '0.8.5', numba: '0.61.0', numpy: '2.2.0' }, broken, numba),
  row('Numba 0.61.0 beside NumPy 2.1, in vLLM', { vllm: '0.8.5', numba: '0.61.0', numpy: '2.1.3' }, native, numba),
  row('Numba 0.60 beside NumPy 2.1, in vLLM', { vllm: '0.6.3', numba: '0.60.0', numpy: '2.1.0' }, broken, numba),
  row('Numba 0.60 beside NumPy 1, in vLLM', { vllm: '0.6.3', numba: '0.60.0', numpy: '1.26.4' }, native, numba),
  row('Numba 0.61.2 beside NumPy 2.3, in SGLang', { sglang: '0.5.0', numba: '0.61.2', numpy: '2.3.2' }, native, numba),
  row('Numba 0.62 beside NumPy 2.3, in vLLM', { vllm: '0.11.0', numba: '0.62.0', numpy: '2.3.2' }, native, numba),

  ...(['tensorflow', 'tensorflow-gpu'] as const).flatMap((name) => [
    row(`${name} 2.14 beside NumPy 2`, { [name]: '2.14.0', numpy: '2.3.4' }, broken, tensorflow, {
      cuda: '11.8',
      components: { cudnn: '8.7.0' },
    }),
    row(`${name} 2.17 beside NumPy 2`, { [name]: '2.17.1', numpy: '2.1.2' }, broken, tensorflow, {
      components: { cudnn: '8.9.7' },
    }),
    row(`${name} 2.18 beside NumPy 2`, { [name]: '2.18.0', numpy: '2.0.2' }, native, tensorflow, {
      components: { cudnn: '9.3.0' },
    }),
    row(`${name} 2.17 beside NumPy 1`, { [name]: '2.17.1', numpy: '1.26.4' }, native, tensorflow, {
      components: { cudnn: '8.9.7' },
    }),
    row(
      `${name} 2.17 beside NumPy 2 and torch`,
      { [name]: '2.17.1', numpy: '2.1.2', torch: '2.4.0' },
      native,
      tensorflow,
    ),
    row(
      `${name} 2.17 beside NumPy 2 and Transformers`,
      { [name]: '2.17.1', numpy: '2.1.2', transformers: '4.44.2' },
      broken,
      tensorflow,
      { components: { cudnn: '8.9.7' } },
    ),
  ]),
];
export const versionCases: readonly CaseRow[] = [...same, ...pairs];
