import { describe, expect, it } from 'vitest';
import { readCompatNote } from './compat-note.ts';

const json = '{"CUDA version":"12.9","driver":[535,550,560],"device":[1,2,7]}';

/** A note whose name is filled up to a multiple of `align`, counted from the name or from the beginning of the note. */
function note(align: number, countedFrom: number, content = json): Uint8Array {
  const name = Buffer.from('NVIDIA Corporation\0');
  const start = 12 + Math.ceil((name.length + countedFrom) / align) * align - countedFrom;
  const bytes = Buffer.alloc(start + content.length + 3);
  bytes.writeUInt32LE(name.length, 0);
  bytes.writeUInt32LE(content.length, 4);
  bytes.writeUInt32LE(1, 8);
  bytes.set(name, 12);
  bytes.write(content, start);
  return bytes;
}

describe('the note of a compatibility library', () => {
  it.each([
    [1, 0],
    [4, 0],
    [8, 0],
    [8, 12],
    [16, 0],
  ])('is read however its name is filled up (to %i, from %i)', (align, from) => {
    expect(readCompatNote(note(align, from))).toEqual({
      cudaVersion: '12.9',
      drivers: [535, 550, 560],
      brands: [1, 2, 7],
    });
  });

  it('is read with names of fields in any case, as the program that decides reads them', () => {
    expect(readCompatNote(note(4, 0, '{"Format":1,"CUDA Version":"13.1","Driver":[535],"Device":[1]}'))).toEqual({
      ...{ cudaVersion: '13.1', drivers: [535], brands: [1] },
    });
  });

  it('that claims more bytes than the section has is read as far as they go', () => {
    const long = note(4, 0);
    new DataView(long.buffer, long.byteOffset).setUint32(4, 0xffffffff, true);
    expect(readCompatNote(long)).toMatchObject({ cudaVersion: '12.9' });
    expect(readCompatNote(long.subarray(0, 60))).toBe('its note is not a JSON object');
    expect(readCompatNote(new Uint8Array(8).fill(255))).toBe('it has no note by NVIDIA Corporation');
  });
});
