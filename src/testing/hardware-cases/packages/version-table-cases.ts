import { argumentFloors, statedTypes } from '../../../core/hardware/tables/arguments/argument-floors.ts';
import { contextArguments } from '../../../core/hardware/tables/arguments/context-arguments.ts';
import {
  quantizationArguments,
  quantizationTypes,
  typeFalls,
} from '../../../core/hardware/tables/arguments/quantization-types.ts';
import { linkedRuntimes, wheelFolders } from '../../../core/hardware/tables/engines/linked-runtimes.ts';
import { ggufEngine, ggufPrograms, ggufReaders } from '../../../core/hardware/tables/packages/gguf-readers.ts';
import { quantizationMethods } from '../../../core/hardware/tables/packages/quantization-methods.ts';
import { sameVersions } from '../../../core/hardware/tables/packages/same-versions.ts';
import type { TableCase } from '../engines/table-case.ts';

const choiceOf = ({ name, value }: { readonly name: string; readonly value: string }): string => `${name}=${value}`;

/** Tables of arguments and of versions that packages compare. */
export const versionTableCases: readonly TableCase[] = [
  {
    name: 'runtimes that open CUDA and cuDNN by name',
    printed:
      'ctranslate2 3.0-3.999 CUDA 11 cuDNN 8 for faster-whisper whisperx whisper-ctranslate2, ctranslate2 4.0-4.4 CUDA 12 cuDNN 8 for faster-whisper whisperx whisper-ctranslate2, ctranslate2 4.5-4.6.2 CUDA 12 cuDNN 9 for faster-whisper whisperx whisper-ctranslate2, ctranslate2 4.6.3- CUDA 12 cuDNN 9 for , tensorflow-gpu 1.0-1.2 CUDA 8.0 cuDNN 5.1 for  alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow-gpu 1.3-1.4 CUDA 8.0 cuDNN 6.0 for  alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow-gpu 1.5-1.12 CUDA 9.0 cuDNN 7.0 for  alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow-gpu 1.13-1.14 CUDA 10.0 cuDNN 7.4 for  alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow 1.15-1.15 CUDA 10.0 cuDNN 7.4 for  alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow-gpu 1.15-1.15 CUDA 10.0 cuDNN 7.4 for  alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow-gpu 2.0-2.0 CUDA 10.0 cuDNN 7.4 for  alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow 2.1-2.3 CUDA 10.1 cuDNN 7.6 for  alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow-gpu 2.1-2.3 CUDA 10.1 cuDNN 7.6 for  alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow 2.4-2.4 CUDA 11 cuDNN 8.0 for tensorflow tensorflow-gpu alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow-gpu 2.4-2.4 CUDA 11 cuDNN 8.0 for tensorflow tensorflow-gpu alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow 2.5-2.11 CUDA 11 cuDNN 8.1 for tensorflow tensorflow-gpu alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow-gpu 2.5-2.11 CUDA 11 cuDNN 8.1 for tensorflow tensorflow-gpu alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow 2.12-2.13 CUDA 11 cuDNN 8.6 for tensorflow tensorflow-gpu alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow-gpu 2.12-2.13 CUDA 11 cuDNN 8.6 for tensorflow tensorflow-gpu alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow 2.14-2.14 CUDA 11 cuDNN 8.7 for tensorflow tensorflow-gpu alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers finds wheels, tensorflow-gpu 2.14-2.14 CUDA 11 cuDNN 8.7 for tensorflow tensorflow-gpu alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers finds wheels, tensorflow 2.15-2.17 CUDA 12 cuDNN 8.9 for tensorflow tensorflow-gpu alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers finds wheels, tensorflow-gpu 2.15-2.17 CUDA 12 cuDNN 8.9 for tensorflow tensorflow-gpu alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers finds wheels, tensorflow 2.18-2.21 CUDA 12 cuDNN 9.3 for tensorflow tensorflow-gpu alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers finds wheels, tensorflow-gpu 2.18-2.21 CUDA 12 cuDNN 9.3 for tensorflow tensorflow-gpu alone with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers finds wheels, jax-cuda12-plugin 0.4.31-0.5 CUDA 12 cuDNN 9.1 for jax alone with jax finds wheels, jax-cuda12-plugin 0.6-0.10 CUDA 12 cuDNN 9.8 for jax alone with jax finds wheels, jax-cuda13-plugin 0.7.2-0.10 CUDA 13 cuDNN 9.12 for jax alone with jax finds wheels, jax 0.4.31-0.5 CUDA 12 cuDNN 9.1 for jax alone with jax finds wheels; yes no, no yes',
    held: () =>
      `${linkedRuntimes
        .map(
          ({ distribution, from, to, cudaMajor, cudaMinor, cudnnMajor, cudnnLeast, cudnnFor, only, findsWheels }) =>
            `${distribution} ${from}-${to ?? ''} CUDA ${cudaMajor}${cudaMinor === undefined ? '' : `.${cudaMinor}`} cuDNN ${cudnnLeast ?? cudnnMajor} for ${cudnnFor.join(' ')}${only === undefined ? '' : ` alone with ${only.join(' ')}`}${findsWheels === true ? ' finds wheels' : ''}`,
        )
        .join(', ')}; ${Object.values(wheelFolders)
        .map((folder) =>
          ['/x/nvidia/cudnn/lib/libcudnn.so.9', '/x/nvidia/cublas/lib/libcublas.so.12']
            .map((path) => (new RegExp(folder).test(path) ? 'yes' : 'no'))
            .join(' '),
        )
        .join(', ')}`,
  },
  {
    name: 'distributions that compare their versions',
    printed:
      'flashinfer-cubin same flashinfer-python 0.4 with posts unless FLASHINFER_DISABLE_VERSION_CHECK=1 by vllm sglang tensorrt-llm: FlashInfer does not import, flashinfer-jit-cache same flashinfer-python 0.4 with posts unless FLASHINFER_DISABLE_VERSION_CHECK=1 by vllm sglang tensorrt-llm: FlashInfer does not import, jax-cuda12-plugin same jaxlib 0.4.32 by jax: JAX leaves its plugin for CUDA out, jax-cuda13-plugin same jaxlib 0.4.32 by jax: JAX leaves its plugin for CUDA out, jaxlib not-newer jax 0.3 by jax: JAX does not import',
    held: () =>
      sameVersions
        .map(
          ({ distribution, beside, kind, from, posts, unless, importedBy, only, happens }) =>
            `${distribution} ${kind} ${beside} ${from}${posts ? ' with posts' : ''}${unless === undefined ? '' : ` unless ${choiceOf(unless)}`} by ${(importedBy ?? only ?? []).join(' ')}: ${happens}`,
        )
        .join(', '),
  },
  {
    name: 'architectures that Transformers reads of GGUF',
    printed:
      '4.44 llama mistral qwen2, 4.45 qwen2moe phi3, 4.46 bloom falcon gpt2 stablelm starcoder2, 4.47 mamba nemotron t5 t5encoder, 4.51 gemma2, 4.53 gemma3, 4.55 qwen3 qwen3moe, 4.56 deci, 4.57 lfm2 umt5; vllm 0.14 --hf-config-path; llama-cpp-python ctransformers ktransformers',
    held: () =>
      `${ggufReaders.map(({ version, adds }) => `${version} ${adds.join(' ')}`).join(', ')}; ${Object.values(ggufEngine).join(' ')}; ${ggufPrograms.join(' ')}`,
  },
  {
    name: 'quantization methods that engines do not know',
    printed: 'vllm gptq 0.2.5, vllm bitsandbytes 0.4, lmdeploy gptq 0.5',
    held: () => quantizationMethods.map(({ engine, method, to }) => `${engine} ${method} ${to}`).join(', '),
  },
  {
    name: 'arguments that choose kernels',
    printed:
      'vllm 0- --dtype bfloat16 8.0-, vllm 0.10.2-0.11.0 --kv-cache-dtype fp8 fp8_e4m3 8.9- unless VLLM_ATTENTION_BACKEND=FLASHINFER unless --attention-backend=FLASHINFER, vllm 0.11.1- --kv-cache-dtype fp8 fp8_e4m3 8.0- unless VLLM_ATTENTION_BACKEND=FLASHINFER unless --attention-backend=FLASHINFER, sglang 0- --attention-backend --prefill-attention-backend --decode-attention-backend trtllm_mha 10.0-10.9, sglang 0- --attention-backend --prefill-attention-backend --decode-attention-backend trtllm_mla 10.0-, sglang 0- --attention-backend --prefill-attention-backend --decode-attention-backend fa3 8.0-9.0, tensorrt-llm 0-0.5 --enable-context-fmha --enable-context-fmha-fp32-acc  8.0-, tensorrt-llm 0.14- --context-fmha enable 8.0-, ctranslate2 0- --compute-type float16 int8_float16 7.0- unless CT2_CUDA_ALLOW_FP16=1 unless CT2_CUDA_ALLOW_FP16=true unless CT2_CUDA_ALLOW_FP16=TRUE or WHISPER__COMPUTE_TYPE COMPUTE_TYPE ASR_QUANTIZATION default in whisperx to 3.8.0, ctranslate2 3.17- --compute-type bfloat16 int8_bfloat16 8.0- unless CT2_CUDA_ALLOW_BF16=1 unless CT2_CUDA_ALLOW_BF16=true unless CT2_CUDA_ALLOW_BF16=TRUE or WHISPER__COMPUTE_TYPE COMPUTE_TYPE ASR_QUANTIZATION, ctranslate2 0- --compute-type int8 int8_float32 6.1- or WHISPER__COMPUTE_TYPE COMPUTE_TYPE ASR_QUANTIZATION, ctranslate2 4.0-4.6 --compute-type int8 int8_float32 int8_float16 int8_bfloat16 3.0-11.0 or WHISPER__COMPUTE_TYPE COMPUTE_TYPE ASR_QUANTIZATION, vllm 0.19- --moe-backend triton triton_unfused 9.0-10.3 of mxfp4, vllm 0.19- --moe-backend flashinfer_trtllm flashinfer_trtllm_afp8 10.0-10.3 of mxfp4, vllm 0.19- --moe-backend flashinfer_cutlass flashinfer_cutlass_afp8 9.0- of mxfp4; half fp16 float16 fp16 float fp32 float32 fp32',
    held: () =>
      `${argumentFloors
        .map(
          ({
            engine,
            from,
            to,
            argument,
            also = [],
            values,
            least,
            most,
            precision,
            unless = [],
            variables = [],
            default: by,
          }) =>
            `${engine} ${from}-${to ?? ''} ${[argument, ...also].join(' ')} ${values.join(' ')} ${least}-${most ?? ''}${precision === undefined ? '' : ` of ${precision}`}${unless.map((one) => ` unless ${choiceOf(one)}`).join('')}${variables.length === 0 ? '' : ` or ${variables.join(' ')}`}${by === undefined ? '' : ` default in ${by.program} to ${by.to}`}`,
        )
        .join(', ')}; ${Object.entries(statedTypes).flat().join(' ')}`,
  },
  {
    name: 'methods that an argument names, in float16 alone',
    printed: 'vllm 0.2.0-0.22 awq, vllm 0.2.6-0.21 gptq by --quantization -q; vllm 0.9 8.0',
    held: () =>
      `${quantizationTypes.map(({ engine, from, to, value }) => `${engine} ${from}-${to} ${value}`).join(', ')} by ${quantizationArguments.join(' ')}; ${Object.values(typeFalls).join(' ')}`,
  },
  {
    name: 'arguments that ask for a longer context',
    printed:
      'vllm 0.2- --max-model-len unless VLLM_ALLOW_LONG_MAX_MODEL_LEN=1 or --rope-scaling --hf-overrides --hf-config-path --config-format, sglang 0.4- --context-length unless SGLANG_ALLOW_OVERWRITE_LONGER_CONTEXT_LEN=1 or --json-model-override-args',
    held: () =>
      contextArguments
        .map(
          ({ engine, from, argument, unless, others }) =>
            `${engine} ${from}- ${argument} unless ${choiceOf(unless)} or ${others.join(' ')}`,
        )
        .join(', '),
  },
];
