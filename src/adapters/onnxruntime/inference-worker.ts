/**
 * The worker of one loaded model. `create` and `run` of onnxruntime-node block their thread, so they run here; between
 * runs this thread sleeps in Atomics.wait. It must never be terminated during a run (that aborts the whole process):
 * it ends by itself when asked to.
 */
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { ModelContent } from '../../ports/serving/inference-engine.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { resultBytes, runtimeTensor, specOf, UncarriableInput, zeroTensor } from './runtime-tensors.ts';
import { messageSize, readMessage, writeMessage, type SharedMessage } from './shared-message.ts';
import {
  counter,
  runStatus,
  slotCount,
  startBufferBytes,
  type BufferMessage,
  type WorkerLoaded,
  type WorkerPrepared,
  type WorkerStart,
} from './worker-protocol.ts';

interface Session {
  readonly session: InferenceSession;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

const nowMs = (): number => performance.timeOrigin + performance.now();

if (parentPort !== null) await main((workerData as WorkerStart | null) ?? (await awaitStart(parentPort)), parentPort);

/** The runtime is loaded: what is left is the model. */
function awaitStart(port: MessagePort): Promise<WorkerStart> {
  return new Promise((resolve) => {
    port.once('message', resolve);
    port.postMessage({ kind: 'prepared' } satisfies WorkerPrepared);
  });
}

async function main(start: WorkerStart, port: MessagePort): Promise<void> {
  let session: Session;
  try {
    session = await load(start, (loaded) => {
      port.postMessage(loaded);
    });
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    port.postMessage({ kind: 'failed', message } satisfies WorkerLoaded);
    return;
  }
  await serve(session, new Int32Array(start.counters), start.port);
  await session.session.release();
}

async function load(start: WorkerStart, announce: (loaded: WorkerLoaded) => void): Promise<Session> {
  const session = await createSession(start.content, {
    intraOpNumThreads: start.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
  });
  const inputs = session.inputMetadata.map(specOf);
  const outputs = session.outputMetadata.map(specOf);
  const loadedAtMs = nowMs();
  const warmUp = start.warmUp ? await warm(session, inputs) : null;
  announce({ kind: 'loaded', inputs, outputs, loadedAtMs, warmUp, residentBytes: process.memoryUsage.rss() });
  return { session, inputs, outputs };
}

function createSession(content: ModelContent, options: InferenceSession.SessionOptions): Promise<InferenceSession> {
  return 'modelFile' in content
    ? InferenceSession.create(content.modelFile, options)
    : InferenceSession.create(content.modelBytes, options);
}

/** Zeros are not always an input that a model accepts; it is then warmed by its first request, and no phase is claimed. */
async function warm(session: InferenceSession, inputs: readonly TensorSpec[]) {
  const startedAtMs = nowMs();
  try {
    const feeds = Object.fromEntries(inputs.map((spec) => [spec.name, zeroTensor(spec)]));
    for (let round = 0; round < 3; round += 1) await session.run(feeds);
  } catch {
    return null;
  }
  return { startedAtMs, endedAtMs: nowMs() };
}

async function serve(session: Session, counters: Int32Array, port: MessagePort): Promise<void> {
  const requests = Array.from({ length: slotCount }, () => new SharedArrayBuffer(0));
  const responses = Array.from({ length: slotCount }, () => new SharedArrayBuffer(0));
  for (let served = 0; ;) {
    Atomics.wait(counters, counter.requests, served);
    const asked = Atomics.load(counters, counter.requests);
    if (Atomics.load(counters, counter.closing) === 1) return;
    while (served !== asked) {
      takeBuffers(port, requests);
      const slot = served & (slotCount - 1);
      answer(responses, slot, await run(session, readMessage(requests[slot] ?? new SharedArrayBuffer(8))), port);
      served = (served + 1) | 0;
      Atomics.store(counters, counter.responses, served);
      Atomics.notify(counters, counter.responses);
    }
  }
}

function takeBuffers(port: MessagePort, requests: SharedArrayBuffer[]): void {
  for (;;) {
    const received = receiveMessageOnPort(port) as { message: BufferMessage } | undefined;
    if (received === undefined) return;
    requests[received.message.slot] = received.message.buffer;
  }
}

function answer(responses: SharedArrayBuffer[], slot: number, message: SharedMessage, port: MessagePort): void {
  const size = messageSize(message);
  let buffer = responses[slot];
  if (buffer === undefined || buffer.byteLength < size) {
    buffer = new SharedArrayBuffer(Math.max(size, startBufferBytes, 2 * (buffer?.byteLength ?? 0)));
    responses[slot] = buffer;
    port.postMessage({ slot, buffer } satisfies BufferMessage);
  }
  writeMessage(buffer, message);
}

/** The request's numbers are the indices of the outputs to compute; none asks for all. */
async function run(session: Session, request: SharedMessage): Promise<SharedMessage> {
  try {
    const feeds: Record<string, Tensor> = {};
    for (const { index, shape, bytes } of request.tensors) {
      const spec = session.inputs[index];
      if (spec !== undefined) feeds[spec.name] = runtimeTensor(spec, shape, bytes);
    }
    const wanted = request.numbers.length === 0 ? session.outputs.keys() : request.numbers;
    const indices = [...wanted].filter((index) => session.outputs[index] !== undefined);
    const names = indices.map((index) => session.outputs[index]?.name ?? '');
    const startedMs = performance.now();
    const results = await session.session.run(feeds, names);
    const computeMicroseconds = Math.round((performance.now() - startedMs) * 1000);
    const tensors = indices.map((index, position) => {
      const name = names[position] ?? '';
      const result = results[name];
      if (result === undefined) throw new Error(`the runtime left output "${name}" out`);
      return { index, ...resultBytes(name, result) };
    });
    return { numbers: [runStatus.ok, computeMicroseconds], tensors };
  } catch (thrown) {
    return failure(thrown);
  }
}

function failure(thrown: unknown): SharedMessage {
  const bad = thrown instanceof UncarriableInput || thrown instanceof PlimsollError;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const bytes = new TextEncoder().encode(text.slice(0, 2000));
  const status = bad ? runStatus.badInput : runStatus.failed;
  return { numbers: [status, 0], tensors: [{ index: 0, shape: [bytes.length], bytes }] };
}
