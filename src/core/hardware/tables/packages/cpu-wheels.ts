import { armWithoutCuda } from './torch-builds.ts';
import type { Source } from '../source.ts';

/** A distribution that holds no CUDA as it is published, although builds of it do. */
export interface CpuWheel {
  readonly of: string;
  readonly from: string;
  /** Null for the newest. */
  readonly to: string | null;
  /** The wheels of this architecture alone. */
  readonly architecture?: 'arm64';
  /** What holds CUDA in its place, where that is no build for the architecture. */
  readonly fix?: string;
  readonly source: Source;
}

export const cpuWheels: readonly CpuWheel[] = [
  { of: 'torch', from: '0', to: armWithoutCuda.to, architecture: 'arm64', source: armWithoutCuda.source },
  {
    of: 'tensorflow',
    from: '2.10',
    to: '2.21',
    architecture: 'arm64',
    source: {
      title:
        'TensorFlow issue 121157: wheels for aarch64 on PyPI are not built with CUDA; wheels of 2.10 and 2.13 are tensorflow-cpu-aws, and build_info.py of 2.17 says is_cuda_build False',
      url: 'https://github.com/tensorflow/tensorflow/issues/121157',
      date: '2026-06-13',
    },
  },
  {
    of: 'ctranslate2',
    from: '0',
    to: '4.7',
    architecture: 'arm64',
    source: {
      title:
        'CTranslate2 issues 1306 and 1908, pull request 2019: wheels for aarch64 on PyPI are for the CPU; speaches issue 620',
      url: 'https://github.com/OpenNMT/CTranslate2/pull/2019',
      date: '2026-02-25',
    },
  },
  {
    of: 'llama-cpp-python',
    from: '0',
    to: null,
    fix: 'built with CMAKE_ARGS="-DGGML_CUDA=on" (-DLLAMA_CUBLAS=on before 0.2.63) and nvcc on the PATH, or a wheel of its index for the CUDA version',
    source: {
      title:
        'llama-cpp-python, README, "Installation": pip builds it for the CPU unless CMAKE_ARGS asks for CUDA; issues 576 and 1779',
      url: 'https://github.com/abetlen/llama-cpp-python/issues/1779',
      date: '2024-10-07',
    },
  },
  {
    of: 'pywhispercpp',
    from: '0',
    to: null,
    fix: 'built from its sources with GGML_CUDA=1',
    source: {
      title:
        'pywhispercpp, README, "Installation": wheels of PyPI are for the CPU, and GGML_CUDA=1 builds from sources',
      url: 'https://github.com/absadiki/pywhispercpp',
      date: '2025-10',
    },
  },
  {
    of: 'tensorflow',
    from: '0',
    to: '1.14',
    fix: 'tensorflow-gpu of the same version, or tensorflow 1.15 or newer',
    source: {
      title:
        'TensorFlow, release 1.15.0: the package tensorflow includes support of GPUs; before, tensorflow-gpu alone did',
      url: 'https://github.com/tensorflow/tensorflow/releases/tag/v1.15.0',
      date: '2019-10-16',
    },
  },
  ...['jax', 'jaxlib'].map((of): CpuWheel => ({
    of,
    from: '0',
    to: null,
    fix: 'jax[cuda12] (jax-cuda12-plugin), or a jaxlib of the index for CUDA (+cuda)',
    source: {
      title: 'JAX, "Installation": pip install jax is for the CPU, and jax[cuda12] brings plugins with CUDA',
      url: 'https://docs.jax.dev/en/latest/installation.html',
      date: '2026-07',
    },
  })),
  {
    of: 'paddlepaddle',
    from: '0',
    to: null,
    fix: 'paddlepaddle-gpu',
    source: {
      title: 'PaddlePaddle, "Installation": paddlepaddle is for the CPU, and paddlepaddle-gpu for CUDA',
      url: 'https://www.paddlepaddle.org.cn/documentation/docs/en/install/pip/linux-pip_en.html',
      date: '2026-06',
    },
  },
  {
    of: 'mxnet',
    from: '0',
    to: null,
    fix: 'a package that names its CUDA, such as mxnet-cu112',
    source: {
      title: 'MXNet, python/README of its wheels: mxnet is for the CPU, and mxnet-cu112 for CUDA 11.2',
      url: 'https://pypi.org/project/mxnet-cu112',
      date: '2022-05-10',
    },
  },
];

/** Formats that TensorRT opens: beside a library of it, such a model needs no program of a wheel. */
export const formatsOfTensorRt: readonly string[] = ['onnx', 'tensorrt'];
