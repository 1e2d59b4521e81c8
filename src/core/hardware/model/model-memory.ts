import type { ModelHardwareFacts } from './model-facts.ts';

/** What is served at once: it turns bytes per token into bytes. */
export interface ModelLoad {
  /** Tokens that one sequence may reach, prompt and answer together. */
  readonly contextTokens: number;
  readonly sequences: number;
}

/** Accelerator memory that follows from a model's file. A part that is not known is null, and the sum is then too. */
export interface ModelMemory {
  readonly weightsBytes: number | null;
  readonly kvBytesPerToken: number | null;
  readonly load: ModelLoad | null;
  /** Keys and values of the load; null without one. */
  readonly kvBytes: number | null;
  /** Weights and keys and values: what must fit at least, because of what is left out. */
  readonly totalBytes: number | null;
  /** Every part that is not in the sum, with a sentence each. */
  readonly leftOut: Readonly<Record<string, string>>;
}

/**
 * The least accelerator memory of a model under a load:
 *
 *     kvBytes    = kvBytesPerToken × contextTokens × sequences
 *     totalBytes = weightsBytes + kvBytes
 *
 * Llama 3.1 8B in BF16: 16,060,522,496 bytes of weights and 131,072 a token; 4 sequences of 8,192 tokens add 4,294,967,296,
 * together 20,355,489,792 bytes = 19.0 GiB. A board of 20 GiB would hold that and hardly more: a runtime's own buffers, the
 * CUDA context (hundreds of MiB, by driver and kernels loaded) and activations come on top, none of which a file states.
 * So the sum is a lower bound: what exceeds a device's memory does not fit; what is below it may still not.
 *
 * Without a load the sum is the weights alone, where the model keeps a cache and the load is not given it says so in `leftOut`.
 * Source of the parts: vLLM, "Conserving Memory" and its profiling run (docs.vllm.ai, 2026); Kwon et al., arXiv 2309.06180 (2023).
 */
export function estimateModelMemory(
  facts: Pick<ModelHardwareFacts, 'weightsBytes' | 'kvBytesPerToken' | 'leftOut' | 'unknown'>,
  load: ModelLoad | null,
): ModelMemory {
  const { weightsBytes, kvBytesPerToken } = facts;
  const kvBytes = load === null ? null : cacheBytes(kvBytesPerToken, load);
  const { 'kv-cache': cacheSentence, ...leftOut } = facts.leftOut;
  const total = weightsBytes === null || (load !== null && kvBytes === null) ? null : weightsBytes + (kvBytes ?? 0);
  return {
    weightsBytes,
    kvBytesPerToken,
    load,
    kvBytes,
    totalBytes: total !== null && Number.isSafeInteger(total) ? total : null,
    leftOut: kvBytes !== null || cacheSentence === undefined ? leftOut : { 'kv-cache': cacheSentence, ...leftOut },
  };
}

function cacheBytes(perToken: number | null, { contextTokens, sequences }: ModelLoad): number | null {
  if (perToken === null) return null;
  const bytes = perToken * contextTokens * sequences;
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** What no model's file states, whatever its format. */
const always: Readonly<Record<string, string>> = {
  activations: 'intermediate results of a run: they grow with the batch and the length of the input',
  'cuda-context': 'the driver’s context and the loaded kernels, per process: hundreds of MiB, by driver and libraries',
  workspace: 'scratch memory of the libraries and the engine: it depends on the algorithms that they choose',
  fragmentation: 'what an allocator holds and cannot hand out',
};

/** What the weights alone leave out of a model, by what is known of its cache. */
export function leftOutOf(
  kvBytesPerToken: number | null,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const cache =
    kvBytesPerToken === 0
      ? {}
      : {
          'kv-cache':
            kvBytesPerToken === null
              ? 'keys and values of the context, if the model keeps any: the file does not tell how many bytes a token takes'
              : 'keys and values of the context: bytes per token × tokens × sequences, which the load decides (--context, --sequences)',
        };
  return { ...cache, ...always, ...more };
}
