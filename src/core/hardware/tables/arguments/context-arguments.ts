import type { Source } from '../source.ts';

/** An argument of an engine that asks for a longer context than the configuration of the model, which the engine refuses. */
export interface ContextArgument {
  readonly engine: string;
  /** First version that refuses it. */
  readonly from: string;
  readonly argument: string;
  /** A variable of the image that allows it. */
  readonly unless: { readonly name: string; readonly value: string };
  /** Arguments that change the configuration of the model. */
  readonly others: readonly string[];
  readonly source: Source;
}

export const contextArguments: readonly ContextArgument[] = [
  {
    engine: 'vllm',
    from: '0.2',
    argument: '--max-model-len',
    unless: { name: 'VLLM_ALLOW_LONG_MAX_MODEL_LEN', value: '1' },
    others: ['--rope-scaling', '--hf-overrides', '--hf-config-path', '--config-format'],
    source: {
      title:
        'vLLM issues 3676 and 2565, Xinference issue 1715: "User-specified max_model_len is greater than the derived max_model_len"',
      url: 'https://github.com/vllm-project/vllm/issues/3676',
      date: '2024-06-25',
      // The first version is that of pull request 1096.
      inferred: true,
    },
  },
  {
    engine: 'sglang',
    from: '0.4',
    argument: '--context-length',
    unless: { name: 'SGLANG_ALLOW_OVERWRITE_LONGER_CONTEXT_LEN', value: '1' },
    others: ['--json-model-override-args'],
    source: {
      title:
        'SGLang, examples/runtime/multimodal/deepseek_ocr2_server.py: a context above the derived one needs SGLANG_ALLOW_OVERWRITE_LONGER_CONTEXT_LEN=1',
      url: 'https://github.com/sgl-project/sglang/blob/main/examples/runtime/multimodal/deepseek_ocr2_server.py',
      date: '2026-09',
      // The source names no first version.
      inferred: true,
    },
  },
];
