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

/** Wheels that were built for one another, and wheels without CUDA. */
export const packageBuildCases: readonly CaseRow[] = [...pairs, ...builds, ...torches];
