import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTrace, type ReadTrace } from './read-trace.ts';

const work = { tokens: { fixedMs: 5, perInputTokenMs: 0.1, perOutputTokenMs: 10 }, defaultWorkMs: 100 };

async function* chunksOf(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}
const read = (text: string, rowsAtMost?: number): Promise<ReadTrace> => readTrace(chunksOf(text), work, rowsAtMost);
const rows = (trace: ReadTrace): readonly (readonly [number, number])[] =>
  [...{ [Symbol.iterator]: trace.arrivals }].map(({ atMs, workMs }) => [Math.round(atMs * 1e6) / 1e6, workMs] as const);

const azure = `TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:17:03.9799600,4808,10
2023-11-16 18:17:04.0319600,3180,8
2023-11-16 18:17:04.0319601,110,27
`;

describe('a trace', () => {
  it('of Azure keeps all seven decimals, and makes work of tokens', async () => {
    const trace = await read(azure);
    expect(trace).toMatchObject({ format: 'azure-llm', requests: 3, simultaneous: 0 });
    expect(rows(trace)).toEqual([
      [0, 5 + 480.8 + 100],
      [52, 5 + 318 + 80],
      [52.0001, 5 + 11 + 270],
    ]);
  });
  it('of Azure in 2024 carries an offset, and may lack decimals', async () => {
    const trace = await read(
      'TIMESTAMP,ContextTokens,GeneratedTokens\r\n2024-05-10 00:00:00+00:00,1,1\r\n2024-05-10 02:00:00.5+02:00,1,1\r\n',
    );
    expect(rows(trace).map(([atMs]) => atMs)).toEqual([0, 500]);
  });
  it('of Mooncake is JSON lines in milliseconds', async () => {
    const trace = await read(
      '{"timestamp": 27482, "input_length": 10, "output_length": 2, "hash_ids": [1, 2]}\n\n{"timestamp": 30535, "input_length": 0, "output_length": 0}',
    );
    expect(trace.format).toBe('mooncake');
    expect(rows(trace)).toEqual([
      [0, 26],
      [3_053, 5],
    ]);
  });
  it('with tokens has them as units, also where rows are put into place', async () => {
    const units = (trace: ReadTrace) =>
      [...{ [Symbol.iterator]: trace.arrivals }].map((each) => [each.units, each.writtenUnits]);
    const trace = await read(
      azure + '2023-11-16 18:17:05.0,7,1\n2023-11-16 18:17:04.5,0,0\n2023-11-16 18:17:05.1,9,9\n',
    );
    expect(trace).toMatchObject({ unit: 'tokens', reordered: 1 });
    const tokens = [
      [4_818, 10],
      [3_188, 8],
      [137, 27],
      [0, 0],
      [8, 1],
      [18, 9],
    ];
    expect(units(trace)).toEqual(tokens);
    const many = Array.from(
      { length: 3_000 },
      (_, at) => `{"timestamp": ${at}, "input_length": ${at}, "output_length": 2}`,
    );
    expect(units(await read(many.join('\n'))).at(-1)).toEqual([3_001, 2]);
  });
  it('without tokens has no units', async () => {
    const trace = await read('0,1\n1,2\n');
    expect(trace.unit).toBeNull();
    expect([...{ [Symbol.iterator]: trace.arrivals }][0]).toEqual({ atMs: 0, workMs: 1 });
  });
  it.each([
    [
      'seconds',
      '0\n1.5\n1.5\n',
      [
        [0, 100],
        [1_500, 100],
        [1_500, 100],
      ],
    ],
    [
      'seconds and costs, with a header',
      'timestamp,cost\n10,20\n11.25,30.5\n',
      [
        [0, 20],
        [1_250, 30.5],
      ],
    ],
    [
      'dates',
      '2024-05-10T00:00:00Z,1\n2024-05-10T00:00:01.25Z\n',
      [
        [0, 1],
        [1_250, 100],
      ],
    ],
  ] as const)('of %s is the simple form', async (_, text, expected) => {
    const trace = await read(text);
    expect(trace.format).toBe('simple');
    expect(rows(trace)).toEqual(expected);
  });
  it('may have simultaneous arrivals, which keep their order', async () => {
    const trace = await read('0,1\n0,2\n0,3\n1,4\n');
    expect(trace).toMatchObject({ simultaneous: 2, reordered: 0 });
    expect(rows(trace).map(([, workMs]) => workMs)).toEqual([1, 2, 3, 4]);
  });
  it('that is out of order by less than the bound is put into place, and says so', async () => {
    const trace = await read('0,1\n5,2\n4.5,3\n5,4\n6,5\n');
    expect(rows(trace).map(([, workMs]) => workMs)).toEqual([1, 3, 2, 4, 5]);
    expect(trace.reordered).toBe(1);
    expect(trace.notes).toContainEqual(expect.stringContaining('1 rows are up to 1s out of order'));
  });
  it('begins at its earliest row, also where that is not the first', async () => {
    expect(rows(await read('5,1\n4.5,2\n6,3\n')).map(([atMs]) => atMs)).toEqual([0, 500, 1_500]);
  });
  it('with a gap of more than a tenth is noted', async () => {
    const { notes } = await read('0\n10\n20\n600\n610\n');
    expect(notes).toEqual(['nothing arrives for 9m 40s from 20s on, which is 95% of the trace: are rows missing?']);
    const even = Array.from({ length: 20 }, (_, index) => index).join('\n');
    expect((await read(even)).notes).toEqual([]);
  });
  it('can be gone through again', async () => {
    const trace = await read('0,1\n1,2\n');
    expect(rows(trace)).toEqual(rows(trace));
  });
  it('is what was written, in whatever pieces it comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(5_000), fc.nat(1_000)), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        async (list, size) => {
          let atMs = 0;
          const written = list.map(([gapMs, cost]) => [(atMs += gapMs), cost] as const);
          const text = written.map(([ms, cost]) => `${(ms / 1_000).toFixed(3)},${cost}`).join('\n');
          const first = written[0]?.[0] ?? 0;
          const found = rows(await readTrace(chunksOf(text, size), work));
          expect(found.map(([ms, cost]) => [Math.round(ms), cost])).toEqual(
            written.map(([ms, cost]) => [ms - first, cost]),
          );
        },
      ),
    );
  });
});

