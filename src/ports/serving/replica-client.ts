import type { StreamedAnswer } from '../../core/capacity/streams/streamed-answer.ts';
import type { GoldenTensor } from '../../core/monitoring/golden.ts';
import type { Protocol } from '../../core/contract/contract.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { BatchCounters } from '../../schemas/replica/replica-metrics.ts';
import type { EngineTensor } from './inference-engine.ts';

/** How long a client waits for an answer of the model. */
export const answerTimeoutMs = { 'open-inference-v2': 60_000, openai: 120_000 } as const satisfies Record<
  Protocol,
  number
>;

/** Speaks a service's own protocol to one replica, whatever server stands behind it. Every call is bounded in time. */
export interface ReplicaClient {
  ready(endpoint: string, model: string, signal: AbortSignal): Promise<boolean>;
  metadata(
    endpoint: string,
    model: string,
    signal: AbortSignal,
  ): Promise<{ inputs: readonly TensorSpec[]; outputs: readonly TensorSpec[] }>;
  /** @param timeoutMs a minute where it is not given. @throws PlimsollError `replica-unreachable` (unavailable), `replica-refused` (refused) with the server's words. */
  infer(
    endpoint: string,
    model: string,
    inputs: readonly GoldenTensor[],
    signal: AbortSignal,
    timeoutMs?: number,
  ): Promise<readonly GoldenTensor[]>;
  /**
   * One request as bytes, for many rows at once: the binary form where `binary` says that the server has it, else JSON.
   * Connections are kept. @throws as `infer`.
   */
  inferTensors(
    endpoint: string,
    model: string,
    request: { readonly inputs: readonly EngineTensor[]; readonly binary: boolean },
    signal: AbortSignal,
  ): Promise<readonly EngineTensor[]>;
  /** Whether the server says that it takes tensors as bytes. */
  takesBinary(endpoint: string, signal: AbortSignal): Promise<boolean>;
  /** One chat completion, read to its end; what it says is not looked at. Servers of tensors refuse it. @throws as `infer`. */
  chat(endpoint: string, request: ChatRequest, signal: AbortSignal): Promise<void>;
  /**
   * One chat completion as a stream of tokens, timed while it comes and read at its end. Servers of tensors refuse it, and so do
   * those that stream no token. @throws as `infer`.
   */
  streamChat(endpoint: string, request: ChatRequest, signal: AbortSignal): Promise<StreamedAnswer>;
  /**
   * Mean log probability of the tokens of one chat completion at temperature 0. Servers of tensors refuse it, and so do
   * those that give no log probabilities. @throws as `infer`.
   */
  meanLogprob(endpoint: string, request: ChatRequest, signal: AbortSignal): Promise<number>;
  /** This client, with requests that go to one replica through the gateway at `endpoint`. They throw `replica-not-pinned` too. */
  pinnedTo(pin: ReplicaPin): ReplicaClient;
  /** What the server counts of its batches; null where it does not. */
  batchCounters(endpoint: string, signal: AbortSignal): Promise<BatchCounters | null>;
}

/** Which replica a gateway is to send requests to. */
export interface ReplicaPin {
  readonly replicaId: string;
  /** The header fields of one request: they name it, and say that the control plane asks. */
  fields(): Readonly<Record<string, string>>;
}

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly tokensAtMost: number;
  /** Ask for exactly `tokensAtMost`, by `ignore_eos` and `min_tokens`, which vLLM, SGLang and llama.cpp know. */
  readonly isExact?: boolean;
  /** How long it may take; two minutes where it is not given. */
  readonly timeoutMs?: number;
}
