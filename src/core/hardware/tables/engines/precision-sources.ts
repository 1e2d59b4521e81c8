import type { Source } from '../source.ts';

/** Where the rows of `engine-precisions.ts` are stated: one source each. */
const page = (title: string, url: string, date: string, inferred = false): Source => ({
  title,
  url,
  date,
  ...(inferred ? { inferred: true as const } : {}),
});
export const bf16Refused = page(
  'vLLM issue 1144: "Bfloat16 is only supported on GPUs with compute capability of at least 8.0"',
  'https://github.com/vllm-project/vllm/issues/1144',
  '2023-09',
);
export const bf16Quantized = page(
  'vLLM issues 1114 and 1592: "torch.bfloat16 is not supported for quantization method awq"; get_supported_act_dtypes of awq, gptq, awq_marlin and gptq_marlin in vLLM 0.2.0 to 0.6.0',
  'https://github.com/vllm-project/vllm/issues/1114',
  '2023-09-20',
);
export const bf16Falls = page(
  'vLLM, vllm/config.py: dtype auto falls back to float16',
  'https://github.com/vllm-project/vllm',
  '2025-05',
  true,
);
export const table = page(
  'vLLM, "Quantization, Supported Hardware" (0.5.3 to 0.15.1)',
  'https://docs.vllm.ai/en/v0.15.1/features/quantization/',
  '2026-02',
);
export const marlin = page(
  'vLLM pull request 5975: FP8 on Ampere by Marlin; layers/quantization/fp8.py of the wheel 0.5.1: get_min_capability is 80',
  'https://github.com/vllm-project/vllm/pull/5975',
  '2024-07',
);
export const compressedFp8 = page(
  'vLLM issue 6815; compressed_tensors_w8a8_fp8.py of the wheel 0.5.3.post1: get_min_capability is 89, and 0.5.4 falls to Marlin',
  'https://github.com/vllm-project/vllm/issues/6815',
  '2024-07-26',
);
export const fp8Turing = page(
  'vLLM, "FP8 W8A8": weight-only from capability 7.5 on',
  'https://docs.vllm.ai/en/v0.32.0/features/quantization/llm_compressor/fp8/',
  '2026-11',
);
export const sm121 = page(
  'vLLM pull request 41215: FP8 kernels that stop on 12.1, whose guard admits 12.0 only',
  'https://github.com/vllm-project/vllm/pull/41215',
  '2026-04-29',
);
export const fp4 = page(
  'vLLM, CMakeLists.txt: FP4 kernels are built for 10.0a, 10.0f, 12.0a and 12.1f only; issue 23826',
  'https://github.com/vllm-project/vllm/issues/23826',
  '2025-08',
);
export const fp4Turing = page(
  'vLLM pull request 33076; wheels 0.15.1, 0.16.0 and 0.33.0, compressed_tensors_w4a16_nvfp4.py and compressed_tensors_w4a4_nvfp4.py: get_min_capability',
  'https://github.com/vllm-project/vllm/pull/33076',
  '2026-01-26',
);
export const awqTuring = page(
  'vLLM issue 1282: AWQ needs 8.0 in 0.2.0',
  'https://github.com/vllm-project/vllm/issues/1282',
  '2023-10-07',
);
export const mxfp4First = page(
  'vLLM issue 22422: the first MXFP4 needs 10.0',
  'https://github.com/vllm-project/vllm/issues/22422',
  '2025-08-07',
);
export const mxfp4 = page(
  'vLLM issues 22288 and 23203: MXFP4 needs 8.0',
  'https://github.com/vllm-project/vllm/issues/23203',
  '2025-08-19',
);
export const int4 = page(
  'llm-compressor issue 1258: W4A16 of compressed-tensors needs 8.0 in vLLM 0.7.3',
  'https://github.com/vllm-project/llm-compressor/issues/1258',
  '2025-03-17',
);
export const int4Turing = page(
  'vLLM pull request 29901: Marlin on 7.5',
  'https://github.com/vllm-project/vllm/pull/29901',
  '2025-12',
  // The pull request does not name the first version.
  true,
);
export const transformerEngine = page(
  'Transformer Engine issues 15 and 1159: FP8 needs 8.9, and 9.0 before Ada was taken in',
  'https://github.com/NVIDIA/TransformerEngine/issues/1159',
  '2024-09-05',
  // The first version with Ada is not named.
  true,
);
export const ktransformers = page(
  'KTransformers issue 851: FP8 needs 8.9',
  'https://github.com/kvcache-ai/ktransformers/issues/851',
  '2025-03-10',
);
export const expertsFp8 = page(
  'vLLM issues 17581, 17764 and 18182: mixtures of experts in FP8 stop below 8.9 in 0.8 (type fp8e4nv)',
  'https://github.com/vllm-project/vllm/issues/17764',
  '2025-05-07',
  // The first version that serves them on Ampere is not named.
  true,
);
export const int8Blackwell = page(
  'vLLM issue 54311: "Int8 not supported on SM120"; pull request 17280 has FP8 alone for GeForce Blackwell',
  'https://github.com/vllm-project/vllm/issues/54311',
  '2026-08-29',
);
export const sglangFp8 = page(
  'SGLang issues 5871, 7715 and 38291: FP8 below 8.9 stops (type fp8e4nv is not supported)',
  'https://github.com/sgl-project/sglang/issues/7715',
  '2026-09-07',
);
export const sglangExperts = page(
  'SGLang issues 7715, 12887 and 18875: mixtures of experts in FP8 below 8.9 stop (type fp8e4nv is not supported)',
  'https://github.com/sgl-project/sglang/issues/12887',
  '2026-02-16',
);
export const sglangMarlin = page(
  'SGLang, layers/quantization/fp8.py of the wheels 0.5.1 to 0.5.10: dense layers by Marlin from 8.0 on, and those of compressed-tensors by vLLM alone',
  'https://github.com/sgl-project/sglang/blob/main/python/sglang/srt/layers/quantization/fp8.py',
  '2026-04',
);
export const tensorRt = page(
  'TensorRT, "Support Matrix", hardware and precision; Model-Optimizer issue 70: FP8 Q/DQ layers need FP8 hardware',
  'https://docs.nvidia.com/deeplearning/tensorrt/latest/getting-started/support-matrix.html',
  '2024-09-11',
);
export const autoAwq = page(
  'AutoAWQ, README, "Install": capability 7.5 or later',
  'https://github.com/casper-hansen/AutoAWQ',
  '2025-05',
);

