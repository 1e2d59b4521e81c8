import type { Source } from '../source.ts';
import type { ModelTypeRow } from './model-openers.ts';

const lists: Source = {
  title:
    'LMDeploy, turbomind/supported_models.py and pytorch/models/module_map.py of the wheels 0.2.5 to 0.18.0; issues 3705 and 2939: "Can not found rewrite for architectures"',
  url: 'https://github.com/InternLM/lmdeploy/issues/3705',
  date: '2026-11',
};
const awq: Source = {
  title:
    'LMDeploy issue 1227, pull request 1913: AWQ in TurboMind alone up to 0.5.2; turbomind/supported_models.py of the wheels 0.2.5 to 0.5.2, and pytorch/models/awq_modules.py of 0.5.3',
  url: 'https://github.com/InternLM/lmdeploy/pull/1913',
  date: '2024-07-18',
};
const commands: Source = {
  title:
    'LMDeploy, cli/chat.py and cli/serve.py of the wheels 0.2.4 to 0.4.2: chat turbomind takes no other engine, and neither does api_server before 0.2.5; issue 1227',
  url: 'https://github.com/InternLM/lmdeploy/issues/1227',
  date: '2024-03-02',
};

const row = (
  lastWithout: string,
  from: string | null,
  types: readonly string[],
  more: Partial<ModelTypeRow> = {},
): ModelTypeRow => ({
  distribution: 'lmdeploy',
  format: 'safetensors',
  types,
  from,
  lastWithout,
  source: lists,
  ...more,
});

/** Types that TurboMind does not compute in the versions in which a command takes no other engine. */
const withoutTurboMind = [
  ...['chatglm', 'dbrx', 'deepseek', 'falcon', 'gemma', 'mixtral', 'phi3', 'qwen2_moe', 'starcoder2'],
];

/** `lmdeploy` computes by TurboMind what that knows, and by PyTorch what that knows, whichever of both `--backend turbomind` names. */
export const lmdeployTypes: readonly ModelTypeRow[] = [
  row('0.4.1', '0.4.2', ['phi3']),
  row('0.4.2', '0.5.0', ['deepseek_v2']),
  row('0.5.0', '0.5.1', ['gemma2', 'phi3_v']),
  row('0.6.0', '0.6.1', ['minicpm3', 'qwen2_vl']),
  row('0.6.1', '0.6.2', ['mllama']),
  row('0.6.5', '0.7.0', ['deepseek_v3', 'internlm3']),
  row('0.7.1', '0.7.2', ['gemma3', 'gemma3_text', 'qwen2_5_vl']),
  row('0.7.2', '0.7.3', ['llama4', 'qwen3', 'qwen3_moe']),
  row('0.8.0', '0.9.0', ['internvl']),
  row('0.9.2', '0.10.0', ['glm4', 'glm4v', 'gpt_oss']),
  row('0.10.0', '0.10.1', ['glm4_moe']),
  row('0.10.2', '0.11.0', ['qwen3_next', 'qwen3_vl', 'qwen3_vl_moe']),
  row('0.11.0', '0.11.1', ['deepseek_v32']),
  row('0.12.0', '0.12.1', ['glm4_moe_lite']),
  row('0.12.1', '0.12.2', ['glm_moe_dsa', 'qwen3_5', 'qwen3_5_moe']),
  row('0.13.0', '0.14.0', ['qwen3_omni_moe']),
  row('0.14.0', '0.15.0', ['deepseek_v4']),
  row('0.16.0', '0.18.0', ['kimi_k25']),
  row('0.18.0', null, [
    ...['cohere', 'cohere2', 'exaone4', 'gemma3n', 'gemma3n_text', 'gpt2', 'gpt_neox', 'granite', 'olmo', 'olmo2'],
    ...['opt', 'phi4_multimodal', 'phi4mm', 'qwen2_audio', 'smollm3', 'stablelm'],
  ]),
  {
    distribution: 'lmdeploy',
    format: 'safetensors',
    types: ['dbrx', 'falcon'],
    from: '0',
    lastWith: '0.7',
    source: lists,
  },
  row('0.3.0', '0.4.0', ['qwen2'], { method: 'awq', source: awq }),
  row('0.5.2', '0.5.3', ['gemma', 'gemma2', 'mixtral', 'phi3', 'qwen2_moe', 'starcoder2'], {
    method: 'awq',
    source: awq,
  }),
  row('0.3.0', '0.4.0', ['qwen2'], { words: ['chat', 'turbomind'], source: commands }),
  row('0.4.2', null, withoutTurboMind, { words: ['chat', 'turbomind'], source: commands }),
  row('0.2.4', '0.2.5', ['qwen2', ...withoutTurboMind], {
    words: ['api_server'],
    unless: ['pytorch'],
    source: commands,
  }),
];
