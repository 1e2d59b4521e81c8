import type { StatedPrecision } from '../../contract/contract.ts';

/** What a model's file tells of the hardware that it needs. JSON-safe: the lock pins it. */
export interface ModelHardwareFacts {
  readonly format: 'onnx' | 'safetensors' | 'gguf' | 'tensorrt' | 'unknown';
  /** Bytes of weights as they are stored. Null when the format does not tell. */
  readonly weightsBytes: number | null;
  /** Bytes of keys and values per token of context, all layers. Null when the format does not tell. */
  readonly kvBytesPerToken: number | null;
  /** Precisions that the weights are stored in, or are quantized to; absent where nothing tells them. */
  readonly precisions?: readonly Precision[];
  /** Tokens that the model's own configuration allows in one sequence; absent where it does not tell. */
  readonly contextTokens?: number;
  /**
   * Tokens that its tokenizer allows in one sequence (`model_max_length`); null where that names no limit, absent where there is no
   * configuration of a tokenizer that could be read.
   */
  readonly tokenizerTokens?: number | null;
  /** Whether its layers are mixtures of experts; absent where its configuration does not tell. */
  readonly experts?: boolean;
  /** `model_type` of its configuration (`gemma3_text`); absent where it has none. */
  readonly modelType?: string;
  /** Elements of the largest head of its attention; absent where its configuration does not tell. */
  readonly headSize?: number;
  /** What one scale of FP8 weights covers; absent where the weights are not FP8, or its configuration does not tell. */
  readonly fp8Scales?: Fp8Scales;
  /** Attention heads of a layer; absent where its configuration does not tell. */
  readonly heads?: number;
  /** Columns of one expert (`moe_intermediate_size`); absent where it has none, or its configuration does not tell. */
  readonly expertSize?: number;
  /** Columns of a block of FP8 weights that one scale covers; absent where scales cover no blocks. */
  readonly fp8Block?: number;
  /** Heads of keys and values of a layer; absent where its configuration does not tell. */
  readonly kvHeads?: number;
  /** Columns of the dense part of a layer (`intermediate_size`); absent where its configuration does not tell. */
  readonly intermediateSize?: number;
  /** Weights that one scale covers (`group_size` of AWQ, GPTQ and INT4); absent where scales cover no groups. */
  readonly quantGroup?: number;
  /** `quant_method` of its configuration (`gptq`, `bitsandbytes`); absent where it is not quantized. */
  readonly quantMethod?: string;
  /** Layers of a GGUF file (`block_count`); absent where it does not tell. */
  readonly layers?: number;
  /** Whether its configuration stretches its positions (`rope_scaling`); absent where there is none. */
  readonly contextScaled?: boolean;
  /** IR version of an ONNX file. */
  readonly onnxIrVersion?: number;
  /** Version of the operators of `ai.onnx` that an ONNX file imports; absent where it imports none of them. */
  readonly onnxOpset?: number;
  /** What the weights alone leave out: `activations`, `kv-cache`, `cuda-context`, `workspace`, ... with a sentence each. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** A serialized TensorRT engine is bound to what built it. */
  readonly engine: TensorRtEngine | null;
  readonly unknown: Readonly<Record<string, string>>;
}

export type Precision = StatedPrecision;

/** One scale for a tensor, for each channel, or for each block of weights. */
export type Fp8Scales = 'tensor' | 'channel' | 'block';

export interface TensorRtEngine {
  /** `10.3.0`; null when the file does not tell it in a form that is confirmed. */
  readonly version: string | null;
  readonly computeCapability: string | null;
  readonly product: string | null;
  readonly hardwareCompatibility: 'none' | 'ampere-plus' | 'same-compute-capability' | null;
  readonly versionCompatible: boolean | null;
}
