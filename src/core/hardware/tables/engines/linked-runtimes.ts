import { ofTensorflow } from '../packages/torch-builds.ts';
import type { Source } from '../source.ts';

/**
 * A Python distribution whose libraries open CUDA and cuDNN by name while they run. The majors are part of those names, so that
 * others do not stand in for them.
 */
export interface LinkedRuntime {
  readonly distribution: string;
  readonly from: string;
  /** Null for the newest. */
  readonly to: string | null;
  readonly cudaMajor: number;
  /** Before CUDA 11 names of its libraries hold the minor too: `libcudart.so.10.1`. */
  readonly cudaMinor?: number;
  readonly cudnnMajor: number;
  /** The cuDNN that it was compiled with, or asks for: an older one of the major is refused. Left out where every one does. */
  readonly cudnnLeast?: string;
  /** Distributions whose models need cuDNN; beside others cuDNN does not matter. */
  readonly cudnnFor: readonly string[];
  /**
   * It is a program itself, which counts as a published wheel, and where no other program uses accelerators than these. Left out
   * where it is a library that its program always calls.
   */
  readonly only?: readonly string[];
  /** It finds the wheels of CUDA and cuDNN itself. */
  readonly findsWheels?: true;
  readonly source: Source;
}

const versions: Source = {
  title: 'CTranslate2 issue 1806: 3.24 has CUDA 11 and cuDNN 8, 4.0 CUDA 12 and cuDNN 8, 4.5 CUDA 12 and cuDNN 9',
  url: 'https://github.com/OpenNMT/CTranslate2/issues/1806',
  date: '2024-10-28',
};
const withoutCudnn: Source = {
  title: 'CTranslate2, libraries of the wheels 4.6.0 to 4.8.5: from 4.6.3 on they open cuBLAS alone',
  url: 'https://pypi.org/project/ctranslate2/#history',
  date: '2026-11-30',
};
/** Convolutions are those of speech models; translation and text generation have none. */
const speech = ['faster-whisper', 'whisperx', 'whisper-ctranslate2'];
const row = (
  from: string,
  to: string | null,
  cudaMajor: number,
  cudnnMajor: number,
  [cudnnFor, source]: readonly [readonly string[], Source] = [speech, versions],
): LinkedRuntime => ({ distribution: 'ctranslate2', from, to, cudaMajor, cudnnMajor, cudnnFor, source });

const tensorflow = (
  from: string,
  to: string,
  [cudaMajor, cudnnMajor, cudnnLeast]: readonly [number, number, string],
  findsWheels = false,
): readonly LinkedRuntime[] =>
  ['tensorflow', 'tensorflow-gpu'].map((distribution) => ({
    distribution,
    from,
    to,
    cudaMajor,
    cudnnMajor,
    cudnnLeast,
    cudnnFor: ['tensorflow', 'tensorflow-gpu'],
    only: ofTensorflow,
    ...(findsWheels ? { findsWheels: true as const } : {}),
    source: {
      title:
        'TensorFlow, "Build from source", tested build configurations; issue 60913: "source was compiled with" a newer cuDNN; issue 60646: without its CUDA no device is registered',
      url: 'https://www.tensorflow.org/install/source#gpu',
      date: '2025-02-04',
      // The table ends with 2.18; the wheels of 2.19 to 2.21 ask for the same.
      inferred: true,
    },
  }));
/** Wheels named `tensorflow` are for accelerators from 2.1 on, and 1.15. */
const olderTensorflow = (
  [from, to]: readonly [string, string],
  [cudaMajor, cudaMinor]: readonly [number, number],
  cudnnLeast: string,
  distributions: readonly string[],
): readonly LinkedRuntime[] =>
  distributions.map((distribution) => ({
    ...{ distribution, from, to, cudaMajor, cudaMinor, cudnnMajor: Number.parseInt(cudnnLeast, 10), cudnnLeast },
    // Lists of images of that time often leave their cuDNN out.
    cudnnFor: [],
    only: ofTensorflow,
    source: {
      title:
        'TensorFlow, "Build from source", tested build configurations; issue 34736: "Could not load dynamic library libcudart.so.10.1" beside CUDA 10.0; issues 15236 and 17147: 1.4 asks for libcublas.so.8.0',
      url: 'https://www.tensorflow.org/install/source#gpu',
      date: '2019-12-01',
    },
  }));
