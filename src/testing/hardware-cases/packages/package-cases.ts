import type { CaseRow, ImageRow } from '../case-row.ts';

const vision = 'torchvision, README, "Installation" (2026-11)';
const build = 'ComfyUI issue 10517 (2025-10-28); torchvision, extension.py (2026-11)';
const vllm03 = 'vLLM issues 3147 and 3528 (2024-04-17)';
const numpy = 'onnxruntime issue 21063 (2024-06-17); release 1.19.0 (2024-08-13)';
const arm = 'PyTorch issues 160162 (2025-08-08) and 168065 (2025-11-18)';
const cpu = 'PyTorch, "Get Started" (2026-11)';
const own = 'a build of somebody is compiled beside what lies there';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const broken: Answer = ['incompatible', 'package-pair'];
const otherBuild: Answer = ['incompatible', 'torchvision-build'];
const noCuda: Answer = ['incompatible', 'torch-build'];

const row = (
  name: string,
  python: Readonly<Record<string, string>>,
  [compatibility, rule]: Answer,
  source: string,
  { image, ...rest }: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device: 'A10 580.95.05 13.0',
  image: { cuda: '12.4', python, ...image },
  compatibility,
  rule,
  source,
  ...rest,
});

const ofVision = (torchvision: string, torch: string, answer: Answer, source = vision): CaseRow =>
  row(`torchvision ${torchvision} beside torch ${torch}`, { torch, torchvision }, answer, source);

const pairs: readonly CaseRow[] = [
  ofVision('0.15.2', '2.0.1', native),
  ofVision('0.15.2', '2.1.0', broken),
  ofVision('0.20.1', '2.5.1', native),
  ofVision('0.20.1', '2.6.0', broken),
  ofVision('0.23.0', '2.6.0', broken),
  ofVision('0.26.0', '2.11.0', native),
  ofVision('0.26.0', '2.10.0', broken),
  ofVision('0.14.1', '2.0.0', native),
  ofVision('0.27.0', '2.6.0', native),
  ofVision('0.20.0a0', '2.6.0', native, own),
  ofVision('0.20.0', '2.6.0a0+df5bbc0', native, own),
  ofVision('0.21.0', '2.6.0.dev20250104', native, own),
  ofVision('0.21', '2.6', native),
  ofVision('0.20', '2.6', broken),
  row('torchvision without torch', { torchvision: '0.20.1' }, native, vision),
  row('vLLM 0.3.2 beside torch 2.2.1', { vllm: '0.3.2', torch: '2.2.1' }, broken, vllm03, {
    says: 'vllm 0.3.2 is built for torch 2.1; the image brings 2.2.1',
  }),
  row('vLLM 0.3.2 beside torch 2.1.2', { vllm: '0.3.2', torch: '2.1.2' }, native, vllm03),
  row('vLLM 0.3.0 beside torch 2.2.1', { vllm: '0.3.0', torch: '2.2.1+cu121' }, broken, vllm03),
  row('vLLM 0.3.3 beside torch 2.0.1', { vllm: '0.3.3', torch: '2.0.1+cu118' }, broken, vllm03),
  row('vLLM 0.4.0.post1 beside torch 2.2.1', { vllm: '0.4.0.post1', torch: '2.2.1' }, native, vllm03),
  row('vLLM 0.2.7 beside torch 2.2.1', { vllm: '0.2.7', torch: '2.2.1' }, native, vllm03),
  row('vLLM 0.3.3 of somebody beside torch 2.2.1', { vllm: '0.3.3+local', torch: '2.2.1' }, native, own),
  row('vLLM 0.3.0.post1 beside torch 2.2.1', { vllm: '0.3.0.post1', torch: '2.2.1' }, broken, vllm03),
  ...(['onnxruntime', 'onnxruntime-gpu'] as const).flatMap((name) => [
    row(`${name} 1.18 beside NumPy 2`, { [name]: '1.18.0', numpy: '2.0.0' }, broken, numpy, {
      image: { components: { cudnn: '8.9.7' }, cuda: '12.4' },
      says: `${name} 1.18.0 is built for numpy 1 or older; the image brings 2.0.0`,
    }),
    row(`${name} 1.18 beside NumPy 1`, { [name]: '1.18.0', numpy: '1.26.4' }, native, numpy, {
      image: { components: { cudnn: '8.9.7' } },
    }),
    row(`${name} 1.19 beside NumPy 2`, { [name]: '1.19.0', numpy: '2.0.0' }, native, numpy, {
      image: { components: { cudnn: '9.3.0' } },
    }),
    row(`${name} 1.7 beside NumPy 2`, { [name]: '1.7.0', numpy: '2.3.1' }, broken, numpy, {
      image: { components: { cudnn: '8.0.5' }, cuda: '11.0' },
    }),
  ]),
];

