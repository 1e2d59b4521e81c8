/** A small protobuf encoder, to write ONNX models (sound and unsound) in tests. */
export type Encoded = Uint8Array;

export function varint(value: number | bigint): Encoded {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

export function joined(...parts: readonly Encoded[]): Encoded {
  return new Uint8Array(Buffer.concat(parts));
}

export const integer = (field: number, value: number | bigint): Encoded => joined(varint(field * 8), varint(value));
export const block = (field: number, ...parts: readonly Encoded[]): Encoded => {
  const content = joined(...parts);
  return joined(varint(field * 8 + 2), varint(content.length), content);
};
export const word = (field: number, text: string): Encoded => block(field, new TextEncoder().encode(text));

/** A dimension: a size, a name, or nothing at all. */
export type Dimension = number | string | null;

export function valueInfo(field: number, name: string, datatype: number, shape: readonly Dimension[] | null): Encoded {
  const dimensions = (shape ?? []).map((dimension) =>
    block(
      1,
      dimension === null
        ? varint(0).subarray(1)
        : typeof dimension === 'number'
          ? integer(1, dimension)
          : word(2, dimension),
    ),
  );
  const tensor = block(1, integer(1, datatype), ...(shape === null ? [] : [block(2, ...dimensions)]));
  return block(field, word(1, name), block(2, tensor));
}

export function rawTensor(
  field: number,
  name: string,
  datatype: number,
  dims: readonly number[],
  bytes: number,
): Encoded {
  return block(
    field,
    ...dims.map((dim) => integer(1, dim)),
    integer(2, datatype),
    word(8, name),
    block(9, new Uint8Array(bytes)),
  );
}

/** A whole model of one linear layer, `x` FP32 [batch, width] to `y`, unless parts say otherwise. */
export function linearModel(options: { width?: number; graph?: readonly Encoded[]; opset?: number } = {}): Encoded {
  const width = options.width ?? 4;
  return joined(
    integer(1, 8),
    word(2, 'encoder'),
    word(3, '0.1'),
    block(8, word(1, ''), integer(2, options.opset ?? 17)),
    block(
      7,
      block(1, word(1, 'x'), word(1, 'W'), word(2, 'y'), word(4, 'MatMul')),
      word(2, 'linear'),
      rawTensor(5, 'W', 1, [width, 3], width * 3 * 4),
      valueInfo(11, 'x', 1, ['batch', width]),
      valueInfo(12, 'y', 1, ['batch', 3]),
      ...(options.graph ?? []),
    ),
  );
}
