import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesThatReplaceModules, filesThatRunAlone, filesToStartFirst } from '../test/run-alone.ts';
import { formatFailures, parseRepeats } from './repeated-runs.ts';
import { failedTests, formatSlowest } from './test-report.ts';

describe('the slowest files of a tier', () => {
  it('are named, the slowest first, and all files added up', () => {
    const files = [1, 30, 2].map((seconds) => ({ name: `${seconds}.test.ts`, ms: seconds * 1_000 }));
    expect(formatSlowest(files, 2)).toBe(
      [
        'the 2 slowest of 3 files:',
        '   30.0 s  30.test.ts',
        '    2.0 s  2.test.ts',
        '   33.0 s  all files, added up',
      ].join('\n'),
    );
  });
});

describe('the failures in a report', () => {
  const file = (name: string, status: string, assertionResults: readonly object[] = []) =>
    ({ name: `/repo/${name}`, status, message: 'no such module', assertionResults }) as never;

  it('are tests that failed, and files that failed before their tests', () => {
    const one = { fullName: 'does one', status: 'passed', failureMessages: [] };
    const two = { fullName: 'does two', status: 'failed', failureMessages: ['1 is not 2'] };
    const report = {
      testResults: [file('a.ts', 'failed', [one, two]), file('b.ts', 'failed'), file('c.ts', 'passed')],
    };
    expect(failedTests(report, '/repo')).toEqual([
      { name: 'a.ts > does two', why: '1 is not 2' },
      { name: 'b.ts', why: 'no such module' },
    ]);
  });
});

describe('runs again and again', () => {
  it('tell how often each test failed, quiet and beside a load', () => {
    const run = (isLoaded: boolean, ...names: readonly string[]) => ({
      tier: 'unit',
      isLoaded,
      failed: names.map((name) => ({ name, why: '' })),
    });
    expect(formatFailures([run(false), run(true, 'b', 'a'), run(false, 'a')])).toBe(
      [
        'unit: 3 runs, 1 of them beside a load: 2 unsteady tests',
        '  1 of 2 quiet, 1 of 1 loaded  a',
        '  0 of 2 quiet, 1 of 1 loaded  b',
      ].join('\n'),
    );
  });

  it('are 20 of the unit tier and 5 of each other one, unless numbers are given', () => {
    expect(parseRepeats([]).map(({ runs }) => runs)).toEqual([20, 5, 5, 5]);
    expect(parseRepeats(['faults=2'])).toEqual([{ tier: 'faults', runs: 2 }]);
    expect(() => parseRepeats(['fault=2'])).toThrow('tiers: unit, integration, e2e, faults');
  });
});

describe('files that start first', () => {
  it.each(filesToStartFirst)('%s is there, and does not run alone', (file) => {
    expect(existsSync(path.join(import.meta.dirname, '..', file))).toBe(true);
    expect(filesThatRunAlone).not.toHaveProperty([file]);
  });
});

describe('files that run alone', () => {
  it.each(Object.entries(filesThatRunAlone))('%s is there, and says why', (file, reason) => {
    expect(existsSync(path.join(import.meta.dirname, '..', file))).toBe(true);
    expect(reason.length).toBeGreaterThan(20);
  });
});

describe('files that replace modules', () => {
  it('are those beside the sources that mock a module, and no others', () => {
    const root = path.join(import.meta.dirname, '..');
    const beside = globSync('{src,examples,scripts,bench,dashboard/src}/**/*.test.ts', { cwd: root });
    const mocking = beside.filter((name) => /^vi\.(do)?mock\(/m.test(readFileSync(path.join(root, name), 'utf8')));
    expect(mocking).toEqual(filesThatReplaceModules);
  });
});
