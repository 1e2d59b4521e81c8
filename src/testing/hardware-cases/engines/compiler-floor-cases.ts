import type { CaseRow } from '../case-row.ts';

const issue = 'vLLM issue 50705 and pull request 50751 (2026-08-21)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const old: Answer = ['incompatible', 'compiler-floor'];
const open: Answer = ['unknown', 'compiler-floor'];

const rtx5090 = 'RTX-5090 580.95.05 13.0';
const gcc = 'usr/bin/gcc';
const nvcc = (version: string): readonly string[] => [gcc, `usr/local/cuda-${version}/bin/nvcc`];

const row = (
  name: string,
  compilers: readonly string[] | null,
  [compatibility, rule]: Answer,
  {
    vllm = '0.25.1',
    python = {},
    ...rest
  }: Partial<CaseRow> & {
    readonly vllm?: string;
    readonly python?: Readonly<Record<string, string>>;
  } = {},
): CaseRow => ({
  name: `nvcc of the image: ${name}`,
  device: rtx5090,
  image: {
    cuda: '13.0',
    python: { vllm, triton: '3.6.0', 'flashinfer-python': '0.6.16', ...python },
    ...(compilers === null ? {} : { compilers }),
  },
  compatibility,
  rule,
  source: compatibility === 'unknown' ? never : issue,
  ...rest,
});

/** FlashInfer in SGLang, which compiles its attention. */
const inSglang = (
  name: string,
  compilers: readonly string[],
  [compatibility, rule]: Answer,
  python: Readonly<Record<string, string>> = {},
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name: `SGLang and FlashInfer, nvcc ${name}`,
  device: 'A100-80 550.54.14 12.4',
  image: { cuda: '12.4', python: { sglang: '0.4.5', 'flashinfer-python': '0.2.3', ...python }, compilers },
  compatibility,
  rule,
  source: compatibility === 'unknown' ? never : 'SGLang issues 5002 and 5389, FlashInfer issue 514 (2025-04-15)',
  ...rest,
});
const noCompiler: Answer = ['incompatible', 'run-time-compiler'];

const others = { 'flashinfer-jit-cache': '0.6.16' };

export const compilerFloorCases: readonly CaseRow[] = [
  row('12.8 for an RTX 5090', nvcc('12.8'), old),
  row('12.9 for an RTX 5090', nvcc('12.9'), native),
  row('13.0 for an RTX 5090', nvcc('13.0'), native),
  row('12.8 beside 13.0', [...nvcc('12.8'), 'usr/local/cuda-13.0/bin/nvcc'], native),
  row('13.0 beside 12.8', [...nvcc('13.0'), 'usr/local/cuda-12.8/bin/nvcc'], native),
  row('at the root of an image', ['cuda-12.8/bin/nvcc', gcc], old),
  row('of a version that its path does not tell', [gcc, 'usr/bin/nvcc'], open),
  row('12.8 beside one of which that is not told', [...nvcc('12.8'), 'usr/bin/nvcc'], open),
  row('in the folder of CUDA 13.0', [gcc, 'usr/local/cuda/bin/nvcc'], native),
  {
    ...row('in the folder of CUDA 12.8', [gcc, 'usr/local/cuda/bin/nvcc'], old),
    image: {
      cuda: '12.8',
      python: { vllm: '0.25.1', triton: '3.6.0', 'flashinfer-python': '0.6.16' },
      compilers: [gcc, 'usr/local/cuda/bin/nvcc'],
    },
  },
  row('one of which that is not told beside 12.8', ['opt/bin/nvcc', ...nvcc('12.8')], open),
  row('12.8 for a GB10', nvcc('12.8'), old, { device: 'GB10 580.95.05 13.0' }),
  row('12.8 for an H100', nvcc('12.8'), native, { device: 'H100 580.95.05 13.0' }),
  row('12.8 for a B300', nvcc('12.8'), native, { device: 'B300 580.95.05 13.0' }),
  row('of an unknown version for an H100', [gcc, 'usr/bin/nvcc'], native, { device: 'H100 580.95.05 13.0' }),
  row('12.8 for a device of an unknown capability', nvcc('12.8'), open, { deviceFacts: { computeCapability: null } }),
  row('12.8 beside everything compiled', nvcc('12.8'), native, { python: others }),
  row('12.8 for the last vLLM that stops', nvcc('12.8'), old, { vllm: '0.26.3' }),
  row('12.8 for the first vLLM that does not', nvcc('12.8'), native, { vllm: '0.27.0' }),
  row('12.8 for the first vLLM that compiles', nvcc('12.8'), old, { vllm: '0.22.0' }),
  row('12.8 for a vLLM before', nvcc('12.8'), native, { vllm: '0.21.2' }),
  row('none', [gcc], ['incompatible', 'run-time-compiler']),
  row('nobody looked for it', null, native),
  {
    ...row('12.8 without FlashInfer', nvcc('12.8'), native),
    image: { cuda: '13.0', python: { vllm: '0.25.1', triton: '3.6.0' }, compilers: nvcc('12.8') },
  },
  inSglang(
    '11.7',
    nvcc('11.7'),
    old,
    {},
    {
      says: 'flashinfer-python compiles for capability 7.5 and later by CUDA 11.8 or newer; the image holds nvcc of CUDA 11.7',
    },
  ),
  inSglang('11.8', nvcc('11.8'), native),
  inSglang('12.4', nvcc('12.4'), native),
  inSglang('of a version that its path does not tell', [gcc, 'usr/bin/nvcc'], open),
  inSglang('in the folder of the CUDA of the image', [gcc, 'usr/local/cuda/bin/nvcc'], native),
  inSglang('11.7, and a wheel with compiled kernels', nvcc('11.7'), native, {
    'flashinfer-python': '0.2.3+cu124torch2.5',
  }),
  inSglang('11.7, and everything compiled', nvcc('11.7'), native, { 'flashinfer-jit-cache': '0.2.3' }),
  inSglang('11.7, and another backend', nvcc('11.7'), native, {}, { args: ['--attention-backend', 'triton'] }),
  inSglang('11.7, and the backend written', nvcc('11.7'), old, {}, { args: ['--attention-backend', 'flashinfer'] }),
  inSglang('11.7, of the first version that compiles', nvcc('11.7'), old, { sglang: '0.4.3.post2' }),
  inSglang('11.7, of a version before', nvcc('11.7'), native, { sglang: '0.4.2' }),
  inSglang('11.7, of a later version', nvcc('11.7'), native, { sglang: '0.5.3' }),
  inSglang('is not there', [gcc], noCompiler),
  inSglang('is not there, of the first version', [gcc], noCompiler, { sglang: '0.4.4' }),
  inSglang('is not there, of a version before', [gcc], native, { sglang: '0.4.3' }),
  inSglang('is not there, of a later version', [gcc], native, { sglang: '0.5.0' }),
  inSglang('is not there, and a wheel with compiled kernels', [gcc], native, {
    'flashinfer-python': '0.2.3+cu124torch2.5',
  }),
];
