import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlimsollError } from '../../src/core/units/errors.ts';
import { mutate } from './mutate.ts';
import { SeededRandom } from './random.ts';
import { smallCorpus } from './small-corpus.ts';
import { brokenBy } from './target.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'plimsoll-fuzz-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the fuzzer', () => {
  it.each([
    ['exception', /TypeError: planted exception/],
    ['hang', /it ran for more than 4 seconds/],
    ['memory', /memory grew by \d+ MiB/],
  ])(
    'finds a planted %s behind four comparisons, and keeps the input',
    (fault, what) => {
      const out = path.join(folder, fault);
      const run = spawnSync(
        process.execPath,
        ['scripts/fuzz.ts', `planted-${fault}`, '--seconds', '3', '--seed', '1', '--out', out, '--hang-seconds', '4'],
        { cwd: path.join(import.meta.dirname, '../..'), encoding: 'utf8', timeout: 80_000 },
      );
      expect(run.stdout).toMatch(what);
      expect(run.stdout).toMatch(/0 passed, 1 failed \(seed 1\)\n$/);
      expect(run.status).toBe(1);
      const kept = readdirSync(path.join(out, `planted-${fault}`)).filter((name) => !name.endsWith('.txt'));
      expect(kept).toHaveLength(1);
      const input = readFileSync(path.join(out, `planted-${fault}`, kept[0] ?? ''));
      expect(input.subarray(0, 4).toString()).toBe('FUZ!');
    },
    90_000,
  );

  it('says which parsers there are', () => {
    const run = spawnSync(process.execPath, ['scripts/fuzz.ts', 'elff'], {
      cwd: path.join(import.meta.dirname, '../..'),
      encoding: 'utf8',
    });
    expect(run.stderr).toContain('there is no parser elff; there are elf, fatbin, safetensors');
    expect(run.status).not.toBe(0);
  });
});

describe('mutations', () => {
  const from = { dictionary: [Uint8Array.from([1, 2, 3])], other: new Uint8Array(10) };
  const series = (seed: number): readonly string[] => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 500 }, () => Buffer.from(mutate(new Uint8Array(20), random, from, 64)).toString('hex'));
  };

  it('are the same for the same seed, and others for another', () => {
    expect(series(7)).toEqual(series(7));
    expect(series(8)).not.toEqual(series(7));
    expect(new Set(series(7)).size).toBeGreaterThan(300);
  });

  it('never exceed the bound, nor touch what they are given', () => {
    const given = new Uint8Array(20);
    const random = new SeededRandom(1);
    for (let turn = 0; turn < 2_000; turn += 1) expect(mutate(given, random, from, 32).length).toBeLessThanOrEqual(32);
    expect(given).toEqual(new Uint8Array(20));
  });
});

describe('what counts as broken', () => {
  it('is everything but our own errors, and our own when they say bug', () => {
    const ours = { code: 'x', message: 'wrong' } as const;
    expect(brokenBy(new PlimsollError({ ...ours, category: 'input' }))).toBeNull();
    expect(brokenBy(new PlimsollError({ ...ours, category: 'bug' }))).toBe('a bug: wrong');
    expect(brokenBy(new RangeError('Invalid array length'))).toBe('RangeError: Invalid array length');
    expect(brokenBy('text')).toMatch(/no error/);
  });
});

describe('the corpus that is kept', () => {
  it('reaches what all inputs reach, by few and short ones', async () => {
    const inputs = [[1, 2, 3, 4], [1], [2], [1, 2], [5, 5, 5]].map((bytes) => Uint8Array.from(bytes));
    const chosen = await smallCorpus(inputs, (bytes) => Promise.resolve([...bytes]));
    expect(chosen.map((bytes) => [...bytes])).toEqual([[1], [2], [5, 5, 5], [1, 2, 3, 4]]);
  });
});
