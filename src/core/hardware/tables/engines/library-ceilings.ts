import type { Source } from '../source.ts';

/**
 * Libraries of an old toolkit that know no later devices. Code of a framework that the driver compiles (PTX) does not help: cuBLAS and cuDNN bring
 * none, and fail when they are first called.
 */
export interface LibraryCeiling {
  /** Python distributions that call them for every model. */
  readonly programs: readonly string[];
  /** Toolkits before this version. */
  readonly cudaBelow: string;
  /** First capability that they do not know. */
  readonly capability: string;
  readonly source: Source;
}

export const libraryCeilings: readonly LibraryCeiling[] = [
  {
    programs: [
      ...['torch', 'tensorflow', 'tensorflow-gpu', 'paddlepaddle-gpu'],
      ...['mxnet-cu90', 'mxnet-cu92', 'mxnet-cu100', 'mxnet-cu101', 'mxnet-cu102'],
    ],
    cudaBelow: '11.0',
    capability: '8.0',
    source: {
      title:
        'CasRel issue 62, electra issue 136, AD-NeRF issue 132 (TensorFlow 1.13 to 1.15), transfuser issue 14, Factor-Graph-Neural-Network issue 4 and UFold issue 20 (torch 1.4 and 1.5): "CUBLAS_STATUS_EXECUTION_FAILED", "CUDNN_STATUS_EXECUTION_FAILED" on boards from 8.0 on',
      url: 'https://github.com/google-research/electra/issues/136',
      date: '2022-12-27',
    },
  },
];
