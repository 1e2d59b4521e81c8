import { createZstdDecompress, zstdCompressSync, constants } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZstdFrames } from './zstd-frames.ts';

const skippable = (bytes: number): Buffer => {
  const frame = Buffer.alloc(8 + bytes, 0x28);
  frame.writeUInt32LE(0x184d2a55, 0);
  frame.writeUInt32LE(bytes, 4);
  return frame;
};
const compressed = (text: string, checksum = 0): Buffer =>
  zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: checksum } });

async function decode(stream: Buffer, cutAt: number): Promise<string> {
  const frames = new ZstdFrames();
  const decoder = createZstdDecompress();
  let text = '';
  decoder.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const ended = new Promise<void>((resolve, reject) => decoder.once('end', resolve).once('error', reject));
  for (let at = 0; at < stream.length; at += cutAt) {
    for (const piece of frames.cut(stream.subarray(at, at + cutAt))) decoder.write(piece);
  }
  expect(frames.atBorder).toBe(true);
  decoder.end();
  await ended;
  return text;
}

describe('cutting Zstandard frames', () => {
  it('lets every frame be decoded, wherever the stream is cut', async () => {
    const part = fc.oneof(
      fc.record({ text: fc.string({ maxLength: 400 }), checksum: fc.integer({ min: 0, max: 1 }) }),
      fc.record({ skip: fc.integer({ min: 0, max: 300 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 200 }),
        async (parts, cutAt) => {
          fc.pre(parts.some((each) => 'text' in each));
          const stream = Buffer.concat(
            parts.map((each) => ('text' in each ? compressed(each.text, each.checksum) : skippable(each.skip))),
          );
          expect(await decode(stream, cutAt)).toBe(parts.map((each) => ('text' in each ? each.text : '')).join(''));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('knows a stream that ends too early', () => {
    const whole = compressed('a layer');
    const frames = new ZstdFrames();
    frames.cut(whole.subarray(0, whole.length - 1));
    expect(frames.atBorder).toBe(false);
  });

  it('refuses what is no frame', () => {
    expect(() => new ZstdFrames().cut(Buffer.from('no frame at all'))).toThrow(/magic number/);
    expect(() => new ZstdFrames().cut(Buffer.concat([compressed('x'), Buffer.from('trailing')]))).toThrow(
      /magic number/,
    );
  });

  it('refuses a window that would take gigabytes', () => {
    const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8]); // exponent 21: 2 GiB
    expect(() => new ZstdFrames().cut(header)).toThrow(/window of 2147483648 bytes/);
  });
});
