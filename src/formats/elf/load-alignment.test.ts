import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceOf } from '../byte-source.ts';
import { readLoadAlignment } from './load-alignment.ts';

/** An ELF64 header with a table of segments behind it: type and alignment of each. */
function elfOf(segments: readonly (readonly [type: number, alignment: number])[], machine = 183): Uint8Array {
  const bytes = new Uint8Array(64 + segments.length * 56);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(18, machine, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, segments.length, true);
  segments.forEach(([type, alignment], index) => {
    view.setUint32(64 + index * 56, type, true);
    view.setBigUint64(64 + index * 56 + 48, BigInt(alignment), true);
  });
  return bytes;
}
const read = (bytes: Uint8Array): Promise<number | null> => readLoadAlignment(sourceOf(bytes));

describe('the alignment of what is loaded', () => {
  it.each([
    ['pages of 64 KiB', [[1, 65_536]], null],
    ['larger ones', [[1, 2 ** 21]], null],
    ['pages of 4 KiB', [[1, 4096]], 4096],
    [
      'pages of 64 KiB and of 4 KiB, as patchelf leaves it',
      [
        [1, 65_536],
        [1, 4096],
      ],
      4096,
    ],
    [
      'segments that are not loaded',
      [
        [4, 4],
        [1, 65_536],
        [6, 8],
      ],
      null,
    ],
    [
      'no alignment',
      [
        [1, 1],
        [1, 0],
      ],
      null,
    ],
    ['no segment', [], null],
  ] as const)('%s', async (_what, segments, alignment) => {
    expect(await read(elfOf(segments))).toBe(alignment);
  });

  it('is not looked for on another machine, whose pages have one size', async () => {
    expect(await read(elfOf([[1, 4096]], 62))).toBeNull();
  });

  it('of a file that is cut off, or claims too much, is what can be read', async () => {
    const whole = elfOf([
      [1, 4096],
      [1, 16_384],
    ]);
    expect(await read(whole.subarray(0, 40))).toBeNull();
    expect(await read(whole.subarray(0, 64))).toBeNull();
    expect(await read(whole.subarray(0, whole.length - 1))).toBe(4096);
    const many = elfOf([[1, 4096]]);
    new DataView(many.buffer).setUint16(56, 1001, true);
    expect(await read(many)).toBeNull();
    const odd = elfOf([[1, 4096]]);
    new DataView(odd.buffer).setUint16(54, 32, true);
    expect(await read(odd)).toBeNull();
  });

  it('is a number of bytes or nothing, whatever the file holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (tail) => {
        const bytes = elfOf([]);
        const joined = new Uint8Array([...bytes, ...tail]);
        new DataView(joined.buffer).setUint16(56, 5, true);
        const alignment = await read(joined);
        expect(alignment === null || (alignment > 1 && alignment < 65_536)).toBe(true);
      }),
    );
  });
});
