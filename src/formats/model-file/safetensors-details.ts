import type { ModelHardwareFacts, Precision } from '../../core/hardware/model/model-facts.ts';
import { leftOutOf } from '../../core/hardware/model/model-memory.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ByteSource } from '../byte-source.ts';
import { configBytesAtMost, parseModelConfig, type ModelConfig } from '../safetensors/model-config.ts';
import {
  indexBytesAtMost,
  indexEnding,
  parseSafetensorsIndex,
  type SafetensorsIndex,
} from '../safetensors/model-index.ts';
import { parseTokenizerTokens, tokenizerBytesAtMost } from '../safetensors/tokenizer-config.ts';
import { parseSafetensors, type SafetensorsFile } from '../safetensors/parse-safetensors.ts';
import { safetensorsInvalid } from '../safetensors/safetensors-errors.ts';
import { shardSet } from './shard-names.ts';
import { findSibling, inFolder, problemsOf, withoutTensors, type PartFile, type SiblingFile } from './sibling-file.ts';

export interface SafetensorsDetails {
  readonly format: 'safetensors';
  readonly files: readonly (PartFile & { readonly tensors: number | null })[];
  /** Of the files that are there. */
  readonly tensors: number;
  readonly parameters: number;
  readonly dtypes: SafetensorsFile['dtypes'];
  readonly metadata: SafetensorsFile['metadata'];
  /** `metadata.total_size` of the index; null without one. */
  readonly claimedBytes: number | null;
  readonly config: ModelConfig | null;
  readonly facts: ModelHardwareFacts;
}

interface Part extends PartFile {
  readonly parsed: SafetensorsFile | null;
}

/**
 * One file, or all of a sharded model: by the index beside it (or the index itself), else by names such as
 * `model-00001-of-00003.safetensors`. `config.json` beside it gives the cache, and `tokenizer_config.json` the longest sequence.
 */
export async function readSafetensors(
  source: ByteSource,
  fileName: string,
  siblings: readonly SiblingFile[],
): Promise<SafetensorsDetails> {
  const own = { path: inFolder(fileName), source };
  const index = await indexOf(own, siblings);
  const wanted = index === null ? shardSet(own.path, 'safetensors') : Object.entries(index.files);
  const parts: Part[] = [];
  for (const [path, tensors] of wanted) parts.push(await readPart(path, tensors, [own, ...siblings]));
  const config = await configOf(siblings);
  const tokens = await tokenizerTokensOf(siblings);
  const facts = factsOf(parts, index, config);
  return {
    ...sumOf(parts),
    claimedBytes: index?.claimedBytes ?? null,
    config,
    facts: tokens === undefined ? facts : { ...facts, tokenizerTokens: tokens },
  };
}

/** The index that names this file; of several beside it none is guessed. */
async function indexOf(own: SiblingFile, siblings: readonly SiblingFile[]): Promise<SafetensorsIndex | null> {
  if (own.path.endsWith(indexEnding)) return readIndex(own);
  for (const sibling of siblings.filter(({ path }) => path.endsWith(indexEnding) && !path.includes('/'))) {
    const index = await readIndex(sibling);
    if (Object.hasOwn(index.files, own.path)) return index;
  }
  return null;
}

async function readIndex({ path, source }: SiblingFile): Promise<SafetensorsIndex> {
  if (source.bytes > indexBytesAtMost) {
    throw safetensorsInvalid(`an index ${path} of ${source.bytes} bytes, where ${indexBytesAtMost} are the most`, 0);
  }
  return parseSafetensorsIndex(await source.read(0, source.bytes));
}

async function readPart(path: string, tensors: number | null, files: readonly SiblingFile[]): Promise<Part> {
  const file = findSibling(files, path);
  if (file === null) return { path, bytes: null, problem: 'is missing', parsed: null };
  const parsed = await parseSafetensors(file.source).catch((thrown: unknown) => {
    if (!(thrown instanceof PlimsollError) || !thrown.code.startsWith('safetensors-')) throw thrown;
    throw new PlimsollError({
      ...thrown.toJSON(),
      message: `${path}: ${thrown.message}`,
      details: { ...thrown.details, path },
      cause: thrown,
    });
  });
  const disagrees = tensors !== null && tensors !== parsed.tensors;
  const problem = disagrees ? `holds ${parsed.tensors} tensors where the index says ${tensors}` : null;
  // Names are not kept: those of a large model's files together take more memory than all else.
  return { path, bytes: file.source.bytes, problem, parsed: { ...parsed, names: new Set() } };
}

async function configOf(siblings: readonly SiblingFile[]): Promise<ModelConfig | null> {
  const file = findSibling(siblings, 'config.json');
  if (file === null || file.source.bytes > configBytesAtMost) return null;
  return parseModelConfig(await file.source.read(0, file.source.bytes));
}

async function tokenizerTokensOf(siblings: readonly SiblingFile[]): Promise<number | null | undefined> {
  const file = findSibling(siblings, 'tokenizer_config.json');
  if (file === null || file.source.bytes > tokenizerBytesAtMost) return undefined;
  return parseTokenizerTokens(await file.source.read(0, file.source.bytes));
}

