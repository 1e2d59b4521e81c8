import type { Source } from '../tables/source.ts';
import type { ModelHardwareFacts } from './model-facts.ts';

/** What each device must hold for its part of a model: at least `leastBytes`, and no more than `mostBytes`. */
export interface MemoryRange {
  readonly leastBytes: number;
  readonly mostBytes: number;
  /** What would make the range narrower, where a part of the load is not stated. */
  readonly unstated: 'load' | 'kv-cache' | null;
  /** Of a load that nobody stated, and that the engine starts with: tokens of one sequence, and the device's part of the weights. */
  readonly longest?: { readonly tokens: number; readonly weightsBytes: number };
  /** Share of the layers that is on devices, where an argument leaves the others to the CPU. */
  readonly share?: number;
  /** An argument keeps parts of the weights on the host, which the least leaves out. */
  readonly onHost?: true;
}

/** Share of weights and cache that activations and buffers add at most, and that of a load which nobody stated. */
const activationShare = 0.2;
const unstatedShare = 1;
/** CUDA context, kernels and the engine's own buffers, per process. */
const runtimeMostBytes = 2 ** 30;

export const memorySource: Source = {
  title: 'EleutherAI, "Transformer Math 101": inference takes up to 1.2 times the weights; vLLM, "Conserving Memory"',
  url: 'https://blog.eleuther.ai/transformer-math/',
  date: '2023-04-18',
  // The bound of a load that is not stated is not in there.
  inferred: true,
};

/** What the contract states of the load of one replica. */
export interface StatedLoad {
  /** Tokens that one sequence may reach; null where the contract does not state them. */
  readonly contextTokens: number | null;
  /** Sequences that are served at once. */
  readonly sequences: number;
  /** The same tokens where nobody stated them: the engine does not start without room for the longest sequence of the model. */
  readonly longestTokens?: number;
}

/**
 * Memory of a replica on each of its devices; null where the weights are not known. W is the device's part of the weights, K
 * of the keys and values of the load.
 *
 * | cache and load | least | most |
 * |---|---|---|
 * | no cache is kept | W | 1.2 W + 1 GiB |
 * | bytes of a token known, context stated | W + K | 1.2 (W + K) + 1 GiB |
 * | bytes of a token known, context by the model's configuration | W | 1.2 (W + K) + 1 GiB |
 * | anything else | W | 2 W + 1 GiB: room for a cache as large as the weights |
 *
 * Worked: 16,060,522,496 bytes with 131,072 a token, 8,192 tokens and 4 sequences on one device: 20,355,489,792 at least, and
 * 25,500,329,575 at most. A device of 24 GiB (25,769,803,776) holds that, one of 20 GiB (21,474,836,480) may not.
 */
export function memoryRangeOf(
  model: Pick<ModelHardwareFacts, 'weightsBytes' | 'kvBytesPerToken' | 'contextTokens'> | null,
  load: StatedLoad | null,
  devices: number,
): MemoryRange | null {
  // A file of which no tensor was found says nothing of the weights, which may lie beside it.
  if (model === null || model.weightsBytes === null || model.weightsBytes === 0) return null;
  const weightsBytes = model.weightsBytes / devices;
  const perToken = model.kvBytesPerToken;
  const stated = load?.contextTokens ?? null;
  const tokens = stated ?? model.contextTokens ?? null;
  const cacheBytes =
    perToken === 0
      ? 0
      : perToken === null || tokens === null
        ? null
        : (perToken * tokens * (load?.sequences ?? 1)) / devices;
  if (cacheBytes === null) {
    return {
      leastBytes: weightsBytes,
      mostBytes: Math.ceil(weightsBytes * (1 + unstatedShare)) + runtimeMostBytes,
      unstated: perToken === null ? 'kv-cache' : 'load',
    };
  }
  return {
    leastBytes: perToken === 0 || stated !== null ? weightsBytes + cacheBytes : weightsBytes,
    mostBytes: Math.ceil((weightsBytes + cacheBytes) * (1 + activationShare)) + runtimeMostBytes,
    unstated: perToken === 0 || stated !== null ? null : 'load',
    ...(load?.longestTokens === undefined ? {} : { longest: { tokens: load.longestTokens, weightsBytes } }),
  };
}

/**
 * The same where an argument puts a share of the layers on devices alone. What the other parts of the file take is not known, so that
 * nothing is the least.
 */
export const placeShare = ({ mostBytes, unstated }: MemoryRange, share: number): MemoryRange => ({
  leastBytes: 0,
  mostBytes: Math.ceil((mostBytes - runtimeMostBytes) * share) + runtimeMostBytes,
  unstated,
  share,
});

/** The same where parts of the weights may stay on the host of a device: its least is less by them. */
export const keepOnHost = (range: MemoryRange, bytes: number): MemoryRange => ({
  leastBytes: Math.max(0, range.leastBytes - bytes),
  mostBytes: range.mostBytes,
  unstated: range.unstated,
  onHost: true,
});
