import type { Digest } from '../../core/units/digest.ts';
import { digestOf, digestOfBytes } from '../../core/units/digest.ts';
import { sourceOf } from '../byte-source.ts';
import { ProtobufReader, type ProtobufProblems } from '../onnx/protobuf-reader.ts';
import { feastInvalid } from './feast-errors.ts';

/** A field's content: a number of a varint, else bytes. */
type Content = number | Uint8Array;

/** The fields of one protobuf message by their number, each in file order. */
export type Message = ReadonlyMap<number, readonly Content[]>;

const problems: ProtobufProblems = {
  invalid: (what, offset) => feastInvalid(`${what}, at byte ${offset}`),
  truncated: (what, offset) => feastInvalid(`${what} at byte ${offset} reaches beyond the end`),
};

/** A registry of ten thousand views has fewer; it bounds the memory that hostile bytes can take. */
const fieldsAtMost = 500_000;

/** @throws PlimsollError `feast-invalid` for what is no protobuf message. */
export async function readMessage(bytes: Uint8Array): Promise<Message> {
  const message = new Map<number, Content[]>();
  let fields = 0;
  await new ProtobufReader(sourceOf(bytes), problems).eachField(0, bytes.length, (field) => {
    const content = field.wireType === 0 ? field.value : bytes.subarray(field.start, field.end);
    if ((fields += 1) > fieldsAtMost) throw feastInvalid(`a message has more than ${fieldsAtMost} fields`);
    const before = message.get(field.number);
    if (before === undefined) message.set(field.number, [content]);
    else before.push(content);
    return undefined;
  });
  return message;
}

export function numberOf(message: Message, field: number): number {
  const content = message.get(field)?.at(-1) ?? 0;
  if (typeof content === 'number') return content;
  throw feastInvalid(`field ${field} is no number`);
}

/** The contents of a repeated field. */
export function bytesOf(message: Message, field: number): readonly Uint8Array[] {
  return (message.get(field) ?? []).map((content) => {
    if (typeof content !== 'number') return content;
    throw feastInvalid(`field ${field} is a number where a text or a message belongs`);
  });
}

export async function messagesOf(message: Message, field: number): Promise<readonly Message[]> {
  const read: Message[] = [];
  for (const bytes of bytesOf(message, field)) read.push(await readMessage(bytes));
  return read;
}

/** Empty where it is not there. */
export async function messageOf(message: Message, field: number): Promise<Message> {
  return (await messagesOf(message, field)).at(-1) ?? new Map<number, Content[]>();
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw feastInvalid('a text is not UTF-8');
  }
}

/** Empty where it is not there. */
export const stringOf = (message: Message, field: number): string =>
  textOf(bytesOf(message, field).at(-1) ?? new Uint8Array());

/** What Feast names may be here: they stand in the lock, and on screens. */
const nameForm = /^[^\p{C}]{1,200}$/u;

/** @throws PlimsollError `feast-invalid` for a name that is empty, too long or cannot be shown. */
export function nameOf(bytes: Uint8Array): string {
  const name = textOf(bytes);
  if (nameForm.test(name) && name !== '__proto__') return name;
  throw feastInvalid(`${JSON.stringify(name.slice(0, 40))} is no name: 1 to 200 characters that can be shown`);
}

/** The same of a field of a message. */
export const nameIn = (message: Message, field: number): string =>
  nameOf(bytesOf(message, field).at(-1) ?? new Uint8Array());

/**
 * How the fields of a message count in a digest. A field that is not named counts by its bytes.
 *
 * | form | meaning |
 * |---|---|
 * | skip | it does not count: a time, a description, an owner |
 * | sorted | a map, whose order changes from one writing to the next |
 * | a shape | a message with such fields |
 */
export interface Shape {
  readonly [field: number]: 'skip' | 'sorted' | Shape;
}

/** Digest of a message without what its shape skips. */
export async function digestOfMessage(message: Message, shape: Shape): Promise<Digest> {
  return digestOf(await canonicalFields(message, shape));
}

const nestingAtMost = 16;

async function canonicalFields(message: Message, shape: Shape, nesting = 0): Promise<unknown> {
  if (nesting > nestingAtMost) throw feastInvalid(`more than ${nestingAtMost} messages nested`);
  const fields: (readonly [number, unknown])[] = [];
  for (const [number, contents] of [...message].sort(([a], [b]) => a - b)) {
    const form = shape[number];
    if (form === 'skip') continue;
    const values: unknown[] = [];
    for (const content of contents) values.push(await canonicalContent(content, form, nesting));
    if (form === 'sorted') values.sort((a, b) => (String(a) < String(b) ? -1 : 1));
    fields.push([number, values]);
  }
  return fields;
}

async function canonicalContent(
  content: Content,
  form: Shape | 'sorted' | undefined,
  nesting: number,
): Promise<unknown> {
  if (typeof content === 'number') return content;
  if (form === undefined || form === 'sorted') return digestOfBytes(content);
  return canonicalFields(await readMessage(content), form, nesting + 1);
}
