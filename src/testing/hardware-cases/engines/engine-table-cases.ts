import { engineFloors } from '../../../core/hardware/tables/engines/engine-floors.ts';
import { ncclWithPools } from '../../../core/hardware/tables/device-states.ts';
import { ggmlCode } from '../../../core/hardware/tables/engines/ggml-code.ts';
import {
  enginePrecisions,
  methodReader,
  precisionLibraries,
} from '../../../core/hardware/tables/engines/engine-precisions.ts';
import { compiledWheel, compilerFloors } from '../../../core/hardware/tables/engines/compiler-floors.ts';
import {
  attentionSinks,
  blockMemory,
  callsOfXformers,
  flashModels,
  kernelShapes,
  refuseFloat16,
  sparseAttention,
} from '../../../core/hardware/tables/engines/kernel-shapes.ts';
import { folderBuilds, newestCuda } from '../../../core/hardware/tables/engines/folder-builds.ts';
import { layerPlacers } from '../../../core/hardware/tables/engines/layer-placers.ts';
import { labelledRuntimes } from '../../../core/hardware/tables/engines/linked-runtimes.ts';
import { ncclFloors } from '../../../core/hardware/tables/engines/nccl-floors.ts';
import { runTimeCompilers } from '../../../core/hardware/tables/engines/run-time-compilers.ts';
import {
  advisedShm,
  engineQueues,
  ncclSegments,
  shmOfContainers,
  tritonVariable,
} from '../../../core/hardware/tables/engines/shared-memory.ts';
import { newerOpsets, onnxVersions, ordinaryIrVersion } from '../../../core/hardware/tables/engines/onnx-versions.ts';
import {
  builderFlags,
  builtForOneCpu,
  ollamaRunner,
  wheelInstructions,
} from '../../../core/hardware/tables/engines/wheel-instructions.ts';
import { blindWheels } from '../../../core/hardware/tables/loading/blind-wheels.ts';
import { cudnnParts, orderedLibraries, wheelPath } from '../../../core/hardware/tables/loading/loaded-copies.ts';
import { shmSizeOf } from '../../../core/hardware/rules/engines/shared-memory-rule.ts';
import { imageOf } from '../case-row.ts';
import type { TableCase } from './table-case.ts';

