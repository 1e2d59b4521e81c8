/** Everything that decides the bytes of a model, beside the data and the code. */
export interface TrainingSettings {
  /** Of the model in the registry. */
  readonly version: number;
  readonly title: string;
  /** Sizes from the input to the classes. */
  readonly sizes: readonly number[];
  readonly seed: number;
  /** How often each training image is seen. */
  readonly passes: number;
  readonly batchRows: number;
  /** Falls linearly to 0 over all steps. */
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Each pass sees each image moved by -n .. n pixels either way, drawn anew; 0 leaves it where it is. */
  readonly shiftPixels: number;
}

export const trainingSettings: readonly TrainingSettings[] = [
  {
    version: 1,
    title: 'softmax regression',
    sizes: [784, 10],
    seed: 101,
    passes: 30,
    batchRows: 64,
    learningRate: 0.05,
    momentum: 0.9,
    weightDecay: 1e-4,
    shiftPixels: 0,
  },
  {
    version: 2,
    title: 'one hidden layer of 128, shifted copies',
    sizes: [784, 128, 10],
    seed: 202,
    passes: 30,
    batchRows: 64,
    learningRate: 0.1,
    momentum: 0.9,
    weightDecay: 1e-5,
    shiftPixels: 1,
  },
];
