import type { Precision } from '../../model/model-facts.ts';
import type { Source } from '../source.ts';

/** Values of an argument of an engine (`code.args`) that choose kernels for some devices alone. */
export interface ArgumentFloor {
  /** Python distribution of the engine. */
  readonly engine: string;
  readonly from: string;
  /** Null for the newest. */
  readonly to: string | null;
  readonly argument: string;
  /** Other names of the argument. */
  readonly also?: readonly string[];
  /** Variables of the image that state it for programs without such an argument. */
  readonly variables?: readonly string[];
  /** A program that asks for the first of the values where nobody states it, up to a version. */
  readonly default?: { readonly program: string; readonly to: string };
  /** None where the argument takes no value. */
  readonly values: readonly string[];
  /** Lowest capability that the kernels run on. */
  readonly least: string;
  /** Highest; left out where later devices run them too. */
  readonly most?: string;
  /** It counts for models in this precision alone. */
  readonly precision?: Precision;
  /** It does not count where one of these chooses other kernels: a variable of the image, or an argument, with its value. */
  readonly unless?: readonly { readonly name: string; readonly value: string }[];
  readonly source: Source;
}

const flashInfer = [
  { name: 'VLLM_ATTENTION_BACKEND', value: 'FLASHINFER' },
  { name: '--attention-backend', value: 'FLASHINFER' },
];
const cacheInFp8 = ['fp8', 'fp8_e4m3'];
const backends = {
  argument: '--attention-backend',
  also: ['--prefill-attention-backend', '--decode-attention-backend'],
};

/** Programs of faster-whisper take it as an argument (whisperX, whisper-ctranslate2, Wyoming), or by variables (Speaches, subgen, whisper-asr-webservice). */
const computeType = {
  engine: 'ctranslate2',
  argument: '--compute-type',
  variables: ['WHISPER__COMPUTE_TYPE', 'COMPUTE_TYPE', 'ASR_QUANTIZATION'],
};
const allows = (name: string): NonNullable<ArgumentFloor['unless']> =>
  ['1', 'true', 'TRUE'].map((value) => ({ name, value }));
const ctranslate2 = (title: string, date: string): Source => ({
  title,
  url: 'https://github.com/OpenNMT/CTranslate2/blob/master/src/types.cc',
  date,
});

const computeTypes: readonly ArgumentFloor[] = [
  {
    ...computeType,
    from: '0',
    to: null,
    values: ['float16', 'int8_float16'],
    least: '7.0',
    default: { program: 'whisperx', to: '3.8.0' },
    unless: allows('CT2_CUDA_ALLOW_FP16'),
    source: ctranslate2(
      'CTranslate2, src/types.cc and src/cuda/utils.cc, release 2.3.0: float16 that is asked for needs 7.0 ("do not support efficient float16 computation"); whisperX, wheels 3.1.1 to 3.8.5, and issue 612: it asks for float16 by default up to 3.8.0',
      '2026-02',
    ),
  },
  {
    ...computeType,
    from: '3.17',
    to: null,
    values: ['bfloat16', 'int8_bfloat16'],
    least: '8.0',
    unless: allows('CT2_CUDA_ALLOW_BF16'),
    source: ctranslate2('CTranslate2, CHANGELOG.md, 3.17.0: bfloat16 and int8_bfloat16 require 8.0', '2023-07-18'),
  },
  {
    ...computeType,
    from: '0',
    to: null,
    values: ['int8', 'int8_float32'],
    least: '6.1',
    source: ctranslate2('CTranslate2, src/cuda/utils.cc, gpu_supports_int8: from 6.1 on', '2024-10'),
  },
  {
    ...computeType,
    from: '4.0',
    to: '4.6',
    values: ['int8', 'int8_float32', 'int8_float16', 'int8_bfloat16'],
    least: '3.0',
    most: '11.0',
    source: {
      title:
        'CTranslate2 issue 1865, pull requests 1937 and 1982: INT8 on 12.0 fails in cuBLAS (CUBLAS_STATUS_NOT_SUPPORTED), and is then refused, until matrices are padded',
      url: 'https://github.com/OpenNMT/CTranslate2/issues/1865',
      date: '2026-01-31',
      // The first release with the padding is taken to be 4.7.
      inferred: true,
    },
  },
];

