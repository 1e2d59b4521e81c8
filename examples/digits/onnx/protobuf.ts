/**
 * As much of the protocol buffer wire format as an ONNX file needs: variable-length integers and length-delimited
 * fields (https://protobuf.dev/programming-guides/encoding/). Fields are written in the order they are given, so that
 * the same model always has the same bytes.
 */
export type Field = readonly [number: number, value: number | string | Uint8Array | Message];
export interface Message {
  readonly fields: readonly Field[];
}

export function message(...fields: readonly Field[]): Message {
  return { fields };
}

export function encodeMessage({ fields }: Message): Uint8Array {
  return concatenate(fields.flatMap(([number, value]) => encodeField(number, value)));
}

function encodeField(number: number, value: Field[1]): readonly Uint8Array[] {
  if (typeof value === 'number') return [varint(number * 8), varint(value)];
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value instanceof Uint8Array ? value : null;
  const content = bytes ?? encodeMessage(value as Message);
  return [varint(number * 8 + 2), varint(content.byteLength), content];
}

/** Seven bits a byte, least significant first. Arithmetic instead of shifts, so that sizes above 2^31 are right too. */
function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is not a whole number from 0`);
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.of(...bytes, rest);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}
