// Prints what each model gets right on the holdout, straight through ONNX Runtime, with nothing of Plimsoll between:
//
//   node scripts/bootstrap.mjs examples/digits/evaluate.ts [--json]
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { classes, pixelsPerImage, type Image } from './data/images.ts';
import { prepareData } from './data/prepare.ts';
import { readRows } from './data/rows.ts';
import { progressOn } from './progress.ts';
import { trainModels, type TrainedModel } from './training/models.ts';
import { wilsonInterval, type Interval } from './wilson.ts';

const batchRows = 50;

export interface Evaluation {
  readonly version: number;
  readonly title: string;
  readonly sha256: string;
  readonly rows: number;
  readonly right: number;
  readonly accuracy: number;
  readonly interval: Interval;
}

/** The class that each row of `images` is given by the model in `file`, in order. */
export async function predict(file: string, images: readonly Image[]): Promise<readonly number[]> {
  const session = await InferenceSession.create(file);
  const predictions: number[] = [];
  for (let start = 0; start < images.length; start += batchRows) {
    const batch = images.slice(start, start + batchRows);
    const pixels = Float32Array.from(batch.flatMap((image) => image.pixels));
    const outputs = await session.run({ image: new Tensor('float32', pixels, [batch.length, pixelsPerImage]) });
    const probabilities = outputs['probabilities']?.data;
    if (!(probabilities instanceof Float32Array)) throw new Error(`${file} has no FP32 output \`probabilities\``);
    batch.forEach((_, row) => {
      predictions.push(indexOfLargest(probabilities.subarray(row * classes, (row + 1) * classes)));
    });
  }
  await session.release();
  return predictions;
}

export function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index += 1) if ((values[index] ?? 0) > (values[best] ?? 0)) best = index;
  return best;
}

export async function evaluate(model: TrainedModel, holdout: readonly Image[]): Promise<Evaluation> {
  const predictions = await predict(model.file.path, holdout);
  const right = predictions.filter((prediction, row) => prediction === holdout[row]?.label).length;
  return {
    version: model.version,
    title: model.title,
    sha256: model.file.sha256,
    rows: holdout.length,
    right,
    accuracy: right / holdout.length,
    interval: wilsonInterval(right, holdout.length),
  };
}

export function evaluationTable(evaluations: readonly Evaluation[]): string {
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  const rows = evaluations.map((evaluation) => [
    String(evaluation.version),
    evaluation.title,
    `${evaluation.right} of ${evaluation.rows}`,
    percent(evaluation.accuracy),
    `${percent(evaluation.interval.low)} to ${percent(evaluation.interval.high)}`,
  ]);
  const table = [['version', 'model', 'right', 'accuracy', '95 % Wilson interval'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

async function main(argv: readonly string[]): Promise<void> {
  const progress = progressOn(process.stderr, () => performance.now());
  const data = await prepareData(progress.note);
  const { models } = await trainModels(data.files['digits-train'], progress, new AbortController().signal);
  const holdout = readRows(data.files['digits-holdout'].path);
  const evaluations: Evaluation[] = [];
  for (const model of models) evaluations.push(await evaluate(model, holdout));
  process.stdout.write(
    `${argv.includes('--json') ? JSON.stringify(evaluations, null, 2) : evaluationTable(evaluations)}\n`,
  );
}

if (import.meta.main) await main(process.argv.slice(2));
