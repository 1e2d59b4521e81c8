import { ggufInvalid, ggufTruncated } from './gguf-errors.ts';
import type { GgufReader } from './gguf-reader.ts';
import { readText, shown } from './metadata.ts';
import { ggmlType } from './tensor-types.ts';

/** What the infos of all tensors add up to. */
export interface GgufTensors {
  readonly tensors: number;
  /** Elements of all. */
  readonly parameters: number;
  /** Exact, without the padding between tensors; null when one is of a type that is not known. */
  readonly weightsBytes: number | null;
  /** By type, most bytes first. */
  readonly types: Readonly<Record<string, { readonly tensors: number; readonly bytes: number | null }>>;
  /** Type numbers that are not known. */
  readonly unknownTypes: readonly number[];
}

interface Extent {
  readonly begin: number;
  readonly end: number;
  readonly at: number;
}

/** The largest published models have some 2,000 in one file, and a few split files more. */
const tensorsAtMost = 200_000;
/** The specification says 64, which is GGML_MAX_NAME; some writers went beyond. */
const nameBytesAtMost = 256;
/** GGML_MAX_DIMS is 4; the specification lets it grow. */
const dimensionsAtMost = 8;

interface Info {
  readonly type: number;
  readonly elements: number;
  /** Null for a type that is not known. */
  readonly bytes: number | null;
  readonly offset: number;
  readonly at: number;
}

/** Reads the infos and checks where each tensor lies: aligned, inside the file, and on no other. */
export async function readTensorInfos(reader: GgufReader, tensors: number, alignment: number): Promise<GgufTensors> {
  if (tensors > tensorsAtMost) throw ggufInvalid(`${tensors} tensors, where ${tensorsAtMost} are the most`, 8);
  const names = new Set<string>();
  const infos: Info[] = [];
  for (let index = 0; index < tensors; index += 1) {
    const at = reader.at;
    const name = await readText(reader, 'the name of a tensor', nameBytesAtMost);
    if (names.has(name)) throw ggufInvalid(`the tensor ${shown(name)} twice`, at);
    names.add(name);
    infos.push(await readInfo(reader, name, at, alignment));
  }
  const dataStart = Math.ceil(reader.at / alignment) * alignment;
  requirePlaces(infos, dataStart, reader.bytes);
  return sumOf(infos);
}

async function readInfo(reader: GgufReader, name: string, at: number, alignment: number): Promise<Info> {
  const what = `the tensor ${shown(name)}`;
  const dimensions = await reader.u32(what);
  if (dimensions > dimensionsAtMost) {
    throw ggufInvalid(`${what} has ${dimensions} dimensions, where ${dimensionsAtMost} are the most`, at);
  }
  const shape: number[] = [];
  for (let index = 0; index < dimensions; index += 1) shape.push(await reader.length(`a dimension of ${what}`));
  const type = await reader.u32(what);
  await reader.load(8, what);
  const offset = await reader.number(8, (view, place, little) => view.getBigUint64(place, little));
  if (!Number.isSafeInteger(offset) || offset % alignment !== 0) {
    throw ggufInvalid(`${what} at offset ${offset}, which is no multiple of the alignment ${alignment}`, at);
  }
  const elements = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(elements * 8))
    throw ggufInvalid(`${what} of [${shape.join(',')}], which no memory holds`, at);
  return { type, elements, bytes: bytesOf(type, elements, shape[0] ?? 1, what, at), offset, at };
}

/** Rows are whole blocks: the first dimension must be a multiple of the block. */
function bytesOf(number: number, elements: number, row: number, what: string, at: number): number | null {
  const type = ggmlType(number);
  if (type === null) return null;
  if (row % type.elements !== 0) {
    throw ggufInvalid(`${what} of ${type.name} has rows of ${row}, no multiple of its blocks of ${type.elements}`, at);
  }
  return (elements / type.elements) * type.bytes;
}

function requirePlaces(infos: readonly Info[], dataStart: number, fileBytes: number): void {
  const extents: Extent[] = infos
    .map(({ offset, bytes, at }) => ({ begin: dataStart + offset, end: dataStart + offset + (bytes ?? 0), at }))
    .sort((one, other) => one.begin - other.begin || one.end - other.end);
  let filled = 0;
  for (const { begin, end, at } of extents) {
    if (end > fileBytes) throw ggufTruncated('a tensor', begin, fileBytes);
    if (begin < filled && end > begin) throw ggufInvalid(`tensors that overlap at byte ${begin}`, at);
    filled = Math.max(filled, end);
  }
}

function sumOf(infos: readonly Info[]): GgufTensors {
  const types = new Map<string, { tensors: number; bytes: number | null }>();
  const unknownTypes = new Set<number>();
  let parameters = 0;
  let weightsBytes: number | null = 0;
  for (const { type, elements, bytes, at } of infos) {
    const name = ggmlType(type)?.name ?? `type ${type}`;
    const sum = types.get(name) ?? { tensors: 0, bytes: 0 };
    types.set(name, {
      tensors: sum.tensors + 1,
      bytes: bytes === null || sum.bytes === null ? null : sum.bytes + bytes,
    });
    parameters += elements;
    weightsBytes = bytes === null || weightsBytes === null ? null : weightsBytes + bytes;
    if (bytes === null && unknownTypes.size < 64) unknownTypes.add(type);
    if (!Number.isSafeInteger(parameters)) throw ggufInvalid('more elements than any memory holds', at);
  }
  return {
    tensors: infos.length,
    parameters,
    weightsBytes,
    types: Object.fromEntries([...types].sort(([, one], [, other]) => (other.bytes ?? 0) - (one.bytes ?? 0))),
    unknownTypes: [...unknownTypes].sort((one, other) => one - other),
  };
}
