import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompressZstd } from '../../testing/builders/files/decompress-zstd.ts';
import { deviceCodeFixture, listed } from '../../testing/builders/files/device-code-fixtures.ts';
import { sourceOf, type ByteSource } from '../byte-source.ts';
import { fatbinHeaderBytes, readEntry } from './fatbin-headers.ts';
import { ImageReader } from './image-payload.ts';
import { ImageTally, type DeviceImages } from './image-tally.ts';
import { readFatbins, walkFatbins } from './walk-fatbins.ts';

const read = (bytes: Uint8Array): Promise<DeviceImages> => readFatbins(sourceOf(bytes), decompressZstd);
/** As in a section of all sorts of data. */
async function readAmongOthers(bytes: Uint8Array): Promise<DeviceImages> {
  const file = sourceOf(bytes);
  const tally = new ImageTally(new ImageReader(file, decompressZstd));
  await walkFatbins(file, { start: 0, end: file.bytes, isDeclared: false }, tally, { cubinAt: () => undefined });
  return tally.finish();
}
const cubins = 'sm_75 sm_80 sm_90a sm_100 sm_100a sm_103a sm_120';
const ptx = 'sm_90 sm_90a sm_120f';

/** Where the header of each image stands. */
function entriesOf(file: Uint8Array): readonly number[] {
  const places: number[] = [];
  for (let at = fatbinHeaderBytes; at < file.length;) {
    const { headerBytes, payloadBytes } = readEntry(file, at);
    places.push(at);
    at += headerBytes + payloadBytes;
  }
  return places;
}

/** A fixture with some bytes of its n-th image's header replaced. */
function edited(name: string, index: number, edit: (view: DataView) => void): Uint8Array {
  const file = deviceCodeFixture(name);
  edit(new DataView(file.buffer, entriesOf(file)[index]));
  return file;
}

/** Positions in an entry's header. */
const at = { kind: 0, headerBytes: 4, payloadBytes: 8, sm: 28, flags: 40, wholeBytes: 56 } as const;
/** Order of the images in zstd.fatbin. */
const image = { sm80: 1, sm90aOld: 2, sm90aNew: 3, sm103a: 6, ptx90: 8 } as const;

describe('a fat binary', () => {
  it.each([
    ['zstd.fatbin', 'zstd'],
    ['lz4.fatbin', 'lz4'],
    ['group.fatbin', 'zstd'],
  ] as const)('(%s) lists what cuobjdump lists', async (name, compression) => {
    const images = await read(deviceCodeFixture(name));
    expect({ ...images, cubins: listed(images.cubins), ptx: listed(images.ptx) }).toEqual({
      ...{ count: 11, cubins, ptx, ptxIsa: '8.8', compression, linkTimeCode: 0, problems: [] },
    });
  });

  it('that is not compressed lists what cuobjdump lists', async () => {
    const images = await read(deviceCodeFixture('plain.fatbin'));
    expect([listed(images.cubins), listed(images.ptx), images.problems]).toEqual(['sm_90 sm_103a', 'sm_120f', []]);
  });

  it('in a section of its own makes all else there suspect', async () => {
    const padded = Buffer.concat([
      deviceCodeFixture('plain.fatbin'),
      new Uint8Array(64),
      deviceCodeFixture('plain.fatbin'),
    ]);
    expect((await read(padded)).problems).toEqual([]);
    padded[deviceCodeFixture('plain.fatbin').length + 20] = 1;
    expect((await read(padded)).problems).toEqual(['bytes that belong to no fat binary']);
  });

  it('is found behind another, and behind bytes that are none', async () => {
    const between = new Uint8Array(40).fill(0x50);
    const parts = [between, deviceCodeFixture('plain.fatbin'), between, deviceCodeFixture('zstd.fatbin')];
    const images = await readAmongOthers(Buffer.concat(parts));
    expect(images.count).toBe(3 + 11);
    expect(listed(images.cubins)).toBe(cubins.replace('sm_90a', 'sm_90 sm_90a'));
  });

  it('of any size is stepped through without reading its images', async () => {
    const payloadBytes = 64 * 1024 * 1024;
    const file = edited('plain.fatbin', 0, (view) => {
      view.setUint32(at.payloadBytes, payloadBytes, true);
      view.setUint32(at.sm, 80, true);
    });
    const header = file.slice(0, fatbinHeaderBytes + 64);
    new DataView(header.buffer).setUint32(8, (64 + payloadBytes) * 3, true);
    const entry = header.subarray(fatbinHeaderBytes);
    let readBytes = 0;
    const source: ByteSource = {
      bytes: fatbinHeaderBytes + (64 + payloadBytes) * 3,
      read: (offset, length) => {
        readBytes += length;
        const bytes = new Uint8Array(length);
        for (let index = 0; index < 3; index += 1) {
          const place = fatbinHeaderBytes + index * (64 + payloadBytes) - offset;
          if (place >= 0 && place + 64 <= length) bytes.set(entry, place);
        }
        if (offset === 0) bytes.set(header.subarray(0, Math.min(length, fatbinHeaderBytes)));
        return Promise.resolve(bytes);
      },
    };
    const images = await readFatbins(source, decompressZstd);
    expect([images.count, listed(images.cubins), images.problems]).toEqual([3, 'sm_80', []]);
    expect(readBytes).toBeLessThan(512 * 1024);
  });
});

