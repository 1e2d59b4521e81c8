import { createHash } from 'node:crypto';
import { link, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openModelFolder, type ModelFolder } from './model-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-model-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

const put = async (file: string, text = file): Promise<string> => {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
  await writeFile(path.join(folder, file), text);
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
};
const { signal } = new AbortController();
const open = (more: Partial<ModelFolder> = {}) =>
  openModelFolder({ name: 'm', path: folder, version: null, pinnedFiles: null, ...more });
const textOf = async (version: number, more: Partial<ModelFolder> = {}) => {
  const { content } = await open(more).fetch('m', version, signal);
  return 'modelFile' in content ? readFile(content.modelFile, 'utf8') : '';
};

describe('which files are versions', () => {
  test('a file is the one version', async () => {
    await put('any.onnx');
    const source = open({ path: path.join(folder, 'any.onnx'), version: 4 });
    expect(await source.list(signal)).toEqual([{ name: 'm', version: 4 }]);
    expect((await source.fetch('m', 4, signal)).file).toBe('any.onnx');
  });

  test('a flat folder is the version that the server was started with, else 1', async () => {
    await put('model.onnx');
    await put('other.onnx');
    expect(await textOf(1)).toBe('model.onnx');
    expect(await open({ version: 9 }).list(signal)).toEqual([{ name: 'm', version: 9 }]);
  });

  test('numbered folders are versions, and the highest is meant when nobody says', async () => {
    for (const file of ['2/model.onnx', '10/model.onnx', '01/model.onnx', 'notes/model.onnx']) await put(file);
    expect(await open().list(signal)).toEqual([
      { name: 'm', version: 2 },
      { name: 'm', version: 10 },
    ]);
    expect(await open().resolve('m', null, signal)).toBe(10);
    expect(await open({ version: 2 }).resolve('m', null, signal)).toBe(2);
    expect(await textOf(2)).toBe('2/model.onnx');
  });

  test.each([
    ['another name', 'other', null, 'model-unknown'],
    ['another version', 'm', 3, 'model-version-unknown'],
  ])('%s is not found', async (_, name, version, code) => {
    await put('1/model.onnx');
    await expect(open().resolve(name, version, signal)).rejects.toMatchObject({ code, category: 'not-found' });
  });

  test('an empty folder, two models without a name, and no folder are each their own error', async () => {
    await expect(open().list(signal)).rejects.toMatchObject({ code: 'model-unknown' });
    await put('a.onnx');
    await put('b.onnx');
    await expect(open().list(signal)).rejects.toMatchObject({ code: 'model-ambiguous' });
    await expect(open({ path: path.join(folder, 'nope') }).list(signal)).rejects.toMatchObject({
      code: 'model-unreadable',
      category: 'input',
    });
  });
});

describe('digests', () => {
  test('pinned bytes are verified', async () => {
    const digest = await put('model.onnx', 'weights');
    const fetched = await open({ pinnedFiles: { 'model.onnx': digest } }).fetch('m', 1, signal);
    expect(fetched).toMatchObject({ digest, verified: true });
  });

  test('one flipped byte is reported with both digests and not returned', async () => {
    const expected = await put('model.onnx', 'weights');
    const actual = await put('model.onnx', 'weightz');
    await expect(open({ pinnedFiles: { 'model.onnx': expected } }).fetch('m', 1, signal)).rejects.toMatchObject({
      code: 'model-corrupt',
      category: 'corrupt',
      details: { expected, actual },
    });
  });

  test('a file that the release does not pin is not loaded', async () => {
    await put('2/model.onnx');
    const pinnedFiles = { 'model.onnx': await put('model.onnx') };
    await expect(open({ pinnedFiles }).fetch('m', 2, signal)).rejects.toMatchObject({
      code: 'model-not-pinned',
      category: 'refused',
    });
  });

  test('without pinned digests the digest is told, unverified', async () => {
    const digest = await put('model.onnx');
    expect(await open().fetch('m', 1, signal)).toMatchObject({ digest, verified: false });
  });

  test('pinned files beside the model are verified with it, because it may keep its weights there', async () => {
    const pinnedFiles = { 'model.onnx': await put('model.onnx'), 'data/weights.bin': await put('data/weights.bin') };
    expect(await open({ pinnedFiles }).fetch('m', 1, signal)).toMatchObject({ verified: true, sizeBytes: 26 });
    await put('data/weights.bin', 'other weights');
    await expect(open({ pinnedFiles }).fetch('m', 1, signal)).rejects.toMatchObject({
      code: 'model-corrupt',
      details: { file: 'data/weights.bin' },
    });
    await rm(path.join(folder, 'data'), { recursive: true });
    await expect(open({ pinnedFiles }).fetch('m', 1, signal)).rejects.toMatchObject({ code: 'model-unreadable' });
  });

  test('a file that is replaced or written to while it is loaded is told, and one that is only linked is not', async () => {
    await put('model.onnx', 'weights');
    const fetched = await open().fetch('m', 1, signal);
    await link(path.join(folder, 'model.onnx'), path.join(folder, 'link'));
    await expect(fetched.requireUnchanged()).resolves.toBeUndefined();
    await put('other', 'weights');
    await rename(path.join(folder, 'other'), path.join(folder, 'model.onnx'));
    await expect(fetched.requireUnchanged()).rejects.toMatchObject({ code: 'model-changed', category: 'corrupt' });
    const again = await open().fetch('m', 1, signal);
    await put('model.onnx', 'longer weights');
    await expect(again.requireUnchanged()).rejects.toMatchObject({ code: 'model-changed' });
  });
});
