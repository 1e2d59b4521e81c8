import type { Source } from '../source.ts';

/** Shared memory that a thread block may take on a device, at most. */
interface BlockMemory {
  readonly capability: string;
  readonly kib: number;
  readonly source: Source;
}

const specifications: Source = {
  title: 'CUDA C++ Programming Guide, "Technical Specifications per Compute Capability"; Triton names the same limits',
  url: 'https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html',
  date: '2026-11',
};
const of = (capability: string, kib: number): BlockMemory => ({ capability, kib, source: specifications });

export const blockMemory: readonly BlockMemory[] = [
  of('6.0', 48),
  of('6.1', 48),
  of('7.0', 96),
  of('7.5', 64),
  of('8.0', 163),
  of('8.6', 99),
  of('8.7', 163),
  of('8.9', 99),
  of('9.0', 227),
  of('10.0', 227),
  of('10.3', 227),
  of('11.0', 227),
  of('12.0', 99),
  of('12.1', 99),
];

/**
 * A kernel that an engine uses for some models.
 *
 * | use | models |
 * |---|---|
 * | `fp8-experts` | mixtures of experts in FP8 whose scales cover a tensor or a channel |
 * | `heads` | attention with heads of these sizes |
 * | `sparse-attention` | mixtures of experts whose attention is latent and sparse (`sparseAttention`) |
 * | `sinks` | attention with sinks (`attentionSinks`) |
 * | `flash-models` | models that TGI computes by FlashAttention (`flashModels`) |
 * | `xformers-attention` | any in half precision, where the program calls xFormers (`callsOfXformers`) |
 * | `fp32-heads` | the same of models that refuse float16, which the engine computes in FP32 where a device has no bfloat16 |
 */
export interface KernelShape {
  /** Python distribution of the engine. */
  readonly engine: string;
  readonly from: string;
  /** Null for the newest. */
  readonly to: string | null;
  readonly use:
    'fp8-experts' | 'heads' | 'fp32-heads' | 'sparse-attention' | 'sinks' | 'flash-models' | 'xformers-attention';
  /** A build of the version alone (`0.10.1+gptoss`). Left out where every build is meant. */
  readonly build?: string;
  /** It is not used where the environment of the image has this value. */
  readonly unless?: { readonly name: string; readonly value: string };
  /** Sizes of heads, both ends included; null for no end. Left out where heads do not matter. */
  readonly heads?: readonly [least: number, most: number | null];
  /** It is used below this capability alone. Left out where it is used on all. */
  readonly below?: string;
  /** It is used from this capability on. Left out where it is used on all. */
  readonly fromCapability?: string;
  /** Shared memory that a thread block needs; null where the engine holds no such kernel. */
  readonly bytes: number | null;
  readonly source: Source;
}

const sparse: Source = {
  title:
    'vLLM issues 30644, 31936, 38006, 40851 and 54059: sparse latent attention has kernels for 9.0 and 10.0; previews of 12.x follow in 2026-06',
  url: 'https://github.com/vllm-project/vllm/issues/38006',
  date: '2026-08-27',
  // The last version without kernels for 12.x is that before the previews.
  inferred: true,
};

