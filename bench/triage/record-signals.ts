import { pixelsPerImage, type Image } from '../../examples/digits/data/images.ts';
import { prepareData } from '../../examples/digits/data/prepare.ts';
import { readRows } from '../../examples/digits/data/rows.ts';
import type { Progress } from '../../examples/digits/progress.ts';
import { sentImage } from '../../examples/digits/start/drift/cause.ts';
import { trainModels } from '../../examples/digits/training/models.ts';
import { onnxruntimeEngine } from '../../src/adapters/onnxruntime/engine.ts';
import { combineComparisons, compareGoldenCase } from '../../src/core/monitoring/golden-comparison.ts';
import type { GoldenCase, GoldenTensor } from '../../src/core/monitoring/golden.ts';
import { readRow } from '../../src/core/monitoring/features/read-row.ts';
import { collectReference } from '../../src/core/monitoring/features/reference.ts';
import { engineFaults, withInjectedFault, type EngineFault } from '../../src/model-server/faulty-engine.ts';
import type { LoadedModel } from '../../src/ports/serving/inference-engine.ts';
import { sentKinds, type EngineState, type RecordedModel, type SentKind, type Signals } from './signals.ts';

/** Images that the reference is of; the others are what clients send. */
const referenceRows = 750;
/** Of the example's own golden sets. */
const tolerance = { absolute: 1e-4, relative: 1e-3, argMax: true };
const signal = new AbortController().signal;

/** Runs the real engine over real digits: every fault of the engine, over every kind of input. */
export async function recordSignals(progress: Progress, rowsAtMost: number): Promise<Signals> {
  const data = await prepareData(progress.note);
  const { models } = await trainModels(data.files['digits-train'], progress, signal);
  const holdout = shuffle(readRows(data.files['digits-holdout'].path));
  const golden = readRows(data.files['digits-golden'].path);
  const recorded: RecordedModel[] = [];
  for (const { version, file } of models) {
    recorded.push(await recordModel(file.path, golden, holdout, rowsAtMost, version === models.length));
  }
  const [older, newer] = recorded;
  if (older === undefined || newer === undefined) throw new Error('the digits example has two models');
  return { labels: holdout.slice(referenceRows, referenceRows + rowsAtMost).map(({ label }) => label), older, newer };
}

/** Every second, then the rest: the file is sorted by nothing that matters, and halves shall be alike. */
const shuffle = (images: readonly Image[]): readonly Image[] => [
  ...images.filter((_, at) => at % 2 === 0),
  ...images.filter((_, at) => at % 2 === 1),
];

async function recordModel(
  file: string,
  golden: readonly Image[],
  holdout: readonly Image[],
  rowsAtMost: number,
  withFaults: boolean,
): Promise<RecordedModel> {
  let fault: EngineFault | null = null;
  const engine = withInjectedFault(onnxruntimeEngine, () => fault);
  const model = await engine.load({ modelFile: file, threads: 1, warmUp: false, signal });
  try {
    const reference = collectReference();
    for (const image of holdout.slice(0, referenceRows))
      reference.add(readExchange(image.pixels, await ask(model, image.pixels)));
    const live = holdout.slice(referenceRows, referenceRows + rowsAtMost);
    const pinned = await pinGolden(model, golden);
    const states: readonly EngineState[] = withFaults ? ['good', ...engineFaults] : ['good'];
    const rows: Partial<Record<EngineState, Record<SentKind, RecordedModel['good']['usual']>>> = {};
    const passes: Partial<Record<EngineState, boolean>> = {};
    for (const state of states) {
      fault = state === 'good' ? null : state;
      passes[state] = await passesGolden(model, pinned);
      rows[state] = {} as Record<SentKind, RecordedModel['good']['usual']>;
      for (const sent of sentKinds) {
        const values = [];
        for (const image of live) {
          const { pixels } = sent === 'usual' ? image : sentImage(image, sent);
          values.push(readExchange(pixels, await ask(model, pixels)).values);
        }
        rows[state][sent] = values;
      }
    }
    fault = null;
    const [first] = live;
    const { features } = readExchange(first?.pixels ?? [], await ask(model, first?.pixels ?? []));
    const wrong = live.filter(
      ({ label }, at) => rows.good?.usual[at]?.['probabilities.class'] !== String(label),
    ).length;
    const { good, ...faulty } = rows;
    if (good === undefined) throw new Error('nothing was recorded');
    return {
      ...{ features, good, faulty, passes, riskShare: wrong / live.length },
      reference: reference.summary(referenceRows),
    };
  } finally {
    await model.unload();
  }
}

async function ask(model: LoadedModel, pixels: readonly number[]): Promise<Float32Array> {
  const bytes = new Uint8Array(Float32Array.from(pixels).buffer);
  const { outputs } = await model.run([{ name: 'image', datatype: 'FP32', shape: [1, pixelsPerImage], bytes }], []);
  const [output] = outputs;
  if (output === undefined || !('bytes' in output)) throw new Error('the model has no numeric output');
  return new Float32Array(output.bytes.slice().buffer);
}

const readExchange = (pixels: readonly number[], answer: Float32Array) =>
  readRow({
    inputs: [{ name: 'image', kind: 'numbers', shape: [1, pixels.length], data: pixels }],
    outputs: [{ name: 'probabilities', kind: 'numbers', shape: [1, answer.length], data: answer }],
    status: 200,
  });

/** Inputs with the answers of the healthy engine, pinned as `plimsoll golden record` pins them. */
async function pinGolden(model: LoadedModel, images: readonly Image[]): Promise<readonly GoldenCase[]> {
  const cases: GoldenCase[] = [];
  for (const [at, { pixels }] of images.entries()) {
    const input = { name: 'image', datatype: 'FP32', shape: [1, pixelsPerImage], data: pixels };
    cases.push({ id: `golden:${at + 1}`, inputs: [input], outputs: [tensorOf(await ask(model, pixels))] });
  }
  return cases;
}

async function passesGolden(model: LoadedModel, golden: readonly GoldenCase[]): Promise<boolean> {
  const compared = [];
  for (const pinned of golden) {
    const answer = await ask(model, (pinned.inputs[0]?.data ?? []).map(Number));
    compared.push(compareGoldenCase(pinned, [tensorOf(answer)], tolerance));
  }
  return combineComparisons(compared).verdict === 'pass';
}

const tensorOf = (answer: Float32Array): GoldenTensor => ({
  ...{ name: 'probabilities', datatype: 'FP32' },
  ...{ shape: [1, answer.length], data: [...answer] },
});
