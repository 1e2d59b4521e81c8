import { ggufInvalid } from './gguf-errors.ts';
import type { GgufReader } from './gguf-reader.ts';

/** A value that was kept; of a long list only its length, of a long text its beginning. */
export type GgufValue =
  number | boolean | string | readonly number[] | { readonly listOf: string; readonly length: number };

export type GgufMetadata = ReadonlyMap<string, GgufValue>;

interface ValueType {
  readonly name: string;
  readonly bytes: number;
  readonly read: (view: DataView, at: number, littleEndian: boolean) => number | bigint;
}

const numeric = (name: string, bytes: number, read: ValueType['read']): ValueType => ({ name, bytes, read });

/** `gguf_metadata_value_type`: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (version 3; 2026-11). */
const numbers: Readonly<Record<number, ValueType>> = {
  0: numeric('u8', 1, (view, at) => view.getUint8(at)),
  1: numeric('i8', 1, (view, at) => view.getInt8(at)),
  2: numeric('u16', 2, (view, at, little) => view.getUint16(at, little)),
  3: numeric('i16', 2, (view, at, little) => view.getInt16(at, little)),
  4: numeric('u32', 4, (view, at, little) => view.getUint32(at, little)),
  5: numeric('i32', 4, (view, at, little) => view.getInt32(at, little)),
  6: numeric('f32', 4, (view, at, little) => view.getFloat32(at, little)),
  7: numeric('bool', 1, (view, at) => view.getUint8(at)),
  10: numeric('u64', 8, (view, at, little) => view.getBigUint64(at, little)),
  11: numeric('i64', 8, (view, at, little) => view.getBigInt64(at, little)),
  12: numeric('f64', 8, (view, at, little) => view.getFloat64(at, little)),
};
const [boolType, textType, listType] = [7, 8, 9];

const entriesAtMost = 100_000;
/** The specification's own limit. */
const keyBytesAtMost = 65_535;
const textKept = 4_096;
/** Lists of numbers up to this length are kept: one number per layer. */
const listKept = 1_024;
/** Texts in lists, of the whole file: vocabularies have some 300,000. It bounds the time of a hostile file. */
const itemsAtMost = 10_000_000;
/** A list inside a list counts as so many: no published file has one. */
const listCost = 100;
/** Characters of keys and numbers in kept lists, of the whole file: they bound the memory. */
const keyCharactersAtMost = 8_000_000;
const numbersKeptAtMost = 200_000;
const textKeptAtMost = 4_000_000;
const depthAtMost = 8;
const decoder = new TextDecoder();

/** What is left of each bound. */
interface Budget {
  items: number;
  keys: number;
  numbers: number;
  text: number;
}

/** The metadata of a file; the bytes of texts and lists that nobody asks for are stepped over. */
export async function readMetadata(reader: GgufReader, entries: number): Promise<GgufMetadata> {
  if (entries > entriesAtMost)
    throw ggufInvalid(`${entries} entries of metadata, where ${entriesAtMost} are the most`, 16);
  const metadata = new Map<string, GgufValue>();
  const budget: Budget = {
    items: itemsAtMost,
    keys: keyCharactersAtMost,
    numbers: numbersKeptAtMost,
    text: textKeptAtMost,
  };
  for (let index = 0; index < entries; index += 1) {
    const at = reader.at;
    const key = await readText(reader, 'a key', keyBytesAtMost);
    if ((budget.keys -= key.length) < 0) throw ggufInvalid(`keys of more than ${keyCharactersAtMost} characters`, at);
    if (metadata.has(key)) throw ggufInvalid(`the key ${shown(key)} twice`, at);
    const type = await reader.u32(`the type of ${shown(key)}`);
    metadata.set(key, await readValue(reader, type, key, budget));
  }
  return metadata;
}

/** A text that must be short; the whole of it. */
export async function readText(reader: GgufReader, what: string, bytesAtMost: number): Promise<string> {
  const at = reader.at;
  const length = await reader.length(`the length of ${what}`);
  if (length > bytesAtMost) throw ggufInvalid(`${what} of ${length} bytes, where ${bytesAtMost} are the most`, at);
  return decoder.decode(await reader.content(length, what));
}

async function readValue(reader: GgufReader, type: number, key: string, budget: Budget): Promise<GgufValue> {
  const known = numbers[type];
  if (known !== undefined) {
    const value = await reader.number(known.bytes, known.read);
    return type === boolType ? value !== 0 : value;
  }
  if (type === textType) return readLongText(reader, key, budget);
  if (type === listType) return readList(reader, key, budget, 0);
  throw ggufInvalid(`the value type ${type} of ${shown(key)}, which GGUF does not have`, reader.at - 4);
}

async function readLongText(reader: GgufReader, key: string, budget: Budget): Promise<string> {
  const length = await reader.length(`the length of ${shown(key)}`);
  const kept = Math.min(length, textKept, budget.text);
  budget.text -= kept;
  const text = decoder.decode(await reader.content(kept, shown(key)));
  reader.skip(length - kept, shown(key));
  return text;
}

async function readList(reader: GgufReader, key: string, budget: Budget, depth: number): Promise<GgufValue> {
  if (depth > depthAtMost)
    throw ggufInvalid(`more than ${depthAtMost} lists inside each other in ${shown(key)}`, reader.at);
  const type = await reader.u32(`the type of the list ${shown(key)}`);
  const length = await reader.length(`the length of the list ${shown(key)}`);
  const known = numbers[type];
  if (known !== undefined) return readNumbers(reader, known, length, key, budget);
  if (type !== textType && type !== listType) {
    throw ggufInvalid(`the list type ${type} of ${shown(key)}, which GGUF does not have`, reader.at);
  }
  if ((budget.items -= length * (type === listType ? listCost : 1)) < 0) {
    throw ggufInvalid(`lists of more than ${itemsAtMost} texts and lists, with ${shown(key)}`, reader.at);
  }
  if (type === textType) await passTexts(reader, length, key);
  else for (let index = 0; index < length; index += 1) await readList(reader, key, budget, depth + 1);
  return { listOf: type === textType ? 'text' : 'list', length };
}

async function readNumbers(
  reader: GgufReader,
  type: ValueType,
  length: number,
  key: string,
  budget: Budget,
): Promise<GgufValue> {
  if (length > Math.min(listKept, budget.numbers)) {
    reader.skip(length * type.bytes, shown(key));
    return { listOf: type.name, length };
  }
  budget.numbers -= length;
  // The whole list is in the window before room is made for it.
  await reader.load(length * type.bytes, shown(key));
  const list: number[] = [];
  for (let index = 0; index < length; index += 1) list.push(await reader.number(type.bytes, type.read));
  return list;
}

/** Steps over texts; it awaits only where the window ends. */
async function passTexts(reader: GgufReader, length: number, key: string): Promise<void> {
  const what = shown(key);
  for (let index = 0; index < length; index += 1) {
    if (!reader.holds(reader.lengthBytes)) await reader.load(reader.lengthBytes, what);
    reader.skip(reader.lengthNow(what), what);
  }
}

export const shown = (name: string): string => JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