describe('a fat binary that cannot be read, among other data', () => {
  it.each([
    ['of another version', 4, 2, ['fat binary of version 2']],
    ['with another header', 6, 24, ['fat binary with a header of 24 bytes']],
    ['is its magic number by chance', 6, 0xffff, []],
  ])('%s', async (_, place, value, problems) => {
    const file = deviceCodeFixture('plain.fatbin');
    new DataView(file.buffer).setUint16(place, value, true);
    expect((await readAmongOthers(file)).problems).toEqual(problems);
  });
});

describe('what an image says of itself', () => {
  it('is believed over an entry that says less, before CUDA 13', async () => {
    const images = await read(edited('lz4.fatbin', image.sm90aOld, (view) => view.setUint32(at.flags, 0x2011, true)));
    expect([listed(images.cubins), images.problems]).toEqual([cubins, []]);
  });

  it('must agree with an entry that is marked, or else the target is unknown', async () => {
    const marked = edited('plain.fatbin', 0, (view) => view.setUint32(at.flags, 0x100011, true));
    expect(await read(marked)).toMatchObject({
      cubins: [{ capability: '10.3', suffix: 'a' }],
      problems: ['a cubin for sm_90 in an entry for sm_90a'],
    });
    const unmarked = edited('zstd.fatbin', image.sm103a, (view) => view.setUint32(at.flags, 0x1008011, true));
    expect((await read(unmarked)).problems).toEqual(['a cubin for sm_103a in an entry for sm_103']);
  });

  it('must be for the capability of its entry', async () => {
    const cubin = edited('lz4.fatbin', image.sm90aOld, (view) => view.setUint32(at.sm, 100, true));
    expect((await read(cubin)).problems).toEqual(['a cubin for sm_90a in an entry for sm_100a']);
    const text = edited('zstd.fatbin', image.ptx90, (view) => view.setUint32(at.sm, 100, true));
    expect((await read(text)).problems).toEqual(['PTX for sm_90 in an entry for sm_100']);
  });

  it('is unknown when its bytes are damaged', async () => {
    const file = deviceCodeFixture('zstd.fatbin');
    const place = entriesOf(file)[image.sm103a] ?? 0;
    file.fill(0, place + readEntry(file, place).headerBytes + 4, place + 700);
    const images = await read(file);
    expect(listed(images.cubins)).toBe(cubins.replace(' sm_103a', ''));
    expect(images.problems).toEqual(['an image is no sound Zstandard frame']);
  });
});

describe('an image that is neither cubin nor PTX', () => {
  it('of a kind that is not known makes the list incomplete', async () => {
    const images = await read(edited('zstd.fatbin', image.sm80, (view) => view.setUint16(at.kind, 0x40, true)));
    expect(listed(images.cubins)).toBe(cubins.replace('sm_80 ', ''));
    expect(images.problems).toEqual(['an image of kind 0x40, which is not known']);
  });

  it('of code for the linker is no kernel, and no gap', async () => {
    const images = await read(edited('zstd.fatbin', image.sm80, (view) => view.setUint16(at.kind, 8, true)));
    expect([listed(images.cubins), images.linkTimeCode, images.problems]).toEqual([
      cubins.replace('sm_80 ', ''),
      1,
      [],
    ]);
  });

  it('makes its fat binary an input of the linker, outside of the sections that the runtime loads', async () => {
    const file = edited('zstd.fatbin', image.sm80, (view) => view.setUint16(at.kind, 8, true));
    expect(await readAmongOthers(file)).toMatchObject({ count: 0, cubins: [], ptx: [], linkTimeCode: 1 });
  });
});

