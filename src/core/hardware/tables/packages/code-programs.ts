import { otherEngines, torchEngines } from './torch-builds.ts';
import type { Source } from '../source.ts';

/**
 * Python distributions that bring device code of their own, or compile it by a compiler of their own. An image that holds one of them and shows no device
 * code was not understood, so that nothing is concluded from that.
 */
export const codePrograms: readonly string[] = [
  'torch',
  ...torchEngines,
  ...otherEngines,
  'tensorflow-gpu',
  'tensorrt-llm',
  'lmdeploy',
  'bitsandbytes',
  'xformers',
  'flash-attn',
  'auto-gptq',
  'autoawq',
  'paddlepaddle',
  'paddlepaddle-gpu',
  'pywhispercpp',
  'mxnet',
  'cupy',
  'jaxlib',
  'triton',
  'numba',
  'numba-cuda',
  'taichi',
  'warp-lang',
  'tilelang',
  'cudf',
  'cuml',
  'cusignal',
];
/** Names that carry the CUDA of a build: `cupy-cuda12x`, `jax-cuda12-plugin`, `mxnet-cu112`. */
export const codeProgramNames = String.raw`^(?:cupy-cuda\d+x?|jax-cuda\d+-(?:plugin|pjrt)|mxnet-cu\d+|cu(?:df|ml)-cu\d+)$`;

/** Components of CUDA that hold no device code; all others do. */
export const componentsWithoutCode: readonly string[] = ['cudart', 'nvrtc', 'nvjitlink'];

export const codeSources: Readonly<Record<'none' | 'compiled', Source>> = {
  none: {
    title:
      'CUDA images on Docker Hub: "base" holds the CUDA runtime (cudart) alone; NVIDIA Container Toolkit, "Running a Sample Workload": nvidia-smi comes from the driver',
    url: 'https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/sample-workload.html',
    date: '2026-11',
  },
  compiled: {
    title:
      'CUDA Compatibility, "Application Considerations": code that is compiled while a program runs is PTX of its toolkit, which an older driver refuses',
    url: 'https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html',
    date: '2026-11',
  },
};
