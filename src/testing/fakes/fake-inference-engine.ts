import { readFile } from 'node:fs/promises';
import { PlimsollError } from '../../core/units/errors.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { EngineTensor, InferenceEngine, LoadedModel } from '../../ports/serving/inference-engine.ts';

/** What the fake computes, in its own model format: JSON. */
export interface FakeModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /**
   * `matrix` is y = x . [[1, 2], [3, 4]] over FP32 [n, 2]; `identity` gives inputs back under the outputs' names;
   * `sum` adds up everything it gets into one FP32 of shape [1], whatever the rows: no true batch dimension.
   */
  readonly compute: 'matrix' | 'identity' | 'sum';
}

const matrixSignature = { datatype: 'FP32', shape: [-1, 2] } as const;

export const fakeMatrix: FakeModel = {
  inputs: [{ name: 'x', ...matrixSignature }],
  outputs: [{ name: 'y', ...matrixSignature }],
  compute: 'matrix',
};

export function fakeModelBytes(model: FakeModel = fakeMatrix): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(model));
}

/** An engine whose runs a test can watch, hold back and fail. */
export class FakeInferenceEngine implements InferenceEngine {
  readonly runtime = { fake: '1.0' };
  readonly #loaded: FakeLoadedModel[] = [];
  /** Shapes of the first input of every run, in order. */
  readonly runs: (readonly number[])[] = [];
  /** Called before each run computes; a test makes it throw or wait. */
  beforeRun: (inputs: readonly EngineTensor[]) => Promise<void> | void = () => undefined;

  async load(request: Parameters<InferenceEngine['load']>[0]): Promise<LoadedModel> {
    request.signal.throwIfAborted();
    const model = parse('modelFile' in request ? await readFile(request.modelFile) : request.modelBytes);
    await new Promise((resolve) => setImmediate(resolve));
    request.signal.throwIfAborted();
    const load = { phases: ['weights-load', 'engine-init'], startMs: 10, durationMs: 5 } as const;
    const warmUp = { phases: ['warm-up'], startMs: 15, durationMs: 1 } as const;
    const loaded = new FakeLoadedModel(model, request.warmUp ? [load, warmUp] : [load], this);
    this.#loaded.push(loaded);
    return loaded;
  }

  /** As if the thread of every loaded model had died. */
  die(): void {
    for (const model of this.#loaded) model.die();
  }
}

class FakeLoadedModel implements LoadedModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly phases: LoadedModel['phases'];
  readonly memoryBytes = 1024;
  readonly #model: FakeModel;
  readonly #engine: FakeInferenceEngine;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly ended: Promise<void>;
  die: () => void = () => undefined;
  #unloaded = false;

  constructor(model: FakeModel, phases: LoadedModel['phases'], engine: FakeInferenceEngine) {
    this.inputs = model.inputs;
    this.outputs = model.outputs;
    this.phases = phases;
    this.#model = model;
    this.#engine = engine;
    this.ended = new Promise((resolve) => {
      this.die = () => {
        this.#unloaded = true;
        resolve();
      };
    });
  }

  async run(inputs: readonly EngineTensor[], outputs: readonly string[]) {
    if (this.#unloaded) throw failed('the model is unloaded');
    const running = this.#compute(inputs, outputs);
    this.#underWay.add(running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(running);
    }
  }

  async unload(): Promise<void> {
    this.#unloaded = true;
    await Promise.allSettled(this.#underWay);
    this.die();
  }

  async #compute(inputs: readonly EngineTensor[], wanted: readonly string[]) {
    this.#engine.runs.push(inputs[0]?.shape ?? []);
    await this.#engine.beforeRun(inputs);
    this.#check(inputs, wanted);
    const all = this.outputs.map((spec, index) => outputOf(this.#model, spec, inputs[index] ?? inputs[0]));
    const outputs = all.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
    return { outputs, computeMs: 0.25 };
  }

  #check(inputs: readonly EngineTensor[], wanted: readonly string[]): void {
    for (const { name, shape } of inputs) {
      const spec = this.inputs.find((each) => each.name === name);
      if (spec === undefined) throw failed(`no input ${name}`);
      if (spec.shape.some((size, at) => size !== -1 && size !== shape[at])) throw failed(`wrong shape of ${name}`);
    }
    for (const name of wanted) {
      if (!this.outputs.some((each) => each.name === name)) throw failed(`no output ${name}`);
    }
  }
}

function outputOf(model: FakeModel, spec: TensorSpec, input: EngineTensor | undefined): EngineTensor {
  if (input === undefined) throw failed('no input');
  if (model.compute === 'identity') return { ...input, name: spec.name };
  if (!('bytes' in input)) throw failed('not numbers');
  const values = new Float32Array(input.bytes.slice().buffer);
  const result = model.compute === 'sum' ? [values.reduce((sum, value) => sum + value, 0)] : matrix(values);
  const shape = model.compute === 'sum' ? [1] : input.shape;
  return { name: spec.name, datatype: 'FP32', shape, bytes: new Uint8Array(Float32Array.from(result).buffer) };
}

function matrix(values: Float32Array): number[] {
  return Array.from(values, (value, at) => {
    const [a, b] = at % 2 === 0 ? [value, values[at + 1] ?? 0] : [values[at - 1] ?? 0, value];
    return at % 2 === 0 ? a + 3 * b : 2 * a + 4 * b;
  });
}

function parse(bytes: Uint8Array): FakeModel {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as FakeModel;
  } catch {
    throw new PlimsollError({ code: 'model-unloadable', category: 'input', message: 'not a fake model' });
  }
}

function failed(message: string): PlimsollError {
  return new PlimsollError({ code: 'inference-failed', category: 'input', message });
}
