import type { ModelHardwareFacts } from '../../../core/hardware/model/model-facts.ts';
import type { CaseRow } from '../case-row.ts';

const source = 'vLLM issue 41477 (2026-06-06); fused_moe/oracle/mxfp4.py of the wheels 0.19.0 to 0.27.1';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'argument-floor'];
const open: Answer = ['unknown', 'argument-floor'];

/** What computes experts, where the contract names it. */
const row = (
  name: string,
  device: string,
  backend: string,
  [compatibility, rule]: Answer,
  { vllm = '0.20.0', ...model }: Partial<ModelHardwareFacts> & { readonly vllm?: string } = {},
): CaseRow => ({
  name: `--moe-backend ${backend}: ${name}`,
  device: `${device} 580.95.05 13.0`,
  ...(device === 'GB10' ? { deviceFacts: { memoryBytes: 122 * 2 ** 30 } } : {}),
  image: { python: { vllm }, compilers: ['usr/bin/gcc', 'usr/local/cuda-13.0/bin/nvcc'] },
  model: { format: 'safetensors', precisions: ['mxfp4', 'bf16'], modelType: 'gpt_oss', experts: true, ...model },
  args: ['--moe-backend', backend],
  compatibility,
  rule,
  source,
});

export const backendCases: readonly CaseRow[] = [
  row('MXFP4 on GB10', 'GB10', 'triton', refused),
  row('MXFP4 on GeForce Blackwell', 'RTX-5090', 'triton', refused),
  row('MXFP4 on GeForce Blackwell', 'RTX-5090', 'triton_unfused', refused),
  row('MXFP4 on B200', 'B200', 'triton', native),
  row('MXFP4 on B300', 'B300', 'triton', native),
  row('MXFP4 on Hopper', 'H200', 'triton', native),
  row('MXFP4 on Ada', 'L40S', 'triton', refused),
  row('MXFP4 on GB10', 'GB10', 'emulation', native),
  row('MXFP4 on GB10', 'GB10', 'marlin', native),
  row('MXFP4 on B200', 'B200', 'flashinfer_trtllm', native),
  row('MXFP4 on B300', 'B300', 'flashinfer_trtllm_afp8', native),
  row('MXFP4 on Hopper', 'H200', 'flashinfer_trtllm', refused),
  row('MXFP4 on GB10', 'GB10', 'flashinfer_trtllm_afp8', refused),
  row('MXFP4 on Ada', 'L40S', 'flashinfer_cutlass', refused),
  row('MXFP4 on Ada', 'L40S', 'flashinfer_cutlass_afp8', refused),
  row('MXFP4 on Hopper', 'H200', 'flashinfer_cutlass', native),
  row('MXFP4 on GeForce Blackwell', 'RTX-5090', 'flashinfer_cutlass', native),
  row('other weights on GB10', 'GB10', 'triton', native, { precisions: ['bf16'] }),
  row('the first version that takes it, on GB10', 'GB10', 'triton', refused, { vllm: '0.19.0' }),
  row('a version before it, on GB10', 'GB10', 'triton', native, { vllm: '0.18.1' }),
  row('a later version, on GB10', 'GB10', 'triton', refused, { vllm: '0.27.1' }),
  {
    ...row('weights that nobody read, on GB10', 'GB10', 'triton', open),
    model: { format: 'safetensors', modelType: 'gpt_oss', experts: true },
    says: 'vllm has kernels of --moe-backend triton or triton_unfused for mxfp4 from capability 9.0 to 10.3',
  },
  {
    ...row('weights that nobody read, beside a type that the device does not have', 'T4', 'triton', refused),
    model: { format: 'safetensors', modelType: 'gpt_oss', experts: true },
    args: ['--moe-backend', 'triton', '--dtype', 'bfloat16'],
  },
  {
    ...row('weights that nobody read, on Hopper', 'H200', 'triton', native),
    model: { format: 'safetensors', modelType: 'gpt_oss', experts: true },
  },
];
