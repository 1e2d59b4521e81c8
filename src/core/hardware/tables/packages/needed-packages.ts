import type { Source } from '../source.ts';

/** Distributions without which an engine does not start, or does not open models of one method. */
export interface NeededPackage {
  readonly engine: string;
  readonly from: string;
  /** Null for the newest. */
  readonly to: string | null;
  /** Method that the model is quantized by; left out where every model needs them. */
  readonly method?: string;
  /** One of them does. */
  readonly oneOf: readonly string[];
  /** Folders of their libraries, where they are there without a distribution. */
  readonly folders?: readonly string[];
  /** The row counts where no program uses accelerators but these; left out where the engine serves every model itself. */
  readonly only?: readonly string[];
  readonly source: Source;
}

const bitsandbytes: Source = {
  title:
    'vLLM issue 5503 and pull request 6525, gpustack issues 1079 and 1963, production-stack issue 548: "Please install bitsandbytes", which vLLM does not bring',
  url: 'https://github.com/vllm-project/production-stack/issues/548',
  date: '2025-07-03',
};
const quantizers: Source = {
  title:
    'Transformers, quantizers/quantizer_*.py of 4.57.1 and 5.0.0, validate_environment; text-generation-webui-docker issue 65 and textgen issue 7007: "Loading an AWQ quantized model requires auto-awq library"',
  url: 'https://github.com/Atinoda/text-generation-webui-docker/issues/65',
  date: '2025-05-30',
};
const inTransformers = (
  method: string,
  [from, to]: readonly [from: string, to: string | null],
  ...oneOf: readonly string[]
): NeededPackage => ({
  engine: 'transformers',
  from,
  to,
  method,
  oneOf,
  only: ['torch', 'transformers'],
  source: quantizers,
});

export const neededPackages: readonly NeededPackage[] = [
  {
    engine: 'sglang',
    from: '0.4.2',
    to: null,
    oneOf: ['sgl-kernel', 'sglang-kernel'],
    folders: ['sgl_kernel'],
    source: {
      title:
        'SGLang issue 3687 and sgl-project.github.io issue 4: "No module named \'sgl_kernel\'" where it was installed without its extra srt; the wheels import it from 0.4.2 on',
      url: 'https://github.com/sgl-project/sglang/issues/3687',
      date: '2025-02-25',
    },
  },
  {
    engine: 'vllm',
    from: '0.5',
    to: null,
    method: 'bitsandbytes',
    oneOf: ['bitsandbytes'],
    source: bitsandbytes,
  },
  inTransformers('awq', ['4.35', '4.57'], 'autoawq'),
  inTransformers('awq', ['5.0', null], 'gptqmodel'),
  inTransformers('gptq', ['4.32', null], 'optimum'),
  inTransformers('gptq', ['4.32', '4.57'], 'auto-gptq', 'gptqmodel'),
  inTransformers('gptq', ['5.0', null], 'gptqmodel'),
  inTransformers('bitsandbytes', ['4.30', null], 'bitsandbytes'),
];

/** Distributions that lie beside an engine wherever pip installed it: a list without one of them is an excerpt, and tells nothing of others. */
export const alwaysBeside: Readonly<Record<string, readonly string[]>> = {
  sglang: ['torch', 'transformers'],
  vllm: ['torch', 'transformers'],
  transformers: ['torch', 'tokenizers'],
};
