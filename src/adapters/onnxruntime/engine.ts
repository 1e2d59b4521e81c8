import { createRequire } from 'node:module';
import { MessageChannel, Worker } from 'node:worker_threads';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { MeasuredPhase } from '../../core/rollout/replica.ts';
import type { InferenceEngine, LoadedModel, ModelContent } from '../../ports/serving/inference-engine.ts';
import { OnnxModel } from './onnx-model.ts';
import { counter, counterBytes, type WorkerLoaded, type WorkerStart } from './worker-protocol.ts';

const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };

/** ONNX Runtime in worker threads, one a loaded model. */
export const onnxruntimeEngine: InferenceEngine = {
  runtime: { onnxruntime: version },
  load,
};

type LoadRequest = Parameters<InferenceEngine['load']>[0];

async function load(request: LoadRequest): Promise<LoadedModel> {
  request.signal.throwIfAborted();
  const startedAtMs = performance.timeOrigin + performance.now();
  const residentBefore = process.memoryUsage.rss();
  const counters = new SharedArrayBuffer(counterBytes);
  const { port1: port, port2: workerPort } = new MessageChannel();
  const content: ModelContent =
    'modelFile' in request ? { modelFile: request.modelFile } : { modelBytes: ownBytes(request.modelBytes) };
  const owned = 'modelBytes' in content ? [content.modelBytes.buffer as ArrayBuffer] : [];
  const worker = new Worker(new URL('./inference-worker.ts', import.meta.url), {
    workerData: {
      content,
      threads: request.threads,
      warmUp: request.warmUp,
      counters,
      port: workerPort,
    } satisfies WorkerStart,
    transferList: [...owned, workerPort],
    execArgv: process.execArgv.filter((argument) => argument.startsWith('--disable-warning')),
  });
  const loaded = await firstMessage(worker, counters, request.signal);
  if (loaded.kind === 'failed') throw unloadable(loaded.message);
  const memoryBytes = Math.max(0, loaded.residentBytes - residentBefore);
  return new OnnxModel({
    worker,
    port,
    counters,
    inputs: loaded.inputs,
    outputs: loaded.outputs,
    phases: phasesOf(startedAtMs, loaded),
    memoryBytes: memoryBytes === 0 ? null : memoryBytes,
  });
}

/** The whole buffer, so that it can be handed to the worker uncopied; a view of something larger is copied. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  return buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes);
}

/**
 * Waits for the session. Creating one cannot be interrupted, and ending the thread meanwhile would abort the process:
 * an aborted load is left to finish by itself and is then ended.
 */
function firstMessage(worker: Worker, counters: SharedArrayBuffer, signal: AbortSignal): Promise<WorkerLoaded> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      const words = new Int32Array(counters);
      Atomics.store(words, counter.closing, 1);
      Atomics.add(words, counter.requests, 1);
      Atomics.notify(words, counter.requests);
      reject(asPlimsollError(signal.reason));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = (end: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      worker.removeAllListeners();
      end();
    };
    worker.once('message', (loaded: WorkerLoaded) => {
      settle(() => {
        resolve(loaded);
      });
    });
    worker.once('error', (error) => {
      settle(() => {
        reject(unloadable(error.message));
      });
    });
    worker.once('exit', (code) => {
      settle(() => {
        reject(unloadable(`the inference thread ended with status ${code}`));
      });
    });
  });
}

/** Reading the weights and building the session are one call of the runtime: they are reported merged, never as zero. */
function phasesOf(startedAtMs: number, loaded: WorkerLoaded & { kind: 'loaded' }): readonly MeasuredPhase[] {
  const offset = startedAtMs - performance.timeOrigin;
  const load: MeasuredPhase = {
    phases: ['weights-load', 'engine-init'],
    startMs: offset,
    durationMs: loaded.loadedAtMs - startedAtMs,
  };
  if (loaded.warmUp === null) return [load];
  const { startedAtMs: from, endedAtMs: to } = loaded.warmUp;
  return [load, { phases: ['warm-up'], startMs: from - performance.timeOrigin, durationMs: to - from }];
}

function unloadable(message: string): PlimsollError {
  return new PlimsollError({
    code: 'model-unloadable',
    category: 'input',
    message: `ONNX Runtime cannot load the model: ${message}`,
    next: 'the model must be ONNX (its weights inside, or in files beside it) with tensor inputs and outputs; export it again and retry',
  });
}
