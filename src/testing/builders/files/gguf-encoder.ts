/** A small GGUF encoder, to write files (sound and unsound) in tests. Versions 1 to 3, either byte order. */
export interface GgufForm {
  readonly version?: number;
  readonly big?: boolean;
}

export interface GgufTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Number of the ggml type. */
  readonly type: number;
  readonly offset: number;
}

/** `[type, value]` as the format numbers types: 4 u32, 5 i32, 6 f32, 7 bool, 8 text, 9 a list `[type, values]`, 10 u64. */
export type GgufEntry = readonly [type: number, value: number | string | bigint | boolean | GgufList];
export type GgufList = readonly [type: number, values: readonly (number | string | GgufList)[], lengthSaid?: number];

export interface GgufContent {
  readonly metadata?: Readonly<Record<string, GgufEntry>>;
  readonly tensors?: readonly GgufTensor[];
  readonly dataBytes?: number;
  readonly tensorsSaid?: number | bigint;
  readonly entriesSaid?: number | bigint;
}

export function ggufFile(content: GgufContent, form: GgufForm = {}): Uint8Array {
  const { metadata = {}, tensors = [], dataBytes = 0 } = content;
  const writer = new Writer(form);
  writer.bytes(Uint8Array.from([0x47, 0x47, 0x55, 0x46]));
  writer.u32(form.version ?? 3);
  writer.length(content.tensorsSaid ?? tensors.length);
  writer.length(content.entriesSaid ?? Object.keys(metadata).length);
  for (const [key, [type, value]] of Object.entries(metadata)) {
    writer.text(key);
    writer.u32(type);
    writer.value(type, value);
  }
  for (const { name, shape, type, offset } of tensors) {
    writer.text(name);
    writer.u32(shape.length);
    for (const size of shape) writer.length(size);
    writer.u32(type);
    writer.u64(offset);
  }
  writer.padTo(32);
  writer.bytes(new Uint8Array(dataBytes));
  return writer.done();
}

class Writer {
  readonly #parts: Uint8Array[] = [];
  readonly #little: boolean;
  readonly #short: boolean;
  #at = 0;

  constructor({ version = 3, big = false }: GgufForm) {
    this.#little = !big;
    this.#short = version === 1;
  }

  bytes(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#at += bytes.length;
  }

  #number(bytes: number, write: (view: DataView) => void): void {
    const view = new DataView(new ArrayBuffer(bytes));
    write(view);
    this.bytes(new Uint8Array(view.buffer));
  }

  u32(value: number): void {
    this.#number(4, (view) => {
      view.setUint32(0, value, this.#little);
    });
  }

  u64(value: number | bigint): void {
    this.#number(8, (view) => {
      view.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), this.#little);
    });
  }

  length(value: number | bigint): void {
    if (this.#short) this.u32(Number(value));
    else this.u64(value);
  }

  text(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.length(bytes.length);
    this.bytes(bytes);
  }

  value(type: number, value: GgufEntry[1]): void {
    if (Array.isArray(value)) {
      const [itemType, items, said] = value as GgufList;
      this.u32(itemType);
      this.length(said ?? items.length);
      for (const item of items) this.value(itemType, item);
    } else if (typeof value === 'string') this.text(value);
    else if (type === 7) this.bytes(Uint8Array.from([value === true ? 1 : 0]));
    else if (type === 6) {
      this.#number(4, (view) => {
        view.setFloat32(0, Number(value), this.#little);
      });
    } else if (type >= 10) this.u64(BigInt(value as number | bigint));
    else if (type >= 4) this.u32(Number(value) >>> 0);
    else if (type >= 2) this.bytes(new Uint8Array(2));
    else this.bytes(Uint8Array.from([Number(value) & 0xff]));
  }

  padTo(alignment: number): void {
    this.bytes(new Uint8Array((alignment - (this.#at % alignment)) % alignment));
  }

  done(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#parts));
  }
}
