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

const others = { 'flashinfer-jit-cache': '0.6.16' };

export const compilerFloorCases: readonly CaseRow[] = [
  row('12.8 for an RTX 5090', nvcc('12.8'), old),
  row('12.9 for an RTX 5090', nvcc('12.9'), native),
  row('13.0 for an RTX 5090', nvcc('13.0'), native),
  row('12.8 beside 13.0', [...nvcc('12.8'), 'usr/local/cuda-13.0/bin/nvcc'], native),
  row('13.0 beside 12.8', [...nvcc('13.0'), 'usr/local/cuda-12.8/bin/nvcc'], native),
  row('at the root of an image', ['cuda-12.8/bin/nvcc', gcc], old),
  row('of a version that its path does not tell', [gcc, 'usr/local/cuda/bin/nvcc'], open),
  row('12.8 beside one of which that is not told', [...nvcc('12.8'), 'usr/local/cuda/bin/nvcc'], open),
  row('one of which that is not told beside 12.8', ['opt/bin/nvcc', ...nvcc('12.8')], open),
  row('12.8 for a GB10', nvcc('12.8'), old, { device: 'GB10 580.95.05 13.0' }),
  row('12.8 for an H100', nvcc('12.8'), native, { device: 'H100 580.95.05 13.0' }),
  row('12.8 for a B300', nvcc('12.8'), native, { device: 'B300 580.95.05 13.0' }),
  row('of an unknown version for an H100', [gcc, 'usr/local/cuda/bin/nvcc'], native, { device: 'H100 580.95.05 13.0' }),
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
];