export const kernelShapes: readonly KernelShape[] = [
  {
    engine: 'sglang',
    from: '0',
    to: null,
    use: 'fp8-experts',
    bytes: 147_456,
    source: {
      title:
        'SGLang issues 8513 and 28019, pull requests 24975 and 28038: (4 - 1) × (128 + 256) × 128 bytes, without a tuned file for the device',
      url: 'https://github.com/sgl-project/sglang/pull/28038',
      date: '2026-06-12',
    },
  },
  {
    engine: 'vllm',
    from: '0.11',
    to: null,
    use: 'fp32-heads',
    heads: [256, 511],
    below: '8.0',
    bytes: 81_920,
    source: {
      title: 'vLLM issue 36802: 80 KiB for heads of 256 on a T4; config/model.py names the models that refuse float16',
      url: 'https://github.com/vllm-project/vllm/issues/36802',
      date: '2026-03-11',
      // The issue does not say that the weights are computed in FP32: 80 KiB is what four bytes an element give.
      inferred: true,
    },
  },
  {
    engine: 'vllm',
    from: '0.11',
    to: null,
    use: 'heads',
    heads: [512, null],
    below: '8.0',
    bytes: 98_304,
    source: {
      title: 'vLLM issue 57712 and pull request 39018: 96 KiB for heads of 512, and Turing has 64',
      url: 'https://github.com/vllm-project/vllm/issues/57712',
      date: '2026-09-19',
    },
  },
  {
    engine: 'lmdeploy',
    from: '0.12',
    to: null,
    use: 'heads',
    heads: [256, 256],
    below: '7.5',
    bytes: null,
    source: {
      title: 'lmdeploy issue 4408 and pull request 4412: TurboMind has no decoding kernel for heads of 256 on Volta',
      url: 'https://github.com/InternLM/lmdeploy/issues/4408',
      date: '2026-03-14',
    },
  },
  {
    engine: 'vllm',
    from: '0.11',
    to: null,
    use: 'sparse-attention',
    below: '9.0',
    bytes: null,
    source: sparse,
  },
  {
    engine: 'vllm',
    from: '0.11',
    to: '0.19',
    use: 'sparse-attention',
    fromCapability: '12.0',
    bytes: null,
    source: sparse,
  },
  {
    engine: 'vllm',
    from: '0.10.1',
    to: '0.10.1',
    build: 'gptoss',
    use: 'sinks',
    below: '9.0',
    bytes: null,
    source: {
      title: 'vLLM issues 22290 and 22331: the build gptoss has attention with sinks by FlashAttention 3 alone',
      url: 'https://github.com/vllm-project/vllm/issues/22331',
      date: '2025-08-06',
    },
  },
  {
    engine: 'text-generation-server',
    from: '2.0.5',
    to: '2.2',
    use: 'flash-models',
    below: '8.0',
    unless: { name: 'USE_FLASH_ATTENTION', value: 'False' },
    bytes: null,
    source: {
      title:
        'text-generation-inference issues 2037 and 2456: FlashAttention 2 is taken on a T4; layers/attention/cuda.py checks the device later',
      url: 'https://github.com/huggingface/text-generation-inference/issues/2456',
      date: '2024-08-25',
      // First and last version are those of the reports.
      inferred: true,
    },
  },
  {
    engine: 'xformers',
    from: '0.0.30',
    to: '0.0.32',
    use: 'xformers-attention',
    fromCapability: '10.0',
    bytes: null,
    source: {
      title:
        'xFormers issues 1251 and 1329: FlashAttention 3 is taken on Blackwell in half precision, and has no kernel',
      url: 'https://github.com/facebookresearch/xformers/issues/1329',
      date: '2025-09-15',
    },
  },
  {
    engine: 'xformers',
    from: '0.0.33',
    to: '0.0.33',
    build: 'dev',
    use: 'xformers-attention',
    fromCapability: '10.0',
    bytes: null,
    source: {
      title:
        'xFormers, ops/fmha/flash3.py of the wheels 0.0.32.post2 and 0.0.33.post2: CUDA_MAXIMUM_COMPUTE_CAPABILITY is new in 0.0.33; issue 1329 of a build before it',
      url: 'https://github.com/facebookresearch/xformers/issues/1329',
      date: '2025-09-15',
    },
  },
];

/** `model_type` of models that TGI has a flash implementation of (text-generation-inference, server/models, 2.2). */
export const flashModels: readonly string[] = [
  ...['cohere', 'dbrx', 'falcon', 'gemma', 'gemma2', 'gpt2', 'gpt_bigcode', 'gpt_neox', 'llama', 'mistral', 'mixtral'],
  ...['phi', 'phi3', 'qwen2', 'starcoder2'],
];

/**
 * Programs that bring xFormers along: those that never call it, those that always do where it loads, and those that do where somebody turns it on.
 * ComfyUI takes it for attention by itself (comfy/ldm/modules/attention.py).
 */
export const callsOfXformers: Readonly<Record<'never' | 'always' | 'maybe', readonly string[]>> = {
  never: ['vllm', 'sglang', 'text-generation-server', 'lmdeploy'],
  always: ['comfyui-frontend-package'],
  maybe: ['diffusers', 'transformers'],
};

/** `model_type` of models whose attention has sinks. */
export const attentionSinks: readonly string[] = ['gpt_oss'];

/** `model_type` of models whose attention is latent and sparse: DeepSeek from V3.2 on, and GLM that follows it. */
export const sparseAttention: readonly string[] = ['deepseek_v32', 'deepseek_v4', 'glm5_next'];

/** `model_type` of models that vLLM does not compute in float16 (vLLM, config/model.py, 2026-11). */
export const refuseFloat16: readonly string[] = ['gemma2', 'gemma3', 'gemma3_text', 'glm4', 'plamo2'];
