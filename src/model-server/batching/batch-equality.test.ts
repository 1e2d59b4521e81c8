/**
 * Does a row come out the same whoever it shares a batch with? ONNX Runtime picks its matrix kernels by size, so that a
 * sum may be added up in another order: the difference is measured here, printed, and held to a bound.
 */
import { expect, test } from 'vitest';
import { onnxruntimeEngine } from '../../adapters/onnxruntime/engine.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import type { WireTensor } from '../../protocols/open-inference/tensor.ts';
import { floatsOf, floatTensor } from '../../testing/contracts/inference-engine-contract.ts';
import { identityModel, perceptronModel, seededRandom } from '../../testing/builders/files/onnx-models.ts';
import { Batcher } from './batcher.ts';

async function largestDifference(modelBytes: Uint8Array, columns: number, name: string) {
  const model = await onnxruntimeEngine.load({
    modelBytes,
    threads: 1,
    warmUp: false,
    signal: new AbortController().signal,
  });
  const batches: number[] = [];
  const observer = { batchRan: (rows: number) => void batches.push(rows), waited: () => undefined };
  const settings = { maxBatchRows: 64, maxDelayMs: 0, queueLimit: 1000 };
  const batcher = new Batcher(model, settings, { clock: systemClock, observer, batching: true });
  const random = seededRandom(7);
  // Requests of 1 to 5 rows, sparse as images are.
  const requests = Array.from({ length: 200 }, (_, at) =>
    Array.from({ length: (1 + (at % 5)) * columns }, () => (random() < 0.2 ? random() : 0)),
  );
  const run = async (values: readonly number[]): Promise<number[]> => {
    const rows = values.length / columns;
    const inputs = [floatTensor(name, [rows, columns], values) as WireTensor];
    const job = { inputs, outputs: [], rows, batchKey: '', deadlineAtMs: Infinity, abandoned: () => false };
    return floatsOf((await batcher.run(job))[0]);
  };
  const batched = await Promise.all(requests.map(run));
  const fill = batches.slice();
  const alone: number[][] = [];
  for (const values of requests) {
    const rows = Array.from({ length: values.length / columns }, (_, row) =>
      values.slice(row * columns, (row + 1) * columns),
    );
    const answers: number[] = [];
    for (const row of rows) answers.push(...(await run(row)));
    alone.push(answers);
  }
  await model.unload();
  let largest = 0;
  for (const [at, values] of batched.entries()) {
    expect(values).toHaveLength(alone[at]?.length ?? -1);
    for (const [index, value] of values.entries())
      largest = Math.max(largest, Math.abs(value - (alone[at]?.[index] ?? NaN)));
  }
  return { largest, fill };
}

test('a model that only moves data answers to the bit', async () => {
  const { largest, fill } = await largestDifference(identityModel('FP32', ['n', 16]), 16, 'x');
  expect(Math.max(...fill)).toBeGreaterThan(32);
  expect(largest).toBe(0);
});

test('a perceptron of the size of digits: the largest difference is printed and tiny', async () => {
  const { largest, fill } = await largestDifference(perceptronModel({ layers: [784, 128, 10] }), 784, 'image');
  expect(Math.max(...fill)).toBeGreaterThan(32);
  process.stderr.write(
    `largest difference between a batched and an unbatched probability: ${largest} (batches of ${fill.join(', ')} rows)\n`,
  );
  // Probabilities are at most 1: two units in the last place of FP32 at 1.
  expect(largest).toBeLessThanOrEqual(2 ** -22);
});
