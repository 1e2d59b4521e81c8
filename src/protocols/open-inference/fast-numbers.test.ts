import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PlimsollError } from '../../core/units/errors.ts';
import { parseInferRequest } from './infer-request.ts';
import { isBytesTensor, type WireTensor } from './tensor.ts';

/** What a request comes to: its tensors to the bit, or the error with its sentence. */
function outcomeOf(body: string, take?: (bytes: number) => Uint8Array | null): unknown {
  try {
    const { inputs, ...rest } = parseInferRequest(Buffer.from(body), null, take);
    return { ...rest, inputs: inputs.map(bitsOf) };
  } catch (thrown) {
    const { code, category, message, next } = thrown as PlimsollError;
    // The sentence of JSON.parse shows what stands around the place, and so the escaped character.
    return code === 'json-invalid' ? { code, category } : { code, category, message, next };
  }
}

function bitsOf(tensor: WireTensor): unknown {
  if (isBytesTensor(tensor)) return tensor;
  return { ...tensor, bytes: Buffer.from(tensor.bytes).toString('hex') };
}

/** The same request, read by JSON.parse and value by value: an escaped character in the rest asks for it. */
const generally = (body: string): string => body.replace('this test', 'this t\\u0065st');

/** Memory that was used before, longer than is asked for. */
const takeUsed = (bytes: number): Uint8Array => new Uint8Array(bytes + 64).fill(0xa5);

const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max });
/** What images and features look like. */
const plainNumber = fc.oneof(
  { weight: 3, arbitrary: fc.constant('0') },
  { weight: 2, arbitrary: digits(1, 12).map((text) => `0.${text}`) },
  fc.tuple(fc.constantFrom('', '-'), fc.nat(9), digits(1, 20)).map(([sign, whole, text]) => `${sign}${whole}.${text}`),
);
const goodNumber = fc.oneof(
  { weight: 4, arbitrary: plainNumber },
  fc.integer({ min: -70_000, max: 70_000 }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('-0', '-0.0', '1e3', '1E-2', '65519.99', '65520', '-65520', '3.4028235677973366e38', '3.4028234e38'),
  fc.constantFrom('9007199254740991', '9007199254740993', '1e400', '9.99999999', '10.00000001', '127', '128', '255'),
);
const badNumber = fc.constantFrom(
  ...[
    '01',
    '00',
    '1.',
    '.5',
    '-',
    '+1',
    '--1',
    '1e',
    '1e+',
    '0x1',
    'NaN',
    '-Infinity',
    '1.2.3',
    '0,',
    ',0',
    '1 2',
    '0.',
  ],
  ...[
    '"1"',
    '"NaN"',
    'true',
    'null',
    '[0]',
    '{}',
    '',
    '"\\u0030"',
    '0.1]',
    '[',
    '0.123456789.',
    '0.1e',
    '-0.-1',
    '0.:',
    '0./',
  ],
);
const separator = fc.constantFrom(',', ',', ',', ',', ', ', ' ,', ',\n\t');

/** Numbers that fit most datatypes, decimals that fit the floats, and anything. */
const numbers = fc
  .constantFrom(fc.nat(127).map(String), plainNumber, goodNumber)
  .chain((number) => fc.array(number, { minLength: 1, maxLength: 40 }));
const spoiled = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(39), badNumber) },
);
const numbersText = fc.tuple(numbers, spoiled, separator).map(([good, bad, between]) => {
  const all = bad === null ? good : good.toSpliced(bad[0] % good.length, 1, bad[1]);
  return { text: all.join(between), count: good.length };
});

const bodyText = fc
  .record({
    numbers: numbersText,
    rows: fc.constantFrom(1, 1, 1, 2, 3),
    datatype: fc.constantFrom(
      ...['FP32', 'FP32', 'FP32', 'FP64', 'FP16', 'INT8', 'UINT8', 'INT16', 'UINT16'],
      ...['INT32', 'UINT32', 'INT64', 'UINT64', 'BOOL', 'BYTES', 'FP8'],
    ),
    off: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1, -1),
    nesting: fc.constantFrom('flat', 'flat', 'nested', 'nested', 'nested', 'deep', 'ragged'),
    last: fc.boolean(),
  })
  .map(({ numbers: { text, count }, rows, datatype, off, nesting, last }) => {
    const row = nesting === 'flat' ? text : `[${text}]`;
    const lines = Array.from({ length: rows }, () => row);
    if (nesting === 'ragged') lines.push('[0]');
    const data = nesting === 'deep' ? `${'['.repeat(40)}${row}${']'.repeat(40)}` : `[${lines.join(',')}]`;
    const head = `"name":"x","shape":[${rows},${count + off}]`;
    const kind = `"datatype":"${datatype}"`;
    return `{"inputs":[{${head},${last ? `"data":${data},${kind}` : `${kind},"data":${data}`}}],"id":"a request of this test"}`;
  });

describe('a body whose numbers are read ahead', () => {
  test('comes to the same bits and the same sentences as one that is read value by value', () => {
    let [read, refused] = [0, 0];
    fc.assert(
      fc.property(bodyText, (body) => {
        const expected = outcomeOf(generally(body));
        expect(outcomeOf(body)).toEqual(expected);
        expect(outcomeOf(body, takeUsed)).toEqual(expected);
        if (Object.hasOwn(expected as object, 'inputs')) read += 1;
        else refused += 1;
      }),
      { numRuns: 6_000 },
    );
    expect(Math.min(read, refused)).toBeGreaterThan(1_000);
  });

  test.each([
    ['FP32', '3.4028235677973366e38', null],
    ['FP32', '-3.4028235677973366e38', null],
    ['FP32', '3.4028235677973362e38', 'ffff7f7f'],
    ['FP16', '65520', null],
    ['FP16', '-65519.99', 'fffb'],
  ])('has its numbers held to the range of %s: %s', (datatype, number, last) => {
    const body = `{"id":"a request of this test","inputs":[{"name":"x","shape":[3],"datatype":"${datatype}","data":[0,0.5,${number}]}]}`;
    const outcome = outcomeOf(body, takeUsed) as { code?: string; inputs?: readonly { bytes: string }[] };
    expect(outcome).toEqual(outcomeOf(generally(body)));
    if (last === null) expect(outcome.code).toBe('data-range');
    else expect(outcome.inputs?.[0]?.bytes.endsWith(last)).toBe(true);
  });

  test('and so does one that was damaged on its way', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...Buffer.from('0019.,-+eE[]{}":_ \\\u007f'))), {
      minLength: 1,
      maxLength: 2,
    });
    fc.assert(
      fc.property(bodyText, damage, fc.boolean(), (body, damages, cut) => {
        const bytes = Buffer.from(body);
        for (const [at, byte] of damages) bytes[1 + (at % (bytes.length - 1))] = byte;
        const damaged = (cut ? bytes.subarray(0, (damages[0]?.[0] ?? 0) % bytes.length) : bytes).toString();
        expect(outcomeOf(damaged, takeUsed)).toEqual(outcomeOf(generally(damaged)));
      }),
      { numRuns: 6_000 },
    );
  });
});
