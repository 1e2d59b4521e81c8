import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imagePath, layerMark } from '../../core/image/image-path.ts';
import { readChallenges } from './registry/challenge.ts';
import { PathPrints } from './layers/path-prints.ts';
import { parseImageReference } from './registry/reference.ts';
import { decompressZstdStart } from './layers/zstd-start.ts';

describe('names of images', () => {
  it.each([
    ['ubuntu', 'docker.io', 'library/ubuntu', 'latest'],
    ['ubuntu:24.04', 'docker.io', 'library/ubuntu', '24.04'],
    ['nvidia/cuda:12.4.1-base', 'docker.io', 'nvidia/cuda', '12.4.1-base'],
    ['docker.io/library/ubuntu', 'docker.io', 'library/ubuntu', 'latest'],
    ['docker://index.docker.io/nvidia/cuda', 'docker.io', 'nvidia/cuda', 'latest'],
    ['nvcr.io/nvidia/pytorch:25.01-py3', 'nvcr.io', 'nvidia/pytorch', '25.01-py3'],
    ['localhost/app', 'localhost', 'app', 'latest'],
    ['127.0.0.1:5000/a/b:c', '127.0.0.1:5000', 'a/b', 'c'],
    ['[::1]:5000/a', '[::1]:5000', 'a', 'latest'],
  ])('%s', (text, registry, repository, tag) => {
    expect(parseImageReference(text)).toEqual({ kind: 'registry', registry, repository, tag, digest: null });
  });

  it('with tag and digest mean the digest', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(parseImageReference(`registry.example/app:1@${digest}`)).toMatchObject({ tag: '1', digest });
    expect(parseImageReference(`registry.example/app@${digest}`)).toMatchObject({ tag: null, digest });
  });

  it('end in a sentence, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        try {
          parseImageReference(text);
        } catch (thrown) {
          expect(thrown).toMatchObject({
            code: expect.stringMatching(/^image-(reference-invalid|not-found)$/) as string,
          });
        }
      }),
    );
  });
});

describe('paths', () => {
  it('never leave the image', () => {
    const part = fc.constantFrom('..', '.', '', 'a', 'b', '...');
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const path = imagePath(parts.join('/'));
        expect(path.split('/')).not.toContain('..');
        expect(path.startsWith('/')).toBe(false);
        expect(imagePath(path)).toBe(path);
      }),
    );
  });

  it.each([
    ['a/.wh.b', { kind: 'whiteout', path: 'a/b' }],
    ['.wh.b', { kind: 'whiteout', path: 'b' }],
    ['a/.wh..wh..opq', { kind: 'opaque', path: 'a' }],
    ['.wh..wh..opq', { kind: 'opaque', path: '' }],
    ['.wh..wh.aufs', { kind: 'ignored' }],
    ['a/.wh.', { kind: 'ignored' }],
    ['a/.wh...', { kind: 'ignored' }],
    ['a/b.wh.c', null],
  ])('%s marks %o', (path, mark) => {
    expect(layerMark(path)).toEqual(mark);
  });

  it('are remembered as prints, also through the cache', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 2 }), (paths) => {
        const [left, ...kept] = paths;
        const prints = new PathPrints();
        for (const path of kept) prints.add(path);
        for (const set of [prints, new PathPrints(prints.toText())]) {
          expect(kept.every((path) => set.has(path))).toBe(true);
          expect(set.has(left ?? '')).toBe(false);
        }
      }),
    );
  });
});

it.each([
  ['Basic realm="a, b"', [{ scheme: 'basic', parameters: { realm: 'a, b' } }]],
  [
    'Bearer realm="https://a/b",service="s",scope="repository:a:pull,push", Basic realm=x',
    [
      { scheme: 'bearer', parameters: { realm: 'https://a/b', service: 's', scope: 'repository:a:pull,push' } },
      { scheme: 'basic', parameters: { realm: 'x' } },
    ],
  ],
  ['Bearer realm="a\\"b"', [{ scheme: 'bearer', parameters: { realm: 'a"b' } }]],
  ['', []],
  ['"', []],
])('the challenge %s', (header, expected) => {
  expect(readChallenges(header)).toEqual(expected);
});

describe('the start of a Zstandard frame', () => {
  const text = Buffer.from(Array.from({ length: 100_000 }, (_, index) => `line ${index}\n`).join(''));
  const frame = zstdCompressSync(text);

  it('is what the whole begins with, also of a frame that is cut off', () => {
    expect(Buffer.from(decompressZstdStart(frame, text.length)).equals(text)).toBe(true);
    const cut = decompressZstdStart(frame.subarray(0, frame.length / 2), text.length);
    expect(cut.length).toBeGreaterThan(1000);
    expect(Buffer.from(cut).equals(text.subarray(0, cut.length))).toBe(true);
  });

  it('throws where there is no frame, or more in it than was asked for', () => {
    expect(() => decompressZstdStart(Buffer.from('no frame here'), 10)).toThrow();
    expect(() => decompressZstdStart(zstdCompressSync(Buffer.alloc(64 * 1024 * 1024)), 5000)).toThrow();
  });
});
