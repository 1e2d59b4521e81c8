import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import type { NamedValue } from './exchange.ts';
import { mostFeatures, readRow, type FeatureRow } from './read-row.ts';

const numbers = (name: string, shape: readonly number[], data: ArrayLike<number>): NamedValue => ({
  name,
  kind: 'numbers',
  shape,
  data,
});
const rowOf = (inputs: readonly NamedValue[], outputs: readonly NamedValue[] = []): FeatureRow =>
  readRow({ inputs, outputs, status: 200 });
const namesOf = ({ features }: FeatureRow): readonly string[] => features.map(({ name }) => name);

describe('numbers', () => {
  test('one number is itself, and a short vector is number by number, of the first row of the batch', () => {
    const row = rowOf([numbers('amount', [2, 1], [7, 8]), numbers('v', [2, 2], [1, 2, 3, 4]), numbers('n', [], [5])]);
    expect(row.values).toEqual({ status: '200', amount: 7, 'v[0]': 1, 'v[1]': 2, n: 5 });
    expect(row.features.slice(1)).toEqual([
      { name: 'amount', group: 'amount', kind: 'numeric' },
      { name: 'v[0]', group: 'v', kind: 'numeric' },
      { name: 'v[1]', group: 'v', kind: 'numeric' },
      { name: 'n', group: 'n', kind: 'numeric' },
    ]);
  });

  test('what is not finite, or missing, is null', () => {
    const { values } = rowOf([numbers('v', [1, 4], [NaN, Infinity, -Infinity])]);
    expect(values).toMatchObject({ 'v[0]': null, 'v[1]': null, 'v[2]': null, 'v[3]': null });
  });

  test('an empty batch has no value, and a tensor without elements no feature', () => {
    expect(rowOf([numbers('a', [0, 1], []), numbers('b', [1, 0], [])]).values).toEqual({ status: '200', a: null });
  });
});

describe('images', () => {
  const stripes = Array.from({ length: 784 }, (_, at) => at % 2);

  test.each([[[1, 784]], [[1, 28, 28]], [[1, 1, 28, 28]], [[1, 28, 28, 1]]])(
    'columns of 0 and 1 in the shape %j',
    (shape) => {
      const { values } = rowOf([numbers('image', shape, stripes)]);
      expect(values['image.mean']).toBeCloseTo(0.5, 9);
      expect(values['image.contrast']).toBeCloseTo(0.5, 9);
      // Each of 28 x 27 pairs in lines differs by 1, and each of 27 x 28 pairs in columns by 0.
      expect(values['image.sharpness']).toBeCloseTo(0.5, 9);
    },
  );

  test('channels that stand last are no neighbours', () => {
    const coloured = Array.from({ length: 8 * 8 * 3 }, (_, at) => at % 3);
    expect(rowOf([numbers('image', [1, 8, 8, 3], coloured)]).values['image.sharpness']).toBe(0);
  });

  test('planes that stand one after another are no neighbours', () => {
    const planes = Array.from({ length: 3 * 8 * 8 }, (_, at) => Math.floor(at / 64));
    expect(rowOf([numbers('image', [1, 3, 8, 8], planes)]).values['image.sharpness']).toBe(0);
  });

  test('a projection is the same every time, and of variance 1 over numbers of variance 1', () => {
    const random = seededRandom(7);
    const noise = (): number[] => Array.from({ length: 400 }, () => (random.nextShare() - 0.5) * Math.sqrt(12));
    const rows = Array.from({ length: 400 }, () => rowOf([numbers('x', [1, 400], noise())]).values);
    for (const name of ['x.projection-1', 'x.projection-2', 'x.projection-3', 'x.projection-4']) {
      const values = rows.map((row) => Number(row[name]));
      const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
      expect(variance).toBeGreaterThan(0.8);
      expect(variance).toBeLessThan(1.25);
    }
    const first = rowOf([
      numbers(
        'x',
        [1, 40],
        Array.from({ length: 40 }, (_, at) => at),
      ),
    ]).values;
    expect([1, 2, 3, 4].map((at) => Number(first[`x.projection-${at}`]).toFixed(6))).toMatchInlineSnapshot(`
      [
        "6.640783",
        "12.649111",
        "4.110961",
        "12.649111",
      ]
    `);
  });
});

