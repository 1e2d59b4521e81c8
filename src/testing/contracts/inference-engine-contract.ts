import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EngineTensor, InferenceEngine } from '../../ports/serving/inference-engine.ts';

export function floatTensor(name: string, shape: readonly number[], values: readonly number[]): EngineTensor {
  return { name, datatype: 'FP32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

export function floatsOf(tensor: EngineTensor | undefined): number[] {
  if (tensor === undefined || !('bytes' in tensor)) throw new Error('not a fixed-width tensor');
  return [...new Float32Array(tensor.bytes.slice().buffer)];
}

/**
 * Every engine, and the fake, must pass it.
 * @param matrixModel makes the engine's form of `y = x . [[1, 2], [3, 4]]`, FP32, [n, 2] to [n, 2].
 */
export function inferenceEngineContract(
  name: string,
  engine: InferenceEngine,
  matrixModel: () => Uint8Array<ArrayBuffer>,
): void {
  const load = (modelBytes: Uint8Array, warmUp = false) =>
    engine.load({ modelBytes, threads: 1, warmUp, signal: new AbortController().signal });

  describe(`${name}: inference engine contract`, () => {
    test('names its runtime and version', () => {
      const [version] = Object.values(engine.runtime);
      expect(version).toMatch(/^\d+\.\d+/);
    });

    test('tells the signature, with -1 where the caller chooses', async () => {
      const model = await load(matrixModel());
      expect(model.inputs).toEqual([{ name: 'x', datatype: 'FP32', shape: [-1, 2] }]);
      expect(model.outputs).toEqual([{ name: 'y', datatype: 'FP32', shape: [-1, 2] }]);
      await model.unload();
    });

    test('loads from a file as from bytes, and says what is wrong with either', async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-engine-'));
      const modelFile = path.join(folder, 'model.onnx');
      const request = { modelFile, threads: 1, warmUp: true, signal: new AbortController().signal };
      try {
        await writeFile(modelFile, matrixModel());
        const model = await engine.load(request);
        const { outputs } = await model.run([floatTensor('x', [1, 2], [1, 1])], []);
        expect(floatsOf(outputs[0])).toEqual([4, 6]);
        await model.unload();
        await writeFile(modelFile, 'no model');
        await expect(engine.load(request)).rejects.toMatchObject({ code: 'model-unloadable', category: 'input' });
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    test('computes', async () => {
      const model = await load(matrixModel());
      const { outputs, computeMs } = await model.run([floatTensor('x', [2, 2], [1, 0, 0, 1])], []);
      expect(outputs).toHaveLength(1);
      expect(outputs[0]).toMatchObject({ name: 'y', datatype: 'FP32', shape: [2, 2] });
      expect(floatsOf(outputs[0])).toEqual([1, 2, 3, 4]);
      expect(computeMs).toBeGreaterThanOrEqual(0);
      await model.unload();
    });

    test('answers many runs at once, each with its own result', async () => {
      const model = await load(matrixModel());
      const answers = await Promise.all(
        Array.from({ length: 50 }, async (_, i) =>
          floatsOf((await model.run([floatTensor('x', [1, 2], [i, 0])], [])).outputs[0]),
        ),
      );
      expect(answers).toEqual(Array.from({ length: 50 }, (_, i) => [i, 2 * i]));
      await model.unload();
    });

    test('runs grow and shrink without a trace of one another', async () => {
      const model = await load(matrixModel());
      for (const rows of [1, 40_000, 2, 100_000, 1]) {
        const values = Array.from({ length: rows * 2 }, (_, i) => i % 7);
        const { outputs } = await model.run([floatTensor('x', [rows, 2], values)], []);
        const expected = Array.from({ length: rows * 2 }, (_, i) => {
          const [a = 0, b = 0] = values.slice(i - (i % 2), i - (i % 2) + 2);
          return i % 2 === 0 ? a + 3 * b : 2 * a + 4 * b;
        });
        expect(floatsOf(outputs[0])).toEqual(expected);
      }
      await model.unload();
    });

    test('the caller keeps its input bytes', async () => {
      const model = await load(matrixModel());
      const input = floatTensor('x', [1, 2], [5, 6]);
      await model.run([input], []);
      expect(floatsOf(input)).toEqual([5, 6]);
      await model.unload();
    });

    test('reports phases that lie in order and a warm-up only when it was asked for', async () => {
      const cold = await load(matrixModel());
      expect(cold.phases.flatMap((phase) => phase.phases)).not.toContain('warm-up');
      const warm = await load(matrixModel(), true);
      expect(warm.phases.flatMap((phase) => phase.phases)).toContain('warm-up');
      const ends = warm.phases.map((phase) => phase.startMs + phase.durationMs);
      expect(ends).toEqual([...ends].sort((a, b) => a - b));
      expect(warm.phases.every((phase) => phase.durationMs > 0)).toBe(true);
      await Promise.all([cold.unload(), warm.unload()]);
    });

    test('an unknown input or output is an error, and the next run is answered', async () => {
      const model = await load(matrixModel());
      await expect(model.run([floatTensor('nope', [1, 2], [1, 2])], [])).rejects.toMatchObject({
        code: 'inference-failed',
        category: 'input',
      });
      await expect(model.run([floatTensor('x', [1, 2], [1, 2])], ['nope'])).rejects.toMatchObject({
        code: 'inference-failed',
      });
      await expect(model.run([floatTensor('x', [1, 3], [1, 2, 3])], [])).rejects.toMatchObject({
        code: 'inference-failed',
      });
      const { outputs } = await model.run([floatTensor('x', [1, 2], [1, 0])], ['y']);
      expect(floatsOf(outputs[0])).toEqual([1, 2]);
      await model.unload();
    });

    test('bytes that are no model are refused with the runtime’s words', async () => {
      await expect(load(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'model-unloadable', category: 'input' });
      await expect(load(new Uint8Array())).rejects.toMatchObject({ code: 'model-unloadable' });
    });

    test('unload waits for runs under way, and a run afterwards is refused', async () => {
      const model = await load(matrixModel());
      const running = Promise.all(
        Array.from({ length: 5 }, (_, i) => model.run([floatTensor('x', [1, 2], [i, 0])], [])),
      );
      const unloading = model.unload();
      expect(await running).toHaveLength(5);
      await unloading;
      await model.ended;
      await expect(model.run([floatTensor('x', [1, 2], [1, 2])], [])).rejects.toMatchObject({
        code: 'inference-failed',
      });
    });

    test('an aborted load rejects', async () => {
      const controller = new AbortController();
      const loading = engine.load({
        modelBytes: matrixModel(),
        threads: 1,
        warmUp: false,
        signal: controller.signal,
      });
      controller.abort(new Error('changed my mind'));
      await expect(loading).rejects.toThrow('changed my mind');
    });
  });
}
