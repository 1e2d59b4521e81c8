import { expect, it } from 'vitest';
import type { EngineTensor, InferenceEngine, LoadedModel } from '../ports/serving/inference-engine.ts';
import { readEngineFault, withInjectedFault, type EngineFault } from './faulty-engine.ts';

const answer = {
  name: 'y',
  datatype: 'FP32',
  shape: [1, 3],
  bytes: new Uint8Array(Float32Array.of(1, 2.03125, 3).buffer),
};
const texts = { name: 't', datatype: 'BYTES', shape: [1], elements: [new Uint8Array([7])] } as const;
const loaded: LoadedModel = {
  ...{ inputs: [], outputs: [], phases: [], memoryBytes: null, ended: Promise.resolve() },
  run: () => Promise.resolve({ outputs: [answer, texts], computeMs: 1 }),
  unload: () => Promise.resolve(),
};
const engine: InferenceEngine = { runtime: { fake: '1' }, load: () => Promise.resolve(loaded) };

const numbersOf = (tensor: EngineTensor | undefined): readonly number[] =>
  tensor === undefined || !('bytes' in tensor) ? [] : [...new Float32Array(tensor.bytes.slice().buffer)];

async function loadFaulty(of: InferenceEngine, fault: () => EngineFault | null): Promise<LoadedModel> {
  const { signal } = new AbortController();
  return withInjectedFault(of, fault).load({ modelBytes: new Uint8Array(), threads: 1, warmUp: false, signal });
}

it('answers as the engine does while no fault is there, and texts stay', async () => {
  let fault: EngineFault | null = null;
  const model = await loadFaulty(engine, () => fault);
  const numbers = async (): Promise<readonly number[]> => {
    const [first, second] = (await model.run([], [])).outputs;
    expect(second).toEqual(texts);
    return numbersOf(first);
  };
  expect(await numbers()).toEqual([1, 2.03125, 3]);
  fault = 'stuck';
  expect(await numbers()).toEqual([1, 1, 1]);
  fault = null;
  expect(await numbers()).toEqual([1, 2.03125, 3]);
  await model.unload();
});

it.each<[EngineFault, readonly number[]]>([
  ['stuck', [1, 1, 1]],
  ['perturbed', [0.21023, 1.1608, 4.66022]],
  ['saturated', [1, 4, 3]],
  ['stale', [1, 2.03125, 3]],
  ['rounded', [1, 2, 3]],
])('%s', async (fault, expected) => {
  const model = await loadFaulty(engine, () => fault);
  numbersOf((await model.run([], [])).outputs[0]).forEach((value, at) =>
    expect(value).toBeCloseTo(expected[at] ?? NaN, 3),
  );
});

it('gives the answer to the request before, with the form of this one', async () => {
  let runs = 0;
  const counting: InferenceEngine = {
    ...engine,
    load: () =>
      Promise.resolve({
        ...loaded,
        run: () => {
          runs += 1;
          const shape = runs === 3 ? [1, 1] : [1, 3];
          const bytes = new Uint8Array(new Float32Array(runs === 3 ? 1 : 3).fill(runs).buffer);
          return Promise.resolve({ outputs: [{ ...answer, shape, bytes }], computeMs: 1 });
        },
      }),
  };
  const model = await loadFaulty(counting, () => 'stale');
  const answers = [];
  for (let at = 0; at < 3; at += 1) answers.push(numbersOf((await model.run([], [])).outputs[0]));
  expect(answers).toEqual([[1, 1, 1], [1, 1, 1], [3]]);
});

it('reads what a file says', () => {
  expect(['stale\n', '', 'nonsense'].map(readEngineFault)).toEqual(['stale', 'stuck', 'stuck']);
});
