import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNotes } from './elf-notes.ts';

function note(name: string, type: number, content: Uint8Array, align: number): Uint8Array {
  const up = (size: number): number => Math.ceil(size / align) * align;
  const start = up(12 + name.length + 1);
  const bytes = new Uint8Array(start + up(content.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, name.length + 1, true);
  view.setUint32(4, content.length, true);
  view.setUint32(8, type, true);
  bytes.set(Buffer.from(name), 12);
  bytes.set(content, start);
  return bytes;
}

describe('notes', () => {
  it.each([4, 8])('are read back as they were written, aligned to %i', (align) => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'B', '7'), minLength: 1, maxLength: 20 });
    const written = fc.record({ name: letters, type: fc.nat(9), content: fc.uint8Array({ maxLength: 40 }) });
    fc.assert(
      fc.property(fc.array(written, { maxLength: 6 }), (notes) => {
        const bytes = Buffer.concat(notes.map(({ name, type, content }) => note(name, type, content, align)));
        const read = readNotes(bytes, align).map((each) => ({ ...each, content: new Uint8Array(each.content) }));
        expect(read).toEqual(notes);
      }),
    );
  });

  it('end where one reaches beyond its section', () => {
    const first = note('GNU', 1, Uint8Array.of(1, 2, 3, 4), 4);
    const lying = note('GNU', 2, Uint8Array.of(5), 4);
    new DataView(lying.buffer).setUint32(4, 0xffffffff, true);
    expect(readNotes(Buffer.concat([first, lying]), 4)).toHaveLength(1);
  });

  it('of any bytes come to an end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.constantFrom(0, 1, 4, 8), (bytes, align) => {
        expect(readNotes(bytes, align).length).toBeLessThanOrEqual(bytes.length / 12);
      }),
    );
  });
});