const builds: readonly CaseRow[] = [
  ofVision('0.24.0+cpu', '2.9.0+cu130', otherBuild, build),
  ofVision('0.24.0+cu128', '2.9.0+cu130', otherBuild, build),
  ofVision('0.24.0+cu130', '2.9.0+cu130', native, build),
  ofVision('0.24.0', '2.9.0+cu130', native, build),
  ofVision('0.21.0+cu126', '2.6.0+cu124', native, build),
  ofVision('0.24.0+cu128', '2.9.0', native, build),
  ofVision('0.24.0+cu128', '2.9.0+cpu', native, build),
  row(
    'what is said of torchvision for the CPU',
    { torch: '2.9.0+cu130', torchvision: '0.24.0+cpu' },
    otherBuild,
    build,
    { says: 'is built for the CPU, and torch 2.9.0+cu130 for CUDA 13' },
  ),
  row(
    'what is said of torchvision for another major',
    { torch: '2.9.0+cu130', torchvision: '0.24.0+cu128' },
    otherBuild,
    build,
    { says: 'is built for CUDA 12, and torch 2.9.0+cu130 for CUDA 13' },
  ),
];

const transformers = { transformers: '4.55.0' };
const onArm = (
  name: string,
  torch: string,
  answer: Answer,
  image: ImageRow = {},
  more: Readonly<Record<string, string>> = transformers,
): CaseRow => ({
  name,
  device: 'GH200 580.95.05 13.0',
  image: { cuda: '12.8', architecture: 'arm64', python: { torch, ...more }, ...image },
  compatibility: answer[0],
  rule: answer[1],
  source: arm,
});
const torchCuda = {
  libraries: { 'opt/torch/lib/libtorch_cuda.so': 'sm_90', 'opt/cuda/libcublas.so': 'sm_90' },
};

const torches: readonly CaseRow[] = [
  onArm('torch of PyPI on Arm', '2.8.0', noCuda),
  onArm('torch 2.10 of PyPI on Arm', '2.10.1', noCuda),
  onArm('torch 2.11 of PyPI on Arm', '2.11.0', native),
  onArm('torch of the index for CUDA on Arm', '2.8.0+cu128', native),
  onArm('torch of PyPI on Arm whose kernels are there', '2.8.0', native, torchCuda),
  onArm('torch of somebody on Arm', '2.8.0a0', native),
  onArm('torch of PyPI on Arm, in an image that was not read whole', '2.8.0', ['unknown', 'kernels'], {
    unknown: { libraries: 'it ends too early' },
  }),
  onArm(
    'torch of PyPI on Arm beside ONNX Runtime',
    '2.8.0',
    native,
    { components: { cudnn: '9.3.0' } },
    {
      ...transformers,
      'onnxruntime-gpu': '1.20.0',
    },
  ),
  onArm('torch of PyPI on Arm beside nothing that computes by it', '2.8.0', native, {}, { numpy: '1.26.4' }),
  row('torch of PyPI on x86-64', { torch: '2.8.0', ...transformers }, native, arm),
  row('torch for the CPU beside vLLM', { torch: '2.6.0+cpu', vllm: '0.8.0' }, noCuda, cpu, {
    says: 'holds no CUDA',
  }),
  row('torch for the CPU beside a library of its own', { torch: '2.6.0+cpu' }, native, cpu),
  row(
    'torch for the CPU beside llama.cpp',
    { torch: '2.6.0+cpu', ...transformers, 'llama-cpp-python': '0.3.9' },
    native,
    cpu,
  ),
  ...(['sglang', 'text-generation-server', 'transformers', 'diffusers', 'exllamav2', 'exllamav3'] as const).map(
    (name) => row(`torch for the CPU beside ${name}`, { torch: '2.6.0+cpu', [name]: '0.0.1' }, noCuda, cpu),
  ),
];

