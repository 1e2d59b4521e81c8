import { describe, expect, it } from 'vitest';
import { contractProblems, minimalContract } from '../../testing/builders/contract-texts.ts';
import { findJsonExcess } from './bounded-json.ts';
import { readLock } from '../lock/lock.ts';
import { readPlainYaml } from './plain-yaml.ts';

const megabyte = 1_000_000;
/** Far above what any of these takes (half a second), and far below what they took: 8 s and more. */
const processorMsAtMost = 3_000;

function processorMsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

describe('a contract of a megabyte that means harm', () => {
  it.each([
    ['flow lists in each other', '['.repeat(megabyte), 'too-deep'],
    ['flow sections in each other', '{a: '.repeat(megabyte / 4), 'too-deep'],
    ['block lists in each other', '- '.repeat(megabyte / 2), 'too-deep'],
    ['keys that are keys', '? '.repeat(megabyte / 2), 'too-deep'],
    ['a list of nothing', `a: [${','.repeat(megabyte)}]`, 'too-large'],
    ['many keys', Array.from({ length: 100_000 }, (_, key) => `k${key}: 1`).join('\n'), 'too-large'],
    ['one key, many times', 'a: 1\n'.repeat(200_000), 'too-large'],
    ['many documents', '---\n'.repeat(200_000), 'too-large'],
    ['empty lines', '\n'.repeat(megabyte), 'too-large'],
  ])('made of %s is refused where it leaves the bounds, in bounded time', (_name, text, code) => {
    let problems: ReturnType<typeof contractProblems> = [];
    expect(processorMsOf(() => (problems = contractProblems(text)))).toBeLessThan(processorMsAtMost);
    expect(problems).toMatchObject([{ code, line: expect.any(Number) as number }]);
    expect(problems[0]?.expected).toBeTruthy();
    expect(JSON.stringify(problems).length).toBeLessThan(2_000);
  });

  it.each([
    ['keys', Array.from({ length: 16_000 }, (_, key) => `k${key}: 1`).join('\n')],
    ['the same key', 'a: 1\n'.repeat(16_000)],
    [
      'aliases',
      `${Array.from({ length: 6_000 }, (_, n) => `- &a${n} 1`).join('\n')}\n${Array.from({ length: 6_000 }, (_, n) => `- *a${n}`).join('\n')}`,
    ],
    ['unknown aliases on one line', `a: [${'*b, '.repeat(18_000)}]`],
    ['mistakes on one line', `a: ${'}'.repeat(90_000)}`],
    ['one long key', `${'k'.repeat(megabyte)}: 1`],
    ['one long alias', `a: *${'k'.repeat(megabyte)}`],
    ['one long text', `a: ${'😀x '.repeat(megabyte / 8)}`],
    ['one long text after a mistake', `b: }\na: "${'\\x'.repeat(megabyte / 4)}"`],
  ])('with %s just within the bounds is told of at most fifty problems, in bounded time', (_name, text) => {
    let problems: ReturnType<typeof contractProblems> = [];
    expect(processorMsOf(() => (problems = contractProblems(text)))).toBeLessThan(processorMsAtMost);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(50);
    expect(JSON.stringify(problems).length).toBeLessThan(60_000);
  });

  it('is shown around its column where its line is long', () => {
    const [problem] = contractProblems(`a: "${'😀'.repeat(300)}" }${'x'.repeat(300)}\n`);
    expect(problem).toMatchObject({ line: 1, column: 307 });
    expect([...(problem?.source ?? '')].slice((problem?.sourceColumn ?? 0) - 1)[0]).toBe('}');
  });

  it('a contract with an alias for an alias is read', () => {
    const text = minimalContract.replace('service: digits', 'service: &a digits\nowner: *a');
    expect(contractProblems(text)).toEqual([]);
  });
});

describe('small YAML beside the contract', () => {
  it('is read as a value, and refused with its place', () => {
    expect(readPlainYaml('a: 1\nb: [x]\n')).toEqual({ ok: true, value: { a: 1, b: ['x'] } });
    expect(readPlainYaml('')).toEqual({ ok: true, value: null });
    expect(readPlainYaml(`a:\n  ${'['.repeat(megabyte)}`)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^line 2, column \d+: nested deeper than 32 levels$/) as string,
    });
  });
});

describe('a lock that means harm', () => {
  const measurements = (inner: string): string =>
    `{"lockVersion":1,"service":"a","environments":{"prod":{"data":{},"deviceClasses":[],"runtime":{},"evidence":{"golden":{"kind":"golden","subjects":{},"measurements":{"x":${inner}},"measuredAtMs":1,"by":"x","plimsollVersion":"1"}}}}}`;
  const nested = (levels: number): string => measurements('['.repeat(levels) + ']'.repeat(levels));
  const reading = (text: string) => (): unknown => readLock(Buffer.from(text), 'plimsoll.lock');

  it.each([100, 10_000, 1_000_000])('by %i levels is refused with its place', (levels) => {
    expect(reading(nested(levels))).toThrow(
      expect.objectContaining({
        code: 'lock-invalid',
        message: expect.stringMatching(/^plimsoll\.lock:1:\d+: nested deeper than 64 levels/) as string,
      }),
    );
  });

  it('by its number of values is refused, and 30,000 of them are read in bounded time', () => {
    expect(reading(measurements(`[${'1,'.repeat(200_000)}1]`))).toThrow(/more than 100000 values/);
    expect(processorMsOf(reading(measurements(`[${'1,'.repeat(30_000)}1]`)))).toBeLessThan(processorMsAtMost);
  });

  it('keeps brackets inside texts out of the count', () => {
    expect(findJsonExcess(`["${'['.repeat(100)}\\"[["]`, { depth: 1, values: 2 })).toBeNull();
    expect(findJsonExcess('[\n["a"]]', { depth: 1, values: 9 })).toMatchObject({ line: 2, column: 1 });
    expect(findJsonExcess('"not closed [[', { depth: 1, values: 2 })).toBeNull();
  });
});
