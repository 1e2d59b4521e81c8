import type { StreamedAnswer } from '../../core/capacity/streams/streamed-answer.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { GoldenTensor } from '../../core/monitoring/golden.ts';
import type { EngineTensor } from '../../ports/serving/inference-engine.ts';
import type { ChatRequest, ReplicaClient, ReplicaPin } from '../../ports/serving/replica-client.ts';
import type { BatchCounters } from '../../schemas/replica/replica-metrics.ts';
import { goldenTensorOf, wireTensorOf } from '../../protocols/open-inference/golden-tensor.ts';

type Answered = readonly GoldenTensor[] | PlimsollError;

/** May let something happen while it answers. */
export type FakeAnswer = (
  endpoint: string,
  model: string,
  inputs: readonly GoldenTensor[],
) => Answered | Promise<Answered>;

/** The double of each input element, unless a test makes it answer otherwise. */
export const doubled = (_endpoint: string, _model: string, inputs: readonly GoldenTensor[]): readonly GoldenTensor[] =>
  inputs.map((input) => ({ ...input, name: 'y', data: input.data.map((value) => Number(value) * 2) }));

export class FakeReplicaClient implements ReplicaClient {
  answer: FakeAnswer = doubled;
  logprob: (endpoint: string) => number = () => -1;
  /** Endpoints in the order in which they were asked to infer. */
  readonly asked: string[] = [];

  ready(): Promise<boolean> {
    return Promise.resolve(true);
  }

  metadata(): Promise<{ inputs: []; outputs: [] }> {
    return Promise.resolve({ inputs: [], outputs: [] });
  }

  async infer(
    endpoint: string,
    model: string,
    inputs: readonly GoldenTensor[],
    signal: AbortSignal,
  ): Promise<readonly GoldenTensor[]> {
    signal.throwIfAborted();
    this.asked.push(endpoint);
    const answer = await this.answer(endpoint, model, inputs);
    if (answer instanceof PlimsollError) throw answer;
    return answer;
  }

  async inferTensors(
    endpoint: string,
    model: string,
    { inputs }: { readonly inputs: readonly EngineTensor[] },
    signal: AbortSignal,
  ): Promise<readonly EngineTensor[]> {
    const outputs = await this.infer(endpoint, model, inputs.map(goldenTensorOf), signal);
    return outputs.map(wireTensorOf);
  }

  meanLogprob(endpoint: string): Promise<number> {
    this.asked.push(endpoint);
    return Promise.resolve(this.logprob(endpoint));
  }

  /** Answers as the one that is not pinned does, with the name of the replica in the place of its address. */
  pinnedTo({ replicaId }: ReplicaPin): ReplicaClient {
    const pinned = new FakeReplicaClient();
    pinned.answer = (_gateway, model, inputs) => {
      this.asked.push(replicaId);
      return this.answer(replicaId, model, inputs);
    };
    pinned.logprob = () => this.logprob(replicaId);
    return pinned;
  }

  takesBinary(): Promise<boolean> {
    return Promise.resolve(true);
  }

  chat(_endpoint: string, _request: ChatRequest, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return Promise.resolve();
  }

  /** The first token after a millisecond, and then one each millisecond. */
  streamChat(_endpoint: string, { tokensAtMost }: ChatRequest, signal: AbortSignal): Promise<StreamedAnswer> {
    signal.throwIfAborted();
    const tokens = { tokensIn: 16, tokensOut: tokensAtMost, cachedTokens: null };
    return Promise.resolve({ ttftMs: 1, lastTokenMs: tokensAtMost, longestGapMs: 1, ...tokens });
  }

  batchCounters(): Promise<BatchCounters | null> {
    return Promise.resolve(null);
  }
}