const types = 'Transformers, release notes';
const gguf = 'llama-cpp-python issue 2008 (2025-04-30)';
const unknownType: Answer = ['incompatible', 'model-type'];
const ofType = (
  modelType: string | undefined,
  python: Readonly<Record<string, string>>,
  answer: Answer,
  format: 'safetensors' | 'gguf' | 'onnx' | 'unknown' = 'safetensors',
): CaseRow => ({
  name: `${modelType ?? 'no type'} as ${format} in ${Object.entries(python).flat().join(' ')}`,
  device: 'H200 580.95.05 13.0',
  image: { python, instructions: {} },
  model: { format, precisions: ['bf16'], ...(modelType === undefined ? {} : { modelType }) },
  compatibility: answer[0],
  rule: answer[1],
  source: format === 'gguf' ? gguf : types,
});
const inVllm = (transformersVersion: string): Readonly<Record<string, string>> => ({
  // Which has no list of types of its own here.
  lmdeploy: '0.6.5',
  transformers: transformersVersion,
});

const modelTypes: readonly CaseRow[] = [
  ...(
    [
      ['gemma2', '4.41.2', '4.42.0'],
      ['mllama', '4.44.2', '4.45.0'],
      ['qwen2_vl', '4.44.2', '4.45.0'],
      ['cohere2', '4.47.1', '4.48.0'],
      ['qwen2_5_vl', '4.48.3', '4.49.0'],
      ['qwen2_5_vl_text', '4.48.3', '4.49.0'],
      ['gemma3', '4.49.0', '4.50.0'],
      ['gemma3_text', '4.49.0', '4.50.0'],
      ['llama4', '4.50.3', '4.51.0'],
      ['llama4_text', '4.50.3', '4.51.0'],
      ['qwen3', '4.50.3', '4.51.0'],
      ['qwen3_moe', '4.50.3', '4.51.0'],
      ['gemma3n', '4.52.4', '4.53.0'],
      ['gemma3n_text', '4.52.4', '4.53.0'],
      ['smollm3', '4.52.4', '4.53.0'],
      ['gpt_oss', '4.54.1', '4.55.0'],
      ['qwen3_vl', '4.56.2', '4.57.0'],
      ['qwen3_vl_text', '4.56.2', '4.57.0'],
      ['qwen3_vl_moe', '4.56.2', '4.57.0'],
      ['qwen3_vl_moe_text', '4.56.2', '4.57.0'],
    ] as const
  ).flatMap(([type, before, first]) => [
    ofType(type, inVllm(before), unknownType),
    ofType(type, inVllm(first), native),
  ]),
  ofType('deepseek_v3', inVllm('4.47.1'), native),
  ...(
    [
      ['vllm', 'qwen2_vl', '0.6.0', '0.6.1', '4.45.2'],
      ['vllm', 'mllama', '0.6.1.post2', '0.6.2', '4.45.2'],
      ['vllm', 'qwen2_audio', '0.6.3.post1', '0.6.4', '4.45.2'],
      ['vllm', 'cohere2', '0.6.4.post1', '0.6.5', '4.48.3'],
      ['vllm', 'deepseek_v3', '0.6.5', '0.6.6', '4.48.3'],
      ['vllm', 'qwen2_5_vl', '0.7.1', '0.7.3', '4.49.0'],
      ['vllm', 'gemma3', '0.7.3', '0.8.0', '4.50.3'],
      ['vllm', 'phi4mm', '0.7.3', '0.8.0', '4.50.3'],
      ['vllm', 'llama4', '0.8.2', '0.8.3', '4.51.3'],
      ['vllm', 'mistral3', '0.8.2', '0.8.3', '4.51.3'],
      ['vllm', 'gemma3n', '0.9.1', '0.9.2', '4.53.3'],
      ['vllm', 'glm4v', '0.9.1', '0.9.2', '4.53.3'],
      ['vllm', 'gpt_oss', '0.10.0', '0.10.1+gptoss', '4.55.4'],
      ['vllm', 'qwen3_next', '0.10.1', '0.10.2', '4.57.1'],
      ['sglang', 'deepseek_v3', '0.4.0', '0.4.1', '4.48.3'],
      ['sglang', 'qwen3_next', '0.5.1', '0.5.2', '4.57.1'],
      ['sglang', 'qwen3_vl', '0.5.2', '0.5.3', '4.57.1'],
      ['sglang', 'qwen3_vl_moe', '0.5.2', '0.5.3', '4.57.1'],
    ] as const
  ).flatMap(([engine, type, before, first, transformers]) => [
    ofType(type, { [engine]: before, transformers, 'sgl-kernel': '0.3.21' }, unknownType),
    ofType(type, { [engine]: first, transformers, 'sgl-kernel': '0.3.21' }, native),
  ]),
  ofType('mllama', { sglang: '0.2.12', transformers: '4.45.2' }, unknownType),
  ofType('qwen2_vl', { sglang: '0.3.0', transformers: '4.45.2' }, native),
  ofType('qwen3', { vllm: '0.8.3', transformers: '4.51.3' }, native),
  ofType('gemma3_text', { vllm: '0.7.3', transformers: '4.50.3' }, native),
  ofType('qwen3_vl', { vllm: '0.10.2', transformers: '4.57.1' }, native),
  ofType('llama', inVllm('4.20.0'), native),
  ofType(undefined, inVllm('4.20.0'), native),
  ofType('cohere2', { vllm: '0.6.5' }, native),
  ofType('cohere2', { transformers: '4.47.1' }, native),
  ofType('cohere2', { vllm: '0.6.5', transformers: 'main' }, native),
  ofType('cohere2', { sglang: '0.4.0', transformers: '4.47.1' }, unknownType),
  ofType('cohere2', { 'text-generation-server': '3.0.0', transformers: '4.47.1' }, unknownType),
  ofType('cohere2', { lmdeploy: '0.7.0', transformers: '4.47.1' }, unknownType),
  ofType('qwen3', { 'llama-cpp-python': '0.3.8' }, unknownType, 'gguf'),
  ofType('qwen3moe', { 'llama-cpp-python': '0.3.8' }, unknownType, 'gguf'),
  ofType('qwen3', { 'llama-cpp-python': '0.3.9' }, native, 'gguf'),
  ofType('qwen3', { 'llama-cpp-python': '0.3.8' }, native),
  ofType('qwen2', { 'llama-cpp-python': '0.3.8' }, native, 'gguf'),
  ...(
    [
      ['chatglm', '0.2.81', unknownType],
      ['chatglm', '0.2.82', native],
      ['gemma2', '0.2.76', unknownType],
      ['gemma2', '0.2.78', native],
      ['granite', '0.2.90', unknownType],
      ['gemma3', '0.3.2.post1', unknownType],
      ['gemma3', '0.3.5', native],
      ['llama', '0.2.57', native],
    ] as const
  ).map(([type, version, answer]) => ofType(type, { 'llama-cpp-python': version }, answer, 'gguf')),
  ofType('qwen3', { ...inVllm('4.50.3') }, native, 'onnx'),
  ofType('qwen3', inVllm('4.50.3'), ['unknown', 'model-type'], 'unknown'),
  // As GGUF it needs 4.55.
  ofType('qwen3', { vllm: '0.6.1', transformers: '4.51.0' }, ['unknown', 'gguf-reader'], 'unknown'),
  ofType('qwen3', inVllm('4.55.0'), native, 'unknown'),
  ofType('qwen3', { 'llama-cpp-python': '0.3.8' }, ['unknown', 'model-type'], 'unknown'),
  ofType('qwen2', inVllm('4.20.0'), native, 'unknown'),
];

