import type { Source } from '../source.ts';
import type { PackagePair } from './package-pairs.ts';

/**
 * Versions of Transformers that an engine does not start beside, or serves no model of some type beside. Most stand in the modules of the wheels: what an
 * engine imports while it starts, or from the file of a model, which some version of Transformers does not have.
 */
const wheels = (title: string, url: string, date: string): Source => ({ title, url, date });

const vllmStart = wheels(
  'vLLM, modules that are imported at the start, of the wheels 0.6.2 to 0.19.1, beside those of Transformers 4.31 to 5.12; Qwen3-VL issue 282',
  'https://github.com/QwenLM/Qwen3-VL/issues/282',
  '2026-04',
);
const vllmModels = wheels(
  'vLLM, vllm/model_executor/models of the wheels 0.6.0 to 0.11.0, beside the modules of Transformers 4.48 to 4.57',
  'https://github.com/vllm-project/vllm/pull/9250',
  '2025-10',
);
const sglangStart = wheels(
  'SGLang, modules that are imported at the start, of the wheels 0.4.10 to 0.5.23, beside those of Transformers 4.31 to 5.12; issue 38183',
  'https://github.com/sgl-project/sglang/issues/38183',
  '2026-09-06',
);
const autoAwq = wheels(
  'AutoAWQ, awq/models/base.py and awq/quantize/scale.py of the wheels 0.2.0 to 0.2.7; PEFT pull request 2222, lmdeploy issue 2877: shard_checkpoint is not there from 4.47 on, and PytorchGELUTanh not in 4.57',
  'https://github.com/huggingface/peft/pull/2222',
  '2024-11-19',
);

type Span = readonly [from: string, to: string];
type Range = Pick<PackagePair, 'least' | 'most'>;
const upTo = (most: string): Range => ({ least: null, most });
const since = (least: string): Range => ({ least, most: null });

const pair = (
  distribution: string,
  [from, to]: Span,
  range: Range,
  source: Source,
  more: Partial<PackagePair> = {},
): PackagePair => ({ distribution, from, to, beside: 'transformers', ...range, ...more, source });

/** Transformers 4.57.2 opens no tokenizer of a model that lies in a folder. */
const localModels: Source = wheels(
  "Transformers issue 42374, vLLM issue 29368: 4.57.2 does not open a tokenizer in a folder ('dict' object has no attribute 'model_type'); mended in 4.57.3",
  'https://github.com/huggingface/transformers/issues/42374',
  '2025-11-25',
);
const anyVersion: Range = { least: null, most: null };

export const transformersPairs: readonly PackagePair[] = [
  pair('vllm', ['0.6.2', '0.9'], since('4.45'), vllmStart),
  pair('vllm', ['0.10.0', '0.10.0'], since('4.53'), vllmStart),
  pair('vllm', ['0.11', '0.19'], since('4.52'), vllmStart),
  pair('vllm', ['0.12', '0.13'], since('4.53'), vllmStart, { fails: ['5.1', '5.3'] }),
  ...['vllm', 'sglang'].map((engine) =>
    pair(engine, ['0', '1'], anyVersion, localModels, { fails: ['4.57.2', '4.57.2'] }),
  ),
  pair('vllm', ['0.6.2', '0.6.5'], upTo('4.48'), vllmModels, { models: ['qwen2_vl'] }),
  pair('vllm', ['0.6.0', '0.6.4'], upTo('4.50'), vllmModels, {
    models: ['llava', 'llava_next', 'llava_next_video', 'llava_onevision', 'paligemma'],
  }),
  pair('vllm', ['0.6.0', '0.6.4'], upTo('4.51'), vllmModels, { models: ['phi3_v', 'internvl_chat', 'mllama'] }),
  pair(
    'vllm',
    ['0.7.2', '0.7.2'],
    upTo('4.48'),
    wheels(
      'Transformers issues 36246 and 36292, vLLM pull request 13286: 0.7.2 imports Qwen2_5_VLImageProcessor, which no release of Transformers has',
      'https://github.com/huggingface/transformers/issues/36246',
      '2025-02-20',
    ),
    { models: ['qwen2_5_vl'] },
  ),
  pair('vllm', ['0.7.1', '0.9'], upTo('4.52'), vllmModels, { models: ['minicpmo'] }),
  pair('vllm', ['0.8.5', '0.11.0'], upTo('4.56'), vllmModels, { models: ['kimi_vl'] }),
  pair(
    'sglang',
    ['0.4.4', '0.4.4'],
    upTo('4.48'),
    wheels(
      'SGLang issue 4607: 0.4.4 registers Qwen2_5_VLConfig, which Transformers has from 4.49 on ("is already used by a Transformers model")',
      'https://github.com/sgl-project/sglang/issues/4607',
      '2025-03-23',
    ),
  ),
  pair('sglang', ['0.4.10', '0.5.1'], since('4.51'), sglangStart),
  pair('sglang', ['0.5.2', '0.5.9'], since('4.55'), sglangStart),
  pair('sglang', ['0.5.10', '0.5.19'], since('4.57'), sglangStart),
  pair('sglang', ['0.5.20', '0.5.23'], since('5.4'), sglangStart),
  pair('autoawq', ['0.2.0', '0.2.6'], upTo('4.46'), autoAwq, {
    methods: ['awq'],
    importedBy: [],
    only: ['torch', 'transformers'],
  }),
  pair('autoawq', ['0.2.7', '0.2.9'], anyVersion, autoAwq, {
    fails: ['4.57', '4.57'],
    methods: ['awq'],
    importedBy: [],
    only: ['torch', 'transformers'],
  }),
  pair(
    'tensorrt-llm',
    ['0.19', '0.19'],
    upTo('4.49'),
    wheels(
      'TensorRT-LLM issue 3564: "module transformers.file_utils has no attribute get_file_from_repo", which Transformers has up to 4.49',
      'https://github.com/NVIDIA/TensorRT-LLM/issues/3564',
      '2025-04-15',
    ),
  ),
];
