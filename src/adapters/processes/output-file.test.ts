import { appendFile, mkdtemp, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lastLines, lastWords, OutputTail } from './output-file.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-output-'));
  file = path.join(folder, 'stdout.log');
});
afterEach(() => rm(folder, { recursive: true }));

describe('OutputTail', () => {
  it('gives each complete line once, whatever the pieces', async () => {
    const tail = new OutputTail(file);
    expect(await tail.read()).toEqual([]);
    await appendFile(file, 'one\ntw');
    expect(await tail.read()).toEqual(['one']);
    await appendFile(file, 'o\nthree\n');
    expect(await tail.read()).toEqual(['two', 'three']);
    expect(await tail.read()).toEqual([]);
  });

  it('keeps characters whole that fall on the border of two reads', async () => {
    const tail = new OutputTail(file);
    const bytes = Buffer.from('grüße\n');
    await appendFile(file, bytes.subarray(0, 3));
    await tail.read();
    await appendFile(file, bytes.subarray(3));
    expect(await tail.read()).toEqual(['grüße']);
  });

  it('knows the last line, also when it has no end', async () => {
    const tail = new OutputTail(file);
    await appendFile(file, 'first\n\n');
    await tail.read();
    expect(tail.recent).toEqual(['first']);
    await appendFile(file, 'last words');
    await tail.read();
    expect(tail.recent).toEqual(['first', 'last words']);
  });

  it('holds the file within its bound and goes on with what is appended afterwards', async () => {
    const tail = new OutputTail(file, 1_000);
    await appendFile(file, `${'x'.repeat(2_000)}\n`);
    await tail.read();
    await tail.bound();
    expect((await stat(file)).size).toBe(0);
    expect((await readFile(`${file}.1`)).length).toBe(2_001);
    await appendFile(file, 'after\n');
    expect(await tail.read()).toEqual(['after']);
  });

  it('starts again when somebody else cut the file', async () => {
    const tail = new OutputTail(file);
    await appendFile(file, 'a long first line\n');
    await tail.read();
    await truncate(file, 0);
    await appendFile(file, 'new\n');
    expect(await tail.read()).toEqual(['new']);
  });

  it('cuts a line that never ends', async () => {
    const tail = new OutputTail(file);
    await appendFile(file, 'y'.repeat(200_000));
    await tail.read();
    expect(tail.recent.join('').length).toBeLessThanOrEqual(65_536);
  });
});

describe('lastLines', () => {
  it('gives the last ones, oldest first', async () => {
    await appendFile(file, 'a\nb\nc\n');
    expect(await lastLines(file, 2)).toEqual(['b', 'c']);
    expect(await lastLines(file, 0)).toEqual([]);
    expect(await lastLines(path.join(folder, 'none'), 5)).toEqual([]);
  });
});

describe('lastWords', () => {
  it.each([
    [
      'a Python traceback',
      ['Traceback (most recent call last):', '  File "x.py", line 1', 'ValueError: no model'],
      'ValueError: no model',
    ],
    [
      'an uncaught error of Node',
      [
        'file.js:1',
        'throw error;',
        '^',
        'Error: listen EADDRINUSE',
        '    at f (a.js:1)',
        '  port: 1',
        '}',
        'Node.js v24.21.0',
      ],
      'Error: listen EADDRINUSE',
    ],
    ['an error of our own', ['plimsoll: no such file', '  next: plimsoll init'], 'plimsoll: no such file'],
    [
      'JSON logs with an error',
      ['{"level":50,"msg":"no disk"}', '{"level":30,"msg":"bye"}'],
      '{"level":50,"msg":"no disk"}',
    ],
    ['JSON logs without one', ['{"level":30,"msg":"bye"}'], null],
    ['nothing but indented lines', ['  a', '  b'], 'b'],
  ])('finds what tells why in %s', (_name, lines, expected) => {
    expect(lastWords(lines)).toBe(expected);
  });
  it('is null when nothing was said', () => {
    expect(lastWords([])).toBeNull();
  });
});
