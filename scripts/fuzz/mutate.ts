import type { SeededRandom } from './random.ts';

/** Numbers at which lengths, counts and offsets go wrong. */
const edges = [
  0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 255, 256, 511, 512, 1023, 1024, 4095, 4096, 32_767,
  32_768, 65_535, 65_536, 0xff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff,
];
const bigEdges = [2n ** 32n, 2n ** 40n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];

type Mutation = (bytes: Uint8Array, random: SeededRandom, from: MutationSource) => Uint8Array;

export interface MutationSource {
  readonly dictionary: readonly Uint8Array[];
  /** Another input, to splice with. */
  readonly other: Uint8Array;
}

/** One to eight changes of an input, most often few. */
export function mutate(input: Uint8Array, random: SeededRandom, from: MutationSource, bytesAtMost: number): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(input);
  for (let left = 1 + random.below(random.chance(4) ? 8 : 3); left > 0; left -= 1) {
    bytes = random.pick(mutations)(bytes, random, from);
    if (bytes.length > bytesAtMost) bytes = bytes.slice(0, bytesAtMost);
  }
  return bytes;
}

const setByte: Mutation = (bytes, random) => {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
};

const flipBit: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
};

/** A number of one, two, four or eight bytes, in either byte order. */
const setNumber: Mutation = (bytes, random) => {
  const size = random.pick([1, 2, 4, 8]);
  if (bytes.length < size) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset + random.below(bytes.length - size + 1), size);
  const little = !random.chance(4);
  const value = random.chance(3) ? random.pick([bytes.length, bytes.length - 1, bytes.length + 1]) : random.pick(edges);
  if (size === 8) view.setBigUint64(0, random.chance(2) ? random.pick(bigEdges) : BigInt(value), little);
  else if (size === 4) view.setUint32(0, value, little);
  else if (size === 2) view.setUint16(0, value, little);
  else view.setUint8(0, value);
  return bytes;
};

const addToNumber: Mutation = (bytes, random) => {
  const size = random.pick([1, 2, 4]);
  if (bytes.length < size) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset + random.below(bytes.length - size + 1), size);
  const by = random.below(71) - 35;
  if (size === 4) view.setUint32(0, view.getUint32(0, true) + by, true);
  else if (size === 2) view.setUint16(0, view.getUint16(0, true) + by, true);
  else view.setUint8(0, view.getUint8(0) + by);
  return bytes;
};

function spliced(bytes: Uint8Array, at: number, drop: number, insert: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length - drop + insert.length);
  result.set(bytes.subarray(0, at));
  result.set(insert, at);
  result.set(bytes.subarray(at + drop), at + insert.length);
  return result;
}

const insertWord: Mutation = (bytes, random, { dictionary }) =>
  dictionary.length === 0 ? bytes : spliced(bytes, random.below(bytes.length + 1), 0, random.pick(dictionary));

const overwriteWord: Mutation = (bytes, random, { dictionary }) => {
  if (dictionary.length === 0) return bytes;
  const word = random.pick(dictionary);
  const at = random.below(bytes.length + 1);
  return spliced(bytes, at, Math.min(word.length, bytes.length - at), word);
};

const remove: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  return spliced(
    bytes,
    at,
    random.below(Math.min(bytes.length - at, random.chance(4) ? 4096 : 16) + 1),
    new Uint8Array(),
  );
};

const repeat: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  const piece = bytes.slice(at, at + 1 + random.below(random.chance(4) ? 1024 : 32));
  const times = random.chance(8) ? 1 + random.below(64) : 1;
  const copies = new Uint8Array(piece.length * times);
  for (let index = 0; index < times; index += 1) copies.set(piece, index * piece.length);
  return spliced(bytes, random.below(bytes.length + 1), 0, copies);
};

const insertRandom: Mutation = (bytes, random) =>
  spliced(
    bytes,
    random.below(bytes.length + 1),
    0,
    Uint8Array.from({ length: 1 + random.below(16) }, () => random.below(256)),
  );

const cutOff: Mutation = (bytes, random) => bytes.slice(0, random.below(bytes.length + 1));

/** The beginning of this and the end of another, or a piece of the other in the middle. */
const spliceOther: Mutation = (bytes, random, { other }) => {
  const from = random.below(other.length + 1);
  const piece = other.slice(from, random.chance(2) ? other.length : from + random.below(256));
  const at = random.below(bytes.length + 1);
  return spliced(bytes, at, random.chance(2) ? bytes.length - at : 0, piece);
};

const mutations: readonly Mutation[] = [
  setByte,
  setByte,
  flipBit,
  setNumber,
  setNumber,
  setNumber,
  addToNumber,
  insertWord,
  overwriteWord,
  overwriteWord,
  remove,
  repeat,
  insertRandom,
  cutOff,
  spliceOther,
];