export const argumentFloors: readonly ArgumentFloor[] = [
  {
    engine: 'vllm',
    from: '0',
    to: null,
    argument: '--dtype',
    values: ['bfloat16'],
    least: '8.0',
    source: {
      title:
        'vLLM issues 946, 1157 and 3503, pull request 2374: bfloat16 that is asked for needs 8.0; "auto" falls back to float16 from 0.9 on',
      url: 'https://github.com/vllm-project/vllm/pull/2374',
      date: '2025-03-17',
    },
  },
  {
    engine: 'vllm',
    from: '0.10.2',
    to: '0.11.0',
    argument: '--kv-cache-dtype',
    values: cacheInFp8,
    least: '8.9',
    unless: flashInfer,
    source: {
      title:
        'vLLM issue 26431: a cache in FP8 E4M3 stops on an RTX 3090 (type fp8e4nv), which the Triton backend keeps',
      url: 'https://github.com/vllm-project/vllm/issues/26431',
      date: '2025-10-08',
      // The first version is that of pull request 24577; later ones may choose FlashInfer where it is installed.
      inferred: true,
    },
  },
  {
    engine: 'vllm',
    from: '0.11.1',
    to: null,
    argument: '--kv-cache-dtype',
    values: cacheInFp8,
    least: '8.0',
    unless: flashInfer,
    source: {
      title:
        'vLLM pull requests 35720, 43914 and 49077: a cache in FP8 E4M3 on 7.0 and 7.5 stops (type fp8e4nv), by the only backend that they have',
      url: 'https://github.com/vllm-project/vllm/pull/43914',
      date: '2026-07-19',
    },
  },
  {
    engine: 'sglang',
    from: '0',
    to: null,
    ...backends,
    values: ['trtllm_mha'],
    least: '10.0',
    most: '10.9',
    source: {
      title: 'SGLang issues 9140 and 14814; server_args.py: TRTLLM MHA is only supported on SM100',
      url: 'https://github.com/sgl-project/sglang/issues/9140',
      date: '2025-12-10',
    },
  },
  {
    engine: 'sglang',
    from: '0',
    to: null,
    ...backends,
    values: ['trtllm_mla'],
    least: '10.0',
    source: {
      title: 'SGLang, server_args.py: TRTLLM MLA is only supported on Blackwell',
      url: 'https://github.com/sgl-project/sglang/blob/main/python/sglang/srt/server_args.py',
      date: '2026-03',
    },
  },
  {
    engine: 'sglang',
    from: '0',
    to: null,
    ...backends,
    values: ['fa3'],
    least: '8.0',
    most: '9.0',
    source: {
      title: 'SGLang, attention_registry.py: FlashAttention v3 requires SM>=80 and SM<=90',
      url: 'https://github.com/sgl-project/sglang/blob/main/python/sglang/srt/layers/attention/attention_registry.py',
      date: '2026-09',
    },
  },
  {
    engine: 'tensorrt-llm',
    from: '0',
    to: '0.5',
    argument: '--enable-context-fmha',
    also: ['--enable-context-fmha-fp32-acc'],
    values: [],
    least: '8.0',
    source: {
      title:
        'TensorRT-LLM issues 320, 348 and 436: the fused attention of the context has no kernels for Volta and Turing',
      url: 'https://github.com/NVIDIA/TensorRT-LLM/issues/320',
      date: '2023-11-21',
    },
  },
  {
    engine: 'tensorrt-llm',
    from: '0.14',
    to: null,
    argument: '--context-fmha',
    values: ['enable'],
    least: '8.0',
    source: {
      title: 'TensorRT-LLM, fmhaRunner.cpp: "Unsupported architecture" below 8.0; issue 320',
      url: 'https://github.com/NVIDIA/TensorRT-LLM/blob/main/cpp/tensorrt_llm/kernels/contextFusedMultiHeadAttention/fmhaRunner.cpp',
      date: '2024-11',
      // Versions between 0.5 and 0.14 have kernels for Volta again.
      inferred: true,
    },
  },
  ...computeTypes,
  ...(
    [
      [['triton', 'triton_unfused'], '9.0', '10.3'],
      [['flashinfer_trtllm', 'flashinfer_trtllm_afp8'], '10.0', '10.3'],
      [['flashinfer_cutlass', 'flashinfer_cutlass_afp8'], '9.0', undefined],
    ] as const
  ).map(([values, least, most]): ArgumentFloor => ({
    engine: 'vllm',
    from: '0.19',
    to: null,
    argument: '--moe-backend',
    values,
    least,
    ...(most === undefined ? {} : { most }),
    precision: 'mxfp4',
    source: {
      title:
        'vLLM, fused_moe/oracle/mxfp4.py and its experts (_supports_current_device) of the wheels 0.19.0, 0.20.0, 0.24.0 and 0.27.1; issue 41477: "kernel does not support current device"',
      url: 'https://github.com/vllm-project/vllm/issues/41477',
      date: '2026-06-06',
    },
  })),
];

/** Values of `--dtype` by which an engine computes in that precision, whatever the weights are stored in. */
export const statedTypes: Readonly<Record<string, 'fp16' | 'fp32'>> = {
  half: 'fp16',
  float16: 'fp16',
  float: 'fp32',
  float32: 'fp32',
};