describe('a fat binary that lies', () => {
  it.each([
    ['of an unknown version', (view: DataView) => view.setUint16(4, 2, true), 'fat binary of version 2', ''],
    [
      'about its own size',
      (view: DataView) => view.setBigUint64(8, 2n ** 64n - 1n, true),
      'a fat binary reaches beyond the end of its section',
      cubins,
    ],
    [
      'about the size of an image',
      (view: DataView) => view.setBigUint64(16 + at.payloadBytes, 2n ** 64n - 8n, true),
      'an image reaches beyond the end of its fat binary',
      '',
    ],
    [
      'about the size of a header',
      (view: DataView) => view.setUint32(16 + at.headerBytes, 0, true),
      'a fat binary holds an image with a header of 0 bytes',
      '',
    ],
  ])('%s is read as far as it is sound', async (_, edit, reason, expected) => {
    const file = deviceCodeFixture('zstd.fatbin');
    edit(new DataView(file.buffer));
    const images = await read(file);
    expect(images.problems).toContain(reason);
    expect(listed(images.cubins)).toBe(expected);
  });

  it('about the size of an image after decompression is not unpacked', async () => {
    const bomb = edited('zstd.fatbin', image.sm103a, (view) => view.setBigUint64(at.wholeBytes, 2n ** 40n, true));
    expect((await read(bomb)).problems).toEqual([
      expect.stringMatching(/^an image of \d+ bytes claims to be one of 1099511627776$/),
    ]);
  });

  it('that is cut off anywhere gives a part of the list and a reason, or the list of what came before', async () => {
    const file = deviceCodeFixture('lz4.fatbin');
    const whole = listed((await read(file)).cubins).split(' ');
    for (let length = 0; length < file.length; length += 97) {
      const images = await read(file.subarray(0, length));
      expect(whole).toEqual(expect.arrayContaining(images.cubins.map((target) => listed([target]))));
      if (length >= fatbinHeaderBytes) expect(images.problems).not.toEqual([]);
    }
  });
});

describe('bytes of any kind', () => {
  it('are read to an end without an exception, one damaged byte and all', async () => {
    const names = ['zstd.fatbin', 'lz4.fatbin', 'group.fatbin', 'plain.fatbin'].map(deviceCodeFixture);
    const flip = fc.record({ file: fc.constantFrom(...names), place: fc.nat(), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(flip, async ({ file, place, value }) => {
        const damaged = file.slice();
        damaged[place % damaged.length] = value;
        const images = await read(damaged);
        if (images.problems.length === 0) expect(images.count).toBeGreaterThan(0);
      }),
      { numRuns: 400 },
    );
  });

  it('that point thousands of times at one large section table take bounded time', async () => {
    const sections = 12_000;
    const cubin = new Uint8Array(64 * sections + 64);
    cubin.set(deviceCodeFixture('sm_90a.cubin').subarray(0, 64));
    const view = new DataView(cubin.buffer);
    view.setBigUint64(40, 64n, true);
    view.setUint16(60, sections, true);
    view.setUint16(62, 1, true);
    const file = sourceOf(cubin);
    const tally = new ImageTally(new ImageReader(file, decompressZstd));
    for (let times = 0; times < 4096; times += 1) await tally.addCubin(file);
    expect((await tally.finish()).problems).toContain('of a cubin: too many sections would have to be read');
  });

  it('that hold thousands of tiny bombs take bounded time and memory', async () => {
    const entry = deviceCodeFixture('zstd.fatbin').slice(16, 16 + 64 + 16);
    const view = new DataView(entry.buffer);
    view.setBigUint64(at.payloadBytes, 16n, true);
    view.setUint32(16, 16, true);
    view.setUint32(at.sm, 90, true);
    view.setUint16(24, 7, true);
    view.setBigUint64(at.wholeBytes, 2n ** 40n, true);
    // A frame without a size, one block: 128 KiB of the same byte.
    entry.set([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, 0x03, 0x00, 0x10, 0x41], 64);
    const count = Math.floor((1024 * 1024) / entry.length);
    const file = new Uint8Array(fatbinHeaderBytes + count * entry.length);
    file.set(deviceCodeFixture('zstd.fatbin').subarray(0, fatbinHeaderBytes));
    new DataView(file.buffer).setBigUint64(8, BigInt(count * entry.length), true);
    for (let index = 0; index < count; index += 1) file.set(entry, fatbinHeaderBytes + index * entry.length);
    let unpackedBytes = 0;
    const counting = (bytes: Uint8Array, maxBytes: number): Uint8Array => {
      const out = decompressZstd(bytes, maxBytes);
      unpackedBytes += out.length;
      return out;
    };
    const images = await readFatbins(sourceOf(file), counting);
    expect(images.count).toBe(count);
    expect(images.problems).toEqual([
      'an image that should be a cubin is no ELF file',
      'more than 272 images would have to be decompressed',
    ]);
    expect(unpackedBytes).toBeLessThanOrEqual(272 * 128 * 1024);
  });
});