/** Tables of engines, of what they use of the CPU, and of the copies that they load. */
export const engineTableCases: readonly TableCase[] = [
  {
    name: 'what engines need for a precision',
    printed:
      'vllm bf16 0.2.0-0.5.2 never of awq, vllm bf16 0.2.6-0.4.2 never of gptq, vllm bf16 0-0.8 8.0 unless sglang 0.2.14, vllm bf16 0.9- 7.0, vllm fp8 0-0.8 8.9 experts, vllm fp8 0-0.5.0 8.9, vllm fp8 0.5.1-0.5.3 8.9 of compressed-tensors, vllm fp8 0.5.1-0.15 8.0 except 12.1, vllm fp8 0.16-0.19 7.5 except 12.1, vllm fp8 0.20- 7.5, vllm fp4 0-0.15 8.0 family from 10.0, vllm fp4 0.16- 7.5 family from 10.0, vllm mxfp4 0.10.0-0.10.0 10.0, vllm mxfp4 0.10.1- 8.0, vllm awq 0-0.2.0 8.0, vllm awq 0.2.1- 7.5, vllm int4 0-0.12 8.0, vllm int4 0.13- 7.5, vllm gptq 0- 7.0, vllm int8 0- 7.5 except 12.0 12.1, sglang fp8 0- 8.9 experts, sglang fp8 0- 8.9 of compressed-tensors, sglang fp8 0-0.5.0 8.9, sglang fp8 0.5.1- 8.0, tensorrt-llm awq 0- 8.0, tensorrt-llm gptq 0- 8.0, tensorrt-llm fp8 0-0.14 9.0 by channel, tensorrt-llm fp8 0-0.20 9.0 by block except 10.0 10.3 11.0 12.0 12.1, tensorrt-llm fp8 0- 8.9, tensorrt-llm fp4 0-1.2 10.0, tensorrt-llm fp4 1.3- 9.0, tensorrt-llm mxfp4 0- 9.0, tensorrt bf16 9- 8.0, tensorrt fp8 9- 8.9, tensorrt fp4 10.8- 10.0, lmdeploy fp32 0-0.6.1 never, lmdeploy awq 0-0.5 7.5, lmdeploy fp8 0- 8.0, autoawq awq 0- 7.5, transformer-engine fp8 0-0.7 9.0, transformer-engine fp8 0.8- 8.9, ktransformers fp8 0- 8.9, transformers fp8 4.49-4.50 9.0 of fp8, transformers fp8 4.51-4.57 8.9 of fp8, transformers fp8 4.43- 9.0 of fbgemm_fp8; libraries transformer-engine ktransformers transformers; transformers beside torch transformers diffusers',
    held: () =>
      `${enginePrecisions
        .map(
          ({ engine, precision, from, to, capability, except, familyFrom, experts, method, scales, unless }) =>
            `${engine} ${precision} ${from}-${to ?? ''} ${capability ?? 'never'}${experts === true ? ' experts' : ''}${method === undefined ? '' : ` of ${method}`}${scales === undefined ? '' : ` by ${scales}`}${except === undefined ? '' : ` except ${except.join(' ')}`}${familyFrom === undefined ? '' : ` family from ${familyFrom}`}${unless === undefined ? '' : ` unless ${unless.engine} ${unless.from}`}`,
        )
        .join(
          ', ',
        )}; libraries ${precisionLibraries.join(' ')}; ${methodReader.name} beside ${methodReader.beside.join(' ')}`,
  },
  {
    name: 'capabilities that engines run on',
    printed:
      'vllm 0.7- 7.0, vllm 0.6-0.10.1 8.0 with VLLM_USE_V1=1, vllm 0.5-0.7 8.0 with VLLM_ATTENTION_BACKEND=FLASHINFER, lmcache 0-0.1 8.0 beside vllm, sglang 0.5- 8.0, exllamav3 0- 8.0, nunchaku 0-0.1 8.0, deepspeed 0- 6.0 beside transformers, Triton Inference Server 1.5- 6.0 in TRITON_SERVER_VERSION TENSORRT_SERVER_VERSION unless --min-supported-compute-capability, cudnn 9.11- 7.5 beside onnxruntime-gpu faster-whisper whisperx whisper-ctranslate2 tensorflow',
    held: () =>
      engineFloors
        .map(
          ({ engine, from, to, capability, beside, variable, versionIn, setBy }) =>
            `${engine} ${from}-${to ?? ''} ${capability}${beside === undefined ? '' : ` beside ${beside.join(' ')}`}${variable === undefined ? '' : ` with ${variable.name}=${variable.value}`}${versionIn === undefined ? '' : ` in ${versionIn.join(' ')}`}${setBy === undefined ? '' : ` unless ${setBy}`}`,
        )
        .join(', '),
  },
  {
    name: 'shared memory of a thread block',
    printed:
      '6.0 48, 6.1 48, 7.0 96, 7.5 64, 8.0 163, 8.6 99, 8.7 163, 8.9 99, 9.0 227, 10.0 227, 10.3 227, 11.0 227, 12.0 99, 12.1 99',
    held: () => blockMemory.map(({ capability, kib }) => `${capability} ${kib}`).join(', '),
  },
  {
    name: 'kernels that some models need',
    printed:
      'sglang 0- fp8-experts 147456, vllm 0.11- fp32-heads 256-511 below 8.0 81920, vllm 0.11- heads 512- below 8.0 98304, lmdeploy 0.12- heads 256-256 below 7.5 none, vllm 0.11- sparse-attention below 9.0 none, vllm 0.11-0.19 sparse-attention from 12.0 none, vllm 0.10.1-0.10.1 sinks below 9.0 of gptoss none, text-generation-server 2.0.5-2.2 flash-models below 8.0 unless USE_FLASH_ATTENTION=False none, xformers 0.0.30-0.0.32 xformers-attention from 10.0 none, xformers 0.0.33-0.0.33 xformers-attention from 10.0 of dev none; deepseek_v32 deepseek_v4 glm5_next; gemma2 gemma3 gemma3_text glm4 plamo2; gpt_oss; cohere dbrx falcon gemma gemma2 gpt2 gpt_bigcode gpt_neox llama mistral mixtral phi phi3 qwen2 starcoder2; vllm sglang text-generation-server lmdeploy or comfyui-frontend-package or diffusers transformers',
    held: () =>
      `${kernelShapes
        .map(
          ({ engine, from, to, use, heads, below, fromCapability, bytes, build, unless }) =>
            `${engine} ${from}-${to ?? ''} ${use}${heads === undefined ? '' : ` ${heads[0]}-${heads[1] ?? ''}`}${below === undefined ? '' : ` below ${below}`}${fromCapability === undefined ? '' : ` from ${fromCapability}`}${build === undefined ? '' : ` of ${build}`}${unless === undefined ? '' : ` unless ${unless.name}=${unless.value}`} ${bytes ?? 'none'}`,
        )
        .join(
          ', ',
        )}; ${sparseAttention.join(' ')}; ${refuseFloat16.join(' ')}; ${attentionSinks.join(' ')}; ${flashModels.join(' ')}; ${callsOfXformers.never.join(' ')} or ${callsOfXformers.always.join(' ')} or ${callsOfXformers.maybe.join(' ')}`,
  },
  {
    name: 'compilers by the devices that they build for',
    printed:
      'vllm 0.22-0.26 flashinfer-python unless flashinfer-jit-cache: 12.0 from CUDA 12.9, sglang 0.4.3-0.4 flashinfer-python unless flashinfer-jit-cache: 7.5 from CUDA 11.8 with --attention-backend flashinfer; compiled: yes no',
    held: () =>
      `${compilerFloors
        .map(
          ({ engine, from, to, library, unless, capability, cuda, chosenBy }) =>
            `${engine} ${from}-${to ?? ''} ${library} unless ${unless}: ${capability} from CUDA ${cuda}${chosenBy === undefined ? '' : ` with ${chosenBy.argument} ${chosenBy.value}`}`,
        )
        .join(
          ', ',
        )}; compiled: ${['0.2.3+cu124torch2.5', '0.2.3'].map((text) => (new RegExp(compiledWheel).test(text) ? 'yes' : 'no')).join(' ')}`,
  },
  {
    name: 'code of GGML',
    printed: '(?:^|/)(?:libggml|libllama)[^/]*\\.so from 6.1, llama-cpp-python before 0.3.8; NCCL with pools 2.23',
    held: () => {
      const { path, least, distribution, mended } = ggmlCode;
      return `${path} from ${least}, ${distribution} before ${mended}; NCCL with pools ${ncclWithPools}`;
    },
  },
  {
    name: 'sizes of /dev/shm',
    printed:
      '67108864 1073741824; 2 x 9637888, 7340384 before 2.24 unless NCCL_BUFFSIZE NCCL_LL128_BUFFSIZE NCCL_MAX_NCHANNELS NCCL_MAX_CTAS NCCL_SHM_DISABLE; TRITON_SERVER_VERSION',
    held: () => {
      const { bytes, leastChannels, behindSwitches, before, unless } = ncclSegments;
      return `${shmOfContainers} ${advisedShm}; ${leastChannels} x ${bytes}, ${behindSwitches} before ${before} unless ${unless.join(' ')}; ${tritonVariable}`;
    },
  },
  {
    name: 'versions that name their CUDA and cuDNN, and programs that place layers',
    printed: 'jaxlib for jax alone with jax: 12 8 9; Ollama in ollama, of 16 with 1073741824',
    held: () =>
      `${labelledRuntimes
        .map(
          ({ distribution, label, cudnnFor, only }) =>
            `${distribution} for ${cudnnFor.join(' ')} alone with ${only.join(' ')}: ${new RegExp(label).exec('0.4.7+cuda12.cudnn89')?.slice(1).join(' ')}`,
        )
        .join(
          ', ',
        )}; ${layerPlacers.map(({ name, folder, leastLayers, reservedBytes }) => `${name} in ${folder}, of ${leastLayers} with ${reservedBytes}`).join(', ')}`,
  },
  {
    name: 'engines that ask for room in /dev/shm',
    printed: 'vllm 0.27- 251658240 unless VLLM_MQ_MAX_CHUNK_BYTES_MB',
    held: () =>
      engineQueues
        .map(({ engine, from, to, bytes, unless }) => `${engine} ${from}-${to ?? ''} ${bytes} unless ${unless}`)
        .join(', '),
  },
  {
    name: 'what a platform mounts at /dev/shm',
    printed:
      'one device: null, Triton: 1073741824, two: 2147483648, four of Triton: 4294967296, stated: 268435456, no section: null, no section, Triton: 1073741824',
    held: () => {
      const triton = imageOf({ env: { [tritonVariable]: '2.36.0' } });
      const mounted = [
        ['one device', shmSizeOf({ devices: 1 }, null)],
        ['Triton', shmSizeOf({ devices: 1 }, triton)],
        ['two', shmSizeOf({ devices: 2 }, null)],
        ['four of Triton', shmSizeOf({ devices: 4 }, triton)],
        ['stated', shmSizeOf({ devices: 4, host: { shmBytes: 2 ** 28 } }, triton)],
        ['no section', shmSizeOf(undefined, null)],
        ['no section, Triton', shmSizeOf(undefined, triton)],
      ] as const;
      return mounted.map(([what, bytes]) => `${what}: ${bytes}`).join(', ');
    },
  },
  {
    name: 'compilers that engines call',
    printed:
      'vllm 0.7- triton c, vllm 0.22- flashinfer-python unless flashinfer-jit-cache cuda, sglang 0.4.4-0.4 flashinfer-python unless flashinfer-jit-cache cuda',
    held: () =>
      runTimeCompilers
        .map(
          ({ engine, from, to, library, unless, compiler }) =>
            `${engine} ${from}-${to ?? ''} ${library}${unless === undefined ? '' : ` unless ${unless}`} ${compiler}`,
        )
        .join(', '),
  },
  {
    name: 'first NCCL over several boards',
    printed: '12.0 2.26.2',
    held: () => ncclFloors.map(({ capability, version }) => `${capability} ${version}`).join(', '),
  },
  {
    name: 'what published wheels use of the CPU',
    printed:
      'tensorflow 1.6- avx, tensorflow-gpu 1.6- avx, jaxlib 0.1.62- avx, numpy 2.4- cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3; avx avx2 bmi2 f16c fma avx512f; yes yes yes yes yes yes yes no no no no; avx avx2 - no',
    held: () =>
      `${wheelInstructions
        .map(({ distribution, from, to, flags }) => `${distribution} ${from}-${to ?? ''} ${flags.join(' ')}`)
        .join(', ')}; ${builderFlags.join(' ')}; ${[
        '/app/libggml-cuda.so',
        '/x/lib/libllama.so',
        '/usr/lib/libwhisper.so.1',
        '/app/llama-server',
        '/usr/local/lib/libstable-diffusion.so',
        '/app/sd-server',
        '/app/sd-cli',
        '/app/sd',
        '/usr/lib/ollama/libggml-cuda.so',
        '/app/libapp.so',
        '/app/llama-server.txt',
      ]
        .map((path) => (new RegExp(builtForOneCpu).test(path) ? 'yes' : 'no'))
        .join(' ')}; ${['cuda_v12_avx/x', 'cuda_v11.3_avx2/x', 'cuda_v11/x', 'cpu_avx/x']
        .map((folder) => new RegExp(ollamaRunner).exec(`/usr/lib/ollama/runners/${folder}`))
        .map((match) => (match === null ? 'no' : (match.groups?.['flag'] ?? '-')))
        .join(' ')}`,
  },
  {
    name: 'builds for several CUDAs in folders',
    printed:
      'Ollama v12 v11 jetpack6 v13 no no no no by OLLAMA_LLM_LIBRARY; v11 11.3, v12 12.8, v13 13.0, jetpack5 11.4, jetpack6 12.6',
    held: () =>
      `${folderBuilds
        .map(({ program, folder, variable }) => {
          const found = [
            ...['cuda_v12/x.so', 'runners/cuda_v11_avx/x', 'cuda_jetpack6/x.so', 'mlx_cuda_v13/x.so', 'cpu/x.so'],
            ...['cuda_v12.so', 'cuda_jetpack7/x.so', 'cuda_v14/x.so'],
          ].map((file) => new RegExp(folder).exec(`usr/lib/ollama/${file}`)?.groups?.['build'] ?? 'no');
          return `${program} ${found.join(' ')} by ${variable}`;
        })
        .join(', ')}; ${Object.entries(newestCuda.builds)
        .map(([name, cuda]) => `${name} ${cuda}`)
        .join(', ')}`,
  },
  {
    name: 'copies that differ in one image',
    printed: 'libnvJitLink libcudnn libnccl; libcudnn_engines_tensor_ir 9.20-9.23; yes yes no',
    held: () =>
      `${orderedLibraries.map(({ library }) => library).join(' ')}; ${cudnnParts
        .map(({ part, from, before }) => `${part} ${from}-${before}`)
        .join(', ')}; ${['usr/lib/python3/dist-packages/x/y.so', 'site-packages/y.so', 'usr/lib/y.so']
        .map((path) => (new RegExp(wheelPath).test(path) ? 'yes' : 'no'))
        .join(' ')}`,
  },
  {
    name: 'libraries that look in no folder of other wheels',
    printed:
      'onnxruntime-gpu 1.0-1.20 ^lib(?:cu|nv) torch, onnxruntime-gpu 1.0- ^libnv(?:infer|onnxparser)  named, llama-cpp-python 0.1- ^lib(?:cudart|cublas) torch',
    held: () =>
      blindWheels
        .map(
          ({ distribution, from, to, asks, openers, named }) =>
            `${distribution} ${from}-${to ?? ''} ${asks} ${openers.join(' ')}${named === true ? ' named' : ''}`,
        )
        .join(', '),
  },
  {
    name: 'ONNX files that ONNX Runtime opens',
    printed:
      '0.1-0.2 3, 0.4-0.5 5, 1.0-1.1 6, 1.2-1.2 6 11, 1.3-1.5 7 12, 1.6-1.7 7 13, 1.8-1.8 7 14, 1.9-1.10 8 15, 1.11-1.11 8 16, 1.12-1.13 8 17, 1.14-1.14 8 18, 1.15-1.16 9 19, 1.17-1.17 9 20, 1.18-1.20 10 21, 1.21-1.22 10 22, 1.23-1.23 11 23, 1.24-1.24 13 25, 1.25-1.31 13 26, 1.32-1.32 14 28; unless ALLOW_RELEASED_ONNX_OPSET_ONLY=0 from 1.5; ordinary 8',
    held: () =>
      `${onnxVersions
        .map(({ from, to, irVersion, opset }) => `${from}-${to} ${irVersion}${opset === undefined ? '' : ` ${opset}`}`)
        .join(
          ', ',
        )}; unless ${newerOpsets.variable}=${newerOpsets.value} from ${newerOpsets.from}; ordinary ${ordinaryIrVersion.irVersion}`,
  },
];
