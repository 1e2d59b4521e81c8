import type { Fp8Scales, Precision } from '../../core/hardware/model/model-facts.ts';
import { kvBytesPerToken } from '../../core/hardware/model/model-kv-cache.ts';
import { torchBits } from './dtypes.ts';

/** What `config.json` beside the weights says of the model. What is null is not there, or not in a form that is known. */
export interface ModelConfig {
  readonly architectures: readonly string[];
  readonly modelType: string | null;
  readonly layers: number | null;
  readonly hiddenSize: number | null;
  readonly heads: number | null;
  readonly kvHeads: number | null;
  readonly headDim: number | null;
  /** Of layers that attend to everything, where they have heads of their own (Gemma 4). */
  readonly globalHeadDim: number | null;
  readonly dtype: string | null;
  readonly contextTokens: number | null;
  /** Whether layers are mixtures of experts. */
  readonly experts: boolean;
  /** Of `quantization_config`; null where there is none, or its method is not one that is known. */
  readonly quantization: Precision | 'unknown' | null;
  /** Columns of one expert; null where it has none, or nothing tells. */
  readonly expertSize: number | null;
  /** Columns of a block of FP8 weights; null where scales cover no blocks. */
  readonly fp8Block: number | null;
  /** What a scale of FP8 weights covers; null where they are not FP8, or nothing tells it. */
  readonly fp8Scales: Fp8Scales | null;
  /** Columns of the dense part of a layer; null where nothing tells. */
  readonly intermediateSize: number | null;
  /** Weights that one scale of AWQ, GPTQ or INT4 covers; null where scales cover no groups. */
  readonly quantGroup: number | null;
  /** `quant_method`, in lower case; null where there is none. */
  readonly quantMethod: string | null;
  /** Whether positions are stretched beyond `contextTokens`. */
  readonly contextScaled: boolean;
  readonly kvBytesPerToken: number | null;
  /** Why `kvBytesPerToken` is null; null when it is not. */
  readonly kvUnknown: string | null;
}

export const configBytesAtMost = 4 * 1024 * 1024;

/**
 * Model types whose layers all keep keys and values of every token, by `transformers` (5.x, 2026-11). A type that is not
 * listed is unknown: a new attention is never taken for an old one.
 */
const plainAttention = new Set(
  (
    'llama mistral mixtral qwen2 qwen2_moe qwen3 qwen3_moe gemma phi phi3 phimoe gpt2 gpt_neox gpt_bigcode gptj opt bloom ' +
    'starcoder2 stablelm olmo olmo2 olmoe granite granitemoe cohere persimmon nemotron internlm2 internlm3 baichuan ' +
    'smollm3 ernie4_5 glm glm4 helium arcee apertus seed_oss exaone minimax_m2'
  ).split(' '),
);

/**
 * Model types some of whose layers keep keys and values of every token, and the others a state of a fixed size (`linear_attention`), which is left out.
 * Qwen3.6-27B in vLLM, FP8 over two boards: 295,827 tokens in 5.24 GiB each, where 16 of 64 layers with 4 heads of 256 and one that drafts make 17,408 bytes a token.
 */
const hybridAttention = new Set('qwen3_next qwen3_5 qwen3_5_text qwen3_5_moe qwen3_5_moe_text'.split(' '));

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Null when the bytes are not a JSON object: the weights are read all the same. */
export function parseModelConfig(bytes: Uint8Array): ModelConfig | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
  return isObject(parsed) ? configOf(parsed) : null;
}

function configOf(whole: Json): ModelConfig {
  // A model of several parts (vision and text) keeps the decoder's numbers in a part of their own.
  const config = isObject(whole['text_config']) ? whole['text_config'] : whole;
  const heads = count(config, 'num_attention_heads', 'n_head', 'n_heads');
  const hiddenSize = count(config, 'hidden_size', 'n_embd', 'd_model');
  const layers = count(config, 'num_hidden_layers', 'n_layer', 'n_layers');
  const kvHeads = count(config, 'num_key_value_heads', 'num_kv_heads') ?? heads;
  const headDim = count(config, 'head_dim') ?? (hiddenSize === null || heads === null ? null : hiddenSize / heads);
  const dtype = text(config, 'dtype', 'torch_dtype') ?? text(whole, 'dtype', 'torch_dtype');
  const modelType = text(config, 'model_type') ?? text(whole, 'model_type');
  const shape = { layers: attentionLayers(config, modelType, layers), kvHeads, headDim, dtype };
  const kvUnknown = objection(config, modelType) ?? lacking(shape);
  const perToken = kvUnknown === null ? cacheOf(shape) : null;
  const quantized = config['quantization_config'] ?? whole['quantization_config'];
  return {
    architectures: listOfText(whole['architectures']),
    modelType,
    layers,
    hiddenSize,
    heads,
    kvHeads,
    headDim: headDim !== null && Number.isInteger(headDim) ? headDim : null,
    globalHeadDim: count(config, 'global_head_dim'),
    dtype,
    contextTokens: count(config, 'max_position_embeddings', 'n_positions', 'max_seq_len'),
    experts: expertKeys.some((key) => (count(config, key) ?? 0) > 1),
    quantization: quantizationOf(quantized),
    expertSize: count(config, 'moe_intermediate_size'),
    fp8Block: fp8BlockOf(quantized),
    fp8Scales: fp8ScalesOf(quantized),
    intermediateSize: intermediateSizeOf(config, modelType),
    quantGroup: quantGroupOf(quantized),
    quantMethod: isObject(quantized) && methodOf(quantized) !== '' ? methodOf(quantized) : null,
    contextScaled: isScaled(config),
    kvBytesPerToken: perToken,
    kvUnknown: kvUnknown ?? (perToken === null ? 'the numbers of config.json give no whole number of bytes' : null),
  };
}

