/** How one element of an array is read. */
export interface ArrayElement {
  readonly bytes: number;
  /** 64-bit integers may be beyond 2^53: a column that holds one is text as a whole. */
  readonly wide: boolean;
  read(view: DataView, at: number): number | bigint | boolean | string;
}

const element = (bytes: number, read: ArrayElement['read'], wide = false): ArrayElement => ({ bytes, read, wide });

/** Of numbers and truth values, by kind (`i u f b`) and bytes as NumPy writes them. Undefined for what is none of them. */
export function numericElement(kind: string, bytes: number, littleEndian: boolean): ArrayElement | undefined {
  switch (`${kind}${bytes}`) {
    case 'b1':
      return element(1, (view, at) => view.getUint8(at) !== 0);
    case 'i1':
      return element(1, (view, at) => view.getInt8(at));
    case 'u1':
      return element(1, (view, at) => view.getUint8(at));
    case 'i2':
      return element(2, (view, at) => view.getInt16(at, littleEndian));
    case 'u2':
      return element(2, (view, at) => view.getUint16(at, littleEndian));
    case 'i4':
      return element(4, (view, at) => view.getInt32(at, littleEndian));
    case 'u4':
      return element(4, (view, at) => view.getUint32(at, littleEndian));
    case 'i8':
      return element(8, (view, at) => view.getBigInt64(at, littleEndian), true);
    case 'u8':
      return element(8, (view, at) => view.getBigUint64(at, littleEndian), true);
    case 'f2':
      return element(2, (view, at) => halfFloat(view.getUint16(at, littleEndian)));
    case 'f4':
      return element(4, (view, at) => view.getFloat32(at, littleEndian));
    case 'f8':
      return element(8, (view, at) => view.getFloat64(at, littleEndian));
    default:
      return undefined;
  }
}

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits >> 15 === 1 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

/** NumPy's `U` (UTF-32) and `S` (bytes, read as UTF-8), both padded with zeros. */
export function textElement(kind: 'U' | 'S', length: number, littleEndian: boolean): ArrayElement {
  if (kind === 'S') {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return element(length, (view, at) => {
      const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
      const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
      return decoder.decode(bytes.subarray(0, end));
    });
  }
  return element(length * 4, (view, at) => {
    let text = '';
    for (let index = 0; index < length; index += 1) {
      const point = view.getUint32(at + index * 4, littleEndian);
      if (point > 0x10ffff) throw new RangeError(`${point} is no character`);
      text += String.fromCodePoint(point);
    }
    return text.replace(/\0+$/, '');
  });
}
