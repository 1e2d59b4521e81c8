import type { CaseRow } from '../case-row.ts';

const kvHeads = 'vLLM issues 5951 (2024-06-28) and 16021 (2025-04-03)';
const groups = 'QwenLM/Qwen3 issue 578 (2024-06-17); vLLM issues 1816, 2699 and 5675';
const shards = 'text-generation-inference issue 1354 (2023-12-16)';

export type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
export const native: Answer = ['native', 'driver-native'];
export const cut: Answer = ['incompatible', 'model-split'];

export const divided = (
  name: string,
  devices: number,
  model: NonNullable<CaseRow['model']>,
  [compatibility, rule]: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device: 'H200 580.95.05 13.0',
  deviceFacts: { state: { fabric: 'completed', iommu: 'off' } },
  image: { python: { vllm: '0.10.2' } },
  model: { format: 'safetensors', precisions: ['bf16'], ...model },
  hardware: { devices },
  compatibility,
  rule,
  source,
  ...rest,
});
const sglang: Partial<CaseRow> = { image: { python: { sglang: '0.4.6' } } };
const tgi: Partial<CaseRow> = { image: { python: { 'text-generation-server': '1.3.0' } } };
const phi = { heads: 40, kvHeads: 10 };
const qwen = { heads: 64, kvHeads: 8, intermediateSize: 29_568, quantGroup: 128, precisions: ['gptq' as const] };

export const splitCases: readonly CaseRow[] = [
  divided('10 heads of keys and values over 4 devices', 4, phi, cut, kvHeads, {
    says: 'vllm divides each layer over 4 devices, and 10 heads of keys and values are not divisible by it',
  }),
  divided('10 heads of keys and values over 2 devices', 2, phi, native, kvHeads),
  divided('10 heads of keys and values over 8 devices', 8, phi, cut, kvHeads),
  divided('10 heads of keys and values over 10 devices', 10, phi, native, kvHeads),
  divided('4 heads of keys and values over 8 devices, which copy them', 8, { heads: 64, kvHeads: 4 }, native, kvHeads),
  divided('one head of keys and values over 7 devices', 7, { heads: 28, kvHeads: 1 }, native, kvHeads),
  divided('3 heads of keys and values over 8 devices', 8, { heads: 24, kvHeads: 3 }, cut, kvHeads),
  divided('no head of keys and values over 8 devices', 8, { heads: 64, kvHeads: 0 }, native, kvHeads),
  divided('10 heads of keys and values over 4 devices of SGLang', 4, phi, cut, kvHeads, sglang),
  divided('10 heads of keys and values over 4 devices of TGI, of which nothing is known', 4, phi, native, shards, tgi),
  divided('10 heads of keys and values, over 4 devices in two stages', 4, phi, native, kvHeads, {
    args: ['--pipeline-parallel-size', '2'],
  }),

  divided('29,568 columns in groups of 128 over 2 devices', 2, qwen, cut, groups, {
    says: '14784 columns of a layer are no whole groups of 128, which share a scale',
  }),
  divided('29,568 columns in groups of 128 over 8 devices', 8, qwen, cut, groups),
  divided('29,568 columns in groups of 128 on one device', 1, qwen, native, groups),
  divided('29,568 columns in groups of 64 over 2 devices', 2, { ...qwen, quantGroup: 64 }, native, groups),
  divided('29,696 columns in groups of 128 over 8 devices', 8, { ...qwen, intermediateSize: 29_696 }, native, groups),
  divided(
    '29,568 columns without groups over 8 devices',
    8,
    { heads: 64, kvHeads: 8, intermediateSize: 29_568 },
    native,
    groups,
  ),
  divided('29,568 columns over 5 devices', 5, { heads: 40, kvHeads: 40, intermediateSize: 29_568 }, cut, groups, {
    says: '29568 columns of a layer are not divisible by it',
  }),
  divided('groups without columns over 2 devices', 2, { heads: 64, quantGroup: 128 }, native, groups),
  divided('columns in groups beside experts', 2, { ...qwen, experts: true }, native, groups),
  divided('columns in groups beside experts of a size', 2, { ...qwen, expertSize: 768 }, native, groups),
  divided('columns in groups in a model without experts', 2, { ...qwen, experts: false }, cut, groups),
  divided('columns in groups over 2 devices of SGLang, of which nothing is known', 2, qwen, native, groups, sglang),
  divided('columns in groups over 4 devices, each whole', 4, qwen, native, groups, {
    args: ['--tensor_parallel_size=1'],
  }),

  divided('71 heads over 2 devices of TGI', 2, { heads: 71 }, cut, shards, {
    ...tgi,
    says: 'text-generation-server divides',
  }),
  divided('71 heads over 2 shards of 4 devices of TGI', 4, { heads: 71 }, cut, shards, {
    ...tgi,
    args: ['--num-shard', '2'],
  }),
  divided('71 heads in one shard of TGI', 2, { heads: 71 }, native, shards, { ...tgi, args: ['--num-shard=1'] }),
  divided('71 heads on one device of TGI', 1, { heads: 71 }, native, shards, tgi),
  divided('71 heads in TGI that shards nothing', 2, { heads: 71 }, native, shards, {
    ...tgi,
    args: ['--sharded', 'false'],
  }),
  divided('71 heads in TGI that shards', 2, { heads: 71 }, cut, shards, { ...tgi, args: ['--sharded', 'true'] }),
  divided('72 heads over 2 devices of TGI', 2, { heads: 72 }, native, shards, tgi),
];
