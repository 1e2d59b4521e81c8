import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArtifactFile } from '../../../core/registry/model-version.ts';
import { digestOf } from '../../../core/units/digest.ts';
import { asPlimsollError, PlimsollError } from '../../../core/units/errors.ts';
import { selfAdvancingClock } from '../../../testing/fakes/self-advancing-clock.ts';
import { fetchFiles, type FileSource } from './fetch-files.ts';

const never = new AbortController().signal;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fetch-files-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const content = { script: Buffer.from('#!/bin/sh\n'), weights: randomBytes(200_000) };
const fileOf = (name: string, bytes: Buffer): ArtifactFile => ({
  path: name,
  digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  bytes: bytes.length,
});
const files = { code: [fileOf('bin/run', content.script)], model: [fileOf('a/model.onnx', content.weights)] };
const stored = new Map([
  [files.code[0]?.digest, content.script],
  [files.model[0]?.digest, content.weights],
]);

/** Each read is one of the given ways; the last one stays. */
function source(...ways: readonly ((bytes: Buffer, from: number) => AsyncIterable<Uint8Array>)[]) {
  const reads: number[] = [];
  const made: FileSource = {
    list: async () => files,
    async read(digest, from) {
      const way = ways[Math.min(reads.length, ways.length - 1)] ?? wholly;
      reads.push(from);
      return way(stored.get(digest) ?? Buffer.alloc(0), from);
    },
  };
  return { made, reads };
}
async function* wholly(bytes: Buffer, from: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < bytes.length; at += 65_536) yield bytes.subarray(at, Math.min(bytes.length, at + 65_536));
}
const unavailable = (): PlimsollError =>
  new PlimsollError({ code: 'control-plane-unreachable', category: 'unavailable', message: 'gone' });
async function* broken(bytes: Buffer, from: number): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(from, from + 70_000);
  throw unavailable();
}
const said: string[] = [];
const fetch = (from: FileSource, list: object = files): Promise<void> => {
  said.length = 0;
  const modelFolder = path.join(folder, 'model');
  const plan = { source: from, codeFolder: path.join(folder, 'code'), modelFolder, clock: selfAdvancingClock() };
  const listDigest = digestOf(list);
  return fetchFiles({ ...plan, listDigest, patienceMs: 60_000, say: (line) => said.push(line) }, never);
};
const script = (): string => path.join(folder, 'code/bin/run');
const model = (): string => path.join(folder, 'model/a/model.onnx');

describe('the files of a replica', () => {
  it('are there under their names: programs may be run, models only read', async () => {
    await fetch(source(wholly).made);
    expect(readFileSync(script()).equals(content.script)).toBe(true);
    expect(readFileSync(model()).equals(content.weights)).toBe(true);
    expect([statSync(script()).mode & 0o777, statSync(model()).mode & 0o777]).toEqual([0o755, 0o444]);
    expect(said.at(-1)).toMatch(/^2 files, 200010 bytes, are there after /);
  });

  it('that are there are not fetched again; one that was changed is', async () => {
    await fetch(source(wholly).made);
    writeFileSync(script(), '#!/bin/no\n');
    const again = source(wholly);
    await fetch(again.made);
    expect(again.reads).toEqual([0]);
    expect(readFileSync(script()).equals(content.script)).toBe(true);
  });

  it('are gone on with where a connection broke', async () => {
    const { made, reads } = source(wholly, broken, broken, wholly);
    await fetch(made);
    expect(reads).toEqual([0, 0, 70_000, 140_000]);
    expect(readFileSync(model()).equals(content.weights)).toBe(true);
    expect(said).toContain('tries again: gone');
  });

  it('are fetched once more where they are not what their digest says, and refused then', async () => {
    async function* wrong(bytes: Buffer): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(bytes.length, 7);
    }
    await fetch(source(wholly, wrong, wholly).made);
    expect(readFileSync(model()).equals(content.weights)).toBe(true);
    rmSync(folder, { recursive: true });
    const thrown = await fetch(source(wrong).made).catch(asPlimsollError);
    expect(thrown).toMatchObject({ code: 'file-corrupt', message: expect.stringContaining('bin/run') as string });
    expect(existsSync(script())).toBe(false);
  });

  it('never grow beyond what was pinned', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(1_000_000);
    }
    expect(await fetch(source(endless).made).catch(asPlimsollError)).toMatchObject({ code: 'file-corrupt' });
  });

  it('are given up after a while without progress, and at once where they are refused', async () => {
    async function* dead(): AsyncGenerator<Uint8Array> {
      throw unavailable();
    }
    const { made, reads } = source(dead);
    expect(await fetch(made).catch(asPlimsollError)).toMatchObject({ code: 'control-plane-unreachable' });
    expect(reads.length).toBeGreaterThan(5);
    expect(said).toEqual(['tries again: gone']);
    const refusing = {
      ...made,
      list: () => Promise.reject(new PlimsollError({ code: 'replica-token', category: 'unauthorized', message: 'no' })),
    };
    expect(await fetch(refusing).catch(asPlimsollError)).toMatchObject({ code: 'replica-token' });
  });

  it('are refused from whoever has another list than the pod was made for', async () => {
    const thrown = await fetch(source(wholly).made, { ...files, model: [] }).catch(asPlimsollError);
    expect(thrown).toMatchObject({ code: 'file-list-other', category: 'refused' });
    expect(existsSync(script())).toBe(false);
  });

  it('never leave their folder', async () => {
    const leaving = { code: [{ ...fileOf('x', content.script), path: '../x' }], model: [] };
    expect(
      await fetch({ ...source(wholly).made, list: async () => leaving }, leaving).catch(asPlimsollError),
    ).toMatchObject({
      code: 'artifact-path',
    });
  });
});