function sumOf(parts: readonly Part[]): Omit<SafetensorsDetails, 'claimedBytes' | 'config' | 'facts'> {
  const dtypes = new Map<string, { tensors: number; bytes: number }>();
  for (const [dtype, { tensors, bytes }] of parts.flatMap(({ parsed }) => Object.entries(parsed?.dtypes ?? {}))) {
    const sum = dtypes.get(dtype) ?? { tensors: 0, bytes: 0 };
    dtypes.set(dtype, { tensors: sum.tensors + tensors, bytes: sum.bytes + bytes });
  }
  return {
    format: 'safetensors',
    files: parts.map(({ path, bytes, problem, parsed }) => ({
      path,
      bytes,
      problem,
      tensors: parsed?.tensors ?? null,
    })),
    tensors: parts.reduce((sum, { parsed }) => sum + (parsed?.tensors ?? 0), 0),
    parameters: parts.reduce((sum, { parsed }) => sum + (parsed?.parameters ?? 0), 0),
    dtypes: Object.fromEntries([...dtypes].sort(([, one], [, other]) => other.bytes - one.bytes)),
    metadata: parts.find(({ parsed }) => parsed !== null)?.parsed?.metadata ?? {},
  };
}

function factsOf(
  parts: readonly Part[],
  index: SafetensorsIndex | null,
  config: ModelConfig | null,
): ModelHardwareFacts {
  const missing = parts.some(({ parsed }) => parsed === null);
  const none = !missing && parts.every(({ parsed }) => parsed?.tensors === 0);
  const problem = problemsOf(parts);
  const claim = index?.claimedBytes ?? null;
  const kvUnknown = config === null ? 'there is no readable config.json beside the weights' : config.kvUnknown;
  return {
    format: 'safetensors',
    weightsBytes: missing || none ? null : parts.reduce((sum, { parsed }) => sum + (parsed?.weightsBytes ?? 0), 0),
    kvBytesPerToken: config?.kvBytesPerToken ?? null,
    ...precisionsOf(parts, config),
    ...(config?.contextTokens === null || config === null ? {} : { contextTokens: config.contextTokens }),
    ...(config === null ? {} : { experts: config.experts }),
    ...attentionOf(config),
    ...(config === null ? {} : { contextScaled: config.contextScaled }),
    ...quantizationOf(config),
    ...(config === null || config.fp8Scales === null ? {} : { fp8Scales: config.fp8Scales }),
    leftOut: leftOutOf(config?.kvBytesPerToken ?? null, {
      conversion: 'a runtime that loads the weights in another precision than they are stored in',
    }),
    engine: null,
    unknown: {
      ...(problem === null ? {} : { files: problem }),
      ...(missing
        ? { weightsBytes: `files are missing${claim === null ? '' : `; the index claims ${claim} bytes in all`}` }
        : {}),
      ...(none ? { weightsBytes: withoutTensors } : {}),
      ...(kvUnknown === null ? {} : { kvBytesPerToken: kvUnknown }),
    },
  };
}

/** Type of the model, and the sizes of its attention and its experts, as far as its configuration tells them. */
function attentionOf(
  config: ModelConfig | null,
): Pick<
  ModelHardwareFacts,
  'modelType' | 'headSize' | 'heads' | 'kvHeads' | 'intermediateSize' | 'expertSize' | 'fp8Block'
> {
  if (config === null) return {};
  const { modelType, headDim, globalHeadDim, heads, kvHeads, intermediateSize, expertSize, fp8Block } = config;
  return {
    ...(modelType === null ? {} : { modelType }),
    ...(headDim === null ? {} : { headSize: Math.max(headDim, globalHeadDim ?? 0) }),
    ...(heads === null ? {} : { heads }),
    ...(kvHeads === null ? {} : { kvHeads }),
    ...(intermediateSize === null ? {} : { intermediateSize }),
    ...(expertSize === null ? {} : { expertSize }),
    ...(fp8Block === null ? {} : { fp8Block }),
  };
}

function quantizationOf(config: ModelConfig | null): Pick<ModelHardwareFacts, 'quantGroup' | 'quantMethod'> {
  if (config === null) return {};
  const { quantGroup, quantMethod } = config;
  return {
    ...(quantGroup === null ? {} : { quantGroup }),
    ...(quantMethod === null ? {} : { quantMethod }),
  };
}

/** Kinds of numbers of safetensors that are a precision of weights; others are scales, zeros and packed words. */
const precisionOfDtype: Readonly<Record<string, Precision>> = {
  F32: 'fp32',
  F16: 'fp16',
  BF16: 'bf16',
  F8_E4M3: 'fp8',
  F8_E5M2: 'fp8',
};

/**
 * What the weights are stored in, with what they are quantized to. Absent where a part is missing, or the configuration names
 * a method that is not known: then any precision is possible.
 */
function precisionsOf(parts: readonly Part[], config: ModelConfig | null): Pick<ModelHardwareFacts, 'precisions'> {
  if (config?.quantization === 'unknown' || parts.some(({ parsed }) => parsed === null)) return {};
  const stored = parts.flatMap(({ parsed }) => Object.keys(parsed?.dtypes ?? {}));
  const found = stored.flatMap((dtype) => precisionOfDtype[dtype] ?? []);
  const quantized = config === null || config.quantization === null ? [] : [config.quantization];
  const precisions = [...new Set([...quantized, ...found])].sort();
  return precisions.length === 0 ? {} : { precisions };
}
