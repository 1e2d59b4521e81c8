import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompressZstd } from '../../testing/builders/files/decompress-zstd.ts';
import { deviceCodeFixture, listed } from '../../testing/builders/files/device-code-fixtures.ts';
import { dynamicSections, makeElf } from '../../testing/builders/files/elf-builder.ts';
import { sourceOf, type ByteSource } from '../byte-source.ts';
import { readElf, type ElfFile } from './elf-file.ts';
import { readLibrary, type LibraryFound } from './read-library.ts';

const library = (): Uint8Array => deviceCodeFixture('library.so');
const read = (bytes: Uint8Array): Promise<LibraryFound | null> =>
  readLibrary(sourceOf(bytes), 'usr/lib/library.so', { decompressZstd });

async function sound(bytes: Uint8Array): Promise<ElfFile> {
  const elf = await readElf(sourceOf(bytes));
  if ('notOurs' in elf) throw new Error(elf.notOurs);
  return elf;
}

/** Position of the n-th entry of the section table. */
const tableOffset = (bytes: Uint8Array): number => new DataView(bytes.buffer).getUint32(40, true);

/** The fixture with one section's entry in the table edited; offsets are those of Elf64_Shdr. */
async function withSection(name: string, edit: (entry: DataView) => void): Promise<Uint8Array> {
  const bytes = library();
  const section = (await sound(bytes)).sections.find((each) => each.name === name);
  edit(new DataView(bytes.buffer, tableOffset(bytes) + 64 * (section?.index ?? Number.NaN)));
  return bytes;
}
const shdr = { name: 0, type: 4, flags: 8, offset: 24, size: 32, link: 40 } as const;

describe('a shared library', () => {
  it('tells what readelf and cuobjdump tell of it, and the kernels that cuobjdump does not look for', async () => {
    const found = await read(library());
    expect({ ...found, device: null }).toEqual({
      device: null,
      soname: 'libnccl.so.2',
      needed: ['libm.so.6', 'libc.so.6'],
      versions: { nccl: '2.23.4' },
      compatNote: { cudaVersion: '12.9', drivers: [535, 550, 560], brands: [1, 2, 7] },
      cpuLevel: 'x86-64-v3',
      instructions: null,
      pageSize: null,
      execStack: false,
      unknown: {},
    });
    expect(found?.device).toMatchObject({ path: 'usr/lib/library.so', bytes: library().length, ptxCuda: '12.0' });
    expect(listed(found?.device?.cubins ?? [])).toBe('sm_80 sm_90a sm_120');
    expect(listed(found?.device?.ptx ?? [])).toBe('sm_90');
    expect(found?.device).not.toHaveProperty('unknown');
  });

  it('tells the C++ ABI of torch that its names of symbols tell', async () => {
    expect((await read(library()))?.device).not.toHaveProperty('torchAbi');
    const names = (await sound(library())).sections.find(({ name }) => name === '.dynstr');
    const strings = library().subarray(names?.offset, (names?.offset ?? 0) + (names?.bytes ?? 0));
    const more = new TextEncoder().encode('_ZN3c105ErrorC1ENS_14SourceLocationESs\0');
    const edited = await withSection('.dynstr', (entry) => {
      entry.setBigUint64(shdr.offset, BigInt(library().length), true);
      entry.setBigUint64(shdr.size, BigInt(strings.length + more.length), true);
    });
    const found = await read(Uint8Array.from([...edited, ...strings, ...more]));
    expect(found?.needed).toEqual(['libm.so.6', 'libc.so.6']);
    expect(found?.device?.torchAbi).toBe('old');
  });

  it('leaves out what was for the device linker, unless there is nothing else', async () => {
    const notLinked = await withSection('.nv_fatbin', (entry) => entry.setUint32(shdr.type, 8, true));
    expect(listed((await read(notLinked))?.device?.cubins ?? [])).toBe('sm_75 sm_120');
  });

  it('counts a cubin that stands by itself only where there is no fat binary', async () => {
    const bytes = library();
    for (const { name, offset, bytes: size } of (await sound(library())).sections) {
      if (/fatbin$|cask/.test(name)) bytes.fill(0, offset, offset + size);
    }
    expect((await read(bytes))?.device).toMatchObject({ cubins: [{ capability: '7.5', suffix: '' }], ptx: [] });
  });

  it('counts no cubin beside a fat binary of an unknown version', async () => {
    const bytes = library();
    const view = new DataView(bytes.buffer);
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      if (view.getUint32(at, true) === 0xba55ed50) view.setUint16(at + 4, 2, true);
    }
    for (const { name, offset, bytes: size } of (await sound(library())).sections) {
      if (/fatbin$/.test(name)) bytes.fill(0, offset, offset + size);
    }
    expect((await read(bytes))?.device).toMatchObject({ cubins: [], ptx: [], unknown: 'fat binary of version 2' });
  });

  it('without device code has none', async () => {
    const bytes = library();
    for (const { name, offset, bytes: size } of (await sound(library())).sections) {
      if (/fatbin$|cask|rodata/.test(name)) bytes.fill(0, offset, offset + size);
    }
    expect(await read(bytes)).toMatchObject({ device: null, soname: 'libnccl.so.2', unknown: {} });
  });
});

