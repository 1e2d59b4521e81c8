import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceOf } from '../byte-source.ts';
import { asksExecutableStack } from './stack-flag.ts';

/** An ELF64 header with a table of segments behind it: type and flags of each. */
function elfOf(segments: readonly (readonly [type: number, flags: number])[], kind = 3): Uint8Array {
  const bytes = new Uint8Array(64 + segments.length * 56);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, kind, true);
  view.setUint16(18, 62, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, segments.length, true);
  segments.forEach(([type, flags], index) => {
    view.setUint32(64 + index * 56, type, true);
    view.setUint32(64 + index * 56 + 4, flags, true);
  });
  return bytes;
}
const stack = 0x64_74_e5_51;
const asks = (bytes: Uint8Array): Promise<boolean> => asksExecutableStack(sourceOf(bytes));

describe('a library that asks for an executable stack', () => {
  it.each([
    [
      'read, write and execute',
      [
        [1, 5],
        [stack, 7],
      ],
      true,
    ],
    [
      'read and write',
      [
        [1, 5],
        [stack, 6],
      ],
      false,
    ],
    ['execute alone', [[stack, 1]], true],
    ['no word on the stack', [[1, 5]], false],
    ['no segment', [], false],
    [
      'a program, which names its loader',
      [
        [3, 4],
        [stack, 7],
      ],
      false,
    ],
    [
      'a program that names it behind',
      [
        [stack, 7],
        [3, 4],
      ],
      false,
    ],
  ] as const)('%s', async (_what, segments, answer) => {
    expect(await asks(elfOf(segments))).toBe(answer);
  });

  it('is none of another kind of file, nor one that is cut off or claims too much', async () => {
    expect(await asks(elfOf([[stack, 7]], 2))).toBe(false);
    const whole = elfOf([[stack, 7]]);
    expect(await asks(whole.subarray(0, 40))).toBe(false);
    expect(await asks(whole.subarray(0, whole.length - 1))).toBe(false);
    const many = elfOf([[stack, 7]]);
    new DataView(many.buffer).setUint16(56, 1001, true);
    expect(await asks(many)).toBe(false);
    const odd = elfOf([[stack, 7]]);
    new DataView(odd.buffer).setUint16(54, 32, true);
    expect(await asks(odd)).toBe(false);
  });

  it('is told or not, whatever the file holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (tail) => {
        const joined = new Uint8Array([...elfOf([]), ...tail]);
        new DataView(joined.buffer).setUint16(56, 5, true);
        expect(typeof (await asks(joined))).toBe('boolean');
      }),
    );
  });
});
