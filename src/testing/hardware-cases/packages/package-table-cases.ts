import { confidentialProducts, productsOnHostMemory } from '../../../core/hardware/tables/device-states.ts';
import { hugePageVariables, leastLockedBytes, unlimitedBytes } from '../../../core/hardware/tables/host-states.ts';
import {
  bitsandbytesPrograms,
  bitsandbytesWheels,
  builtApart,
  byRuntime,
} from '../../../core/hardware/tables/packages/bitsandbytes-wheels.ts';
import { libraryEngines } from '../../../core/hardware/tables/packages/library-engines.ts';
import { modelSplits } from '../../../core/hardware/tables/packages/model-splits.ts';
import { alwaysBeside, neededPackages } from '../../../core/hardware/tables/packages/needed-packages.ts';
import { packagePairs } from '../../../core/hardware/tables/packages/package-pairs.ts';
import { transformersPairs } from '../../../core/hardware/tables/packages/transformers-pairs.ts';
import {
  armWithoutCuda,
  ofTensorflow,
  otherEngines,
  abiLabel,
  attentionImport,
  torchAbis,
  torchEngines,
} from '../../../core/hardware/tables/packages/torch-builds.ts';
import {
  codeProgramNames,
  codePrograms,
  componentsWithoutCode,
} from '../../../core/hardware/tables/packages/code-programs.ts';
import { cpuWheels, formatsOfTensorRt } from '../../../core/hardware/tables/packages/cpu-wheels.ts';
import { engineCallers, fileReaders } from '../../../core/hardware/tables/engines/engine-callers.ts';
import type { TableCase } from '../engines/table-case.ts';

