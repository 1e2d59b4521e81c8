import type { MessagePort } from 'node:worker_threads';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { ModelContent } from '../../ports/serving/inference-engine.ts';

/**
 * What the event loop and an inference worker say to each other. Start and end go by messages; each run goes through
 * shared memory: the sender writes a slot's buffer, raises a counter and wakes the other side.
 */
export interface WorkerStart {
  readonly content: ModelContent;
  readonly threads: number;
  readonly warmUp: boolean;
  /** Int32 counters, see `counter`. */
  readonly counters: SharedArrayBuffer;
  /** For buffers that grew, both ways. */
  readonly port: MessagePort;
}

/** Sent by a worker that was started without a model, when the runtime is loaded. It then waits for a `WorkerStart`. */
export interface WorkerPrepared {
  readonly kind: 'prepared';
}

/** Sent by the worker once, when the session stands or has failed to. Times are milliseconds since 1970. */
export type WorkerLoaded =
  | {
      readonly kind: 'loaded';
      readonly inputs: readonly TensorSpec[];
      readonly outputs: readonly TensorSpec[];
      readonly loadedAtMs: number;
      readonly warmUp: { readonly startedAtMs: number; readonly endedAtMs: number } | null;
      readonly residentBytes: number;
    }
  | { readonly kind: 'failed'; readonly message: string };

/** A bigger buffer for a slot; taken from the port before the counter's message is read. */
export interface BufferMessage {
  readonly slot: number;
  readonly buffer: SharedArrayBuffer;
}

/** Indices into the counters. */
export const counter = {
  /** Runs handed to the worker so far, modulo 2^32; raised once more to wake it for its end. */
  requests: 0,
  /** Runs that the worker has answered so far, modulo 2^32. */
  responses: 1,
  /** 1 asks the worker to end. */
  closing: 2,
} as const;

export const counterBytes = 3 * Int32Array.BYTES_PER_ELEMENT;

/** Runs under way at once: one computing, one written and waiting, so that the worker never waits for the event loop. A power of two. */
export const slotCount = 2;

export const startBufferBytes = 64 * 1024;

/** First number of a response: how it went. The second is the compute time in microseconds. */
export const runStatus = { ok: 0, badInput: 1, failed: 2 } as const;
