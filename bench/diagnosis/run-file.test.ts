import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRunFile } from './run-file.ts';
import { score, textOf, type Run } from './score.ts';

const run: Run = {
  ...{ name: 'slow-disk', expected: 'storage', verdict: 'shown', cause: 'storage', alsoShown: [], effect: null },
  ...{ suspected: ['storage'], reasons: [], experiments: [], readings: {}, tookMs: 20_000, loadPerCore: 0.4 },
};

let folder = '';
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-runs-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('runs of the present code add up over calls, and those of other code do not count', () => {
  const file = path.join(folder, 'runs.jsonl');
  openRunFile(file).append(run);
  openRunFile(file).append({ ...run, cause: null, verdict: 'undetermined' });
  const [line = ''] = readFileSync(file, 'utf8').split('\n');
  appendFileSync(file, `${JSON.stringify({ ...(JSON.parse(line) as object), code: 'sha256:other' })}\n`);
  const { lines, others } = openRunFile(file);
  expect(others).toBe(1);
  expect(score(lines).named).toEqual({ right: 1, runs: 2 });
});

test('a line that is no run is refused with its number', () => {
  const file = path.join(folder, 'runs.jsonl');
  for (const line of ['{"name":', '{"name":"none"}', 'null']) {
    appendFileSync(file, `\n${line}\n`);
    expect(() => openRunFile(file)).toThrow(/runs\.jsonl: line 2 is no run/);
    rmSync(file);
  }
});

test('of two faults at once either is a right answer, and none counts as a single fault', () => {
  const pair: Run = { ...run, name: 'slow-disk + tiny-batches', otherExpected: 'batching' };
  const scored = score([
    { ...pair, cause: 'batching', alsoShown: ['storage'] },
    pair,
    { ...pair, cause: null, verdict: 'undetermined' },
    { ...pair, cause: 'network' },
    run,
  ]);
  expect(scored.named).toEqual({ right: 1, runs: 1 });
  expect(scored.pairs).toEqual([
    { name: pair.name, runs: 4, oneNamed: 2, bothShown: 1, undetermined: 1, wrong: ['network'] },
  ]);
  expect(textOf(scored)).toContain('one of both named in 2 of 4');
});