/** What JAX itself compares while it starts, whoever built its jaxlib: conda-forge puts CUDA into jaxlib, without a plugin. */
const jaxItself: LinkedRuntime = {
  distribution: 'jax',
  from: '0.4.31',
  to: '0.5',
  cudaMajor: 12,
  cudnnMajor: 9,
  cudnnLeast: '9.1',
  cudnnFor: ['jax'],
  only: ['jax'],
  findsWheels: true,
  source: {
    title:
      'JAX, jax/_src/xla_bridge.py of the wheels 0.4.29 to 0.6.2: min_supported_version=9100 from 0.4.31 on; jaxlib-feedstock issue 277: "Outdated cuDNN installation found"',
    url: 'https://github.com/conda-forge/jaxlib-feedstock/issues/277',
    date: '2024-07-31',
  },
};
const jax = (
  plugin: string,
  [from, to]: readonly [string, string],
  cudaMajor: number,
  cudnnLeast: string,
): LinkedRuntime => ({
  distribution: plugin,
  from,
  to,
  cudaMajor,
  cudnnMajor: 9,
  cudnnLeast,
  cudnnFor: ['jax'],
  only: ['jax'],
  findsWheels: true,
  source: {
    title:
      'jax-cuda12-plugin and jax-cuda13-plugin, metadata of the wheels 0.4.31 to 0.10.0; JAX issues 6517, 18027 and 22416: an older cuDNN leaves the device out',
    url: 'https://github.com/jax-ml/jax/issues/22416',
    date: '2026-01',
  },
});

export const linkedRuntimes: readonly LinkedRuntime[] = [
  row('3.0', '3.999', 11, 8),
  row('4.0', '4.4', 12, 8),
  row('4.5', '4.6.2', 12, 9),
  row('4.6.3', null, 12, 9, [[], withoutCudnn]),
  ...olderTensorflow(['1.0', '1.2'], [8, 0], '5.1', ['tensorflow-gpu']),
  ...olderTensorflow(['1.3', '1.4'], [8, 0], '6.0', ['tensorflow-gpu']),
  ...olderTensorflow(['1.5', '1.12'], [9, 0], '7.0', ['tensorflow-gpu']),
  ...olderTensorflow(['1.13', '1.14'], [10, 0], '7.4', ['tensorflow-gpu']),
  ...olderTensorflow(['1.15', '1.15'], [10, 0], '7.4', ['tensorflow', 'tensorflow-gpu']),
  ...olderTensorflow(['2.0', '2.0'], [10, 0], '7.4', ['tensorflow-gpu']),
  ...olderTensorflow(['2.1', '2.3'], [10, 1], '7.6', ['tensorflow', 'tensorflow-gpu']),
  ...tensorflow('2.4', '2.4', [11, 8, '8.0']),
  ...tensorflow('2.5', '2.11', [11, 8, '8.1']),
  ...tensorflow('2.12', '2.13', [11, 8, '8.6']),
  ...tensorflow('2.14', '2.14', [11, 8, '8.7'], true),
  ...tensorflow('2.15', '2.17', [12, 8, '8.9'], true),
  ...tensorflow('2.18', '2.21', [12, 9, '9.3'], true),
  jax('jax-cuda12-plugin', ['0.4.31', '0.5'], 12, '9.1'),
  jax('jax-cuda12-plugin', ['0.6', '0.10'], 12, '9.8'),
  jax('jax-cuda13-plugin', ['0.7.2', '0.10'], 13, '9.12'),
  jaxItself,
];

/** A distribution whose version says what it was compiled with: `0.4.11+cuda11.cudnn86` is of CUDA 11, and of cuDNN 8.6. */
export interface LabelledRuntime {
  readonly distribution: string;
  /** Pattern of the end of its version: major of CUDA, major and minor of cuDNN. */
  readonly label: string;
  readonly cudnnFor: readonly string[];
  /** It counts where no other program uses accelerators than these. */
  readonly only: readonly string[];
  readonly source: Source;
}

export const labelledRuntimes: readonly LabelledRuntime[] = [
  {
    distribution: 'jaxlib',
    label: String.raw`\+cuda(\d{2})\.cudnn(\d)(\d+)$`,
    cudnnFor: ['jax'],
    only: ['jax'],
    source: {
      title:
        'JAX issues 15268, 15508 and 16038: "Loaded runtime CuDNN library: 8.5.0 but source was compiled with: 8.6.0"; the label of the wheel names both',
      url: 'https://github.com/jax-ml/jax/issues/15268',
      date: '2023-05-18',
    },
  },
];

/** Folders of the wheels of cuDNN and cuBLAS below `site-packages`; the loader searches them only where somebody names them. */
export const wheelFolders = { cuDNN: String.raw`/nvidia/cudnn/lib/`, cuBLAS: String.raw`/nvidia/cublas/lib/` } as const;
export const wheelFolderSource: Source = {
  title:
    'faster-whisper, README, "GPU": LD_LIBRARY_PATH must name the folders of the wheels; whisper-ctranslate2 issue 27',
  url: 'https://github.com/Softcatala/whisper-ctranslate2/issues/27',
  date: '2023-04-23',
};
