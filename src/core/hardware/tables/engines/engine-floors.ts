import type { Source } from '../source.ts';
import { tritonVariable } from './shared-memory.ts';

/** Lowest compute capability that an engine runs on at all, whatever the precision of the model. */
export interface EngineFloor {
  /** Python distribution of the engine, or component of the image. */
  readonly engine: string;
  readonly from: string;
  /** Null for the newest. */
  readonly to: string | null;
  readonly capability: string;
  /** A library that counts only beside one of these distributions, which call it for every model. */
  readonly beside?: readonly string[];
  /** Counts only where the environment of the image has this value: a variable that chooses one engine of two. */
  readonly variable?: { readonly name: string; readonly value: string };
  /** Variables of the image that hold its version, where it is no distribution: the first that is set. */
  readonly versionIn?: readonly string[];
  /** An argument of the contract that sets the floor itself: nothing is said beside it. */
  readonly setBy?: string;
  readonly source: Source;
}

/** Versions are compared by as many places as the row writes. */
export const engineFloors: readonly EngineFloor[] = [
  {
    engine: 'vllm',
    from: '0.7',
    to: null,
    capability: '7.0',
    source: {
      title: 'vLLM issue 13202: Triton and torch.compile refuse capabilities below 7.0',
      url: 'https://github.com/vllm-project/vllm/issues/13202',
      date: '2025-02-13',
    },
  },
  {
    engine: 'vllm',
    from: '0.6',
    to: '0.10.1',
    capability: '8.0',
    // Without it these versions take the older engine on older devices.
    variable: { name: 'VLLM_USE_V1', value: '1' },
    source: {
      title:
        'vLLM issues 13398, 15853 and 12568: V1 needs FlashAttention; pull request 23614 and release 0.10.2 lift it',
      url: 'https://github.com/vllm-project/vllm/pull/23614',
      date: '2025-08-26',
    },
  },
  {
    engine: 'vllm',
    from: '0.5',
    to: '0.7',
    capability: '8.0',
    variable: { name: 'VLLM_ATTENTION_BACKEND', value: 'FLASHINFER' },
    source: {
      title: 'vLLM issues 8189, 8091 and 9922: this backend computes prompts by FlashAttention, from 0.5.5 to 0.7.2',
      url: 'https://github.com/vllm-project/vllm/issues/8189',
      date: '2025-02-10',
      // The first version is that of the backend.
      inferred: true,
    },
  },
  {
    engine: 'lmcache',
    from: '0',
    to: '0.1',
    capability: '8.0',
    beside: ['vllm'],
    source: {
      title: 'LMCache issue 412: only the FlashAttention backend of vLLM is supported, which runs from 8.0 on',
      url: 'https://github.com/LMCache/LMCache/issues/412',
      date: '2025-04-01',
      // That 0.1 is the last is concluded from the version of the report.
      inferred: true,
    },
  },
  {
    engine: 'sglang',
    from: '0.5',
    to: null,
    capability: '8.0',
    source: {
      title: 'SGLang issue 24302: kernels of sgl-kernel are built for 8.0 and later; gpustack pull request 3932',
      url: 'https://github.com/sgl-project/sglang/issues/24302',
      date: '2026-05-03',
      // Neither source names the first version.
      inferred: true,
    },
  },
  {
    engine: 'exllamav3',
    from: '0',
    to: null,
    capability: '8.0',
    source: {
      title: 'ExLlamaV3 issue 44: GEMM and GEMV kernels need Ampere or later; tabbyAPI pull request 463',
      url: 'https://github.com/turboderp-org/exllamav3/issues/44',
      date: '2026-07-30',
    },
  },
  {
    engine: 'nunchaku',
    from: '0',
    to: '0.1',
    capability: '8.0',
    source: {
      title: 'Nunchaku issue 216: no Turing before 0.2',
      url: 'https://github.com/nunchux-ai/nunchaku/issues/216',
      date: '2025-03-30',
    },
  },
  {
    engine: 'deepspeed',
    from: '0',
    to: null,
    capability: '6.0',
    beside: ['transformers'],
    source: {
      title:
        'DeepSpeed, op_builder/transformer_inference.py: "NVIDIA Inference is only supported on Pascal and newer architectures"; issue 1301: error 8 on a K80',
      url: 'https://github.com/deepspeedai/DeepSpeed/issues/1301',
      date: '2021-08-11',
      // The check is younger than the report; that no older version has kernels either is concluded from it.
      inferred: true,
    },
  },
  {
    engine: 'Triton Inference Server',
    from: '1.5',
    to: null,
    capability: '6.0',
    versionIn: [tritonVariable, 'TENSORRT_SERVER_VERSION'],
    setBy: '--min-supported-compute-capability',
    source: {
      title:
        'Triton pull request 474: devices below 6.0 are left out; issues 1246 ("no GPUs are available" on an M40, from container 19.08 on), 2584 and 8467 (the same least in 25.09)',
      url: 'https://github.com/triton-inference-server/server/pull/474',
      date: '2025-10-24',
    },
  },
  {
    engine: 'cudnn',
    from: '9.11',
    to: null,
    capability: '7.5',
    // Engines of language models work without it on older devices, whatever version lies beside them.
    beside: ['onnxruntime-gpu', 'faster-whisper', 'whisperx', 'whisper-ctranslate2', 'tensorflow'],
    source: {
      title: 'cuDNN, "Support Matrix" of 9.10 and 9.11; PyTorch issue 162574; Immich pull request 23110',
      url: 'https://docs.nvidia.com/deeplearning/cudnn/backend/v9.11.0/reference/support-matrix.html',
      date: '2025-10-20',
    },
  },
];
