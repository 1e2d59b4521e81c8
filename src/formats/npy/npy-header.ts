import { numericElement, textElement, type ArrayElement } from '../arrays/array-elements.ts';
import { badDataFile } from '../data-file.ts';

export interface NpyHeader {
  readonly shape: readonly number[];
  readonly element: ArrayElement;
  /** Where the values begin. */
  readonly bodyAt: number;
}

/** What is read to find the header; headers of arrays are 128 bytes, and longer only for many fields. */
export const npyHeadBytes = 70_000;
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * The header of a `.npy` file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): magic, version,
 * length, and a Python dictionary of three known keys.
 * @throws PlimsollError `data-invalid`.
 */
export function npyHeader(head: Uint8Array, name: string): NpyHeader {
  if (head.length < 12 || magic.some((byte, index) => head[index] !== byte)) {
    throw badDataFile(`${name} is no NumPy array: it does not begin with \\x93NUMPY`, 'save it with numpy.save');
  }
  const version = head[6] ?? 0;
  if (version < 1 || version > 3)
    throw badDataFile(`${name} has version ${version} of the NumPy format; 1 to 3 are known`);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const textAt = version === 1 ? 10 : 12;
  if (textAt + length > head.length)
    throw badDataFile(`the header of ${name} is cut off, or longer than ${npyHeadBytes} bytes`);
  const text = new TextDecoder('utf-8').decode(head.subarray(textAt, textAt + length));
  const shape = shapeIn(text, name);
  if (shape.length > 1 && /'fortran_order'\s*:\s*True/.test(text)) {
    throw badDataFile(
      `${name} is stored column by column (fortran_order), so that its rows do not stand together`,
      'save numpy.ascontiguousarray(array)',
    );
  }
  return { shape, element: elementIn(text, name), bodyAt: textAt + length };
}

function shapeIn(text: string, name: string): readonly number[] {
  const listed = /'shape'\s*:\s*\(([0-9,\sL]*)\)/.exec(text)?.[1];
  if (listed === undefined) throw badDataFile(`the header of ${name} tells no shape`);
  const shape = listed
    .split(',')
    .map((size) => size.trim().replace(/L$/, ''))
    .filter(Boolean)
    .map(Number);
  if (shape.length > 32 || shape.some((size) => !Number.isSafeInteger(size))) {
    throw badDataFile(`the shape of ${name} cannot be right: ${listed.slice(0, 100)}`);
  }
  if (shape.length > 0 && !Number.isSafeInteger(shape.reduce((product, size) => product * size, 1))) {
    throw badDataFile(`the shape of ${name} cannot be right: ${shape.join(' x ')} values`);
  }
  return shape;
}

function elementIn(text: string, name: string): ArrayElement {
  const descr = /'descr'\s*:\s*(?:'([^']*)'|(\[))/.exec(text);
  if (descr?.[2] !== undefined) {
    throw badDataFile(`${name} is an array of records`, 'save each field as an array of its own with numpy.savez');
  }
  const parts = /^([<>|=]?)([a-zA-Z])(\d*)/.exec(descr?.[1] ?? '');
  const [, order = '', kind = '', size = ''] = parts ?? [];
  if (kind === 'O') {
    throw badDataFile(
      `${name} is an array of Python objects, which NumPy stores as a pickle; unpickling runs whatever code it holds`,
      'save it with a fixed type: array.astype(str), or as JSON lines',
    );
  }
  const littleEndian = order !== '>';
  if ((kind === 'U' || kind === 'S') && Number(size) > 0) return textElement(kind, Number(size), littleEndian);
  const found = numericElement(kind, Number(size), littleEndian);
  if (found !== undefined) return found;
  throw badDataFile(
    `${name} holds values of the type ${descr?.[1]?.slice(0, 40) ?? 'none'}; integers, floats, truth values and text are read`,
    kind === 'M' ? "save dates as text: array.astype('datetime64[s]').astype(str)" : 'convert it with array.astype',
  );
}
