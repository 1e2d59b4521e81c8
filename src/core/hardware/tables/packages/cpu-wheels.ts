import { armWithoutCuda } from './torch-builds.ts';
import type { Source } from '../source.ts';

/** A distribution whose published wheels for Arm hold no CUDA, although those for x86-64 do. */
export interface CpuWheel {
  readonly of: string;
  readonly from: string;
  readonly to: string;
  readonly source: Source;
}

export const cpuWheels: readonly CpuWheel[] = [
  { of: 'torch', from: '0', to: armWithoutCuda.to, source: armWithoutCuda.source },
  {
    of: 'tensorflow',
    from: '2.10',
    to: '2.21',
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
    source: {
      title:
        'CTranslate2 issues 1306 and 1908, pull request 2019: wheels for aarch64 on PyPI are for the CPU; speaches issue 620',
      url: 'https://github.com/OpenNMT/CTranslate2/pull/2019',
      date: '2026-02-25',
    },
  },
];

/** Formats that TensorRT opens: beside a library of it, such a model needs no program of a wheel. */
export const formatsOfTensorRt: readonly string[] = ['onnx', 'tensorrt'];