describe('a trace that cannot be read', () => {
  it.each([
    ['empty', '', 'trace-empty', 'no row'],
    ['a header alone', 'TIMESTAMP,ContextTokens,GeneratedTokens\n', 'trace-empty', 'no row'],
    [
      'out of order',
      '0\n9\n7.5\n',
      'data-invalid',
      'line 3, column 1: the time 7.5 is more than 1s before 9 of a line above',
    ],
    ['negative', '0\n-1\n', 'data-invalid', 'line 2, column 1: `-1` is neither seconds'],
    ['not a number', '0\nNaN\n', 'data-invalid', 'line 2, column 1: `NaN`'],
    ['not a number at first', 'NaN\n0\n', 'data-invalid', 'line 1, column 1: `NaN`'],
    ['a negative cost', '0,-3\n', 'data-invalid', 'line 1, column 3: the cost'],
    ['an infinite cost', '0,1e99\n', 'data-invalid', 'line 1, column 3: the cost'],
    ['too many cells', '0,1,2\n', 'data-invalid', 'line 1, column 1: 3 cells'],
    [
      'a day that is not',
      `${azure}2023-02-30 00:00:00,1,1\n`,
      'data-invalid',
      'line 5, column 1: `2023-02-30 00:00:00`',
    ],
    ['tokens that are none', `${azure}2023-11-16 18:17:05,NaN,1\n`, 'data-invalid', 'line 5, column 21: ContextTokens'],
    ['a missing cell', `${azure}2023-11-16 18:17:05,1\n`, 'data-invalid', 'line 5, column 1: 2 cells'],
    ['broken JSON', '{"timestamp": 0, "input_length"\n', 'data-invalid', 'line 1, column 1: not a JSON object'],
    [
      'JSON without a length',
      '{"timestamp": 0, "input_length": 3}\n',
      'data-invalid',
      '`output_length` is a number from 0 on, and there is none',
    ],
    ['a negative length', '{"timestamp": 0, "input_length": -3, "output_length": 1}', 'data-invalid', 'there is -3'],
    [
      'out of order JSON',
      '{"timestamp": 9000, "input_length": 3, "output_length": 1}\n{"timestamp": 5, "input_length": 3, "output_length": 1}',
      'data-invalid',
      'line 2, column 1: the time 5 is more than 1s before 9000',
    ],
  ])('%s: says what and where', async (_, text, code, message) => {
    await expect(read(text)).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
  });
  it('too long: says how many rows there may be', async () => {
    await expect(read('0\n1\n2\n', 2)).rejects.toMatchObject({
      code: 'trace-too-long',
      message: 'a trace of more than 2 requests',
    });
    expect((await read('0\n1\n2\n', 3)).requests).toBe(3);
  });
  it('of more than 400 days: says how long it may be, because times of another unit are the likely cause', async () => {
    await expect(read('0\n1700000000\n')).rejects.toMatchObject({
      code: 'trace-too-long',
      message: 'the trace spans 19676 days, and 400 days are simulated at most',
    });
    expect((await read(`0\n${400 * 86_400}\n`)).requests).toBe(2);
  });
});
