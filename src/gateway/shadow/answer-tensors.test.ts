import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GoldenTensor } from '../../core/monitoring/golden.ts';
import { goldenTensorOf, wireTensorOf } from '../../protocols/open-inference/golden-tensor.ts';
import { encodeInferResponse, parseInferResponse } from '../../protocols/open-inference/infer-response.ts';
import { readTensors } from './answer-tensors.ts';

interface Read {
  readonly tensors: readonly GoldenTensor[] | null;
  readonly steps: number;
}

function read(body: Uint8Array, headerLength: number | null = null): Read {
  const steps = readTensors(body, headerLength);
  for (let count = 1; ; count += 1) {
    try {
      const { done, value } = steps.next();
      if (done === true) return { tensors: value, steps: count };
    } catch {
      return { tensors: null, steps: count };
    }
  }
}

/** As a client reads it, at once. */
function readAtOnce(body: Uint8Array, headerLength: number | null = null): readonly GoldenTensor[] | null {
  try {
    return parseInferResponse(body, headerLength).outputs.map(goldenTensorOf);
  } catch {
    return null;
  }
}

const elements: Readonly<Record<string, fc.Arbitrary<number | string | boolean>>> = {
  FP32: fc.oneof(
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom('NaN', 'Infinity', '-Infinity', -0),
  ),
  FP64: fc.double({ noNaN: true, noDefaultInfinity: true }),
  FP16: fc.integer({ min: -2048, max: 2048 }),
  INT64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  UINT8: fc.integer({ min: 0, max: 255 }),
  BOOL: fc.boolean(),
  BYTES: fc.string({ unit: 'grapheme', maxLength: 5 }),
};
const aTensor = fc
  .record({
    datatype: fc.constantFrom(...Object.keys(elements)),
    shape: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 3 }),
    repeated: fc.integer({ min: 1, max: 20 }),
  })
  .chain(({ datatype, shape, repeated }) =>
    fc
      .array(elements[datatype] as fc.Arbitrary<number | string | boolean>, {
        minLength: repeated,
        maxLength: repeated,
      })
      .map((some) => {
        const count = shape.reduce((product, size) => product * size, 1);
        return { datatype, shape, data: Array.from({ length: count }, (_, n) => some[n % some.length] ?? 0) };
      }),
  );

test('reads in steps what a client reads at once, in either form', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(aTensor, fc.boolean()), { maxLength: 3 }), (outputs) => {
      const tensors = outputs.map(([tensor], index) => wireTensorOf({ name: `y${index}`, ...tensor }));
      const binary = outputs.map(([, isBinary]) => isBinary);
      const wire = encodeInferResponse({ modelName: 'm', modelVersion: null, id: null, outputs: tensors }, binary);
      const json = Buffer.from(wire.json);
      const body = Buffer.concat([json, ...wire.binary]);
      const expected = readAtOnce(body, json.length);
      expect(expected).not.toBeNull();
      expect(read(body, json.length).tensors).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

const jsonBody = (output: Readonly<Record<string, unknown>>): Buffer =>
  Buffer.from(JSON.stringify({ outputs: [{ name: 'y', datatype: 'FP32', ...output }] }));

test.each<[string, Buffer, boolean]>([
  [
    'nested data',
    jsonBody({
      shape: [2, 2, 1],
      data: [
        [[1], [2]],
        [[3], [4]],
      ],
    }),
    true,
  ],
  ['flat data of several dimensions', jsonBody({ shape: [2, 2], data: [1, 2, 3, 4] }), true],
  ['no element', jsonBody({ shape: [0, 3], data: [] }), true],
  ['no output', Buffer.from('{"outputs":[]}'), true],
  [
    'integers beyond 2^53',
    Buffer.from('{"outputs":[{"name":"y","datatype":"INT64","shape":[1,2],"data":[[9007199254740993,1]]}]}'),
    true,
  ],
  ['an element too few', jsonBody({ shape: [2, 2], data: [1, 2, 3] }), false],
  ['a row too short', jsonBody({ shape: [2, 2], data: [[1, 2], [3]] }), false],
  [
    'rows that are cut otherwise',
    jsonBody({
      shape: [2, 2, 2],
      data: [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
    }),
    false,
  ],
  ['a number in place of a row', jsonBody({ shape: [2, 1], data: [[1], 2] }), false],
  ['text in place of a number', jsonBody({ shape: [1], data: ['one'] }), false],
  ['an integer out of its range', jsonBody({ datatype: 'UINT8', shape: [1], data: [300] }), false],
  ['a shape that no body can carry', jsonBody({ shape: [2 ** 30], data: [1] }), false],
  ['no data', jsonBody({ shape: [1] }), false],
  ['an unknown datatype', jsonBody({ datatype: 'FP8', shape: [1], data: [1] }), false],
  ['outputs of something else', Buffer.from('{"outputs":{"y":1}}'), false],
  ['nothing', Buffer.alloc(0), false],
])('%s: as a client takes or refuses it', (_what, body, readable) => {
  const expected = readAtOnce(body);
  expect(expected !== null).toBe(readable);
  expect(read(body).tensors).toEqual(expected);
});

test.each<[string, Buffer, number | null]>([
  ['short numbers', jsonBody({ shape: [60_000], data: Array(60_000).fill(1) }), null],
  ['rows', jsonBody({ shape: [6_000, 10], data: Array(6_000).fill(Array(10).fill(1)) }), null],
  ['texts', jsonBody({ datatype: 'BYTES', shape: [32_000], data: Array(32_000).fill('a') }), null],
  [
    'many outputs',
    Buffer.from(JSON.stringify({ outputs: Array(2_000).fill({ name: 'y', datatype: 'FP32', shape: [1], data: [1] }) })),
    null,
  ],
])('128 KiB of %s are read in pieces', (_what, body, headerLength) => {
  expect(body.length).toBeGreaterThan(100_000);
  const { tensors, steps } = read(body, headerLength);
  const count = tensors?.reduce((sum, { data }) => sum + data.length, 0) ?? 0;
  expect(count).toBeGreaterThanOrEqual(2_000);
  expect(steps).toBeGreaterThanOrEqual(Math.max(15, count / 2_048));
});