/** Layers that keep keys and values of every token; null where the configuration does not tell them apart. */
function attentionLayers(config: Json, modelType: string | null, layers: number | null): number | null {
  if (!hybridAttention.has(modelType ?? '') || layers === null) return layers;
  const kinds = config['layer_types'];
  if (Array.isArray(kinds))
    return kinds.length === layers ? kinds.filter((kind) => kind === 'full_attention').length : null;
  const interval = count(config, 'full_attention_interval');
  return interval === null || interval === 0 ? null : Math.floor(layers / interval);
}

/** Numbers of experts, as `transformers` names them (5.x, 2026-11). */
const expertKeys = ['num_experts', 'num_local_experts', 'n_routed_experts', 'moe_num_experts'];

/** Methods of `quantization_config.quant_method` by what their weights are. */
const methods: Readonly<Record<string, Precision>> = {
  awq: 'awq',
  gptq: 'gptq',
  fp8: 'fp8',
  fbgemm_fp8: 'fp8',
  mxfp4: 'mxfp4',
};

/**
 * Precision of quantized weights; `unknown` where there is a configuration that is not one of those here. `compressed-tensors`
 * and `modelopt` name the kind of number beside the method.
 */
function quantizationOf(quantization: unknown): ModelConfig['quantization'] {
  if (!isObject(quantization)) return null;
  const method = String(quantization['quant_method'] ?? '').toLowerCase();
  const known = methods[method];
  if (known !== undefined) return known;
  const written = JSON.stringify(quantization).toLowerCase();
  if (/nvfp4|"format":"nvfp4/.test(written)) return 'fp4';
  if (method === 'compressed-tensors' || method.startsWith('modelopt')) {
    if (/"type":"float","?.*"num_bits":8|"num_bits":8.*"type":"float"|"fp8"/.test(written)) return 'fp8';
    if (/"type":"int"/.test(written) && /"num_bits":8/.test(written)) return 'int8';
    if (/"type":"int"/.test(written) && /"num_bits":4/.test(written)) return 'int4';
  }
  return 'unknown';
}

/**
 * | `quant_method` | a scale of FP8 weights covers |
 * |---|---|
 * | `fp8` | a block with `weight_block_size`, else a tensor |
 * | `fbgemm_fp8` | a channel |
 * | `modelopt` | a tensor |
 * | `compressed-tensors` | what `strategy` of its weights says |
 */
function fp8ScalesOf(quantization: unknown): Fp8Scales | null {
  if (!isObject(quantization) || quantizationOf(quantization) !== 'fp8') return null;
  const method = String(quantization['quant_method'] ?? '').toLowerCase();
  if (method === 'fp8') return Array.isArray(quantization['weight_block_size']) ? 'block' : 'tensor';
  if (method === 'fbgemm_fp8') return 'channel';
  if (method.startsWith('modelopt')) return 'tensor';
  const groups = isObject(quantization['config_groups']) ? Object.values(quantization['config_groups']) : [];
  const strategies = groups.map((group) =>
    isObject(group) && isObject(group['weights']) ? group['weights']['strategy'] : undefined,
  );
  return (['tensor', 'channel', 'block'] as const).find((one) => strategies.includes(one)) ?? null;
}

/** The first number of `weight_block_size` (`[128, 128]`): rows of the weights, which are columns of what is divided. */
function fp8BlockOf(quantization: unknown): number | null {
  if (!isObject(quantization) || fp8ScalesOf(quantization) !== 'block') return null;
  const size: unknown = quantization['weight_block_size'];
  const [first] = Array.isArray(size) ? (size as readonly unknown[]) : [];
  return typeof first === 'number' && Number.isSafeInteger(first) && first > 0 ? first : null;
}

/** The first generation of Qwen writes twice the columns that a layer has. */
function intermediateSizeOf(config: Json, modelType: string | null): number | null {
  const size = count(config, 'intermediate_size');
  return size === null || modelType !== 'qwen' ? size : size / 2;
}

/** `group_size` of AWQ and GPTQ, or that of the weights of `compressed-tensors`; -1 is one scale for all rows. */
function quantGroupOf(quantization: unknown): number | null {
  if (!isObject(quantization)) return null;
  const groups = isObject(quantization['config_groups']) ? Object.values(quantization['config_groups']) : [];
  const weights = groups.flatMap((group) => (isObject(group) && isObject(group['weights']) ? [group['weights']] : []));
  const [size] = [quantization, ...weights].flatMap((one) => count(one, 'group_size') ?? []);
  return size === undefined || size === 0 || !groupMethods.includes(methodOf(quantization)) ? null : size;
}

const groupMethods = ['awq', 'gptq', 'compressed-tensors'];
const methodOf = (quantization: Json): string => text(quantization, 'quant_method')?.toLowerCase() ?? '';

/** `rope_scaling`, or `rope_parameters` of another type than `default`, for the whole model or a kind of layers. */
function isScaled(config: Json): boolean {
  if (isObject(config['rope_scaling'])) return true;
  const parameters = config['rope_parameters'];
  if (!isObject(parameters)) return false;
  const types = [parameters, ...Object.values(parameters).filter(isObject)].map((one) => one['rope_type']);
  return types.some((type) => typeof type === 'string' && type !== 'default');
}

interface Shape {
  readonly layers: number | null;
  readonly kvHeads: number | null;
  readonly headDim: number | null;
  readonly dtype: string | null;
}

/** At most so many layers are counted: a list of that length is built. */
const layersAtMost = 10_000;

function cacheOf({ layers, kvHeads, headDim, dtype }: Shape): number | null {
  const bits = dtype === null ? null : torchBits(dtype);
  if (layers === null || layers > layersAtMost || kvHeads === null || headDim === null || bits === null) return null;
  return kvBytesPerToken({
    kvHeads: Array.from({ length: layers }, () => kvHeads),
    keyLength: headDim,
    valueLength: headDim,
    bitsPerElement: bits,
  });
}

/** A list of one number per layer, where a number is expected, must not read as if the key were missing. */
const countedKeys = ['num_hidden_layers', 'num_key_value_heads', 'num_attention_heads', 'head_dim', 'hidden_size'];

/** Why the plain formula must not be used; null where nothing speaks against it. */
function objection(config: Json, modelType: string | null): string | null {
  const has = (key: string): boolean => config[key] !== undefined && config[key] !== null && config[key] !== false;
  if (has('kv_lora_rank')) return 'latent attention (kv_lora_rank): each runtime keeps its own compressed form';
  if (has('sliding_window') && config['use_sliding_window'] !== false) {
    return 'a sliding window (sliding_window): some layers keep the last tokens alone';
  }
  const kinds = Array.isArray(config['layer_types']) ? config['layer_types'] : [];
  const isHybrid = hybridAttention.has(modelType ?? '');
  if (kinds.some((kind) => kind !== 'full_attention' && !(isHybrid && kind === 'linear_attention')))
    return 'layers of several kinds (layer_types)';
  const states = isHybrid ? /^(?:mamba|ssm|conv_|rwkv|attn_layer)/ : /^(?:mamba|ssm|linear_|conv_|rwkv|attn_layer)/;
  const state = Object.keys(config).find((key) => states.test(key) && has(key));
  if (state !== undefined) return `layers that keep a state rather than keys and values (${state})`;
  if (has('is_encoder_decoder')) return 'an encoder and a decoder: the cache depends on both lengths';
  if (has('num_kv_shared_layers')) return 'layers that share their keys and values (num_kv_shared_layers)';
  const quantization = config['quantization_config'];
  if (isObject(quantization) && isObject(quantization['kv_cache_scheme'])) {
    return 'a quantised cache (quantization_config.kv_cache_scheme)';
  }
  const odd = countedKeys.find((key) => has(key) && count(config, key) === null);
  if (odd !== undefined) return `${odd} is not one whole number`;
  if (modelType === null) return 'config.json has no model_type';
  if (!plainAttention.has(modelType) && !isHybrid)
    return `the attention of model_type ${modelType} is not one that is known here`;
  if (has('multi_query') && count(config, 'num_key_value_heads') === null)
    return 'multi_query without num_key_value_heads';
  return null;
}

function lacking({ layers, kvHeads, headDim, dtype }: Shape): string | null {
  if (layers === null) return 'config.json has no num_hidden_layers';
  if (kvHeads === null) return 'config.json has neither num_key_value_heads nor num_attention_heads';
  if (headDim === null) return 'config.json has neither head_dim nor hidden_size';
  if (dtype === null) return 'config.json has no torch_dtype, which the cache is kept in';
  return torchBits(dtype) === null ? `a cache in ${dtype} is not known here` : null;
}

function count(config: Json, ...keys: readonly string[]): number | null {
  const value = keys.map((key) => config[key]).find((one) => one !== undefined && one !== null);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function text(config: Json, ...keys: readonly string[]): string | null {
  const value = keys.map((key) => config[key]).find((one) => typeof one === 'string');
  return typeof value === 'string' ? value.slice(0, 100) : null;
}

function listOfText(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter((one) => typeof one === 'string')
    .slice(0, 8)
    .map((one) => one.slice(0, 100));
}
