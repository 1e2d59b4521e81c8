import { float16Models } from '../../../core/hardware/tables/arguments/float16-models.ts';
import {
  cacheArguments,
  contextChangers,
  hostArguments,
  layerArguments,
  lengthArguments,
  wholeContexts,
} from '../../../core/hardware/tables/arguments/load-arguments.ts';
import { libraryCeilings } from '../../../core/hardware/tables/engines/library-ceilings.ts';
import { ollamaServer, ollamaServerFlags } from '../../../core/hardware/tables/engines/wheel-instructions.ts';
import { sourceVersion } from '../../../core/hardware/tables/packages/bitsandbytes-wheels.ts';
import {
  pathWithoutOnnx,
  onnxElsewhere,
  onnxOnDevices,
  sameFiles,
} from '../../../core/hardware/tables/packages/onnx-programs.ts';
import type { TableCase } from '../engines/table-case.ts';

const which = (pattern: string, paths: readonly string[]): string =>
  paths.map((path) => (new RegExp(pattern).test(path) ? 'yes' : 'no')).join(' ');

/** Tables of programs that serve, and of what their arguments say of memory. */
export const programTableCases: readonly TableCase[] = [
  {
    name: 'arguments that say what memory must hold',
    printed:
      'vllm --max-model-len, sglang --context-length, GGUF --ctx-size --n-ctx -c; vllm --kv-cache-dtype fp8 fp8_e4m3 fp8_e5m2 0.5, sglang --kv-cache-dtype fp8_e4m3 fp8_e5m2 0.5; --n-gpu-layers --gpu-layers -ngl from 16; --cpu-offload-gb --cpu-offloading --medvram --medvram-sdxl --lowvram --novram',
    held: () =>
      `${lengthArguments.map(({ engine, names }) => `${engine ?? 'GGUF'} ${names.join(' ')}`).join(', ')}; ${cacheArguments
        .map(({ engine, name, values, share }) => `${engine} ${name} ${values.join(' ')} ${share}`)
        .join(
          ', ',
        )}; ${layerArguments.names.join(' ')} from ${layerArguments.fewestLayers}; ${hostArguments.gib.join(' ')} ${hostArguments.open.join(' ')}`,
  },
  {
    name: 'engines that start only where the longest sequence of the model fits',
    printed:
      'vllm 0.2.7-0.9.0, vllm 0.9.1- by tokenizer; unless --max-model-len --hf-overrides --rope-scaling --config --tokenizer --skip-tokenizer-init --cpu-offload-gb --quantization -q --load-format --num-gpu-blocks-override',
    held: () =>
      `${wholeContexts
        .map(
          ({ engine, from, to, byTokenizer }) => `${engine} ${from}-${to ?? ''}${byTokenizer ? ' by tokenizer' : ''}`,
        )
        .join(', ')}; unless ${contextChangers.join(' ')}`,
  },
  {
    name: 'models that float16 does not hold',
    printed:
      'vllm 0.8- gemma3 by --dtype half float16, vllm 0.9.1- gemma2 glm4 by --dtype half float16, vllm 0.16- gemma3_text by --dtype half float16, mistralrs 0- gemma3 gemma3_text by --dtype -d f16 auto alone 5.3-8.0; yes yes no no',
    held: () =>
      `${float16Models
        .map(
          ({ engine, from, to, models, arguments: names, values, byItself }) =>
            `${engine ?? 'mistralrs'} ${from}-${to ?? ''} ${models.join(' ')} by ${names.join(' ')} ${values.join(' ')}${byItself === undefined ? '' : ` alone ${byItself.least}-${byItself.below}`}`,
        )
        .join(', ')}; ${which(float16Models.find(({ path }) => path !== undefined)?.path ?? '', [
        '/usr/bin/mistralrs',
        '/usr/bin/mistralrs-server',
        '/usr/bin/mistralrs-bench',
        '/opt/mistralrs/x',
      ])}`,
  },
  {
    name: 'libraries of an old toolkit',
    printed:
      'torch tensorflow tensorflow-gpu paddlepaddle-gpu mxnet-cu90 mxnet-cu92 mxnet-cu100 mxnet-cu101 mxnet-cu102 before 11.0 not from 8.0',
    held: () =>
      libraryCeilings
        .map(
          ({ programs, cudaBelow, capability }) => `${programs.join(' ')} before ${cudaBelow} not from ${capability}`,
        )
        .join(', '),
  },
  {
    name: 'programs that open ONNX files',
    printed:
      'openvino on Intel devices and the CPU, onnxruntime on the CPU; not beside onnxruntime-gpu onnxruntime-training onnxruntime-genai-cuda tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 openvino-nvidia onnx2torch onnx-tf torch-tensorrt nvidia-pytriton nvidia-modelopt tritonserver; onnxruntime onnxruntime-gpu; yes yes yes yes yes yes yes yes yes yes yes no no; yes yes yes yes yes yes yes yes yes yes yes no',
    held: () =>
      `${onnxElsewhere.map(({ distribution, on }) => `${distribution} on ${on}`).join(', ')}; not beside ${onnxOnDevices.join(' ')}; ${sameFiles.names.join(' ')}; ${which(
        pathWithoutOnnx,
        [
          ...[
            'torch',
            'torchvision',
            'torchaudio',
            'triton',
            'nvidia',
            'xformers',
            'flash_attn',
            'tensorflow',
            'jaxlib',
          ],
          ...['cuda', 'cuda-12.4', 'openvino', 'torch2trt'],
        ].map((folder) => `/opt/${folder}/lib/x.so`),
      )}; ${which(
        pathWithoutOnnx,
        [
          ...[
            'cudnn_ops',
            'cublasLt',
            'cufft',
            'curand',
            'cusolver',
            'cusparse',
            'nccl',
            'nppc',
            'nvjpeg',
            'nvrtc',
            'nvJitLink',
          ],
          'opencv_dnn',
        ].map((library) => `/usr/lib/lib${library}.so.1`),
      )}`,
  },
  {
    name: 'the library of an older Ollama, and versions of sources',
    printed: 'yes yes no no no avx; yes no no',
    held: () =>
      `${which(ollamaServer, [
        '/usr/lib/ollama/cuda_v12/libext_server.so',
        '/go/llm/build/linux/x86_64/cuda/lib/libext_server.so',
        '/usr/lib/ollama/cpu_avx/libext_server.so',
        '/usr/lib/other/cuda_v12/libext_server.so',
        '/usr/lib/ollama/cuda_v12/libggml-cuda.so',
      ])} ${ollamaServerFlags.join(' ')}; ${which(sourceVersion, ['0.45.4.dev0', '0.45.4', '0.45.4.dev'])}`,
  },
];
