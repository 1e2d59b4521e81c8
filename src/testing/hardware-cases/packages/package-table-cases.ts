import { confidentialProducts, productsOnHostMemory } from '../../../core/hardware/tables/device-states.ts';
import { hugePageVariables, leastLockedBytes, unlimitedBytes } from '../../../core/hardware/tables/host-states.ts';
import { modelSplits } from '../../../core/hardware/tables/packages/model-splits.ts';
import { configReaders, modelTypes } from '../../../core/hardware/tables/packages/model-types.ts';
import { packagePairs } from '../../../core/hardware/tables/packages/package-pairs.ts';
import { armWithoutCuda, otherEngines, torchEngines } from '../../../core/hardware/tables/packages/torch-builds.ts';
import type { TableCase } from '../engines/table-case.ts';

/** Tables of packages that lie beside one another, and of the machine around a device. */
export const packageTableCases: readonly TableCase[] = [
  {
    name: 'packages that are built for one another',
    printed:
      'torchvision 0.15-0.15 torch 2.0-2.0, torchvision 0.16-0.16 torch 2.1-2.1, torchvision 0.17-0.17 torch 2.2-2.2, torchvision 0.18-0.18 torch 2.3-2.3, torchvision 0.19-0.19 torch 2.4-2.4, torchvision 0.20-0.20 torch 2.5-2.5, torchvision 0.21-0.21 torch 2.6-2.6, torchvision 0.22-0.22 torch 2.7-2.7, torchvision 0.23-0.23 torch 2.8-2.8, torchvision 0.24-0.24 torch 2.9-2.9, torchvision 0.25-0.25 torch 2.10-2.10, torchvision 0.26-0.26 torch 2.11-2.11, vllm 0.3-0.3 torch 2.1-2.1, onnxruntime-gpu 0-1.18 numpy -1, onnxruntime 0-1.18 numpy -1',
    held: () =>
      packagePairs
        .map(
          ({ distribution, from, to, beside, least, most }) =>
            `${distribution} ${from}-${to ?? ''} ${beside} ${least ?? ''}-${most ?? ''}`,
        )
        .join(', '),
  },
  {
    name: 'types of models by the first version that knows them',
    printed:
      'transformers safetensors gemma2 4.42.0, transformers safetensors mllama qwen2_vl 4.45.0, transformers safetensors cohere2 4.48.0, transformers safetensors qwen2_5_vl qwen2_5_vl_text 4.49.0, transformers safetensors gemma3 gemma3_text 4.50.0, transformers safetensors llama4 llama4_text qwen3 qwen3_moe 4.51.0, transformers safetensors gemma3n gemma3n_text smollm3 4.53.0, transformers safetensors gpt_oss 4.55.0, transformers safetensors qwen3_vl qwen3_vl_text qwen3_vl_moe qwen3_vl_moe_text 4.57.0, llama-cpp-python gguf qwen3 qwen3moe 0.3.9; vllm sglang text-generation-server lmdeploy',
    held: () =>
      `${modelTypes.map(({ distribution, format, types, from }) => `${distribution} ${format} ${types.join(' ')} ${from}`).join(', ')}; ${configReaders.join(' ')}`,
  },
  {
    name: 'torch without CUDA',
    printed:
      '2.10; vllm sglang text-generation-server transformers diffusers exllamav2 exllamav3; onnxruntime-gpu tensorrt tensorrt-cu12 tensorrt-cu13 tensorflow llama-cpp-python ctranslate2 jax',
    held: () => `${armWithoutCuda.to}; ${torchEngines.join(' ')}; ${otherEngines.join(' ')}`,
  },
  {
    name: 'how engines divide models',
    printed:
      'vllm --tensor-parallel-size -tp or --pipeline-parallel-size -pp --data-parallel-size -dp --enable-expert-parallel -ep blocks, sglang --tp-size --tensor-parallel-size --tp or --pp-size --pipeline-parallel-size --dp-size --dp --ep-size --ep blocks',
    held: () =>
      modelSplits
        .map(
          ({ engine, tensorArguments, otherArguments, blocks }) =>
            `${engine} ${tensorArguments.join(' ')} or ${otherArguments.join(' ')}${blocks === null ? '' : ' blocks'}`,
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
];
