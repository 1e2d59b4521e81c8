import { describe, expect, it } from 'vitest';
import { deviceCodeFixture } from '../../testing/builders/files/device-code-fixtures.ts';
import { sourceOf } from '../byte-source.ts';
import { readCubin, readCubinHead } from './cubin-target.ts';

/** The first 64 bytes of a cubin with this ABI version and these flags. */
function head(abi: number, flags: number): Uint8Array {
  const bytes = deviceCodeFixture('sm_90a.cubin').subarray(0, 64);
  bytes[8] = abi;
  new DataView(bytes.buffer).setUint32(48, flags, true);
  return bytes;
}

describe('the flags of a cubin', () => {
  // As ptxas 12.9.86 and 13.5.37 write them.
  it.each([
    [7, 0x00500550, { abi: 7, sm: 80, marked: false }],
    [7, 0x005a055a, { abi: 7, sm: 90, marked: false }],
    [7, 0x005a0d5a, { abi: 7, sm: 90, marked: true }],
    [8, 0x06006402, { abi: 8, sm: 100, marked: false }],
    [8, 0x0600640a, { abi: 8, sm: 100, marked: true }],
    [8, 0x0600780a, { abi: 8, sm: 120, marked: true }],
    // sm_121: its number has the bit that marks `a` in ABI 7.
    [8, 0x06007902, { abi: 8, sm: 121, marked: false }],
  ])('of ABI %i, 0x%s, name its target', (abi, flags, expected) => {
    expect(readCubinHead(head(abi, flags))).toEqual(expected);
  });

  it('of an ABI to come are not guessed', () => {
    expect(readCubinHead(head(9, 0x06006402))).toBe('a cubin has ABI 9, and 8 is the newest that is known');
  });

  it('of another machine, or of no ELF file, are none', () => {
    const other = head(8, 0);
    other[18] = 62;
    expect(readCubinHead(other)).toMatch(/another kind of machine/);
    expect(readCubinHead(new Uint8Array(64))).toMatch(/no ELF file/);
    expect(readCubinHead(head(8, 0).subarray(0, 60))).toMatch(/no ELF file/);
  });
});

describe('a cubin by CUDA 13', () => {
  it('says in .nv.compat that it is for one architecture alone, and not in its flags', async () => {
    const bytes = deviceCodeFixture('sm_90a.cubin');
    expect(readCubinHead(bytes)).toEqual({ abi: 8, sm: 90, marked: false });
    expect(await readCubin(sourceOf(bytes))).toEqual({ sm: 90, suffix: 'a' });
  });

  it('whose sections are cut off is not guessed', async () => {
    const bytes = deviceCodeFixture('sm_90a.cubin');
    const tableOffset = new DataView(bytes.buffer).getUint32(40, true);
    expect(await readCubin(sourceOf(bytes.subarray(0, tableOffset + 64 * 3)))).toBe(
      'of a cubin: its section table is cut off',
    );
  });
});
