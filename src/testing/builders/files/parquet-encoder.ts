/** Writes Parquet files that may lie, to read them in tests. Numbers of fields: parquet.thrift of the Parquet format 2.11. */
interface ParquetFacts {
  readonly columns: readonly ParquetColumn[];
  readonly rows: number;
  /** Elements of the schema below its root, where they are others than the columns. */
  readonly schema?: readonly Uint8Array[];
  /** Row groups, where they are others than one with all columns: each the columns that it has, and its rows. */
  readonly groups?: readonly { readonly columns: readonly number[]; readonly rows: number }[];
  /** The whole directory, where it is another. */
  readonly directory?: Uint8Array;
}

export interface ParquetColumn {
  readonly name: string;
  readonly type: keyof typeof types;
  readonly pages: readonly Uint8Array[];
  readonly values: number;
  readonly codec?: keyof typeof codecs;
  readonly isOptional?: boolean;
  readonly hasDictionary?: boolean;
  readonly fixedBytes?: number;
}

const types = { BOOLEAN: 0, INT32: 1, INT64: 2, INT96: 3, FLOAT: 4, DOUBLE: 5, BYTE_ARRAY: 6, FIXED_LEN_BYTE_ARRAY: 7 };
const codecs = { UNCOMPRESSED: 0, SNAPPY: 1, GZIP: 2, BROTLI: 4, LZ4: 5, ZSTD: 6, LZ4_RAW: 7 };
const encodings = {
  PLAIN: 0,
  RLE: 3,
  DELTA_BINARY_PACKED: 5,
  DELTA_LENGTH_BYTE_ARRAY: 6,
  DELTA_BYTE_ARRAY: 7,
  RLE_DICTIONARY: 8,
  BYTE_STREAM_SPLIT: 9,
};

type Field = readonly [number: number, kind: number, bytes: Uint8Array];

const bytesOf = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Seven bits a byte, the low ones first. */
export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let left = BigInt(value);
  do {
    const low = Number(left & 127n);
    left >>= 7n;
    bytes.push(left > 0n ? low | 128 : low);
  } while (left > 0n);
  return Uint8Array.from(bytes);
}

export const zigzag = (value: number | bigint): Uint8Array => {
  const whole = BigInt(value);
  return varint(whole >= 0n ? whole * 2n : -whole * 2n - 1n);
};

export const int = (id: number, value: number | bigint): Field => [id, 5, zigzag(value)];
export const long = (id: number, value: number | bigint): Field => [id, 6, zigzag(value)];
const text = (id: number, value: string): Field => [id, 8, textBytes(value)];
const part = (id: number, bytes: Uint8Array): Field => [id, 12, bytes];
const flag = (id: number, value: boolean): Field => [id, value ? 1 : 2, new Uint8Array()];

function textBytes(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  return joinBytes(varint(bytes.length), bytes);
}

export function list(id: number, kind: number, items: readonly Uint8Array[], claimed = items.length): Field {
  const head = claimed < 15 ? bytesOf((claimed << 4) | kind) : joinBytes(bytesOf(0xf0 | kind), varint(claimed));
  return [id, 9, joinBytes(head, ...items)];
}

export function struct(...fields: readonly Field[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let before = 0;
  for (const [id, kind, bytes] of fields) {
    parts.push(bytesOf(((id - before) << 4) | kind), bytes);
    before = id;
  }
  return joinBytes(...parts, bytesOf(0));
}

export function schemaElement(
  name: string,
  facts: { type?: number; children?: number; repetition?: number },
): Uint8Array {
  return struct(
    ...(facts.type === undefined ? [] : [int(1, facts.type)]),
    ...(facts.repetition === undefined ? [] : [int(3, facts.repetition)]),
    text(4, name),
    ...(facts.children === undefined ? [] : [int(5, facts.children)]),
  );
}

interface PageFacts {
  readonly values: number;
  readonly encoding?: keyof typeof encodings;
  readonly body: Uint8Array;
  /** What the body unpacks to, where it is compressed. */
  readonly unpackedBytes?: number;
}

export function dataPage({ values, encoding = 'PLAIN', body, unpackedBytes = body.length }: PageFacts): Uint8Array {
  const header = struct(int(1, values), int(2, encodings[encoding]), int(3, encodings.RLE), int(4, encodings.RLE));
  return joinBytes(struct(int(1, 0), int(2, unpackedBytes), int(3, body.length), part(5, header)), body);
}

/** The second version of data pages, without levels. */
export function secondPage({ values, encoding = 'PLAIN', body, unpackedBytes = body.length }: PageFacts): Uint8Array {
  const counts = [int(1, values), int(2, 0), int(3, values), int(4, encodings[encoding]), int(5, 0), int(6, 0)];
  const header = struct(...counts, flag(7, unpackedBytes !== body.length));
  return joinBytes(struct(int(1, 3), int(2, unpackedBytes), int(3, body.length), part(8, header)), body);
}

export function dictionaryPage({ values, body, unpackedBytes = body.length }: PageFacts): Uint8Array {
  const header = struct(int(1, values), int(2, encodings.PLAIN));
  return joinBytes(struct(int(1, 2), int(2, unpackedBytes), int(3, body.length), part(7, header)), body);
}

/** One run of `count` times `value`, of at most 8 bits. */
export const run = (count: number, value: number): Uint8Array => joinBytes(varint(count * 2), bytesOf(value));

export function parquetFile({ columns, rows, schema, groups, directory }: ParquetFacts): Uint8Array {
  const magic = new TextEncoder().encode('PAR1');
  const chunks = columns.map(({ pages }) => joinBytes(...pages));
  const starts = chunks.map((_, index) => chunks.slice(0, index).reduce((sum, { length }) => sum + length, 4));
  const metas = columns.map(({ name, type, values, codec = 'UNCOMPRESSED', hasDictionary, pages }, index) => {
    const start = starts[index] ?? 4;
    const chunkBytes = chunks[index]?.length ?? 0;
    const firstData = start + (hasDictionary === true ? (pages[0]?.length ?? 0) : 0);
    return struct(
      long(2, start),
      part(
        3,
        struct(
          int(1, types[type]),
          list(2, 5, [zigzag(0)]),
          list(3, 8, [textBytes(name)]),
          int(4, codecs[codec]),
          long(5, values),
          long(6, chunkBytes),
          long(7, chunkBytes),
          long(9, firstData),
          ...(hasDictionary === true ? [long(11, start)] : []),
        ),
      ),
    );
  });
  const elements =
    schema ??
    columns.map(({ name, type, isOptional, fixedBytes }) =>
      struct(
        int(1, types[type]),
        ...(fixedBytes === undefined ? [] : [int(2, fixedBytes)]),
        int(3, isOptional === true ? 1 : 0),
        text(4, name),
      ),
    );
  const rowGroups = (groups ?? [{ columns: columns.map((_, index) => index), rows }]).map((group) =>
    struct(
      list(
        1,
        12,
        group.columns.map((index) => metas[index] ?? struct()),
      ),
      long(2, 0),
      long(3, group.rows),
    ),
  );
  const footer =
    directory ??
    struct(
      int(1, 2),
      list(2, 12, [schemaElement('schema', { children: schema === undefined ? columns.length : 1 }), ...elements]),
      long(3, rows),
      list(4, 12, rowGroups),
    );
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, footer.length, true);
  return joinBytes(magic, ...chunks, footer, length, magic);
}
