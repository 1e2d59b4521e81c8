import { receiveMessageOnPort, type MessagePort, type Worker } from 'node:worker_threads';
import { PlimsollError } from '../../core/units/errors.ts';
import type { MeasuredPhase } from '../../core/rollout/replica.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { EngineTensor, LoadedModel } from '../../ports/serving/inference-engine.ts';
import { binaryOf, tensorFromBinary } from '../../protocols/open-inference/binary-elements.ts';
import { messageSize, readMessage, writeMessage, type SharedMessage } from './shared-message.ts';
import { counter, runStatus, slotCount, startBufferBytes, type BufferMessage } from './worker-protocol.ts';

type RunResult = Awaited<ReturnType<LoadedModel['run']>>;

interface Pending {
  readonly message: SharedMessage;
  readonly resolve: (result: RunResult) => void;
  readonly reject: (error: PlimsollError) => void;
}

export interface OnnxModelParts {
  readonly worker: Worker;
  /** For buffers that grew, both ways; read synchronously, so it never holds the event loop open. */
  readonly port: MessagePort;
  readonly counters: SharedArrayBuffer;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly phases: readonly MeasuredPhase[];
  readonly memoryBytes: number | null;
}

/** The event loop's side of one worker: runs go out in order and come back in order, `slotCount` of them at a time. */
export class OnnxModel implements LoadedModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly phases: readonly MeasuredPhase[];
  readonly memoryBytes: number | null;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #counters: Int32Array;
  readonly #inputIndex: ReadonlyMap<string, number>;
  readonly #outputIndex: ReadonlyMap<string, number>;
  readonly #requests: (SharedArrayBuffer | undefined)[] = [];
  readonly #responses: (SharedArrayBuffer | undefined)[] = [];
  readonly #waiting: Pending[] = [];
  /** Handed to the worker, oldest first. */
  readonly #underWay: Pending[] = [];
  #submitted = 0;
  #answered = 0;
  #listening = false;
  #ended: PlimsollError | null = null;
  readonly ended: Promise<void>;
  #onIdle: (() => void)[] = [];

  constructor(parts: OnnxModelParts) {
    this.inputs = parts.inputs;
    this.outputs = parts.outputs;
    this.phases = parts.phases;
    this.memoryBytes = parts.memoryBytes;
    this.#worker = parts.worker;
    this.#port = parts.port;
    this.#counters = new Int32Array(parts.counters);
    this.#inputIndex = new Map(parts.inputs.map((spec, index) => [spec.name, index]));
    this.#outputIndex = new Map(parts.outputs.map((spec, index) => [spec.name, index]));
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (status) => {
        this.#end(runFailed(`the inference thread ended with status ${status}`, 'bug'));
        resolve();
      });
    });
    this.#worker.on('error', (error) => {
      this.#end(runFailed(`the inference thread failed: ${error.message}`, 'bug'));
    });
  }

  async run(inputs: readonly EngineTensor[], outputs: readonly string[]): Promise<RunResult> {
    if (this.#ended !== null) throw this.#ended;
    const message = this.#messageOf(inputs, outputs);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, resolve, reject });
      this.#submitWaiting();
    });
  }

  async unload(): Promise<void> {
    while (this.#ended === null && this.#underWay.length + this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle.push(resolve);
      });
    }
    this.#ended ??= runFailed('the model is unloaded', 'unavailable');
    Atomics.store(this.#counters, counter.closing, 1);
    Atomics.add(this.#counters, counter.requests, 1);
    Atomics.notify(this.#counters, counter.requests);
    await this.ended;
  }

  #messageOf(inputs: readonly EngineTensor[], outputs: readonly string[]): SharedMessage {
    const tensors = inputs.map((tensor) => {
      const index = this.#inputIndex.get(tensor.name);
      if (index === undefined) throw runFailed(`the model has no input "${tensor.name}"`, 'input');
      if (tensor.shape.some((size) => size > 0x7fffffff)) {
        throw runFailed(`input "${tensor.name}": a dimension is larger than 2^31 - 1`, 'input');
      }
      return { index, shape: tensor.shape, bytes: binaryOf(tensor) };
    });
    const numbers = outputs.map((name) => {
      const index = this.#outputIndex.get(name);
      if (index === undefined) throw runFailed(`the model has no output "${name}"`, 'input');
      return index;
    });
    return { numbers, tensors };
  }

  #submitWaiting(): void {
    while (this.#underWay.length < slotCount) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      const slot = this.#submitted & (slotCount - 1);
      writeMessage(this.#requestBuffer(slot, messageSize(next.message)), next.message);
      this.#underWay.push(next);
      this.#submitted = (this.#submitted + 1) | 0;
      Atomics.store(this.#counters, counter.requests, this.#submitted);
      Atomics.notify(this.#counters, counter.requests);
    }
    if (!this.#listening && this.#underWay.length > 0) void this.#listen();
  }

  #requestBuffer(slot: number, size: number): SharedArrayBuffer {
    const present = this.#requests[slot];
    if (present !== undefined && present.byteLength >= size) return present;
    const buffer = new SharedArrayBuffer(Math.max(size, startBufferBytes));
    this.#requests[slot] = buffer;
    this.#port.postMessage({ slot, buffer } satisfies BufferMessage);
    return buffer;
  }

  /** Takes answers as long as any is expected; the thread's own handle keeps the event loop alive meanwhile. */
  async #listen(): Promise<void> {
    this.#listening = true;
    while (this.#underWay.length > 0 && this.#ended === null) {
      const wait = Atomics.waitAsync(this.#counters, counter.responses, this.#answered);
      if (wait.async) await wait.value;
      while (this.#answered !== Atomics.load(this.#counters, counter.responses)) this.#takeAnswer();
      this.#submitWaiting();
    }
    this.#listening = false;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #takeAnswer(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { message: BufferMessage } | undefined;
      if (received === undefined) break;
      this.#responses[received.message.slot] = received.message.buffer;
    }
    const buffer = this.#responses[this.#answered & (slotCount - 1)];
    this.#answered = (this.#answered + 1) | 0;
    const pending = this.#underWay.shift();
    if (pending === undefined || buffer === undefined) return;
    this.#settle(pending, readMessage(buffer));
  }

  #settle(pending: Pending, answer: SharedMessage): void {
    const [status, computeMicroseconds = 0] = answer.numbers;
    if (status !== runStatus.ok) {
      const text = new TextDecoder().decode((answer.tensors[0]?.bytes ?? new Uint8Array()).slice());
      // The runtime reports what is wrong with an input and its own faults alike; only running out of memory is ours.
      const bug = status === runStatus.failed && /bad_alloc|failed to allocate/i.test(text);
      pending.reject(runFailed(text, bug ? 'bug' : 'input'));
      return;
    }
    const outputs = answer.tensors.map(({ index, shape, bytes }): EngineTensor => {
      const { name, datatype } = this.outputs[index] ?? { name: '', datatype: '' };
      // Copied, because the worker writes its next answer into the same memory.
      const own = bytes.slice();
      return datatype === 'BYTES'
        ? (tensorFromBinary(name, 'BYTES', shape, own) as EngineTensor)
        : { name, datatype, shape, bytes: own };
    });
    pending.resolve({ outputs, computeMs: computeMicroseconds / 1000 });
  }

  #end(error: PlimsollError): void {
    this.#ended ??= error;
    for (const pending of [...this.#underWay.splice(0), ...this.#waiting.splice(0)]) pending.reject(this.#ended);
    for (const resolve of this.#onIdle.splice(0)) resolve();
    this.#port.close();
  }
}

function runFailed(message: string, category: 'input' | 'bug' | 'unavailable'): PlimsollError {
  return new PlimsollError({
    code: 'inference-failed',
    category,
    message: `inference failed: ${message}`,
    next:
      category === 'input'
        ? 'compare the inputs with GET /v2/models/{model}'
        : 'see the log of the model server, and start it again if its model is not ready',
  });
}
