import { expect, it } from 'vitest';
import type { InferenceEngine, LoadedModel } from '../ports/serving/inference-engine.ts';
import { withInjectedFault } from './faulty-engine.ts';

const answer = { name: 'y', datatype: 'FP32', shape: [1, 3], bytes: new Uint8Array(Float32Array.of(1, 2, 3).buffer) };
const texts = { name: 't', datatype: 'BYTES', shape: [1], elements: [new Uint8Array([7])] } as const;
const loaded: LoadedModel = {
  ...{ inputs: [], outputs: [], phases: [], memoryBytes: null, ended: Promise.resolve() },
  run: () => Promise.resolve({ outputs: [answer, texts], computeMs: 1 }),
  unload: () => Promise.resolve(),
};
const engine: InferenceEngine = { runtime: { fake: '1' }, load: () => Promise.resolve(loaded) };

it('answers as the engine does, and repeats one number while the fault is there', async () => {
  let isFaulty = false;
  const { signal } = new AbortController();
  const request = { modelBytes: new Uint8Array(), threads: 1, warmUp: false, signal };
  const model = await withInjectedFault(engine, () => isFaulty).load(request);
  const numbers = async (): Promise<readonly number[]> => {
    const [first, second] = (await model.run([], [])).outputs;
    expect(second).toEqual(texts);
    return [...new Float32Array((first as typeof answer).bytes.slice().buffer)];
  };
  expect(await numbers()).toEqual([1, 2, 3]);
  isFaulty = true;
  expect(await numbers()).toEqual([1, 1, 1]);
  isFaulty = false;
  expect(await numbers()).toEqual([1, 2, 3]);
  await model.unload();
});
