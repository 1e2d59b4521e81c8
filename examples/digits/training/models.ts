import { Worker } from 'node:worker_threads';
import { cached, digestOfSources, sha256Of, type CachedFile } from '../cache.ts';
import type { Progress } from '../progress.ts';
import { trainingSettings, type TrainingSettings } from './settings.ts';
import type { PassReport } from './train.ts';

export interface TrainedModel {
  readonly version: number;
  readonly title: string;
  readonly file: CachedFile;
}

export interface TrainedModels {
  readonly models: readonly TrainedModel[];
  readonly made: boolean;
}

export type WorkerMessage =
  { readonly kind: 'pass'; readonly report: PassReport } | { readonly kind: 'model'; readonly bytes: Uint8Array };

/**
 * Both models, trained at once (a worker thread each, which changes no bit of either) unless a file with the digest that
 * was written down is there from an earlier training on the same data, code and settings.
 */
export async function trainModels(
  trainingData: CachedFile,
  progress: Progress,
  signal: AbortSignal,
): Promise<TrainedModels> {
  const code = digestOfSources('training', 'onnx', 'data/rows.ts', 'data/images.ts', 'seeded-random.ts');
  const entries = await Promise.all(
    trainingSettings.map(async (settings) => {
      const name = modelFileName(settings.version);
      const { files, made } = await cached({
        kind: `model-${settings.version}`,
        key: sha256Of(trainingData.sha256, code, JSON.stringify(settings)),
        names: [name],
        note: progress.note,
        signal,
        make: async () => new Map([[name, await trainInWorker(settings, trainingData.path, progress, signal)]]),
      });
      const file = files.get(name);
      if (file === undefined) throw new Error(`no ${name} in the cache`);
      return { made, model: { version: settings.version, title: settings.title, file } };
    }),
  );
  progress.done();
  return { models: entries.map(({ model }) => model), made: entries.some(({ made }) => made) };
}

function modelFileName(version: number): string {
  return `digits-${version}.onnx`;
}

async function trainInWorker(
  settings: TrainingSettings,
  dataFile: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { settings, dataFile } });
  const stop = (): void => void worker.terminate();
  signal.addEventListener('abort', stop, { once: true });
  const task = progress.task(`model ${settings.version} (${settings.title})`);
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      worker.on('message', (sent: WorkerMessage) => {
        if (sent.kind === 'model') resolve(sent.bytes);
        else task.report(sent.report.pass / sent.report.passes, describePass(sent.report));
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        reject(signal.aborted ? signal.reason : new Error(`training of model ${settings.version} ended early`));
      });
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function describePass({ pass, passes, accuracyShare }: PassReport): string {
  return `pass ${pass} of ${passes}, ${(accuracyShare * 100).toFixed(1)} % of the training rows right`;
}
