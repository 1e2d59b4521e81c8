import type { CaseRow } from '../case-row.ts';

const free = 'vLLM issues 20305 (2025-06-30), 2348 (2024-01-04) and 10797 (2024-12-01)';
const ranks = 'vLLM issues 15217 (2025-03-20) and 8908 (2024-09-27); SGLang issue 9451 (2025-08-21)';
const shards = 'text-generation-inference issue 707 (2023-07-27)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const full: Answer = ['incompatible', 'memory-share'];
const tooMany: Answer = ['incompatible', 'device-count'];

const row = (
  name: string,
  python: Readonly<Record<string, string>>,
  args: readonly string[],
  [compatibility, rule]: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device: 'H200 580.95.05 13.0',
  deviceFacts: { state: { fabric: 'completed', iommu: 'off' } },
  image: { python },
  model: { format: 'safetensors', precisions: ['bf16'] },
  args,
  compatibility,
  rule,
  source,
  ...rest,
});

const ofVllm = (version: string, args: readonly string[], answer: Answer, source = free): CaseRow =>
  row(`vLLM ${version} with ${args.join(' ')}`, { vllm: version }, args, answer, source);

const shares: readonly CaseRow[] = [
  ofVllm('0.10.2', ['--gpu-memory-utilization', '0.99'], native),
  ofVllm('0.10.2', ['--gpu-memory-utilization=1'], full),
  ofVllm('0.9.1', ['--gpu_memory_utilization', '1.0'], full),
  ofVllm('0.9.0', ['--gpu-memory-utilization', '1'], ['unknown', 'memory-share'], never),
  ofVllm('main', ['--gpu-memory-utilization', '1'], ['unknown', 'memory-share'], never),
  ofVllm('0.6.3', ['--gpu-memory-utilization', '1.1'], full),
  ofVllm('0.10.2', ['--gpu-memory-utilization', 'much'], native),
  row('another engine with all of the memory', { sglang: '0.5.3' }, ['--gpu-memory-utilization', '1'], native, free),
];

const onDevices = (
  python: Readonly<Record<string, string>>,
  devices: number,
  args: readonly string[],
  answer: Answer,
  source = ranks,
): CaseRow =>
  row(`${Object.keys(python).join(' ')} on ${devices} devices with ${args.join(' ')}`, python, args, answer, source, {
    hardware: { devices },
  });
const vllm = { vllm: '0.10.2' };
const sglang = { sglang: '0.5.3' };
const tgi = { 'text-generation-server': '2.2.0' };

const counts: readonly CaseRow[] = [
  onDevices(vllm, 2, ['--tensor-parallel-size', '2'], native),
  {
    ...onDevices(vllm, 2, ['--tensor-parallel-size=4'], tooMany),
    says: 'ask vllm to compute on 4 devices, and a replica has 2',
  },
  onDevices(vllm, 1, ['-tp', '2'], tooMany),
  onDevices(vllm, 4, ['-tp', '2', '-pp', '2'], native),
  onDevices(vllm, 2, ['-tp', '2', '--pipeline-parallel-size', '2'], tooMany),
  onDevices(vllm, 4, ['-tp', '2'], native),
  onDevices(vllm, 1, ['-tp', 'auto'], native),
  onDevices(vllm, 1, ['-tp', '2', '-pp', 'auto'], native),
  onDevices(vllm, 2, ['-tp', '4', '--distributed-executor-backend', 'ray'], native),
  onDevices(vllm, 2, ['-tp', '4', '--nnodes', '2'], native),
  onDevices(vllm, 2, ['-tp', '4', '--headless'], native),
  onDevices(vllm, 2, ['-tp', '4', '--node-rank', '1'], native),
  onDevices({ vllm: '0.2.6' }, 2, ['-tp', '4', '--worker-use-ray'], native),
  onDevices(sglang, 2, ['--tp', '4'], tooMany),
  onDevices(sglang, 2, ['--tp-size', '2', '--pp-size', '2'], tooMany),
  onDevices(sglang, 1, ['--tensor-parallel-size', '2'], tooMany),
  onDevices(sglang, 1, ['--pipeline-parallel-size', '2'], tooMany),
  onDevices(sglang, 2, ['--tp', '4', '--nnodes', '2'], native),
  onDevices(sglang, 2, ['--tp', '4', '--node-rank', '0'], native),
  onDevices(sglang, 2, ['--tp', '4', '--dist-init-addr', '10.0.0.1:20000'], native),
  onDevices(sglang, 4, ['--tp', '4'], native),
  onDevices(tgi, 1, ['--num-shard', '2'], tooMany, shards),
  onDevices(tgi, 2, ['--num-shard', '2'], native, shards),
  onDevices({ lmdeploy: '0.9.0' }, 1, ['--tp', '2'], native),
];

/** Shares of the memory, and numbers of devices, that arguments ask for. */
export const shareCases: readonly CaseRow[] = [...shares, ...counts];
