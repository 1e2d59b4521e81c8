import { createRequire } from 'node:module';
import { MessageChannel, Worker, type Transferable } from 'node:worker_threads';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { MeasuredPhase } from '../../core/rollout/replica.ts';
import type { InferenceEngine, LoadedModel, ModelContent } from '../../ports/serving/inference-engine.ts';
import { OnnxModel } from './onnx-model.ts';
import { counter, counterBytes, type WorkerLoaded, type WorkerPrepared, type WorkerStart } from './worker-protocol.ts';

const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };

/** ONNX Runtime in worker threads, one a loaded model. */
export const onnxruntimeEngine: InferenceEngine = {
  runtime: { onnxruntime: version },
  load: (request) => load(request, startWorker),
};

/**
 * Resolves with an engine whose runtime is loaded already, in a thread that waits for the first model. Further models get threads
 * of their own.
 * @param signal ends the thread while it waits
 * @throws PlimsollError `model-unloadable` (input) where the runtime cannot be loaded.
 */
export async function prepareOnnxruntime(signal: AbortSignal): Promise<InferenceEngine> {
  signal.throwIfAborted();
  const worker = startWorker(null, []);
  await firstMessage<WorkerPrepared>(worker, () => void worker.terminate(), signal);
  let waiting: Worker | null = worker;
  worker.once('exit', () => (waiting = null));
  signal.addEventListener('abort', () => void waiting?.terminate(), { once: true });
  const hand = (start: WorkerStart, owned: readonly Transferable[]): Worker => {
    const own = waiting;
    waiting = null;
    if (own === null) return startWorker(start, owned);
    own.postMessage(start, owned);
    return own;
  };
  return { runtime: onnxruntimeEngine.runtime, load: (request) => load(request, hand) };
}

type LoadRequest = Parameters<InferenceEngine['load']>[0];

/** Returns the thread that a model is loaded in. */
type HandToWorker = (start: WorkerStart, owned: readonly Transferable[]) => Worker;

/** @param start null for one that waits for it */
function startWorker(start: WorkerStart | null, owned: readonly Transferable[]): Worker {
  return new Worker(new URL('./inference-worker.ts', import.meta.url), {
    workerData: start,
    transferList: [...owned],
    execArgv: process.execArgv.filter((argument) => argument.startsWith('--disable-warning')),
  });
}

async function load(request: LoadRequest, hand: HandToWorker): Promise<LoadedModel> {
  request.signal.throwIfAborted();
  const startedAtMs = performance.timeOrigin + performance.now();
  const residentBefore = process.memoryUsage.rss();
  const counters = new SharedArrayBuffer(counterBytes);
  const { port1: port, port2: workerPort } = new MessageChannel();
  const content: ModelContent =
    'modelFile' in request ? { modelFile: request.modelFile } : { modelBytes: ownBytes(request.modelBytes) };
  const owned = 'modelBytes' in content ? [content.modelBytes.buffer as ArrayBuffer] : [];
  const { threads, warmUp } = request;
  const worker = hand({ content, threads, warmUp, counters, port: workerPort }, [...owned, workerPort]);
  const loaded = await firstMessage<WorkerLoaded>(worker, () => endWaiting(counters), request.signal);
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
 * Creating a session cannot be interrupted, and ending the thread meanwhile would abort the process: an aborted load is left to
 * finish by itself and is then ended.
 */
function endWaiting(counters: SharedArrayBuffer): void {
  const words = new Int32Array(counters);
  Atomics.store(words, counter.closing, 1);
  Atomics.add(words, counter.requests, 1);
  Atomics.notify(words, counter.requests);
}

/** Waits for what the thread says first. @throws PlimsollError `model-unloadable` (input) where it ends instead. */
function firstMessage<Message>(worker: Worker, end: () => void, signal: AbortSignal): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      end();
      reject(asPlimsollError(signal.reason));
    };
    const onMessage = (message: Message): void => settle(() => resolve(message));
    const onError = (error: Error): void => settle(() => reject(unloadable(error.message)));
    const onExit = (code: number): void =>
      settle(() => reject(unloadable(`the inference thread ended with status ${code}`)));
    // Only these: Node itself listens to a worker, and stops handing on its messages where all listeners are removed.
    const settle = (act: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    worker.once('message', onMessage).once('error', onError).once('exit', onExit);
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