it('is linked to libraries of CUDA, and to those of a driver that are handed in by name', async () => {
  const bytes = library();
  const fatbin = (await sound(bytes)).sections.find(({ name }) => name === '.nv_fatbin');
  const content = bytes.slice(fatbin?.offset, (fatbin?.offset ?? 0) + (fatbin?.bytes ?? 0));
  const names = ['libnvcuvid.so.1', 'libcudart.so.12', 'libcuda.so.1', 'libc.so.6', 'libnvidia-ml.so.1'];
  const linked = makeElf([
    { name: '.nv_fatbin', type: 1, content },
    ...dynamicSections(names.map((name) => [1, name] as const)),
  ]);
  expect((await read(linked))?.device?.needs).toEqual(['libcudart.so.12', 'libnvcuvid.so.1', 'libnvidia-ml.so.1']);
});

describe('a cubin', () => {
  it('is a library of one kernel target', async () => {
    expect((await read(deviceCodeFixture('sm_90a.cubin')))?.device).toMatchObject({
      cubins: [{ capability: '9.0', suffix: 'a' }],
      ptx: [],
    });
  });
});

describe('a file that is no ELF64 of little-endian order', () => {
  it.each([
    ['is empty', () => new Uint8Array(), 'it does not begin as ELF files do'],
    ['is text', () => Buffer.from('#!/bin/sh\n'.repeat(20)), 'it does not begin as ELF files do'],
    ['is for 32 bits', () => changed(4, 1), 'it is a 32-bit ELF file'],
    ['is big-endian', () => changed(5, 2), 'it is an ELF file of big-endian order'],
    ['is of no known class', () => changed(4, 7), 'it is an ELF file of an unknown class or byte order'],
    ['ends within its header', () => library().subarray(0, 63), 'it is cut off within the ELF header'],
  ])('because it %s is not ours, with the reason', async (_, bytes, why) => {
    expect(await readElf(sourceOf(bytes()))).toEqual({ notOurs: why });
    expect(await read(bytes())).toBeNull();
  });
});

function changed(place: number, value: number): Uint8Array {
  const bytes = library();
  bytes[place] = value;
  return bytes;
}

const largest = 2n ** 64n - 1n;

describe('a section table that lies', () => {
  it.each([
    [
      'about where it is',
      (view: DataView) => view.setBigUint64(40, largest, true),
      'its section table lies beyond the end of the file',
    ],
    [
      'about the size of its entries',
      (view: DataView) => view.setUint16(58, 65, true),
      'its section table has entries of 65 bytes, not 64',
    ],
    ['about how many there are', (view: DataView) => view.setUint16(60, 65_000, true), 'its section table is cut off'],
    [
      'about which holds the names',
      (view: DataView) => view.setUint16(62, 60_000, true),
      'its table of section names is missing',
    ],
    ['and is not there', (view: DataView) => view.setBigUint64(40, 0n, true), 'it has no section table'],
  ])('%s is told, and the file searched from end to end', async (_, edit, why) => {
    const bytes = library();
    edit(new DataView(bytes.buffer));
    const found = await read(bytes);
    expect(found?.unknown).toEqual({ sections: why });
    // What is for the linker cannot be told apart without sections.
    expect(listed(found?.device?.cubins ?? [])).toBe('sm_75 sm_80 sm_90a sm_120');
    expect(found?.device?.unknown).toBe(why);
  });

  it('with 2^64 sections, by the entry for numbers that do not fit, is refused before it is read', async () => {
    const bytes = library();
    new DataView(bytes.buffer).setUint16(60, 0, true);
    new DataView(bytes.buffer, tableOffset(bytes)).setBigUint64(32, largest, true);
    expect((await read(bytes))?.unknown['sections']).toMatch(
      /^it claims 18446744073709552000 sections, and 100000 are the most$/,
    );
  });

  it('about one section leaves the others', async () => {
    const found = await read(await withSection('.rodata', (entry) => entry.setBigUint64(shdr.size, largest, true)));
    expect(found).toMatchObject({
      soname: 'libnccl.so.2',
      unknown: { sections: 'section .rodata lies beyond the end of the file' },
    });
  });

  it('about a name that has no end leaves the section out', async () => {
    const found = await read(await withSection('.text', (entry) => entry.setUint32(shdr.name, 0xffffffff, true)));
    expect(found?.unknown['sections']).toBe('section 4 has no sound name');
  });

  it('that names the same bytes a thousand times is walked once', async () => {
    const bytes = library();
    const at = tableOffset(bytes);
    const { index } = (await sound(bytes)).sections.find(({ name }) => name === '.nv_fatbin') ?? { index: 0 };
    const entry = bytes.slice(at + 64 * index, at + 64 * (index + 1));
    new DataView(entry.buffer).setBigUint64(shdr.offset, 64n, true);
    new DataView(entry.buffer).setBigUint64(shdr.size, BigInt(bytes.length - 64), true);
    const count = 60_000;
    const large = new Uint8Array(at + 64 * count);
    large.set(bytes);
    for (let section = 14; section < count; section += 1) large.set(entry, at + 64 * section);
    new DataView(large.buffer).setUint16(60, count, true);
    let readBytes = 0;
    const source = sourceOf(large);
    const counting: ByteSource = {
      ...source,
      read: (offset, length) => {
        readBytes += length;
        return source.read(offset, length);
      },
    };
    await readLibrary(counting, 'library.so', { decompressZstd });
    expect(readBytes).toBeLessThan(large.length * 4);
  });
});

