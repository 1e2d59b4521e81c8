import { describe, expect, it } from 'vitest';
import { parseModelConfig } from './model-config.ts';

const config = (json: object) => parseModelConfig(new TextEncoder().encode(JSON.stringify(json)));
/** The numbers that https://huggingface.co/meta-llama/Llama-3.1-8B publishes. */
const llama = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  num_hidden_layers: 32,
  hidden_size: 4096,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  intermediate_size: 14_336,
  torch_dtype: 'bfloat16',
  max_position_embeddings: 131_072,
};

const compressed = (strategy: string) => ({
  quant_method: 'compressed-tensors',
  config_groups: { group_0: { weights: { type: 'float', num_bits: 8, strategy } } },
});

describe('config.json beside the weights', () => {
  it('gives the cache of one token', () => {
    expect(config(llama)).toEqual({
      architectures: ['LlamaForCausalLM'],
      modelType: 'llama',
      layers: 32,
      hiddenSize: 4096,
      heads: 32,
      kvHeads: 8,
      headDim: 128,
      dtype: 'bfloat16',
      contextTokens: 131_072,
      experts: false,
      fp8Scales: null,
      expertSize: null,
      fp8Block: null,
      globalHeadDim: null,
      intermediateSize: 14_336,
      quantGroup: null,
      quantMethod: null,
      contextScaled: false,
      quantization: null,
      kvBytesPerToken: 131_072,
      kvUnknown: null,
    });
  });

  it.each([
    [{ quant_method: 'awq', bits: 4 }, 'awq'],
    [{ quant_method: 'gptq', bits: 4 }, 'gptq'],
    [{ quant_method: 'fp8', activation_scheme: 'dynamic' }, 'fp8'],
    [{ quant_method: 'mxfp4' }, 'mxfp4'],
    [
      { quant_method: 'compressed-tensors', config_groups: { group_0: { weights: { num_bits: 4, type: 'int' } } } },
      'int4',
    ],
    [{ quant_method: 'modelopt', quant_algo: 'FP8' }, 'fp8'],
    [{ quant_method: 'modelopt', quant_algo: 'NVFP4' }, 'fp4'],
    [{ quant_method: 'compressed-tensors', config_groups: { g: { weights: { num_bits: 8, type: 'float' } } } }, 'fp8'],
    [{ quant_method: 'compressed-tensors', config_groups: { g: { weights: { num_bits: 8, type: 'int' } } } }, 'int8'],
    [{ quant_method: 'something-new' }, 'unknown'],
  ])('tells what the weights are quantized to by %j', (quantization, expected) => {
    expect(config({ ...llama, quantization_config: quantization })).toMatchObject({ quantization: expected });
  });

  it.each([
    [{ num_experts: 128 }, true],
    [{ num_local_experts: 8 }, true],
    [{ n_routed_experts: 256 }, true],
    [{ num_experts: 1 }, false],
    [{ num_experts: null }, false],
  ])('tells by %j whether layers are mixtures of experts', (keys, experts) => {
    expect(config({ ...llama, ...keys })).toMatchObject({ experts });
  });

  it.each([
    [{ quant_method: 'fp8' }, 'tensor'],
    [{ quant_method: 'fp8', weight_block_size: [128, 128] }, 'block'],
    [{ quant_method: 'fbgemm_fp8' }, 'channel'],
    [{ quant_method: 'modelopt', quant_algo: 'FP8' }, 'tensor'],
    [compressed('channel'), 'channel'],
    [compressed('tensor'), 'tensor'],
    [compressed('block'), 'block'],
    [compressed('token'), null],
    [{ quant_method: 'awq' }, null],
    [undefined, null],
  ])('tells by %j what a scale of FP8 covers: %s', (quantization_config, fp8Scales) => {
    expect(config({ ...llama, quantization_config })).toMatchObject({ fp8Scales });
  });

  it.each([
    [[128, 128], 128],
    [[64, 128], 64],
    [['128', 128], null],
    [[0, 128], null],
    [[1.5], null],
    [[], null],
  ])('reads the columns of a block %j: %j', (weight_block_size, fp8Block) => {
    expect(config({ ...llama, quantization_config: { quant_method: 'fp8', weight_block_size } })).toMatchObject({
      fp8Block,
    });
  });

  it('reads the columns of an expert, and no block of scales that cover none', () => {
    expect(config({ ...llama, moe_intermediate_size: 768 })).toMatchObject({ expertSize: 768, fp8Block: null });
    const quantization_config = { quant_method: 'modelopt', quant_algo: 'fp8', weight_block_size: [128, 128] };
    expect(config({ ...llama, quantization_config })).toMatchObject({ fp8Block: null });
  });

  it.each([
    [{ quant_method: 'gptq', bits: 4, group_size: 128 }, 128, 'gptq'],
    [{ quant_method: 'AWQ', group_size: 64 }, 64, 'awq'],
    [{ quant_method: 'gptq', group_size: -1 }, null, 'gptq'],
    [{ quant_method: 'gptq', group_size: 0 }, null, 'gptq'],
    [{ quant_method: 'gptq', group_size: '128' }, null, 'gptq'],
    [{ quant_method: 'fp8', group_size: 128 }, null, 'fp8'],
    [
      { quant_method: 'compressed-tensors', config_groups: { g: { weights: { num_bits: 4, group_size: 32 } } } },
      32,
      'compressed-tensors',
    ],
    [
      { quant_method: 'compressed-tensors', config_groups: { g: { weights: { num_bits: 4, group_size: null } } } },
      null,
      'compressed-tensors',
    ],
    [{ bits: 4, group_size: 128 }, null, null],
    [undefined, null, null],
  ])(
    'reads by %j the weights that one scale covers (%j) and the method %j',
    (quantization_config, quantGroup, quantMethod) => {
      expect(config({ ...llama, quantization_config })).toMatchObject({ quantGroup, quantMethod });
    },
  );

  it('halves the columns that the first generation of Qwen writes', () => {
    expect(config({ ...llama, model_type: 'qwen', intermediate_size: 27_392 })).toMatchObject({
      intermediateSize: 13_696,
    });
    expect(config({ ...llama, intermediate_size: undefined })).toMatchObject({ intermediateSize: null });
  });

  it.each([
    [{ rope_scaling: { type: 'yarn', factor: 4 } }, true],
    [{ rope_scaling: null }, false],
    [{ rope_parameters: { rope_type: 'default', rope_theta: 1e6 } }, false],
    [{ rope_parameters: { rope_type: 'yarn', factor: 4 } }, true],
    [
      { rope_parameters: { full_attention: { rope_type: 'linear' }, sliding_attention: { rope_type: 'default' } } },
      true,
    ],
    [{ rope_parameters: 'yarn' }, false],
  ])('tells by %j whether positions are stretched: %s', (keys, contextScaled) => {
    expect(config({ ...llama, ...keys })).toMatchObject({ contextScaled });
  });

  it('tells the heads of layers that attend to everything apart', () => {
    expect(config({ ...llama, global_head_dim: 512 })).toMatchObject({ headDim: 128, globalHeadDim: 512 });
  });

  it.each([
    ['every head has its keys where no number of them is stated', { num_key_value_heads: undefined }, 524_288],
    ['the size of a head is stated', { head_dim: 256 }, 262_144],
    ['the cache is in the dtype of the model', { torch_dtype: 'float32' }, 262_144],
    ['newer files say dtype', { torch_dtype: undefined, dtype: 'float16' }, 131_072],
    [
      'a window that is not used is none',
      { model_type: 'qwen2', sliding_window: 4096, use_sliding_window: false },
      131_072,
    ],
    ['a null is as if it were missing', { sliding_window: null, kv_lora_rank: null }, 131_072],
  ])('%s', (_what, changes, bytes) => {
    expect(config({ ...llama, ...changes })?.kvBytesPerToken).toBe(bytes);
  });

  const hybrid = {
    ...llama,
    model_type: 'qwen3_5_text',
    num_hidden_layers: 64,
    num_attention_heads: 24,
    num_key_value_heads: 4,
    head_dim: 256,
    linear_num_key_heads: 16,
    linear_conv_kernel_dim: 4,
  };
  const kinds: readonly string[] = Array.from({ length: 64 }, (_, at) =>
    at % 4 === 3 ? 'full_attention' : 'linear_attention',
  );
  it.each([
    ['by the kinds of its layers', { layer_types: kinds }, 65_536],
    ['by how often one comes', { full_attention_interval: 4 }, 65_536],
    ['not where nothing tells how many', {}, null],
    ['not where there are kinds for other layers', { layer_types: kinds.slice(1) }, null],
    ['not where one is of another kind', { layer_types: kinds.with(0, 'sliding_attention') }, null],
    ['not in a type that is not known for it', { model_type: 'llama', layer_types: kinds }, null],
    ['not beside a state of another kind', { layer_types: kinds, mamba_d_state: 128 }, null],
  ])('of layers with and without keys counts those with keys, %s', (_what, changes, bytes) => {
    expect(config({ ...hybrid, ...changes })?.kvBytesPerToken).toBe(bytes);
  });

  it('of GPT-2 uses its own names', () => {
    const gpt2 = {
      model_type: 'gpt2',
      n_layer: 12,
      n_head: 12,
      n_embd: 768,
      n_positions: 1024,
      torch_dtype: 'float16',
    };
    expect(config(gpt2)).toMatchObject({ kvBytesPerToken: 36_864, contextTokens: 1024 });
  });

  it('of a model that sees reads its text part', () => {
    const { architectures, model_type, ...rest } = llama;
    expect(config({ architectures, model_type: 'llava', text_config: { model_type, ...rest } })).toMatchObject({
      architectures: ['LlamaForCausalLM'],
      kvBytesPerToken: 131_072,
    });
  });

  it.each([
    ['latent attention', { kv_lora_rank: 512, model_type: 'deepseek_v3' }, /kv_lora_rank/],
    ['a sliding window', { model_type: 'mistral', sliding_window: 4096 }, /sliding_window/],
    ['layers of several kinds', { layer_types: ['full_attention', 'sliding_attention'] }, /layer_types/],
    ['state-space layers', { mamba_d_state: 128 }, /mamba_d_state/],
    ['an encoder', { is_encoder_decoder: true }, /encoder/],
    ['shared layers', { num_kv_shared_layers: 10 }, /share/],
    ['a quantised cache', { quantization_config: { kv_cache_scheme: { num_bits: 8 } } }, /kv_cache_scheme/],
    ['heads per layer', { num_key_value_heads: [8, 4] }, /num_key_value_heads is not one whole number/],
    ['a type of tomorrow', { model_type: 'llama9' }, /model_type llama9/],
    ['no type', { model_type: undefined }, /no model_type/],
    ['no layers', { num_hidden_layers: undefined }, /num_hidden_layers/],
    ['no dtype', { torch_dtype: undefined }, /torch_dtype/],
    ['a dtype of tomorrow', { torch_dtype: 'float3' }, /float3/],
    ['heads that do not divide', { hidden_size: 4097 }, /no whole number/],
    ['ten million layers', { num_hidden_layers: 10_000_000 }, /no whole number/],
  ])('with %s does not guess, and says why', (_what, changes, why) => {
    const read = config({ ...llama, ...changes });
    expect(read?.kvBytesPerToken).toBeNull();
    expect(read?.kvUnknown).toMatch(why);
  });

  it('that is not an object is none', () => {
    for (const text of ['', '[]', '3', '{"a"', 'null']) {
      expect(parseModelConfig(new TextEncoder().encode(text))).toBeNull();
    }
    expect(parseModelConfig(Uint8Array.from([0xff, 0xfe]))).toBeNull();
  });
});
