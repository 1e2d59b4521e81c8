import type { CaseRow } from '../case-row.ts';
import { cut, divided, native, type Answer } from './split-cases.ts';

const heads = 'vLLM issue 11797 (2025-01-07)';
const blocks = 'vLLM issue 25292 (2025-09-19); QwenLM/Qwen3 issue 1485 (2025-06-05)';
const ofHeads = (
  name: string,
  devices: number,
  model: NonNullable<CaseRow['model']>,
  answer: Answer,
  rest: Partial<CaseRow> = {},
): CaseRow => divided(name, devices, model, answer, heads, rest);
const fp8 = { expertSize: 768, fp8Block: 128, heads: 32 };
const sglang = { image: { python: { sglang: '0.4.6' } }, source: blocks };
const splits: readonly CaseRow[] = [
  ofHeads('40 heads over 6 devices', 6, { heads: 40 }, cut, {
    says: 'vllm divides each layer over 6 devices, and 40 attention heads are not divisible by it',
  }),
  ofHeads('40 heads over 8 devices', 8, { heads: 40 }, native),
  ofHeads('28 heads over 8 devices', 8, { heads: 28 }, cut),
  ofHeads('28 heads over 7 devices', 7, { heads: 28 }, native),
  ofHeads('27 heads over 2 devices', 2, { heads: 27 }, cut),
  ofHeads('28 heads over 2 devices', 2, { heads: 28 }, native),
  ofHeads('28 heads on one device', 1, { heads: 28 }, native),
  ofHeads('heads that nobody read over 8 devices', 8, {}, native),
  ofHeads('a model that nobody read over 8 devices', 8, {}, ['unknown', 'memory'], { model: null }),
  ofHeads('28 heads over 8 devices in another engine', 8, { heads: 28 }, native, {
    image: { python: { 'llama-cpp-python': '0.3.9' }, instructions: {} },
  }),
  ofHeads('28 heads over 8 devices in no image', 8, { heads: 28 }, ['unknown', 'image-accelerator'], { image: null }),
  ofHeads('28 heads over 8 devices in SGLang', 8, { heads: 28 }, cut, sglang),
  ofHeads('28 heads over 8 devices, of which each layer has 4', 8, { heads: 28 }, native, {
    args: ['--tensor-parallel-size', '4'],
  }),
  ofHeads('28 heads over 8 devices, written with a sign', 8, { heads: 28 }, native, {
    args: ['serve', '--tensor-parallel-size=4'],
  }),
  ofHeads('28 heads over 4 devices, of which each layer has 8', 4, { heads: 28 }, cut, {
    args: ['-tp', '8'],
  }),
  ofHeads('an argument that is no number', 8, { heads: 28 }, native, {
    args: ['--tensor-parallel-size', 'all'],
  }),
  ofHeads('an argument without a number', 8, { heads: 28 }, native, {
    args: ['--tensor-parallel-size'],
  }),
  ofHeads('each layer on one device', 8, { heads: 28 }, native, {
    args: ['--tensor-parallel-size', '1'],
  }),
  ...['--pipeline-parallel-size', '-pp', '--data-parallel-size', '-dp', '--enable-expert-parallel', '-ep'].map((name) =>
    ofHeads(`28 heads over 8 devices with ${name}`, 8, { heads: 28 }, native, { args: [name, '2'] }),
  ),
  ...['--tp-size', '--tensor-parallel-size', '--tp'].map((name) =>
    ofHeads(`28 heads over 8 devices of SGLang with ${name}`, 8, { heads: 28 }, native, {
      ...sglang,
      args: [name, '4'],
    }),
  ),
  ...['--pp-size', '--pipeline-parallel-size', '--dp-size', '--dp', '--ep-size', '--ep'].map((name) =>
    ofHeads(`28 heads over 8 devices of SGLang with ${name}`, 8, { heads: 28 }, native, {
      ...sglang,
      args: [name, '2'],
    }),
  ),
  ofHeads('experts of 768 in FP8 over 4 devices', 4, fp8, cut, {
    says: '192 columns of an expert are no whole blocks of 128',
    source: blocks,
  }),
  ofHeads('experts of 768 in FP8 over 2 devices', 2, fp8, native, { source: blocks }),
  ofHeads('experts of 768 in FP8 on one device', 1, { ...fp8, expertSize: 700 }, native, { source: blocks }),
  ofHeads('experts of 768 without blocks over 4 devices', 4, { expertSize: 768, heads: 32 }, native, {
    source: blocks,
  }),
  ofHeads('blocks without experts over 4 devices', 4, { fp8Block: 128, heads: 32 }, native, { source: blocks }),
  ofHeads('experts of 768 in FP8 over 4 devices of SGLang', 4, fp8, cut, sglang),
  ofHeads('experts of 2048 in FP8 over 8 devices of SGLang', 8, { ...fp8, expertSize: 2048 }, native, sglang),
  ofHeads('experts of 768 in FP8 over 4 devices, each whole', 4, fp8, native, {
    source: blocks,
    args: ['--enable-expert-parallel'],
  }),
];

/** Heads and experts that devices divide. */
export const expertSplitCases: readonly CaseRow[] = [...splits];