describe('outputs', () => {
  test('shares of classes are read as class, confidence and entropy; an input of the same numbers is not', () => {
    const shares = [0.1, 0.7, 0.2];
    const row = rowOf([numbers('x', [1, 3], shares)], [numbers('y', [1, 3], shares)]);
    expect(namesOf(row)).toEqual(['status', 'x[0]', 'x[1]', 'x[2]', 'y.class', 'y.confidence', 'y.entropy']);
    expect(row.values).toMatchObject({ 'y.class': '1', 'y.confidence': 0.7 });
    expect(row.values['y.entropy']).toBeCloseTo(0.8018, 4);
  });

  test('logits are told by the name, and become shares', () => {
    const row = rowOf([], [numbers('logits', [1, 2], [1000, 1000 + Math.log(3)])]);
    expect(row.values['logits.class']).toBe('1');
    expect(row.values['logits.confidence']).toBeCloseTo(0.75, 9);
  });

  test('other numbers are numbers, and a share that is NaN is missing', () => {
    expect(rowOf([], [numbers('box', [1, 2], [3, 4])]).values).toMatchObject({ 'box[0]': 3, 'box[1]': 4 });
    expect(rowOf([], [numbers('probabilities', [1, 2], [NaN, 1])]).values).toMatchObject({
      'probabilities.class': null,
      'probabilities.confidence': null,
    });
  });

  test('an output with the name of an input keeps its own features', () => {
    const row = rowOf([numbers('x', [1], [1])], [numbers('x', [1], [2])]);
    expect(row.values).toMatchObject({ x: 1, 'x (output)': 2 });
  });
});

describe('bounds', () => {
  test('512 features and no more, with the reason', () => {
    const many = Array.from({ length: 600 }, (_, at) => numbers(`t${at}`, [1], [at]));
    const row = rowOf(many);
    expect(row.features).toHaveLength(mostFeatures);
    expect(Object.keys(row.values)).toHaveLength(mostFeatures);
    expect(row.cut).toMatch(/601 features; only the first 512/);
    expect(rowOf(many.slice(0, 511)).cut).toBeNull();
  });

  test('a category longer than 64 characters is cut, and two of them stay two', () => {
    const finish = (value: string) => String(rowOf([], [{ name: 'finish', kind: 'category', value }]).values['finish']);
    const [first, second] = [finish(`${'a'.repeat(100)}1`), finish(`${'a'.repeat(100)}2`)];
    expect(first).toHaveLength(57);
    expect(first).not.toBe(second);
    expect(finish('stop')).toBe('stop');
  });

  test('nothing that a client sends throws, or names a feature that has no value', () => {
    const anyNumber = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 1e308, -1e308));
    const anyValue: fc.Arbitrary<NamedValue> = fc.oneof(
      fc.record({
        name: fc.oneof(fc.string(), fc.constant('__proto__')),
        kind: fc.constant('numbers' as const),
        shape: fc.array(fc.nat(12), { maxLength: 3 }),
        data: fc.array(anyNumber, { maxLength: 60 }),
      }),
      fc.record({
        name: fc.string(),
        kind: fc.constant('texts' as const),
        values: fc.array(fc.string({ unit: 'binary' })),
      }),
    );
    const anyValues = fc.array(anyValue, { maxLength: 4 });
    fc.assert(
      fc.property(anyValues, anyValues, (inputs, outputs) => {
        const row = rowOf(inputs, outputs);
        expect(Object.keys(row.values).sort()).toEqual([...namesOf(row)].sort());
        for (const { name, kind } of row.features) {
          const value = row.values[name];
          if (value === null) continue;
          expect(typeof value).toBe(kind === 'numeric' ? 'number' : 'string');
          expect(kind === 'category' || Number.isFinite(value)).toBe(true);
        }
      }),
    );
  });
});
