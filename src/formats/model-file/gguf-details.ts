import type { ModelHardwareFacts } from '../../core/hardware/model/model-facts.ts';
import { leftOutOf } from '../../core/hardware/model/model-memory.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ByteSource } from '../byte-source.ts';
import { parseGguf, type GgufFile } from '../gguf/parse-gguf.ts';
import { shardSet } from './shard-names.ts';
import { findSibling, inFolder, problemsOf, withoutTensors, type PartFile, type SiblingFile } from './sibling-file.ts';

export interface GgufDetails {
  readonly format: 'gguf';
  /** Of the first file, which holds the metadata of a split model; its tensor sums are those of all files. */
  readonly model: GgufFile;
  readonly files: readonly (PartFile & { readonly tensors: number | null })[];
  readonly facts: ModelHardwareFacts;
}

interface Part extends PartFile {
  readonly parsed: GgufFile | null;
}

/** One file, or all of a split model by names such as `m-00001-of-00003.gguf`. */
export async function readGguf(
  source: ByteSource,
  fileName: string,
  siblings: readonly SiblingFile[],
): Promise<GgufDetails> {
  const own = { path: inFolder(fileName), source };
  const parsed = await parsePart(own);
  const wanted = parsed.split === null ? [[own.path, null] as const] : shardSet(own.path, 'gguf');
  const parts: Part[] = [];
  for (const [path] of wanted) {
    const file = path === own.path ? own : findSibling(siblings, path);
    const part = file === own ? parsed : file === null ? null : await parsePart(file);
    parts.push({ path, bytes: file?.source.bytes ?? null, problem: part === null ? 'is missing' : null, parsed: part });
  }
  if (parsed.split !== null && parts.length !== parsed.split.count) {
    parts.push({
      path: `the other files of ${parsed.split.count}`,
      bytes: null,
      problem: 'are not known by their names (NAME-00001-of-00003.gguf)',
      parsed: null,
    });
  }
  const first = parts.find((part) => part.parsed !== null && part.parsed.split?.index === 0)?.parsed ?? parsed;
  const model = { ...first, ...sumOf(parts) };
  return {
    format: 'gguf',
    model,
    files: parts.map(({ path, bytes, problem, parsed: part }) => ({
      path,
      bytes,
      problem,
      tensors: part?.tensors ?? null,
    })),
    facts: factsOf(parts, model),
  };
}

async function parsePart({ path, source }: SiblingFile): Promise<GgufFile> {
  return parseGguf(source).catch((thrown: unknown) => {
    if (!(thrown instanceof PlimsollError) || !thrown.code.startsWith('gguf-')) throw thrown;
    throw new PlimsollError({
      ...thrown.toJSON(),
      message: `${path}: ${thrown.message}`,
      details: { ...thrown.details, path },
      cause: thrown,
    });
  });
}

type Sums = Pick<GgufFile, 'tensors' | 'parameters' | 'weightsBytes' | 'types' | 'unknownTypes'>;

function sumOf(parts: readonly Part[]): Sums {
  const files = parts.flatMap(({ parsed }) => (parsed === null ? [] : [parsed]));
  const types = new Map<string, { tensors: number; bytes: number | null }>();
  for (const [name, { tensors, bytes }] of files.flatMap((file) => Object.entries(file.types))) {
    const sum = types.get(name) ?? { tensors: 0, bytes: 0 };
    types.set(name, {
      tensors: sum.tensors + tensors,
      bytes: bytes === null || sum.bytes === null ? null : sum.bytes + bytes,
    });
  }
  const known = files.length === parts.length && files.every(({ weightsBytes }) => weightsBytes !== null);
  return {
    tensors: files.reduce((sum, { tensors }) => sum + tensors, 0),
    parameters: files.reduce((sum, { parameters }) => sum + parameters, 0),
    weightsBytes: known ? files.reduce((sum, { weightsBytes }) => sum + (weightsBytes ?? 0), 0) : null,
    types: Object.fromEntries([...types].sort(([, one], [, other]) => (other.bytes ?? 0) - (one.bytes ?? 0))),
    unknownTypes: [...new Set(files.flatMap(({ unknownTypes }) => unknownTypes))],
  };
}

function factsOf(parts: readonly Part[], model: GgufFile): ModelHardwareFacts {
  const problem = problemsOf(parts);
  const { cache, unknownTypes } = model;
  const none = problem === null && model.tensors === 0;
  const weightsBytes = none ? null : model.weightsBytes;
  const why = none
    ? withoutTensors
    : problem === null
      ? `tensors of types that are not known here: ${unknownTypes.join(', ')}`
      : 'files are missing';
  return {
    format: 'gguf',
    weightsBytes,
    kvBytesPerToken: cache.bytesPerToken,
    ...(model.architecture === null ? {} : { modelType: model.architecture }),
    ...(model.layers === null ? {} : { layers: model.layers }),
    leftOut: leftOutOf(cache.bytesPerToken, {
      'cache-type': 'the cache is counted in F16, the default of llama.cpp: --cache-type-k and -v make it smaller',
      offload: 'layers that stay in the memory of the CPU (--n-gpu-layers) take none of the accelerator',
    }),
    engine: null,
    unknown: {
      ...(problem === null ? {} : { files: problem }),
      ...(weightsBytes === null ? { weightsBytes: why } : {}),
      ...(cache.unknown === null ? {} : { kvBytesPerToken: cache.unknown }),
    },
  };
}