export const turboMindFp32 = page(
  'lmdeploy issue 3065: "turbomind has not been built with fp32 support" (0.6.1)',
  'https://github.com/InternLM/lmdeploy/issues/3065',
  '2025-01-21',
  // Later converters load FP32 as float16; the first of them is not named.
  true,
);
export const turboMindFp8 = page(
  'lmdeploy issue 4863, pull request 4884: no FP8 kernel on 7.5 and 7.0 ("No feasible kernel found")',
  'https://github.com/InternLM/lmdeploy/issues/4863',
  '2026-08-19',
);
export const tensorRtLlmInt4 = page(
  'TensorRT-LLM issue 685, fpA_intB_gemm_template.h: "Finegrained only supported on Ampere"; docs/source/precision.md',
  'https://github.com/NVIDIA/TensorRT-LLM/issues/685',
  '2023-12-18',
);
export const tensorRtLlm = page(
  'TensorRT-LLM, "Support Matrix", hardware: FP8 from Ada on, FP4 from Blackwell on',
  'https://nvidia.github.io/TensorRT-LLM/reference/support-matrix.html',
  '2025-05',
);
// That 1.3 is the first with it is concluded from the dates of its candidates.
export const tensorRtLlmFallback = page(
  'TensorRT-LLM pull requests 13476 and 14775: 1.3 computes FP4 on Hopper by weights that it widens; 16749: on Ada where its settings ask for it',
  'https://github.com/NVIDIA/TensorRT-LLM/pull/14775',
  '2026-05-30',
  true,
);
export const tensorRtLlmMxfp4 = page(
  'TensorRT-LLM issue 6717: WFP4A16 MoE is unsupported on SM89; aiconfigurator pull request 1356: 1.3.0rc20 still refuses it there',
  'https://github.com/NVIDIA/TensorRT-LLM/issues/6717',
  '2026-07-21',
);
export const tensorRtLlmChannels = page(
  'TensorRT-LLM 0.15, release notes: "support for per-token per-channel FP8 (namely row-wise FP8) on Ada"; issue 2229: "Arch unsupported for CUTLASS gated GEMM" before',
  'https://github.com/NVIDIA/TensorRT-LLM/issues/2229',
  '2024-12-04',
);
export const tensorRtLlmBlocks = page(
  'TensorRT-LLM 0.21, release notes: "Added FP8 block-scale GEMM support on SM89"; issues 4599, 5064 and 5581: "fp8 blockscale gemm only support Hopper" before',
  'https://github.com/NVIDIA/TensorRT-LLM/issues/4599',
  '2025-07-04',
);
export const turboMindAwq = page(
  'lmdeploy issues 1676, 2332 and 2699: AWQ of TurboMind begins at 7.5, and a V100 answers without meaning; from 0.6.0 on it has kernels for it',
  'https://github.com/InternLM/lmdeploy/issues/2699',
  '2024-11-04',
);
export const fineGrained = page(
  'Transformers, quantizers/quantizer_finegrained_fp8.py of 4.50.0, 4.51.3, 4.57.6 and 5.0.0: "FP8 quantized models is only supported on GPUs with compute capability >= 8.9"; ComfyUI-QwenVL issue 28',
  'https://github.com/1038lab/ComfyUI-QwenVL/issues/28',
  '2025-10-29',
);
export const fbgemm = page(
  'Transformers, quantizers/quantizer_fbgemm_fp8.py: FP8 of FBGEMM needs 9.0; huggingface-llama-recipes issue 21',
  'https://github.com/huggingface/huggingface-llama-recipes/issues/21',
  '2024-07',
);
