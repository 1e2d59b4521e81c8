import { badDataFile } from '../data-file.ts';

/**
 * Walks the runs of one hybrid of run lengths and packed bits, and reads none of its values. A run of ten bytes can claim two
 * billion values, and a reader would make a list of them.
 * Source: https://parquet.apache.org/docs/file-format/data-pages/encodings/#run-length-encoding--bit-packing-hybrid-rle--3
 * @param values how many the page says there are at most
 * @throws PlimsollError `data-invalid`.
 */
export function requireRuns(bytes: Uint8Array, from: number, end: number, bitWidth: number, values: number): void {
  let at = from;
  for (let seen = 0; seen < values;) {
    const head = readVarint(bytes, at, end);
    at = head.next;
    const left = values - seen;
    if (head.value % 2 === 0) {
      const count = head.value / 2;
      if (count > left) throw badDataFile(`a run claims ${count} values, and ${left} are left in its page`);
      seen += count;
      at += Math.ceil(bitWidth / 8);
      if (at > end) throw cutOff();
    } else {
      const groups = (head.value - 1) / 2;
      // The last group is filled up, and some writers leave out the bytes that only fill.
      if (bitWidth === 0 ? groups > Math.ceil(left / 8) : groups * bitWidth > end - at && groups * 8 > left + 7) {
        throw badDataFile(`a run claims ${groups * 8} values, and ${left} are left in its page`);
      }
      seen += groups * 8;
      at += groups * bitWidth;
    }
  }
}

/** An unsigned number of 7 bits a byte, of at most 32 bits. @throws PlimsollError `data-invalid`. */
export function readVarint(
  bytes: Uint8Array,
  from: number,
  end: number,
): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let count = 0; count < 5; count += 1) {
    const byte = from + count < end ? bytes[from + count] : undefined;
    if (byte === undefined) throw cutOff();
    value += (byte & 127) * 2 ** (7 * count);
    if (byte < 128 && value < 2 ** 32) return { value, next: from + count + 1 };
  }
  throw badDataFile('a length in a page is larger than any page');
}

export const cutOff = (): Error => badDataFile('the values of a page are cut off');
