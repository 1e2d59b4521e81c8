import { seedsOf, type FuzzTarget } from './target.ts';

/** What holds of every parse, sound input or not. */
function require(holds: boolean, what: string): void {
  if (!holds) throw new RangeError(`broken promise: ${what}`);
}

export const safetensorsTarget: FuzzTarget = {
  parser: 'safetensors',
  bytesAtMost: 16 * 1024,
  dictionary: [
    ...['{', '}', '[', ']', ':', ',', '"', '\\u0000', '\\', '"dtype"', '"shape"', '"data_offsets"', '"__metadata__"'],
    ...[
      '"F32"',
      '"BF16"',
      '"F4"',
      '"F8_E4M3"',
      '"BOOL"',
      '9007199254740993',
      '1e99',
      '-1',
      '0',
      'null',
      'true',
      '[[[[',
    ],
    ...['"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},', '"weight_map"', '"total_size"', '    '],
  ],
  seeds: seedsOf(
    'model-file/fixtures/dtypes.safetensors',
    'model-file/fixtures/tiny-llama/model-00001-of-00002.safetensors',
    'model-file/fixtures/tiny-llama/model.safetensors.index.json',
    'model-file/fixtures/tiny-llama/config.json',
  ),
  async run(bytes) {
    const { sourceOf } = await import('../../src/formats/byte-source.ts');
    const { parseSafetensors } = await import('../../src/formats/safetensors/parse-safetensors.ts');
    const { parseSafetensorsIndex } = await import('../../src/formats/safetensors/model-index.ts');
    const { parseModelConfig } = await import('../../src/formats/safetensors/model-config.ts');
    // The index and config.json are read by their names alone, so that bytes which begin as JSON are tried as those.
    if (bytes[0] === 0x7b) {
      const config = parseModelConfig(bytes);
      require(config === null ||
        (config.kvBytesPerToken === null) !== (config.kvUnknown === null), 'known or a reason');
      return parseSafetensorsIndex(bytes);
    }
    const { names, ...file } = await parseSafetensors(sourceOf(bytes));
    require(file.weightsBytes <= bytes.length, 'no more weights than bytes');
    require(names.size === file.tensors, 'as many names as tensors');
    return JSON.stringify(file);
  },
  /** The length of the header is that of the JSON in it. */
  repair(bytes) {
    if (bytes.length < 10 || bytes[0] === 0x7b) return bytes;
    const end = headerEnd(bytes);
    new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(0, BigInt(end - 8), true);
    return bytes;
  },
};

/** Where the braces that open at byte 8 are closed again. */
function headerEnd(bytes: Uint8Array): number {
  let depth = 0;
  for (let at = 8; at < bytes.length; at += 1) {
    if (bytes[at] === 0x7b) depth += 1;
    if (bytes[at] === 0x7d && (depth -= 1) === 0) return at + 1;
  }
  return bytes.length;
}

export const ggufTarget: FuzzTarget = {
  parser: 'gguf',
  bytesAtMost: 16 * 1024,
  dictionary: [
    ...['GGUF', 'general.architecture', 'general.alignment', 'llama', 'split.no', 'split.count', 'general.name'],
    ...['llama.block_count', 'llama.attention.head_count_kv', 'llama.attention.key_length', 'llama.embedding_length'],
    ...['llama.attention.sliding_window', 'llama.attention.causal', 'llama.context_length'],
    // Value types 4 u32, 8 text, 9 list, 10 u64 as they stand before a value; a list of texts, of lists; a type of tensor.
    ...[
      [4, 0, 0, 0],
      [8, 0, 0, 0],
      [9, 0, 0, 0, 8, 0, 0, 0],
      [9, 0, 0, 0, 9, 0, 0, 0],
      [10, 0, 0, 0],
      [12, 0, 0, 0],
    ],
    ...[
      [255, 255, 255, 255, 255, 255, 255, 255],
      [0, 0, 0, 0, 0, 0, 0, 128],
      [1, 0, 0, 0, 0, 0, 0, 0],
    ],
  ],
  seeds: seedsOf(
    'model-file/fixtures/quantised.gguf',
    'model-file/fixtures/big-endian.gguf',
    'model-file/fixtures/per-layer-heads.gguf',
    'model-file/fixtures/latent-attention.gguf',
  ),
  async run(bytes) {
    const { sourceOf } = await import('../../src/formats/byte-source.ts');
    const { parseGguf } = await import('../../src/formats/gguf/parse-gguf.ts');
    const file = await parseGguf(sourceOf(bytes));
    require((file.weightsBytes ?? 0) <= bytes.length, 'no more weights than bytes');
    require((file.cache.bytesPerToken === null) !== (file.cache.unknown === null), 'a cache is known or has a reason');
    return JSON.stringify(file);
  },
};

export const onnxTarget: FuzzTarget = {
  parser: 'onnx',
  bytesAtMost: 16 * 1024,
  dictionary: [
    ...[
      'location',
      'offset',
      'length',
      'weights.bin',
      'ai.onnx.ml',
      'past_key_values.0.key',
      'past_key_values.0.value',
    ],
    // Tags of fields: graph 7, node 1, initializer 5, input 11, output 12, sparse 15, raw data 9, external 13, packed 1.
    ...[
      [0x3a],
      [0x0a],
      [0x2a],
      [0x5a],
      [0x62],
      [0x7a],
      [0x4a],
      [0x6a],
      [0x08],
      [0x10, 1],
      [0x70, 1],
      [0xb2, 1],
      [0xca, 1],
    ],
    ...[
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
      [0x80, 0x80, 0x80, 0x80, 0x10],
      [0x80, 0],
    ],
  ],
  seeds: seedsOf(
    'onnx/fixtures/branches.onnx',
    'model-file/fixtures/external/model.onnx',
    'model-file/fixtures/decoder.onnx',
  ),
  async run(bytes) {
    const { sourceOf } = await import('../../src/formats/byte-source.ts');
    const { onnxSignature, parseOnnx } = await import('../../src/formats/onnx/parse-onnx.ts');
    const { onnxCache } = await import('../../src/formats/onnx/cache-inputs.ts');
    const model = await parseOnnx(sourceOf(bytes));
    const cache = onnxCache(model);
    require((cache.bytesPerToken === null) !== (cache.unknown === null), 'a cache is known or has a reason');
    require(Number.isSafeInteger(model.weightsBytes), 'weights are a whole number');
    return JSON.stringify([model, onnxSignature(model), cache]);
  },
};
