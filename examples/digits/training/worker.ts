import { parentPort, workerData } from 'node:worker_threads';
import { readRows } from '../data/rows.ts';
import { exportOnnx } from '../onnx/export.ts';
import type { WorkerMessage } from './models.ts';
import type { TrainingSettings } from './settings.ts';
import { trainNetwork } from './train.ts';

/** The thread that trains one model: started by models.ts, which reads the same two fields. */
const { settings, dataFile } = workerData as { readonly settings: TrainingSettings; readonly dataFile: string };
const send = (message: WorkerMessage): void => parentPort?.postMessage(message);

const layers = trainNetwork(readRows(dataFile), settings, (report) => {
  send({ kind: 'pass', report });
});
send({ kind: 'model', bytes: exportOnnx(layers, settings.title) });
