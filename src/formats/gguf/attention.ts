import { kvBytesPerToken } from '../../core/hardware/model/model-kv-cache.ts';
import type { GgufMetadata } from './metadata.ts';

export type GgufCache =
  | { readonly bytesPerToken: number; readonly unknown: null }
  | { readonly bytesPerToken: null; readonly unknown: string };

/**
 * Architectures of llama.cpp whose layers all keep keys and values of every token (2026-11). One that is not listed is
 * unknown: a new attention is never taken for an old one.
 */
const plainAttention = new Set(
  (
    'llama qwen2 qwen2moe qwen3 qwen3moe gemma phi2 gpt2 gptneox gptj bloom mpt starcoder starcoder2 stablelm falcon ' +
    'baichuan internlm2 orion xverse command-r olmo olmo2 olmoe granite granitemoe refact codeshell minicpm nemotron ' +
    'exaone smollm3 arcee ernie4_5 glm4 seed_oss apertus chatglm'
  ).split(' '),
);

/** Keys that say that some layers keep something else than keys and values of every token. */
const otherwise =
  /\.(?:ssm|wkv|shortconv|time_mix)\.|\.attention\.(?:kv_lora_rank|sliding_window|shared_kv_layers|key_length_mla|key_length_swa|indexer)|\.(?:full_attention_interval|rwkv|token_shift)/;

/** llama.cpp keeps keys and values in F16 unless `--cache-type-k` or `-v` says otherwise. */
const cacheBits = 16;
const layersAtMost = 1_024;

/**
 * Bytes of keys and values per token from `block_count`, `attention.head_count_kv` (one number, or one per layer; without it
 * `attention.head_count`), `attention.key_length` and `value_length` (without them `embedding_length / head_count`).
 * https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, "LLM" (2026-11).
 */
export function cacheOf(metadata: GgufMetadata, architecture: string | null): GgufCache {
  const unknown = (why: string): GgufCache => ({ bytesPerToken: null, unknown: why });
  if (architecture === null) return unknown('the file has no general.architecture');
  const key = (name: string): string => `${architecture}.${name}`;
  const other = [...metadata.keys()].find((name) => name.startsWith(`${architecture}.`) && otherwise.test(name));
  if (other !== undefined) return unknown(`not every layer keeps keys and values of every token (${other})`);
  if (metadata.get(key('attention.causal')) === false) return unknown('an encoder: its attention is not causal');
  if (!plainAttention.has(architecture))
    return unknown(`the attention of ${architecture} is not one that is known here`);

  const layers = wholeNumber(metadata.get(key('block_count')));
  if (layers === null || layers > layersAtMost) return unknown(`the file has no ${key('block_count')}`);
  const headCount = metadata.get(key('attention.head_count'));
  const kvHeads = perLayer(metadata.get(key('attention.head_count_kv')) ?? headCount, layers);
  if (kvHeads === null) return unknown(`the file has no ${key('attention.head_count_kv')} of one number per layer`);
  const heads = wholeNumber(headCount);
  const embedding = wholeNumber(metadata.get(key('embedding_length')));
  const usual = heads === null || embedding === null || heads === 0 ? null : embedding / heads;
  const keyLength = metadata.get(key('attention.key_length')) ?? usual;
  const valueLength = metadata.get(key('attention.value_length')) ?? usual;
  if (typeof keyLength !== 'number' || typeof valueLength !== 'number') {
    return unknown(`the file has neither ${key('attention.key_length')} nor ${key('embedding_length')}`);
  }
  const bytesPerToken = kvBytesPerToken({ kvHeads, keyLength, valueLength, bitsPerElement: cacheBits });
  return bytesPerToken === null
    ? unknown('the numbers of the file give no whole number of bytes')
    : { bytesPerToken, unknown: null };
}

function wholeNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function perLayer(value: unknown, layers: number): readonly number[] | null {
  if (Array.isArray(value)) return value.length === layers ? (value as readonly number[]) : null;
  const one = wholeNumber(value);
  return one === null ? null : Array.from({ length: layers }, () => one);
}
