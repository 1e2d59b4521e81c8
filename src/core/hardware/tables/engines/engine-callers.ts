/** Distributions that open engines of TensorRT. A TorchScript of `torch-tensorrt` holds one inside. */
export const engineCallers: readonly string[] = [
  'tensorrt',
  'tensorrt-cu11',
  'tensorrt-cu12',
  'tensorrt-cu13',
  'tensorrt-llm',
  'torch-tensorrt',
  'torch2trt',
  'polygraphy',
];
/** Programs that open files of a format of their own, which nobody else reads (a pickle of torch, a checkpoint). */
export const fileReaders: readonly string[] = [
  'torch',
  'tensorflow',
  'tensorflow-gpu',
  'jax',
  'mxnet',
  'paddlepaddle-gpu',
];
