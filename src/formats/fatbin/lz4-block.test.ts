import { zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceCodeFixture } from '../../testing/builders/files/device-code-fixtures.ts';
import { fatbinHeaderBytes, readEntry } from './fatbin-headers.ts';
import { decompressLz4 } from './lz4-block.ts';

interface Stored {
  readonly bytes: Uint8Array;
  readonly wholeBytes: number;
}

function storedImages(name: string): readonly Stored[] {
  const file = deviceCodeFixture(name);
  const images: Stored[] = [];
  for (let at = fatbinHeaderBytes; at < file.length;) {
    const { headerBytes, storedBytes, payloadBytes, wholeBytes } = readEntry(file, at);
    images.push({ bytes: file.subarray(at + headerBytes, at + headerBytes + storedBytes), wholeBytes });
    at += headerBytes + payloadBytes;
  }
  return images;
}

const block = (...bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes);
const ascii = (text: string): readonly number[] => [...Buffer.from(text)];

describe('an LZ4 block', () => {
  it('holds the very images that the same packer compressed with Zstandard', () => {
    const images = storedImages('lz4.fatbin');
    const same = storedImages('zstd.fatbin');
    expect(images).toHaveLength(11);
    for (const [index, { bytes, wholeBytes }] of images.entries()) {
      const expected = zstdDecompressSync(same[index]?.bytes ?? block());
      expect(Buffer.compare(decompressLz4(bytes, wholeBytes) ?? block(), expected)).toBe(0);
    }
  });

  it('gives the beginning of an image, of any length, from no more than is needed', () => {
    const [image] = storedImages('lz4.fatbin');
    const whole = decompressLz4(image?.bytes ?? block(), image?.wholeBytes ?? 0) ?? block();
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(image?.bytes.length ?? 0), (wanted, cut) => {
        const beginning = decompressLz4((image?.bytes ?? block()).subarray(0, cut), wanted) ?? block();
        expect(beginning.length).toBeLessThanOrEqual(wanted);
        expect(Buffer.compare(beginning, whole.subarray(0, beginning.length))).toBe(0);
        if (cut >= wanted + wanted / 255 + 64) expect(beginning).toHaveLength(wanted);
      }),
    );
  });

  it('repeats a match that overlaps itself, and adds up long lengths', () => {
    expect(decompressLz4(block(0x1f, 0x61, 1, 0, 255, 1), 1000)).toEqual(
      Uint8Array.from(ascii('a'.repeat(1 + 19 + 256))),
    );
    expect(decompressLz4(block(0xf0, 1, ...ascii('0123456789abcdef')), 1000)).toEqual(
      Uint8Array.from(ascii('0123456789abcdef')),
    );
  });

  it('refuses a match from before the beginning', () => {
    expect(decompressLz4(block(0x10, 0x61, 2, 0), 100)).toBeNull();
    expect(decompressLz4(block(0x10, 0x61, 0, 0), 100)).toBeNull();
  });

  it('never writes more than was asked for, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(2000), (bytes, atMost) => {
        expect(decompressLz4(bytes, atMost)?.length ?? 0).toBeLessThanOrEqual(atMost);
      }),
    );
  });
});