describe('names of the dynamic section', () => {
  it('without an end are told', async () => {
    const bytes = library();
    const strings = (await sound(bytes)).sections.find(({ name }) => name === '.dynstr');
    bytes.fill(0x41, strings?.offset, (strings?.offset ?? 0) + (strings?.bytes ?? 0));
    expect(await read(bytes)).toMatchObject({
      ...{ soname: null, needed: [], versions: {} },
      unknown: { needed: 'a name of the dynamic section has no end' },
    });
  });

  it('in no table of strings are told', async () => {
    const bytes = await withSection('.dynamic', (entry) => entry.setUint32(shdr.link, 0xffffffff, true));
    expect((await read(bytes))?.unknown).toEqual({ needed: 'the dynamic section names no table of strings' });
  });
});

describe('the note of a compatibility library', () => {
  it.each([
    ['is no JSON', '{"CUDA version":', 'its note is not a JSON object'],
    ['is a list', '[1]', 'its note is not a JSON object'],
    ['names no version', '{"driver":[535],"device":[1]}', 'its note names no CUDA version'],
    [
      'lists drivers as text',
      '{"CUDA version":"12.9","driver":["535"],"device":[]}',
      'its note does not list drivers and devices as numbers',
    ],
  ])('that %s is unknown, with the reason', async (_, json, why) => {
    const bytes = library();
    const note = (await sound(bytes)).sections.find(({ name }) => name === '.note.cuda.fwd_compatibility');
    const content = (note?.offset ?? 0) + 12 + 20;
    bytes.fill(0, content, content + 63);
    bytes.set(Buffer.from(json), content);
    expect(await read(bytes)).toMatchObject({ compatNote: null, unknown: { compatNote: why } });
  });

  it('of somebody else is none of ours', async () => {
    const bytes = library();
    const note = (await sound(bytes)).sections.find(({ name }) => name === '.note.cuda.fwd_compatibility');
    bytes[(note?.offset ?? 0) + 12] = 0x58;
    expect((await read(bytes))?.unknown).toEqual({ compatNote: 'it has no note by NVIDIA Corporation' });
  });
});

describe('the CPU level', () => {
  it.each([
    [0b0001, 'x86-64-v1'],
    [0b0011, 'x86-64-v2'],
    [0b1111, 'x86-64-v4'],
    [0, null],
  ])('of bits %i is %s', async (bits, level) => {
    const bytes = library();
    const note = (await sound(bytes)).sections.find(({ name }) => name === '.note.gnu.property');
    new DataView(bytes.buffer, note?.offset).setUint32(12 + 4 + 8, bits, true);
    expect((await read(bytes))?.cpuLevel).toBe(level);
  });

  it('is null where the file only says what it uses', async () => {
    const bytes = library();
    const note = (await sound(bytes)).sections.find(({ name }) => name === '.note.gnu.property');
    new DataView(bytes.buffer, note?.offset).setUint32(12 + 4, 0xc0010002, true);
    expect((await read(bytes))?.cpuLevel).toBeNull();
  });
});

describe('a version function', () => {
  it('that does more than to hand out a constant is not read', async () => {
    const bytes = library();
    const text = (await sound(bytes)).sections.find(({ name }) => name === '.text');
    bytes[(text?.offset ?? 0) + 4] = 0x55;
    expect((await read(bytes))?.versions).toEqual({});
  });
});

describe('reading', () => {
  it('stops when it is cancelled', async () => {
    await expect(
      readLibrary(sourceOf(library()), 'a.so', { decompressZstd, signal: { aborted: true } }),
    ).rejects.toMatchObject({ code: 'reading-cancelled' });
  });

  it('ends without an exception for any damaged byte, and for a file that ends anywhere', async () => {
    const damage = fc.record({
      place: fc.nat(library().length - 1),
      value: fc.nat(255),
      cut: fc.nat(library().length),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ place, value, cut }) => {
        const bytes = library();
        bytes[place] = value;
        await read(bytes);
        await read(bytes.subarray(0, cut));
      }),
      { numRuns: 400 },
    );
  });
});
