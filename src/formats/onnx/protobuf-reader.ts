import type { ByteSource } from '../byte-source.ts';
import { onnxInvalid, onnxTruncated } from './onnx-errors.ts';

/** How the reader says what is wrong with the bytes of a format: what, and at which offset. */
export interface ProtobufProblems {
  readonly invalid: (what: string, offset: number) => Error;
  readonly truncated: (what: string, offset: number, fileBytes: number) => Error;
}

const onnxProblems: ProtobufProblems = { invalid: onnxInvalid, truncated: onnxTruncated };

/** One field of a message (https://protobuf.dev/programming-guides/encoding/). */
export interface ProtobufField {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. Groups (3, 4) are an error: no format that is read here has them. */
  readonly wireType: 0 | 1 | 2 | 5;
  /** Offset of the field's tag, for errors. */
  readonly at: number;
  /** Of a varint, read as int64; beyond 2^53 it is rounded, so that whoever needs it exact checks. */
  readonly value: number;
  /** The content of a length-delimited or fixed field. */
  readonly start: number;
  readonly end: number;
}

const windowBytes = 64 * 1024;
/** Longest tag and length: two varints of ten bytes. */
const headBytes = 20;
/** Fields of one file; the largest exporters write a few million. It bounds the time that a hostile file can take. */
const fieldsAtMost = 20_000_000;
const nestingAtMost = 48;

/**
 * Walks protobuf messages without holding them: content that nobody asks for is stepped over, never read, so that the
 * weights of a model cost nothing. Everything is checked against the enclosing message's end.
 */
export class ProtobufReader {
  readonly #source: ByteSource;
  readonly #problems: ProtobufProblems;
  #window: Uint8Array = new Uint8Array();
  #windowStart = 0;
  #fields = 0;
  #nesting = 0;

  constructor(source: ByteSource, problems: ProtobufProblems = onnxProblems) {
    this.#source = source;
    this.#problems = problems;
  }

  get bytes(): number {
    return this.#source.bytes;
  }

  /** Calls `visit` with each field of the message in [start, end), in file order. */
  async eachField(
    start: number,
    end: number,
    visit: (field: ProtobufField) => Promise<void> | undefined,
  ): Promise<void> {
    if (++this.#nesting > nestingAtMost)
      throw this.#problems.invalid(`more than ${nestingAtMost} messages nested`, start);
    for (let at = start; at < end;) {
      if (++this.#fields > fieldsAtMost) throw this.#problems.invalid(`more than ${fieldsAtMost} fields`, at);
      if (!this.#holds(at, headBytes)) await this.#load(at);
      const field = this.#fieldAt(at, end);
      at = field.end;
      const visiting = visit(field);
      if (visiting !== undefined) await visiting;
    }
    this.#nesting -= 1;
  }

  /** The content of a length-delimited field. @throws PlimsollError `onnx-invalid` when longer than `atMost`. */
  async content(field: ProtobufField, atMost: number): Promise<Uint8Array> {
    if (field.wireType !== 2) throw this.#problems.invalid(wrongWireType(field, 2), field.at);
    const length = field.end - field.start;
    if (length > atMost)
      throw this.#problems.invalid(`a text or list of ${length} bytes where ${atMost} are the most`, field.at);
    if (this.#holds(field.start, length)) {
      return this.#window.slice(field.start - this.#windowStart, field.end - this.#windowStart);
    }
    const bytes = await this.#source.read(field.start, length);
    if (bytes.length < length) throw this.#problems.truncated('a field', field.at, this.bytes);
    return bytes.slice();
  }

  #holds(at: number, length: number): boolean {
    const windowEnd = this.#windowStart + this.#window.length;
    return at >= this.#windowStart && (at + length <= windowEnd || (windowEnd === this.bytes && at < windowEnd));
  }

  async #load(at: number): Promise<void> {
    this.#window = await this.#source.read(at, windowBytes);
    this.#windowStart = at;
    if (this.#window.length === 0) throw this.#problems.truncated('a field', at, this.bytes);
  }

  #fieldAt(at: number, end: number): ProtobufField {
    const tag = this.#varint(at, end);
    const number = Math.floor(tag.value / 8);
    const wireType = tag.value % 8;
    if (!Number.isSafeInteger(tag.value) || number < 1 || number > 0x1fffffff) {
      throw this.#problems.invalid('a field number that protobuf does not have', at);
    }
    switch (wireType) {
      case 0: {
        const { value, next } = this.#varint(tag.next, end);
        return { number, wireType, at, value, start: tag.next, end: next };
      }
      case 1:
      case 5:
        return this.#bounded(number, wireType, at, tag.next, wireType === 1 ? 8 : 4, end);
      case 2: {
        const length = this.#varint(tag.next, end);
        return this.#bounded(number, wireType, at, length.next, length.value, end);
      }
      default:
        throw this.#problems.invalid(`field ${number} has wire type ${wireType}, which does not belong there`, at);
    }
  }

  #bounded(number: number, wireType: 1 | 2 | 5, at: number, start: number, length: number, end: number): ProtobufField {
    if (!Number.isSafeInteger(length) || length < 0)
      throw this.#problems.invalid(`field ${number} has an impossible length`, at);
    if (start + length > this.bytes)
      throw this.#problems.truncated(`field ${number} of ${length} bytes`, at, this.bytes);
    if (start + length > end)
      throw this.#problems.invalid(`field ${number} of ${length} bytes is longer than what holds it`, at);
    return { number, wireType, at, value: 0, start, end: start + length };
  }

  /** The window holds the whole varint, or ends where the file does. */
  #varint(at: number, end: number): { readonly value: number; readonly next: number } {
    let low = 0;
    let high = 0n;
    for (let index = 0; index < 10; index += 1) {
      const offset = at + index;
      const byte = offset < end ? this.#window[offset - this.#windowStart] : undefined;
      if (byte === undefined) {
        throw offset >= this.bytes
          ? this.#problems.truncated('a number', at, this.bytes)
          : this.#problems.invalid('a number is longer than what holds it', at);
      }
      // Four groups of seven bits fit a small integer; the rare longer ones go through a big one.
      if (index < 4) low += (byte & 0x7f) * 2 ** (7 * index);
      else high |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) {
        return { value: index < 4 ? low : Number(BigInt.asIntN(64, high | BigInt(low))), next: offset + 1 };
      }
    }
    throw this.#problems.invalid('a number of more than ten bytes', at);
  }
}

export function expectWireType(field: ProtobufField, wireType: ProtobufField['wireType']): void {
  if (field.wireType === wireType) return;
  throw onnxInvalid(wrongWireType(field, wireType), field.at);
}

const wrongWireType = ({ number, wireType }: ProtobufField, expected: number): string =>
  `field ${number} has wire type ${wireType} where ${expected} belongs`;