/** Tables of packages that lie beside one another, and of the machine around a device. */
export const packageTableCases: readonly TableCase[] = [
  {
    name: 'packages that are built for one another',
    printed:
      'torchvision 0.15-0.15 torch 2.0-2.0, torchvision 0.16-0.16 torch 2.1-2.1, torchvision 0.17-0.17 torch 2.2-2.2, torchvision 0.18-0.18 torch 2.3-2.3, torchvision 0.19-0.19 torch 2.4-2.4, torchvision 0.20-0.20 torch 2.5-2.5, torchvision 0.21-0.21 torch 2.6-2.6, torchvision 0.22-0.22 torch 2.7-2.7, torchvision 0.23-0.23 torch 2.8-2.8, torchvision 0.24-0.24 torch 2.9-2.9, torchvision 0.25-0.25 torch 2.10-2.10, torchvision 0.26-0.26 torch 2.11-2.11, vllm 0.3-0.3 torch 2.1-2.1, vllm 0.9-0.9 transformers -4.53, vllm 0.3-0.11 transformers -4, transformers 4.39-4.39 tokenizers 0.14-0.18 by vllm sglang text-generation-server lmdeploy sentence-transformers or with vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3 torch, transformers 4.40-4.44 tokenizers 0.19-0.19 by vllm sglang text-generation-server lmdeploy sentence-transformers or with vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3 torch, transformers 4.45-4.46 tokenizers 0.20-0.20 by vllm sglang text-generation-server lmdeploy sentence-transformers or with vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3 torch, transformers 4.47-4.55 tokenizers 0.21-0.21 by vllm sglang text-generation-server lmdeploy sentence-transformers or with vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3 torch, transformers 4.56-4.57 tokenizers 0.22-0.23.0 by vllm sglang text-generation-server lmdeploy sentence-transformers or with vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3 torch, transformers 4.39-4.42 huggingface-hub 0.19.3-0 by vllm sglang text-generation-server lmdeploy sentence-transformers or with vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3 torch, transformers 4.43-4.46 huggingface-hub 0.23.2-0 by vllm sglang text-generation-server lmdeploy sentence-transformers or with vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3 torch, transformers 4.47-4.48 huggingface-hub 0.24-0 by vllm sglang text-generation-server lmdeploy sentence-transformers or with vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3 torch, transformers 4.49-4.50 huggingface-hub 0.26-0 by vllm sglang text-generation-server lmdeploy sentence-transformers or with vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3 torch, transformers 4.51-4.54 huggingface-hub 0.30-0 by vllm sglang text-generation-server lmdeploy sentence-transformers or with vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3 torch, transformers 4.55-4.57 huggingface-hub 0.34-0 by vllm sglang text-generation-server lmdeploy sentence-transformers or with vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3 torch, transformers 5.0-5.0 huggingface-hub 1.3-1 by vllm sglang text-generation-server lmdeploy sentence-transformers or with vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3 torch, numba 0.56-0.56 numpy -1.23 by vllm openai-whisper or with , numba 0.57-0.57 numpy -1.24 by vllm openai-whisper or with , numba 0.58.0-0.58.0 numpy -1.25 by vllm openai-whisper or with , numba 0.58.1-0.58.1 numpy -1.26 by vllm openai-whisper or with , numba 0.59-0.59 numpy -1.26 by vllm openai-whisper or with , numba 0.60-0.60 numpy -2.0 by vllm openai-whisper or with , numba 0.61.0-0.61.0 numpy -2.1 by vllm openai-whisper or with , numba 0.61.2-0.61.2 numpy -2.2 by vllm openai-whisper or with , numba 0.62-0.62 numpy -2.3 by vllm openai-whisper or with , sglang 0.4.7-0.4.7 sgl-kernel 0.1.7- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.4.8-0.4.8 sgl-kernel 0.1.9- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.4.9-0.4.9 sgl-kernel 0.2.4- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.4.10-0.4.10 sgl-kernel 0.2.8- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.5.1-0.5.1 sgl-kernel 0.3.5- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.5.2-0.5.2 sgl-kernel 0.3.9- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.5.3-0.5.3 sgl-kernel 0.3.14- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.5.4-0.5.5 sgl-kernel 0.3.16- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.5.6-0.5.6 sgl-kernel 0.3.18- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.5.7-0.5.7 sgl-kernel 0.3.20- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.5.8-0.5.9 sgl-kernel 0.3.21- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.5.10-0.5.11 sglang-kernel 0.4.1- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.5.12-0.5.14 sglang-kernel 0.4.2- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.5.15-0.5.19 sglang-kernel 0.4.4- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.5.20-0.5.22 sglang-kernel 0.4.7- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, sglang 0.5.23-0.5.23 sglang-kernel 0.4.9- unless SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK, xformers 0.0.20-0.0.20 torch 2.0-2.0 by unsloth or with torch perhaps torch transformers diffusers without comfyui-frontend-package, xformers 0.0.21-0.0.21 torch 2.0-2.0 by unsloth or with torch perhaps torch transformers diffusers without comfyui-frontend-package, xformers 0.0.22-0.0.22 torch 2.0-2.1 by unsloth or with torch perhaps torch transformers diffusers without comfyui-frontend-package, xformers 0.0.23-0.0.23 torch 2.1-2.1 by unsloth or with torch perhaps torch transformers diffusers without comfyui-frontend-package, xformers 0.0.24-0.0.24 torch 2.2-2.2 by unsloth or with torch perhaps torch transformers diffusers without comfyui-frontend-package, xformers 0.0.25-0.0.25 torch 2.2-2.2 by unsloth or with torch perhaps torch transformers diffusers without comfyui-frontend-package, xformers 0.0.26-0.0.26 torch 2.3-2.3 by unsloth or with torch perhaps torch transformers diffusers without comfyui-frontend-package, xformers 0.0.27-0.0.27 torch 2.3-2.4 by unsloth or with torch perhaps torch transformers diffusers without comfyui-frontend-package, vllm 0.8-0.8 torch - not cu126, pyannote-audio 0-3.3.1 numpy -1, torch 0-2.2 numpy -1 by openai-whisper whisperx pyannote-audio diffusers or with , onnxruntime-gpu 0-1.18 numpy -1, onnxruntime 0-1.18 numpy -1, tensorflow 0-2.17 numpy -1 by  or with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow-gpu 0-2.17 numpy -1 by  or with tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers',
    held: () =>
      packagePairs
        .map(
          ({
            distribution,
            from,
            to,
            beside,
            least,
            most,
            importedBy,
            only = [],
            unless,
            perhaps,
            without,
            otherBuilds,
          }) =>
            `${distribution} ${from}-${to ?? ''} ${beside} ${least ?? ''}-${most ?? ''}${importedBy === undefined ? '' : ` by ${importedBy.join(' ')} or with ${only.join(' ')}`}${unless === undefined ? '' : ` unless ${unless}`}${perhaps === undefined ? '' : ` perhaps ${perhaps.join(' ')}`}${without === undefined ? '' : ` without ${without.join(' ')}`}${otherBuilds === undefined ? '' : ` not ${otherBuilds.join(' ')}`}`,
        )
        .join(', '),
  },
  {
    name: 'versions of Transformers that engines start beside',
    printed:
      'vllm 0.6.2-0.9 transformers 4.45-, vllm 0.10.0-0.10.0 transformers 4.53-, vllm 0.11-0.19 transformers 4.52-, vllm 0.12-0.13 transformers 4.53- not 5.1-5.3, vllm 0-1 transformers - not 4.57.2-4.57.2, sglang 0-1 transformers - not 4.57.2-4.57.2, vllm 0.6.2-0.6.5 transformers -4.48 for qwen2_vl, vllm 0.6.0-0.6.4 transformers -4.50 for llava llava_next llava_next_video llava_onevision paligemma, vllm 0.6.0-0.6.4 transformers -4.51 for phi3_v internvl_chat mllama, vllm 0.7.2-0.7.2 transformers -4.48 for qwen2_5_vl, vllm 0.7.1-0.9 transformers -4.52 for minicpmo, vllm 0.8.5-0.11.0 transformers -4.56 for kimi_vl, sglang 0.4.4-0.4.4 transformers -4.48, sglang 0.4.10-0.5.1 transformers 4.51-, sglang 0.5.2-0.5.9 transformers 4.55-, sglang 0.5.10-0.5.19 transformers 4.57-, sglang 0.5.20-0.5.23 transformers 5.4-, autoawq 0.2.0-0.2.6 transformers -4.46 for awq alone with torch transformers, autoawq 0.2.7-0.2.9 transformers - not 4.57-4.57 for awq alone with torch transformers, tensorrt-llm 0.19-0.19 transformers -4.49',
    held: () =>
      transformersPairs
        .map(
          ({ distribution, from, to, beside, least, most, fails, models = [], methods = [], only, importedBy }) =>
            `${distribution} ${from}-${to ?? ''} ${beside} ${least ?? ''}-${most ?? ''}${fails === undefined ? '' : ` not ${fails.join('-')}`}${models.length + methods.length === 0 ? '' : ` for ${[...models, ...methods].join(' ')}`}${importedBy?.length === 0 ? ` alone with ${(only ?? []).join(' ')}` : ''}`,
        )
        .join(', '),
  },
  {
    name: 'CUDA of wheels of bitsandbytes',
    printed:
      '0.35.4-0.35.4 110 111 112 113 114 115 116 117 118, 0.36.0-0.37.0 110 111 112 113 114 115 116 117 118 120, 0.37.2-0.38.1 110 111 112 113 114 115 116 117 118 120 121, 0.39.1-0.39.1 110 111 112 113 114 115 116 117 118 120 121, 0.40-0.41 110 111 114 115 117 118 120 121 122, 0.42-0.42 110 111 114 115 117 118 120 121 122 123, 0.43.0-0.43.0 117 118 120 121 122 123, 0.43.1-0.43.1 117 118 120 121 122 123 124, 0.43.2-0.44 117 118 120 121 122 123 124 125, 0.45.0-0.45.2 117 118 120 121 122 123 124 125 126, 0.45.3-0.45.5 117 118 120 121 122 123 124 125 126 128, 0.46.0-0.46.0 118 120 121 122 123 124 125 126 128, 0.46.1-0.47 118 120 121 122 123 124 125 126 128 129, 0.48-0.49.0 118 120 121 122 123 124 125 126 128 129 130; torch transformers diffusers; 0.42; by the runtime to 0.40.0',
    held: () =>
      `${bitsandbytesWheels.map(({ from, to, cuda }) => `${from}-${to ?? ''} ${cuda.join(' ')}`).join(', ')}; ${bitsandbytesPrograms.join(' ')}; ${builtApart.to}; by the runtime to ${byRuntime.to}`,
  },
  {
    name: 'C++ ABI of torch',
    printed: '1-2.5 old, 2.6-2.6  / cu118 / cu124 old, 2.6-2.6 cu126 cxx11, 2.7- cxx11',
    held: () =>
      torchAbis
        .map(
          ({ from, to, builds, abi }) =>
            `${from}-${to ?? ''} ${builds === undefined ? '' : `${builds.join(' / ')} `}${abi}`,
        )
        .join(', '),
  },
  {
    name: 'attention that a program imports for every model',
    printed:
      'transformers 4.34-4.53 flash-attn 2.1 flash_attn_2_cuda.cpython-312.so alone with torch transformers diffusers or by tensorrt-llm; a false, b true',
    held: () => {
      const { program, from, to, distribution, least, library, only, importedBy } = attentionImport;
      const paths = ['flash_attn_2_cuda.cpython-312.so', 'flash_attn_3/_C.abi3.so', 'fused_dense_lib.so'];
      const labels = ['a+cu12torch2.6cxx11abifalse', 'b+cu12cxx11abitrue', 'ccxx11abitrue'];
      return `${program} ${from}-${to} ${distribution} ${least} ${paths.filter((path) => new RegExp(library).test(`/${path}`)).join(' ')} alone with ${only.join(' ')} or by ${importedBy.join(' ')}; ${labels
        .flatMap((text) => {
          const says = new RegExp(abiLabel).exec(text)?.[1];
          return says === undefined ? [] : [`${text[0]} ${says}`];
        })
        .join(', ')}`;
    },
  },
  {
    name: 'packages that engines need',
    printed:
      'sglang 0.4.2- sgl-kernel or sglang-kernel or in sgl_kernel, vllm 0.5- bitsandbytes for bitsandbytes, transformers 4.35-4.57 autoawq for awq alone with torch transformers, transformers 5.0- gptqmodel for awq alone with torch transformers, transformers 4.32- optimum for gptq alone with torch transformers, transformers 4.32-4.57 auto-gptq or gptqmodel for gptq alone with torch transformers, transformers 5.0- gptqmodel for gptq alone with torch transformers, transformers 4.30- bitsandbytes for bitsandbytes alone with torch transformers; sglang beside torch transformers, vllm beside torch transformers, transformers beside torch tokenizers',
    held: () =>
      `${neededPackages
        .map(
          ({ engine, from, to, method, oneOf, folders = [], only }) =>
            `${engine} ${from}-${to ?? ''} ${[...oneOf, ...folders.map((folder) => `in ${folder}`)].join(' or ')}${method === undefined ? '' : ` for ${method}`}${only === undefined ? '' : ` alone with ${only.join(' ')}`}`,
        )
        .join(', ')}; ${Object.entries(alwaysBeside)
        .map(([engine, names]) => `${engine} beside ${names.join(' ')}`)
        .join(', ')}`,
  },
  {
    name: 'engines that lie in an image as a library of another',
    printed: 'vllm of sglang 0-0.4.4, vllm of text-generation-server 0-2.3',
    held: () => libraryEngines.map(({ engine, of, from, to }) => `${engine} of ${of} ${from}-${to}`).join(', '),
  },
  {
    name: 'torch without CUDA',
    printed:
      '2.10; vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3; onnxruntime-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 tensorflow llama-cpp-python ctranslate2 jax; tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers',
    held: () => `${armWithoutCuda.to}; ${torchEngines.join(' ')}; ${otherEngines.join(' ')}; ${ofTensorflow.join(' ')}`,
  },
  {
    name: 'wheels without CUDA, and programs beside TensorRT',
    printed:
      'torch 0-2.10 arm64, tensorflow 2.10-2.21 arm64, ctranslate2 0-4.7 arm64, llama-cpp-python 0-, pywhispercpp 0-, tensorflow 0-1.14, jax 0-, jaxlib 0-, paddlepaddle 0-, mxnet 0-; onnx tensorrt; tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 tensorrt-llm torch-tensorrt torch2trt polygraphy; torch tensorflow tensorflow-gpu jax mxnet paddlepaddle-gpu',
    held: () =>
      `${cpuWheels.map(({ of, from, to, architecture }) => `${of} ${from}-${to ?? ''}${architecture === undefined ? '' : ` ${architecture}`}`).join(', ')}; ${formatsOfTensorRt.join(' ')}; ${engineCallers.join(' ')}; ${fileReaders.join(' ')}`,
  },
  {
    name: 'how engines divide models',
    printed:
      'vllm --tensor-parallel-size -tp or --pipeline-parallel-size -pp --data-parallel-size -dp --enable-expert-parallel -ep keys and values groups blocks, sglang --tp-size --tensor-parallel-size --tp or --pp-size --pipeline-parallel-size --dp-size --dp --ep-size --ep keys and values blocks, text-generation-server --num-shard or  off by --sharded false',
    held: () =>
      modelSplits
        .map(
          ({ engine, tensorArguments, otherArguments, turnedOff, kvHeads, groups, blocks }) =>
            `${engine} ${tensorArguments.join(' ')} or ${otherArguments.join(' ')}${turnedOff === undefined ? '' : ` off by ${turnedOff.name} ${turnedOff.value}`}${kvHeads === null ? '' : ' keys and values'}${groups === null ? '' : ' groups'}${blocks === null ? '' : ' blocks'}`,
        )
        .join(', '),
  },
  {
    name: 'limits and variables of the machine',
    printed:
      '9637888 1125899906842624; MC_STORE_USE_HUGEPAGE of the store of Mooncake, HUGETLB_MORECORE of malloc of libhugetlbfs; \\b(?:H100|H200|H800|H20|B200|B300|GB[23]00|RTX PRO 6000 Blackwell Server)\\b; ^(?:NVIDIA )?(?:GB10|Thor|(?:Jetson )?(?:AGX )?(?:Orin|Xavier))\\b',
    held: () =>
      `${leastLockedBytes} ${unlimitedBytes}; ${hugePageVariables.map(({ name, program }) => `${name} of ${program}`).join(', ')}; ${confidentialProducts}; ${productsOnHostMemory}`,
  },
  {
    name: 'programs that bring device code of their own, and components that bring none',
    printed:
      'torch vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3 onnxruntime-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 tensorflow llama-cpp-python ctranslate2 jax tensorflow-gpu tensorrt-llm lmdeploy bitsandbytes xformers flash-attn auto-gptq autoawq paddlepaddle paddlepaddle-gpu pywhispercpp mxnet cupy jaxlib triton numba numba-cuda taichi warp-lang tilelang cudf cuml cusignal; cupy-cuda12x cupy-cuda102 jax-cuda12-plugin jax-cuda13-pjrt mxnet-cu112 cudf-cu12 cuml-cu11; cudart nvrtc nvjitlink',
    held: () =>
      `${codePrograms.join(' ')}; ${[
        'cupy-cuda12x',
        'cupy-cuda102',
        'jax-cuda12-plugin',
        'jax-cuda13-pjrt',
        'jax-metal',
        'mxnet-cu112',
        'cudf-cu12',
        'cuml-cu11',
        'numpy',
        'xcupy-cuda12x',
      ]
        .filter((name) => new RegExp(codeProgramNames).test(name))
        .join(' ')}; ${componentsWithoutCode.join(' ')}`,
  },
];
