import type { CaseRow, ImageRow } from '../case-row.ts';

const nccl = 'NCCL issue 1637; vLLM issue 14452 (2025-03-14)';
const cudnn = 'PyTorch issue 162574 (2025-09-10); Immich pull request 23110 (2025-10-20)';
const sonames = 'SGLang issues 16052 and 29646 (2026-06-29)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];

const row = (
  name: string,
  device: string,
  image: ImageRow,
  [compatibility, rule]: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow => ({ name, device, image, compatibility, rule, source, ...rest });

const rtx5090 = 'RTX-5090 580.95.05 13.0';
const two: Partial<CaseRow> = { hardware: { devices: 2 }, deviceFacts: { state: { iommu: 'off', shmBytes: 2 ** 30 } } };
const wheel = (version: string): ImageRow => ({ python: { 'nvidia-nccl-cu12': version } });
const tooOld: Answer = ['incompatible', 'nccl'];

const ncclCases: readonly CaseRow[] = [
  row('two RTX 5090 with NCCL 2.25', rtx5090, wheel('2.25.1'), tooOld, nccl, two),
  row('two RTX 5090 with a library of NCCL 2.25', rtx5090, { components: { nccl: '2.25.1' } }, tooOld, nccl, two),
  row('two RTX 5090 with the last NCCL that stops', rtx5090, wheel('2.26.1'), tooOld, nccl, two),
  row('two RTX 5090 with the first NCCL that works', rtx5090, wheel('2.26.2'), native, nccl, two),
  row('two RTX 5090 without NCCL', rtx5090, {}, native, nccl, two),
  row('one RTX 5090 with NCCL 2.25', rtx5090, wheel('2.25.1'), native, nccl, { hardware: {} }),
  row('two L40S with NCCL 2.25', 'L40S 570.133.20 12.8', wheel('2.25.1'), native, nccl, two),
  row('two boards of an unknown capability with NCCL 2.25', rtx5090, wheel('2.25.1'), ['unknown', 'nccl'], never, {
    ...two,
    deviceFacts: { state: { iommu: 'off' }, computeCapability: null },
  }),
];

const v100 = 'V100 570.133.20 12.8';
const withCudnn = (version: string, python: Readonly<Record<string, string>>): ImageRow => ({
  components: { cudnn: version },
  python,
});
const runtime = { 'onnxruntime-gpu': '1.22.0' };
const noVolta: Answer = ['incompatible', 'engine-floor'];

const cudnnCases: readonly CaseRow[] = [
  row('ONNX Runtime with cuDNN 9.14 on Volta', v100, withCudnn('9.14.0', runtime), noVolta, cudnn),
  row('ONNX Runtime with cuDNN 9.14 on Pascal', 'P100 570.133.20 12.8', withCudnn('9.14.0', runtime), noVolta, cudnn),
  row('ONNX Runtime with the first cuDNN without Volta', v100, withCudnn('9.11.0', runtime), noVolta, cudnn),
  row('ONNX Runtime with the last cuDNN for Volta', v100, withCudnn('9.10.2', runtime), native, cudnn),
  row('ONNX Runtime with cuDNN 9.14 on Turing', 'T4 570.133.20 12.8', withCudnn('9.14.0', runtime), native, cudnn),
  row(
    'vLLM beside cuDNN 9.14 on Volta, which it does not call',
    v100,
    withCudnn('9.14.0', { vllm: '0.8.5' }),
    native,
    cudnn,
  ),
];

const t4 = 'T4 550.54.14 12.4';
const app = 'app/libapp.so';
const linked = (soname: string, ...present: readonly string[]): ImageRow => ({
  needs: { [app]: soname },
  copies: Object.fromEntries(present.map((path) => [path, ''])),
});
const otherMajor: Answer = ['incompatible', 'other-major'];
const bits = (major: number): string => `x/libbitsandbytes_cuda${major}.so`;
const shards: ImageRow = {
  libraries: { [app]: 'sm_75', [bits(118)]: 'sm_75', [bits(124)]: 'sm_75' },
  needs: { [bits(118)]: 'libcublas.so.11', [bits(124)]: 'libcublas.so.12' },
};

const sonameCases: readonly CaseRow[] = [
  row(
    'a library linked to another major than the image brings',
    t4,
    linked('libnvrtc.so.12', 'usr/lib/libnvrtc.so.13'),
    otherMajor,
    sonames,
  ),
  row(
    'a library linked to the major that the image brings',
    t4,
    linked('libnvrtc.so.12', 'usr/lib/libnvrtc.so.12'),
    native,
    sonames,
  ),
  row(
    'the same by the name of its file',
    t4,
    linked('libnvrtc.so.12', 'usr/lib/libnvrtc.so.12.4.127'),
    native,
    sonames,
  ),
  row(
    'both majors in the image',
    t4,
    linked('libnvrtc.so.12', 'a/libnvrtc.so.13', 'b/libnvrtc.so.12'),
    native,
    sonames,
  ),
  row(
    'a major that begins with the same digits',
    t4,
    linked('libnvrtc.so.1', 'usr/lib/libnvrtc.so.12'),
    otherMajor,
    sonames,
  ),
  row(
    'a second library that the image lacks',
    t4,
    linked('libcudart.so.12 libnvrtc.so.12', 'a/libcudart.so.12', 'a/libnvrtc.so.13'),
    otherMajor,
    sonames,
  ),
  row(
    'a library that the image does not bring at all',
    t4,
    linked('libnvrtc.so.12', 'usr/lib/libcudart.so.12'),
    native,
    sonames,
  ),
  row(
    'a name with a minor version, which others stand in for',
    t4,
    linked('libcudart.so.11.0', 'usr/lib/libcudart.so.12'),
    native,
    sonames,
  ),
  row('another major, where nobody listed the libraries', t4, { needs: { [app]: 'libnvrtc.so.12' } }, native, sonames),
  row(
    'shards of which one finds its major',
    t4,
    { ...shards, copies: { 'usr/lib/libcublas.so.12': '' } },
    native,
    sonames,
  ),
  row(
    'shards of which none finds its major',
    t4,
    { ...shards, copies: { 'usr/lib/libcublas.so.13': '' } },
    otherMajor,
    sonames,
  ),
  row(
    'an optional library linked to another major',
    t4,
    {
      libraries: { [app]: 'sm_75', 'x/libcupti.so.12': 'sm_75' },
      needs: { 'x/libcupti.so.12': 'libnvrtc.so.12' },
      copies: { 'usr/lib/libnvrtc.so.13': '' },
    },
    native,
    sonames,
  ),
  row(
    'the same library, which the contract requires',
    t4,
    {
      libraries: { [app]: 'sm_75', 'x/libcupti.so.12': 'sm_75' },
      needs: { 'x/libcupti.so.12': 'libnvrtc.so.12' },
      copies: { 'usr/lib/libnvrtc.so.13': '' },
    },
    otherMajor,
    sonames,
    { hardware: { libraries: ['libcupti'] } },
  ),
];

const compilers = 'vLLM issues 2997 and 14075 (2025-03-01)';
const flashInfer = 'vLLM issue 49497 (2026-07-23)';
const noCompiler: Answer = ['incompatible', 'run-time-compiler'];
const vllm = (
  version: string,
  found: readonly string[] | undefined,
  more: Readonly<Record<string, string>> = {},
): ImageRow => ({
  python: { vllm: version, triton: '3.6.0', ...more },
  ...(found === undefined ? {} : { compilers: found }),
});
const gcc = 'usr/bin/gcc';
const nvcc = 'usr/local/cuda/bin/nvcc';
const sampler = { 'flashinfer-python': '0.6.15' };
const compiled = { ...sampler, 'flashinfer-jit-cache': '0.6.15' };

const compilerCases: readonly CaseRow[] = [
  row('vLLM with Triton and no compiler', t4, vllm('0.16.0', []), noCompiler, compilers),
  row('vLLM with Triton and nvcc alone', t4, vllm('0.16.0', [nvcc]), noCompiler, compilers),
  row('vLLM with Triton and gcc', t4, vllm('0.16.0', [gcc]), native, compilers),
  row(
    'vLLM with Triton, where nobody looked for compilers',
    t4,
    { ...vllm('0.16.0', undefined), glibc: '2.35' },
    native,
    'a pass names them',
    { notChecked: ['health of the device', 'compilers in the image'] },
  ),
  row('an older vLLM, where nobody looked for compilers', t4, vllm('0.6.6', undefined), native, compilers, {
    notChecked: ['health of the device'],
  }),
  row(
    'vLLM with Triton and gcc, in what a pass names',
    t4,
    { ...vllm('0.16.0', [gcc]), glibc: '2.35' },
    native,
    compilers,
    {
      notChecked: ['health of the device'],
    },
  ),
  row('the first vLLM that compiles for every model', t4, vllm('0.7.0', []), noCompiler, compilers),
  row('an older vLLM without a compiler', t4, vllm('0.6.6', []), native, compilers),
  row(
    'vLLM without Triton and without a compiler',
    t4,
    { python: { vllm: '0.16.0' }, compilers: [] },
    native,
    compilers,
  ),
  row('a vLLM of an unknown version without a compiler', t4, vllm('main', []), native, compilers),
  row('FlashInfer without nvcc', t4, vllm('0.22.0', [gcc], sampler), noCompiler, flashInfer),
  row('FlashInfer with nvcc', t4, vllm('0.22.0', [gcc, nvcc], sampler), native, flashInfer),
  row('FlashInfer with its compiled kernels', t4, vllm('0.22.0', [gcc], compiled), native, flashInfer),
  row('FlashInfer without nvcc beside an older vLLM', t4, vllm('0.21.0', [gcc], sampler), native, flashInfer),
];

export const libraryVersionCases: readonly CaseRow[] = [...ncclCases, ...cudnnCases, ...sonameCases, ...compilerCases];