const heads = 'vLLM issue 11797 (2025-01-07)';
const blocks = 'vLLM issue 25292 (2025-09-19); QwenLM/Qwen3 issue 1485 (2025-06-05)';
const cut: Answer = ['incompatible', 'model-split'];
const divided = (
  name: string,
  devices: number,
  model: NonNullable<CaseRow['model']>,
  answer: Answer,
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device: 'H200 580.95.05 13.0',
  deviceFacts: { state: { fabric: 'completed', iommu: 'off' } },
  image: { python: { vllm: '0.10.2' } },
  model: { format: 'safetensors', precisions: ['bf16'], ...model },
  hardware: { devices },
  compatibility: answer[0],
  rule: answer[1],
  source: heads,
  ...rest,
});
const fp8 = { expertSize: 768, fp8Block: 128, heads: 32 };
const sglang = { image: { python: { sglang: '0.4.6' } }, source: blocks };

const splits: readonly CaseRow[] = [
  divided('40 heads over 6 devices', 6, { heads: 40 }, cut, {
    says: 'vllm divides each layer over 6 devices, and 40 attention heads are not divisible by it',
  }),
  divided('40 heads over 8 devices', 8, { heads: 40 }, native),
  divided('28 heads over 8 devices', 8, { heads: 28 }, cut),
  divided('28 heads over 7 devices', 7, { heads: 28 }, native),
  divided('27 heads over 2 devices', 2, { heads: 27 }, cut),
  divided('28 heads over 2 devices', 2, { heads: 28 }, native),
  divided('28 heads on one device', 1, { heads: 28 }, native),
  divided('heads that nobody read over 8 devices', 8, {}, native),
  divided('a model that nobody read over 8 devices', 8, {}, ['unknown', 'memory'], { model: null }),
  divided('28 heads over 8 devices in another engine', 8, { heads: 28 }, native, {
    image: { python: { 'llama-cpp-python': '0.3.9' }, instructions: {} },
  }),
  divided('28 heads over 8 devices in no image', 8, { heads: 28 }, ['unknown', 'image-accelerator'], { image: null }),
  divided('28 heads over 8 devices in SGLang', 8, { heads: 28 }, cut, sglang),
  divided('28 heads over 8 devices, of which each layer has 4', 8, { heads: 28 }, native, {
    args: ['--tensor-parallel-size', '4'],
  }),
  divided('28 heads over 8 devices, written with a sign', 8, { heads: 28 }, native, {
    args: ['serve', '--tensor-parallel-size=4'],
  }),
  divided('28 heads over 4 devices, of which each layer has 8', 4, { heads: 28 }, cut, {
    args: ['-tp', '8'],
  }),
  divided('an argument that is no number', 8, { heads: 28 }, native, {
    args: ['--tensor-parallel-size', 'all'],
  }),
  divided('an argument without a number', 8, { heads: 28 }, native, {
    args: ['--tensor-parallel-size'],
  }),
  divided('each layer on one device', 8, { heads: 28 }, native, {
    args: ['--tensor-parallel-size', '1'],
  }),
  ...['--pipeline-parallel-size', '-pp', '--data-parallel-size', '-dp', '--enable-expert-parallel', '-ep'].map((name) =>
    divided(`28 heads over 8 devices with ${name}`, 8, { heads: 28 }, native, { args: [name, '2'] }),
  ),
  ...['--tp-size', '--tensor-parallel-size', '--tp'].map((name) =>
    divided(`28 heads over 8 devices of SGLang with ${name}`, 8, { heads: 28 }, native, {
      ...sglang,
      args: [name, '4'],
    }),
  ),
  ...['--pp-size', '--pipeline-parallel-size', '--dp-size', '--dp', '--ep-size', '--ep'].map((name) =>
    divided(`28 heads over 8 devices of SGLang with ${name}`, 8, { heads: 28 }, native, {
      ...sglang,
      args: [name, '2'],
    }),
  ),
  divided('experts of 768 in FP8 over 4 devices', 4, fp8, cut, {
    says: '192 columns of an expert are no whole blocks of 128',
    source: blocks,
  }),
  divided('experts of 768 in FP8 over 2 devices', 2, fp8, native, { source: blocks }),
  divided('experts of 768 in FP8 on one device', 1, { ...fp8, expertSize: 700 }, native, { source: blocks }),
  divided('experts of 768 without blocks over 4 devices', 4, { expertSize: 768, heads: 32 }, native, {
    source: blocks,
  }),
  divided('blocks without experts over 4 devices', 4, { fp8Block: 128, heads: 32 }, native, { source: blocks }),
  divided('experts of 768 in FP8 over 4 devices of SGLang', 4, fp8, cut, sglang),
  divided('experts of 2048 in FP8 over 8 devices of SGLang', 8, { ...fp8, expertSize: 2048 }, native, sglang),
  divided('experts of 768 in FP8 over 4 devices, each whole', 4, fp8, native, {
    source: blocks,
    args: ['--enable-expert-parallel'],
  }),
];

export const packageCases: readonly CaseRow[] = [...pairs, ...builds, ...torches, ...modelTypes, ...splits];
